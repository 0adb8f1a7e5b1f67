/** Cards: a thread in full, in one line, and what can be done with it. */
import { html, nothing, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { repeat } from "lit/directives/repeat.js";
import { CLASSES, REACTIONS } from "../../core/model/entries.ts";
import type { ReplyMessage, ThreadMessage } from "../../protocol/reader.ts";
import type { Actions } from "../actions.ts";
import { icon } from "../chrome/icons.ts";
import { type Drafts, editKey, replyKey } from "../drafts.ts";
import { KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import { agoText, initials, plainText, plural, shorten, timeText } from "../model/words.ts";
import type { State } from "../state.ts";
import { bodyTemplate } from "./body.ts";
import "./composer.ts";
import type { Composer, ComposerEvents } from "./composer.ts";
import { type MenuItem, menuTemplate } from "./menu.ts";

export interface CardContext {
  state: State;
  actions: Actions;
  drafts: Drafts;
  now: number;
  update(patch: Partial<State>): void;
  /** Goes to the passage of an annotation, and the reader with it. */
  showPassage(ref: string): void;
  /** Puts the focus on the button that opened a menu. */
  focusMenuButton(menu: string): void;
}

/** Replies beyond this are folded until they are asked for. */
const SHOWN_REPLIES = 3;

export function composerTemplate(
  options: { label: string; placeholder: string; send: string; error?: string; initial: string },
  context: CardContext,
  events: ComposerEvents,
): TemplateResult {
  return html`<m-composer
    .label=${options.label}
    .placeholder=${options.placeholder}
    .sendLabel=${options.send}
    .error=${options.error ?? ""}
    .initial=${options.initial}
    .people=${context.state.people}
    .events=${events}
  ></m-composer>`;
}

/** Puts the caret into a composer that was just opened. */
export function focusComposer(within: Element | null | undefined): void {
  const composer = within?.querySelector<Composer>("m-composer");
  if (composer) void composer.updateComplete.then(() => composer.focus());
}

export function personTemplate(id: string, context: CardContext): TemplateResult {
  const person = context.state.people.get(id);
  const name = context.actions.nameOf(id);
  return html`<span class="avatar colour-${person?.colour ?? 0}" aria-hidden="true">${initials(name)}</span
    ><span class="name" dir="auto">${name}</span>`;
}

function timeTemplate(entry: { created: number; modified?: number | undefined }, now: number): TemplateResult {
  const title = entry.modified
    ? `${timeText(entry.created)}, edited ${timeText(entry.modified)}`
    : timeText(entry.created);
  return html`<time dir="ltr" datetime=${new Date(entry.created).toISOString()} title=${title}
    >${agoText(entry.created, now)}${entry.modified ? html`<span class="edited"> · edited</span>` : nothing}</time
  >`;
}

/** The inside of a whole card. */
export function cardInside(thread: ThreadMessage, active: boolean, context: CardContext): TemplateResult {
  const { state } = context;
  const kind = kindOf(thread);
  const orphaned = thread.placement.state === "orphaned";
  const pending = thread.ref.startsWith("intent:");
  return html`
    <header>
      ${personTemplate(thread.author, context)} ${active ? html`<span class="break"></span>` : nothing}<span
        class="kind"
        >${icon(kind)}${KIND_TITLES[kind]}</span
      >
      ${thread.unread ? html`<span class="unread" title="New since you last looked"><span class="hidden">New.</span></span>` : nothing}
      ${timeTemplate(thread, context.now)} ${active && !pending ? cardButtons(thread, context) : nothing}
    </header>
    ${
      orphaned || (active && kind === "highlight" && !thread.body)
        ? html`<blockquote class="passage" dir="auto">${shorten(thread.quote, 280)}</blockquote>`
        : nothing
    }
    ${thread.placement.state === "changed" ? changeTemplate(thread, context) : nothing}
    ${thread.hidden ? html`<p class="note">${icon("hide")}Hidden from the group</p>` : nothing}
    ${
      thread.deleted
        ? html`<p class="note">Deleted by its author</p>`
        : state.editing === thread.ref
          ? editTemplate(thread.ref, thread.body, context)
          : thread.body
            ? bodyTemplate(thread.body, state.people)
            : active && thread.mine && state.capabilities.annotate
              ? html`<button type="button" class="add-note" @click=${() => openEditor(thread.ref, context)}>
                  Add a note…
                </button>`
              : nothing
    }
    ${reactionsTemplate(thread, active && !pending, context)} ${repliesTemplate(thread, active, context)}
    ${
      thread.status === "resolved"
        ? html`<p class="note">
            ${icon("check")}Resolved${thread.statusBy ? ` by ${context.actions.nameOf(thread.statusBy)}` : ""}
          </p>`
        : nothing
    }
    ${active ? footTemplate(thread, context) : nothing}
  `;
}

function openEditor(ref: string, context: CardContext): void {
  context.update({ editing: ref, replying: null });
}

function editTemplate(ref: string, body: string, context: CardContext): TemplateResult {
  const key = editKey(ref);
  return composerTemplate(
    { label: "Your note", placeholder: "Write a note…", send: "Save", initial: context.drafts.get(key)?.text ?? body },
    context,
    {
      typed: (text) => context.drafts.set(key, text === body ? null : { text }),
      send: (text) => context.actions.saveEdit(ref, text),
      cancel: (text) => {
        context.drafts.set(key, text === body ? null : { text });
        context.update({ editing: null });
      },
    },
  );
}

function changeTemplate(thread: ThreadMessage, context: CardContext): TemplateResult {
  const shown = context.state.showingChange.has(thread.ref);
  const toggle = () => {
    const next = new Set(context.state.showingChange);
    if (!next.delete(thread.ref)) next.add(thread.ref);
    context.update({ showingChange: next });
  };
  return html`<p class="note">
      ${icon("changed")}The passage changed since.
      ${
        thread.change
          ? html`<button type="button" class="quiet" aria-expanded=${shown} @click=${toggle}>
              ${shown ? "Hide change" : "Show change"}
            </button>`
          : nothing
      }
    </p>
    ${
      shown && thread.change
        ? html`<p class="change" dir="auto">
            ${thread.change.map((part) =>
              part.kind === "added"
                ? html`<ins>${part.text}</ins>`
                : part.kind === "removed"
                  ? html`<del>${part.text}</del>`
                  : part.text,
            )}
          </p>`
        : nothing
    }`;
}

function closeMenu(menu: string, context: CardContext): (refocus: boolean) => void {
  return (refocus) => {
    if (context.state.panel.menu !== menu) return;
    context.update({ panel: { ...context.state.panel, menu: null } });
    if (refocus) context.focusMenuButton(menu);
  };
}

function menuButton(
  menu: string,
  label: string,
  sign: TemplateResult,
  items: () => readonly MenuItem[],
  context: CardContext,
): TemplateResult {
  const open = context.state.panel.menu === menu;
  return html`<span class="menu-place">
    <button
      type="button"
      class="icon-button"
      data-menu=${menu}
      title=${label}
      aria-label=${label}
      aria-haspopup="menu"
      aria-expanded=${open}
      @click=${() => context.update({ panel: { ...context.state.panel, menu: open ? null : menu } })}
    >
      ${sign}
    </button>
    ${open ? menuTemplate(label, items(), closeMenu(menu, context)) : nothing}
  </span>`;
}

function cardButtons(thread: ThreadMessage, context: CardContext): TemplateResult {
  const { state, actions } = context;
  const resolved = thread.status === "resolved";
  return html`<span class="buttons">
    ${
      state.capabilities.annotate
        ? html`<button
            type="button"
            class="icon-button"
            title=${resolved ? "Reopen" : "Resolve"}
            aria-label=${resolved ? "Reopen" : "Resolve"}
            @click=${() => actions.setStatus(thread.ref, resolved ? "open" : "resolved")}
          >
            ${icon(resolved ? "reopen" : "check")}
          </button>`
        : nothing
    }
    ${menuButton(`${thread.ref}:more`, "More", icon("more"), () => moreItems(thread, context), context)}
  </span>`;
}

function moreItems(thread: ThreadMessage, context: CardContext): MenuItem[] {
  const { state, actions } = context;
  const items: MenuItem[] = [];
  if (thread.mine && !thread.deleted) {
    items.push({
      label: thread.body ? "Edit" : "Add a note",
      icon: "edit",
      run: () => openEditor(thread.ref, context),
    });
    for (const each of CLASSES) {
      items.push({
        label: KIND_TITLES[each],
        icon: each,
        checked: thread.class === each,
        run: () => actions.setClass(thread.ref, thread.class === each ? null : each),
      });
    }
  }
  items.push({ label: "Copy link", icon: "link", run: () => void actions.copyLink(thread.ref) });
  const { placement } = thread;
  if (placement.state !== "orphaned") {
    items.push({
      label: "Show in plain text",
      icon: "code",
      run: () => void actions.request("showSource", { start: placement.start, end: placement.end }),
    });
  }
  if (thread.mine && state.capabilities.annotate) {
    items.push({
      label: "Move to another passage",
      icon: "lost",
      run: () => context.update({ reattaching: thread.ref }),
    });
  }
  if (state.capabilities.moderate) items.push(hideItem(thread, context));
  if (thread.mine && !thread.deleted) {
    items.push({ label: "Delete", icon: "trash", run: () => void actions.remove(thread.ref) });
  }
  return items;
}

function hideItem(entry: { ref: string; hidden: boolean }, context: CardContext): MenuItem {
  return {
    label: entry.hidden ? "Show to the group" : "Hide from the group",
    icon: entry.hidden ? "show" : "hide",
    run: () => context.actions.setHidden(entry.ref, !entry.hidden),
  };
}

function reactionsTemplate(
  entry: { ref: string; reactions: ThreadMessage["reactions"] },
  offer: boolean,
  context: CardContext,
): TemplateResult | typeof nothing {
  const me = context.state.me?.id ?? "";
  const may = context.state.capabilities.annotate;
  const isOnOffer = (emoji: string): emoji is (typeof REACTIONS)[number] =>
    (REACTIONS as readonly string[]).includes(emoji);
  if (entry.reactions.length === 0) return nothing;
  return html`<div class="reactions" role="group" aria-label="Reactions">
    ${entry.reactions.map(({ emoji, by }) => {
      const names = by.map((each) => context.actions.nameOf(each)).join(", ");
      const own = by.includes(me);
      return offer && may && isOnOffer(emoji)
        ? html`<button
            type="button"
            aria-pressed=${own}
            title=${names}
            aria-label="${emoji} ${by.length}: ${names}"
            @click=${() => context.actions.react(entry.ref, emoji, !own)}
          >
            ${emoji} ${by.length}
          </button>`
        : html`<span title=${names}>${emoji} ${by.length}</span>`;
    })}
  </div>`;
}

function reactButton(
  entry: { ref: string; reactions: ThreadMessage["reactions"] },
  context: CardContext,
): TemplateResult {
  const me = context.state.me?.id ?? "";
  return menuButton(
    `${entry.ref}:react`,
    "React",
    icon("react"),
    () =>
      REACTIONS.map((emoji) => ({
        label: emoji,
        run: () => {
          const on = entry.reactions.some((each) => each.emoji === emoji && each.by.includes(me));
          context.actions.react(entry.ref, emoji, !on);
        },
      })),
    context,
  );
}

function repliesTemplate(
  thread: ThreadMessage,
  active: boolean,
  context: CardContext,
): TemplateResult | typeof nothing {
  const pending = context.state.pendingReplies.filter((each) => each.thread === thread.ref);
  const all = thread.replies;
  if (all.length + pending.length === 0) return nothing;
  if (!active) {
    const fresh = all.filter((reply) => reply.unread).length;
    return html`<p class="count">
      ${icon("reply")}<bdi dir="ltr"
        >${plural(all.length + pending.length, "reply", "replies")}${fresh ? html` · <b>${fresh} new</b>` : nothing}</bdi
      >
    </p>`;
  }
  const folded = !context.state.expandedReplies.has(thread.ref) && all.length > SHOWN_REPLIES;
  const shown = folded ? all.slice(-SHOWN_REPLIES + 1) : all;
  return html`<div class="replies">
    ${
      folded
        ? html`<button
            type="button"
            class="quiet unfold"
            @click=${() => context.update({ expandedReplies: new Set(context.state.expandedReplies).add(thread.ref) })}
          >
            Show ${all.length - shown.length} earlier replies
          </button>`
        : nothing
    }
    ${repeat(
      shown,
      (reply) => reply.ref,
      (reply) => replyTemplate(reply, context),
    )}
    ${repeat(
      pending,
      (reply) => reply.intent,
      (reply) =>
        html`<div class="reply sending">
          <div class="reply-head">${personTemplate(context.state.me?.id ?? "", context)}<time>just now</time></div>
          ${bodyTemplate(reply.body, context.state.people)}
        </div>`,
    )}
  </div>`;
}

function replyTemplate(reply: ReplyMessage, context: CardContext): TemplateResult {
  const { state, actions } = context;
  const items: MenuItem[] = [];
  if (reply.mine && !reply.deleted) {
    items.push({ label: "Edit", icon: "edit", run: () => openEditor(reply.ref, context) });
    items.push({ label: "Delete", icon: "trash", run: () => void actions.remove(reply.ref) });
  }
  if (state.capabilities.moderate) items.push(hideItem(reply, context));
  return html`<div class="reply" data-reply=${reply.ref}>
    <div class="reply-head">
      ${personTemplate(reply.author, context)}
      ${reply.unread ? html`<span class="unread"><span class="hidden">New.</span></span>` : nothing}${timeTemplate(reply, context.now)}
      <span class="buttons">
        ${state.capabilities.annotate && !reply.deleted ? reactButton(reply, context) : nothing}
        ${items.length ? menuButton(`${reply.ref}:more`, "More", icon("more"), () => items, context) : nothing}
      </span>
    </div>
    ${reply.hidden ? html`<p class="note">${icon("hide")}Hidden from the group</p>` : nothing}
    ${
      reply.deleted
        ? html`<p class="note">Deleted by its author</p>`
        : state.editing === reply.ref
          ? editTemplate(reply.ref, reply.body, context)
          : bodyTemplate(reply.body, state.people)
    }
    ${reactionsTemplate(reply, true, context)}
  </div>`;
}

function footTemplate(thread: ThreadMessage, context: CardContext): TemplateResult | typeof nothing {
  const { state, actions } = context;
  const { ref } = thread;
  if (thread.placement.state === "orphaned" && thread.mine && state.capabilities.annotate) {
    return html`<div class="foot">
      <button type="button" class="primary" @click=${() => context.update({ reattaching: ref })}>
        Re-attach to a passage…
      </button>
    </div>`;
  }
  if (!state.capabilities.annotate || ref.startsWith("intent:")) return nothing;
  if (state.replying === ref) {
    const key = replyKey(ref);
    return html`<div class="foot">
      ${composerTemplate(
        {
          label: `Reply to ${actions.nameOf(thread.author)}`,
          placeholder: "Reply…",
          send: "Reply",
          initial: context.drafts.get(key)?.text ?? "",
        },
        context,
        {
          typed: (text) => context.drafts.set(key, { text }),
          send: (text) => actions.reply(ref, text),
          cancel: (text) => {
            context.drafts.set(key, text.trim() === "" ? null : { text });
            context.update({ replying: null });
          },
        },
      )}
    </div>`;
  }
  const draft = context.drafts.get(replyKey(ref));
  return html`<div class="foot">
    <button
      type="button"
      class="reply-open"
      dir="auto"
      @click=${() => context.update({ replying: ref, editing: null })}
    >
      ${draft ? html`<i>Draft:</i> ${shorten(draft.text, 40)}` : "Reply…"}
    </button>
    ${thread.deleted ? nothing : reactButton(thread, context)}
  </div>`;
}

/** A card in one line. */
export function lineInside(thread: ThreadMessage, context: CardContext): TemplateResult {
  const kind = kindOf(thread);
  const replies = thread.replies.length;
  return html`<span class="kind" title=${KIND_TITLES[kind]}>${icon(kind)}</span
    ><span class="name" dir="auto">${context.actions.nameOf(thread.author)}</span
    ><span class="snippet" dir="auto">${thread.deleted ? "" : shorten(plainText(thread.body || thread.quote), 90)}</span
    >${thread.unread ? html`<span class="unread"></span>` : nothing}${replies ? html`<span class="number">${replies}</span>` : nothing}`;
}

export function cardClasses(thread: ThreadMessage, mode: "full" | "line", active: boolean) {
  return classMap({
    card: true,
    [mode]: true,
    [kindOf(thread)]: true,
    active,
    resolved: thread.status === "resolved",
    sending: thread.ref.startsWith("intent:"),
  });
}

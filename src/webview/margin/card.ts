/** Cards: a thread in full, in one line, and what can be done with it. */
import { html, nothing, type TemplateResult } from "lit";
import { classMap } from "lit/directives/class-map.js";
import { CLASSES } from "../../core/model/entries.ts";
import { KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import type { ThreadMessage } from "../../protocol/reader.ts";
import { icon } from "../chrome/icons.ts";
import { replyKey } from "../drafts.ts";
import { shorten, threadLine } from "../model/words.ts";
import type { State } from "../state.ts";
import { intentOf, unsentEdits, waitsIn } from "../unsent.ts";
import { bodyTemplate } from "./body.ts";
import {
  type CardContext,
  composerTemplate,
  editTemplate,
  hideItem,
  isNew,
  mayHide,
  menuButton,
  openEditor,
  personTemplate,
  reactButton,
  reactionsTemplate,
  timeTemplate,
} from "./card-parts.ts";
import type { MenuItem } from "./menu.ts";
import { repliesTemplate } from "./replies.ts";
import { unsentEditTemplate, unsentTemplate } from "./unsent-parts.ts";

/** The inside of a whole card. */
export function cardInside(thread: ThreadMessage, active: boolean, context: CardContext): TemplateResult {
  const { state } = context;
  const kind = kindOf(thread);
  const orphaned = thread.placement.state === "orphaned";
  const intent = intentOf(thread.ref);
  const pending = intent !== null;
  const unsent = intent === null ? undefined : state.unsent.get(intent);
  return html`
    <header>
      ${personTemplate(thread.author, context)} ${active ? html`<span class="break"></span>` : nothing}<span
        class="kind"
        title=${KIND_TITLES[kind]}
        >${icon(kind)}<span>${KIND_TITLES[kind]}</span></span
      >
      ${mentionedTemplate(thread)}
      ${isNew(thread, state) ? html`<span class="unread" title="New since you last looked"><span class="hidden">New.</span></span>` : nothing}
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
          ? editTemplate(thread, "note", context)
          : thread.body
            ? bodyTemplate(thread.body, state.people)
            : active && thread.mine && (unsent?.state ?? "sending") === "sending" && state.capabilities.annotate
              ? html`<button type="button" class="add-note" @click=${() => openEditor(thread.ref, context)}>
                  Add a note…
                </button>`
              : nothing
    }
    ${unsent && unsent.state !== "sending" ? unsentTemplate(unsent, context) : nothing}
    ${unsentEdits(state.unsent, thread.ref).map((entry) => unsentEditTemplate(entry, context))}
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

function mentionedTemplate({ mention }: ThreadMessage): TemplateResult | typeof nothing {
  return mention
    ? html`<span class="mentioned" title="Mentions you"
        >${icon("mention")}<span class="hidden">Mentions you.</span></span
      >`
    : nothing;
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
      takesFocus: true,
      run: () => openEditor(thread.ref, context),
    });
    for (const each of CLASSES) {
      items.push({
        label: `${thread.class === each ? "Marked" : "Mark"} as ${each}`,
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
      takesFocus: true,
      run: () => context.update({ reattaching: thread.ref }),
    });
  }
  if (mayHide(thread, state)) items.push(hideItem(thread, context));
  if (thread.mine && !thread.deleted) {
    items.push({ label: "Delete", icon: "trash", run: () => void actions.remove(thread.ref) });
  }
  return items;
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
  if (intentOf(ref) !== null) return nothing;
  const key = replyKey(ref);
  const draft = context.drafts.get(key);
  // words in it stay in reach, whatever one may do by now
  if (!state.capabilities.annotate && !(state.replying === ref && draft)) return nothing;
  if (state.replying === ref) {
    return html`<div class="foot">
      ${composerTemplate(
        {
          key,
          label: `Reply to ${actions.nameOf(thread.author)}`,
          placeholder: "Reply…",
          send: "Reply",
          error: draft?.attempt?.error ?? "",
          initial: draft?.text ?? "",
        },
        context,
        {
          typed: (text) => context.drafts.type(key, text),
          send: (text) => actions.reply(ref, text),
          cancel: (text) => {
            if (text.trim() === "") context.drafts.set(key, null);
            else context.drafts.type(key, text);
            context.update({ replying: null });
          },
        },
      )}
    </div>`;
  }
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

function snippetOf(thread: ThreadMessage, { actions }: CardContext): string {
  return shorten(threadLine(thread, actions.nameOf), 90);
}

/** A card in one line. */
export function lineInside(thread: ThreadMessage, context: CardContext): TemplateResult {
  const kind = kindOf(thread);
  const replies = thread.replies.length;
  const name = context.actions.nameOf(thread.author);
  return html`<span class="kind" title=${KIND_TITLES[kind]}>${icon(kind)}</span
    ><span class="name" dir="auto" title=${name}>${name}</span
    ><span class="snippet" dir="auto">${thread.deleted ? "" : snippetOf(thread, context)}</span
    >${waitsIn(thread, context.state.unsent) ? html`<span class="warning" title="Not sent">${icon("warning")}</span>` : nothing}${mentionedTemplate(thread)}${thread.unread ? html`<span class="unread"></span>` : nothing}${replies ? html`<span class="number">${replies}</span>` : nothing}`;
}

export function cardClasses(thread: ThreadMessage, mode: "full" | "line", { active, unsent }: State) {
  const intent = intentOf(thread.ref);
  const state = intent === null ? undefined : unsent.get(intent)?.state;
  return classMap({
    card: true,
    [mode]: true,
    [kindOf(thread)]: true,
    active: active === thread.ref,
    resolved: thread.status === "resolved",
    sending: state === "sending",
    unsent: state === "refused" || state === "aside",
  });
}

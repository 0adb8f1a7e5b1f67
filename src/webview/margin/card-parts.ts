/** What cards are made of: composers, people, times, menus, reactions. */
import { html, nothing, type TemplateResult } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { REACTION_TITLES, REACTIONS } from "../../core/model/entries.ts";
import type { ThreadMessage } from "../../protocol/reader.ts";
import type { Actions } from "../actions.ts";
import { icon } from "../chrome/icons.ts";
import { type Drafts, editKey } from "../drafts.ts";
import { agoText, initials, timeText } from "../model/words.ts";
import type { State } from "../state.ts";
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

export function composerTemplate(
  options: {
    /** What is written in it: another one is another field. */
    key: string;
    label: string;
    placeholder: string;
    send: string;
    error?: string;
    initial: string;
  },
  context: CardContext,
  events: ComposerEvents,
): TemplateResult {
  return html`${keyed(
    options.key,
    html`<m-composer
      .label=${options.label}
      .placeholder=${options.placeholder}
      .sendLabel=${options.send}
      .error=${options.error ?? ""}
      .initial=${options.initial}
      .people=${context.state.people}
      .events=${events}
    ></m-composer>`,
  )}`;
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
    ><span class="name" dir="auto" title=${name}>${name}</span>`;
}

export function timeTemplate(entry: { created: number; modified?: number | undefined }, now: number): TemplateResult {
  const title = entry.modified
    ? `${timeText(entry.created)}, edited ${timeText(entry.modified)}`
    : timeText(entry.created);
  return html`<time dir="ltr" datetime=${new Date(entry.created).toISOString()} title=${title}
    >${agoText(entry.created, now)}${entry.modified ? html`<span class="edited"> · edited</span>` : nothing}</time
  >`;
}

/** Was, or became, new while its card is open. */
export function isNew(entry: { ref: string; unread: boolean }, { opened, active }: State): boolean {
  return entry.unread || (opened !== null && opened.of === active && opened.fresh.has(entry.ref));
}

export function openEditor(ref: string, context: CardContext): void {
  context.update({ editing: ref, replying: null });
}

/** The field in which one edits what one wrote. */
export function editTemplate(
  { ref, body }: { ref: string; body: string },
  what: "note" | "reply",
  context: CardContext,
): TemplateResult {
  const key = editKey(ref);
  const draft = context.drafts.get(key);
  const typed = (text: string) => {
    if (text === body) context.drafts.set(key, null);
    else context.drafts.type(key, text);
  };
  return composerTemplate(
    {
      key,
      label: `Your ${what}`,
      placeholder: `Write a ${what}…`,
      send: "Save",
      error: draft?.attempt?.error ?? "",
      initial: draft?.text ?? body,
    },
    context,
    {
      typed,
      send: (text) => context.actions.saveEdit(ref, text),
      cancel(text) {
        typed(text);
        context.update({ editing: null });
      },
    },
  );
}

function closeMenu(menu: string, context: CardContext): (refocus: boolean) => void {
  return (refocus) => {
    if (context.state.panel.menu !== menu) return;
    context.update({ panel: { ...context.state.panel, menu: null } });
    if (refocus) context.focusMenuButton(menu);
  };
}

export function menuButton(
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

/** There is nobody to hide it from while one reads alone. */
export function mayHide(entry: { hidden: boolean }, state: State): boolean {
  return state.capabilities.moderate && (state.status.state !== "alone" || entry.hidden);
}

export function hideItem(entry: { ref: string; hidden: boolean }, context: CardContext): MenuItem {
  return {
    label: entry.hidden ? "Show to the group" : "Hide from the group",
    icon: entry.hidden ? "show" : "hide",
    run: () => context.actions.setHidden(entry.ref, !entry.hidden),
  };
}

export function reactionsTemplate(
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
            title="${REACTION_TITLES[emoji]}: ${names}"
            aria-label="${REACTION_TITLES[emoji]}, ${by.length}: ${names}"
            @click=${() => context.actions.react(entry.ref, emoji, !own)}
          >
            ${emoji} ${by.length}
          </button>`
        : html`<span title=${names}>${emoji} ${by.length}</span>`;
    })}
  </div>`;
}

export function reactButton(
  entry: { ref: string; reactions: ThreadMessage["reactions"] },
  context: CardContext,
): TemplateResult {
  const me = context.state.me?.id ?? "";
  return menuButton(
    `${entry.ref}:react`,
    "React",
    icon("react"),
    () =>
      REACTIONS.map((emoji) => {
        const on = entry.reactions.some((each) => each.emoji === emoji && each.by.includes(me));
        return {
          label: emoji,
          title: REACTION_TITLES[emoji],
          checked: on,
          run: () => context.actions.react(entry.ref, emoji, !on),
        };
      }),
    context,
  );
}

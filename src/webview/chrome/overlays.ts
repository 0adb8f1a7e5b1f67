/** What floats above the page: the selection's toolbar, a list to choose from, a toast, the keys. */
import { html, nothing, type TemplateResult } from "lit";
import type { Actions } from "../actions.ts";
import { type Kind, KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import { nameIn, plural, shorten, threadLine } from "../model/words.ts";
import { threadIn } from "../reduce.ts";
import type { State } from "../state.ts";
import { icon } from "./icons.ts";

/** The deeds of the toolbar and their keys. */
export const KIND_KEYS: readonly { kind: Kind; key: string; title: string }[] = [
  { kind: "highlight", key: "H", title: "Highlight" },
  { kind: "comment", key: "C", title: "Comment" },
  { kind: "question", key: "Q", title: "Question" },
  { kind: "claim", key: "1", title: "Claim" },
  { kind: "evidence", key: "2", title: "Evidence" },
  { kind: "source", key: "3", title: "Source" },
];

export function toolbarTemplate(state: State, actions: Actions): TemplateResult | typeof nothing {
  if (!state.selection || !state.capabilities.annotate) return nothing;
  if (state.reattaching !== null) {
    const thread = state.reattaching;
    const span = state.selection;
    return html`<button
      type="button"
      class="with-text"
      title="Attach here (Enter)"
      aria-keyshortcuts="Enter"
      @click=${() => void actions.reattach(thread, span)}
    >
      ${icon("link")}Attach here
    </button>`;
  }
  if (state.newNote) {
    return html`<button
      type="button"
      class="with-text"
      title="Put the note here (Enter)"
      aria-keyshortcuts="Enter"
      @click=${() => actions.placeNew()}
    >
      ${icon("link")}Put the note here
    </button>`;
  }
  return html`${KIND_KEYS.map(
    ({ kind, key, title }) =>
      html`<button
        type="button"
        class="${kind} ${kind === "claim" ? "first-class" : ""}"
        title="${title} (${key})"
        aria-label=${title}
        aria-keyshortcuts=${key}
        @click=${() => actions.annotate(kind)}
      >
        ${icon(kind)}<span class="label">${title}</span>
      </button>`,
  )}`;
}

export function chooserTemplate(
  state: State,
  choose: (ref: string) => void,
  hover: (ref: string | null) => void,
  close: () => void,
): TemplateResult | typeof nothing {
  const { chooser } = state;
  if (!chooser) return nothing;
  const threads = chooser.refs.flatMap((ref) => threadIn(state, ref) ?? []);
  const nameOf = nameIn(state.people);
  const keys = (event: KeyboardEvent) => {
    const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("button")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) all[(at + step + all.length) % all.length]?.focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div
    class="chooser"
    role="dialog"
    aria-label="${plural(threads.length, "annotation")} here"
    @keydown=${keys}
  >
    <p>${plural(threads.length, "annotation")} here</p>
    ${threads.map(
      (thread) =>
        html`<button
          type="button"
          class="${kindOf(thread)} ${state.active === thread.ref ? "active" : ""}"
          aria-current=${state.active === thread.ref ? "true" : nothing}
          @mouseenter=${() => hover(thread.ref)}
          @mouseleave=${() => hover(null)}
          @click=${() => choose(thread.ref)}
        >
          ${icon(kindOf(thread))}<span class="hidden">${KIND_TITLES[kindOf(thread)]} by </span
          ><span class="name" dir="auto">${nameOf(thread.author)}</span
          ><span class="snippet" dir="auto">${shorten(threadLine(thread, nameOf), 70)}</span>
        </button>`,
    )}
  </div>`;
}

export function toastTemplate(state: State, actions: Actions, close: () => void): TemplateResult | typeof nothing {
  if (!state.toast) return nothing;
  const { text, undo } = state.toast;
  return html`<span>${text}</span>
    ${undo === null ? nothing : html`<button type="button" class="quiet" title=${"write" in undo ? "Undo (Ctrl+Z)" : nothing} @click=${() => void actions.undo(undo)}>Undo</button>`}
    <button type="button" class="icon-button" aria-label="Dismiss" @click=${close}>${icon("close")}</button>`;
}

export const KEYS: readonly [keys: string, deed: string][] = [
  ["J or Alt+Down", "Select the next sentence"],
  ["K or Alt+Up", "Select the previous sentence"],
  ["Shift+J, Shift+K", "Extend the selection by a sentence"],
  ["H, C, Q", "Highlight, comment, question on the selection"],
  ["1, 2, 3", "Mark the selection as claim, evidence, source"],
  ["N, P", "Next, previous annotation"],
  ["U", "Next annotation with something new"],
  ["Enter", "From the passage into its card"],
  ["Up, Down", "Walk the cards in reading order"],
  ["R, E", "Reply to, edit the open annotation"],
  ["Ctrl+Enter", "Send"],
  ["Ctrl+Z, Ctrl+Shift+Z", "Undo what you did last, do it again"],
  ["Esc", "Close, and back to the text"],
  ["/", "Search and filter"],
  ["O", "Outline"],
  ["?", "These keys"],
];

export function keysTemplate(close: () => void): TemplateResult {
  return html`<h2>Keys</h2>
    <dl>
      ${KEYS.map(
        ([keys, deed]) =>
          html`<div>
            <dt>
              ${keys.split(/(, | or )/).map((part) => (/^(, | or )$/.test(part) ? part : html`<kbd>${part}</kbd>`))}
            </dt>
            <dd>${deed}</dd>
          </div>`,
      )}
    </dl>
    <button type="button" class="primary" @click=${close}>Close</button>`;
}

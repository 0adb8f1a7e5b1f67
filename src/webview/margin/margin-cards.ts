/** What stands in the margin: a thread's card, the card of a note that is being written, and marks. */
import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import type { ThreadMessage } from "../../protocol/reader.ts";
import { icon } from "../chrome/icons.ts";
import { NEW } from "../drafts.ts";
import { KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import type { MarkPlace } from "../model/layout.ts";
import { cardLabel, cardWords, nameIn, plural, shorten } from "../model/words.ts";
import { threadIn } from "../reduce.ts";
import type { State } from "../state.ts";
import { waitsIn } from "../unsent.ts";
import { cardClasses, cardInside, lineInside } from "./card.ts";
import { type CardContext, composerTemplate } from "./card-parts.ts";

export interface CardEvents {
  /** The reader points at a card, or away from all. */
  onHover(ref: string | null): void;
  onChoose(ref: string, focus: boolean): void;
  onList(refs: string[], at: DOMRect): void;
}

/** Key of the composer of a new note among the cards. */
export const NOTE = "new-note";

/** Times are shown in minutes. */
const MINUTE = 60_000;

/**
 * All that the inside of a card which is not open shows besides its thread. While none of it changes the card is not looked at
 * again: a margin of a hundred cards is drawn anew many times a second while somebody scrolls.
 */
function seenByOthers({ state, now }: CardContext): unknown[] {
  return [
    named(state.people),
    state.me?.id,
    state.capabilities,
    state.editing,
    state.unsent,
    state.showingChange,
    Math.floor(now / MINUTE),
  ];
}

let lastNamed: State["people"] = new Map();

/** The same map as long as nobody has another name or colour: people move through the text all the time. */
function named(people: State["people"]): State["people"] {
  const same =
    people.size === lastNamed.size &&
    [...people].every(([id, { name, colour }]) => {
      const known = lastNamed.get(id);
      return known?.name === name && known.colour === colour;
    });
  if (!same) lastNamed = people;
  return lastNamed;
}

interface Spoken {
  people: State["people"];
  label: string;
  words: string;
}

const spoken = new WeakMap<ThreadMessage, Spoken>();

/** What a screen reader says of a card. */
function spokenOf(thread: ThreadMessage, everybody: State["people"]): Spoken {
  const people = named(everybody);
  const known = spoken.get(thread);
  if (known?.people === people) return known;
  const nameOf = nameIn(people);
  const made = { people, label: cardLabel(thread, nameOf), words: cardWords(thread, nameOf) };
  spoken.set(thread, made);
  return made;
}

/** A card of the margin or the sheet. */
export function cardTemplate(
  thread: ThreadMessage,
  mode: "full" | "line",
  context: CardContext,
  events: CardEvents,
): TemplateResult {
  const { state } = context;
  const active = state.active === thread.ref;
  const position = state.placed.position.get(thread.ref);
  const { label, words } = spokenOf(thread, state.people);
  return html`<article
    class=${cardClasses(thread, mode, state)}
    data-key=${thread.ref}
    tabindex=${active ? 0 : -1}
    aria-label=${label + (waitsIn(thread, state.unsent) ? ", not sent" : "")}
    aria-description=${words || nothing}
    aria-posinset=${position === undefined ? nothing : position + 1}
    aria-setsize=${position === undefined ? nothing : state.placed.list.length}
    @mouseenter=${() => events.onHover(thread.ref)}
    @mouseleave=${() => events.onHover(null)}
    @click=${(event: MouseEvent) => {
      if (active || (event.target as Element).closest("a, button, textarea")) return;
      events.onChoose(thread.ref, true);
    }}
  >
    ${
      active
        ? cardInside(thread, true, context)
        : guard([thread, mode, ...seenByOthers(context)], () =>
            mode === "full" ? cardInside(thread, false, context) : lineInside(thread, context),
          )
    }
  </article>`;
}

/** The card of a note that is being written. */
export function noteTemplate(context: CardContext): TemplateResult {
  const { newNote } = context.state;
  const question = newNote?.passage.motivation === "questioning";
  const kind = question ? "question" : "comment";
  return html`<article
    class="card full active draft ${kind}"
    data-key=${NOTE}
    tabindex="-1"
    aria-label=${question ? "New question" : "New comment"}
  >
    <header><span class="kind">${icon(kind)}${KIND_TITLES[kind]}</span></header>
    ${composerTemplate(
      {
        key: newNote?.intent ?? "",
        label: `${question ? "Question" : "Comment"} on “${shorten(newNote?.passage.quote ?? "", 80)}”`,
        placeholder: question ? "What do you ask of this passage?" : "What do you think of this passage?",
        send: question ? "Ask" : "Comment",
        error: newNote?.error ?? "",
        initial: context.drafts.get(NEW)?.text ?? "",
      },
      context,
      {
        typed: (text) => context.actions.typedNew(text),
        send: (text) => context.actions.sendNew(text),
        cancel: () => context.actions.closeNew(),
      },
    )}
  </article>`;
}

/** Annotations for which there is no room, as one sign beside the text. */
export function markTemplate(mark: MarkPlace, context: CardContext, events: CardEvents): TemplateResult {
  const { state } = context;
  const threads = mark.keys.flatMap((key) => threadIn(state, key) ?? []);
  const kinds = [...new Set(threads.map(kindOf))];
  const only = kinds.length === 1 ? kinds[0]! : null;
  const isActive = state.active !== null && mark.keys.includes(state.active);
  const label =
    threads.length === 1
      ? cardLabel(threads[0]!, nameIn(state.people))
      : `${plural(threads.length, "annotation")}: ${kinds.map((kind) => KIND_TITLES[kind]).join(", ")}`;
  const classes = `mark ${only ?? "mixed"} ${isActive ? "active" : ""}`;
  return html`<button
    type="button"
    class=${classes}
    data-key=${mark.keys[0]!}
    data-top=${Math.round(mark.top)}
    aria-label=${label}
    title=${label}
    @mouseenter=${() => events.onHover(mark.keys[0]!)}
    @mouseleave=${() => events.onHover(null)}
    @click=${(event: MouseEvent) => {
      if (mark.keys.length === 1) events.onChoose(mark.keys[0]!, true);
      else events.onList(mark.keys, (event.currentTarget as Element).getBoundingClientRect());
    }}
  >
    ${threads.length === 1 && only ? icon(only) : html`<span>${threads.length}</span>`}
    ${threads.some((thread) => thread.unread) ? html`<span class="unread"></span>` : nothing}
  </button>`;
}

/** Nothing was said: one line says it all, until the card is open. */
export function isBare(thread: ThreadMessage, state: State): boolean {
  return (
    state.active !== thread.ref &&
    thread.body === "" &&
    !thread.deleted &&
    !thread.hidden &&
    thread.replies.length === 0 &&
    thread.reactions.length === 0 &&
    thread.status === "open" &&
    thread.placement.state === "placed" &&
    !waitsIn(thread, state.unsent)
  );
}

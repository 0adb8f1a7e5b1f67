/**
 * Everything in the state that is a range of the article's text, taken along when the text is replaced: found where it stands
 * now, or told to be lost. Nothing else in the view may keep offsets across a text. Pure.
 */
import type { Person } from "../protocol/reader.ts";
import type { PassageDraft } from "./drafts.ts";
import type { Carry } from "./model/carry.ts";
import { findAgain } from "./model/passages.ts";
import { type ShownBlock, wordsOf } from "./model/shown-text.ts";
import type { Span } from "./model/source-map.ts";
import type { State } from "./state.ts";
import type { UnsentMap } from "./unsent.ts";

/** A text that has just been shown. */
export interface NewText {
  epoch: number;
  blocks: readonly ShownBlock[];
  /** From the text before it; null when there was none. */
  carry: Carry | null;
}

export const LOST = "The passage is gone from the text. Select another one; what you wrote is kept.";
export const CHANGED = "The passage was changed while you wrote. Look at it again before you send.";

/** What there is to be said of it: a sentence, or nothing. */
export function fateOf(fate: PassageDraft["fate"]): string {
  if (fate === "lost") return LOST;
  return fate === "changed" ? CHANGED : "";
}

/** Where the passage of something unsent stands in a new text. */
export function carryPassage(passage: PassageDraft, text: NewText): PassageDraft {
  const { fate, ...rest } = passage;
  const known = fate === "lost" ? null : text.carry;
  const at = known ? known(passage) : found(passage, text);
  // offsets of the text that it was in, so that nobody takes them for this one's
  if (!at) return { ...rest, fate: "lost" };
  const kept = at.changed || fate === "changed" ? { fate: "changed" as const } : {};
  return { ...rest, ...wordsOf(text.blocks, at), start: at.start, end: at.end, epoch: text.epoch, ...kept };
}

function found(passage: PassageDraft, { blocks }: NewText) {
  const at = findAgain(blocks, passage);
  return at && { ...at, changed: false };
}

/** The same for everything that is unsent. */
export function carryUnsent(unsent: UnsentMap, text: NewText): UnsentMap {
  const moved = new Map(unsent);
  for (const entry of unsent.values()) {
    if (entry.what === "note") moved.set(entry.intent, { ...entry, passage: carryPassage(entry.passage, text) });
  }
  return moved;
}

/** A mere place, of which nothing depends: dropped when its words are not the same. */
export function carryWhole(span: Span | null | undefined, carry: Carry): Span | null {
  const at = span ? carry(span) : null;
  return at && !at.changed ? { start: at.start, end: at.end } : null;
}

/** What others have selected, until the host tells it anew. */
export function carryPeople(people: State["people"], carry: Carry): State["people"] {
  const moved = new Map<string, Person>();
  for (const [id, { selection, ...person }] of people) {
    const at = carryWhole(selection, carry);
    moved.set(id, at ? { ...person, selection: at } : person);
  }
  return moved;
}

import type * as Y from "yjs";
import { alignWords, dropIslands, slideEdges } from "./align.ts";
import { createLexicon, cutWords, splitsPair } from "./words.ts";

/** [start, end) of the old text (UTF-16 offsets) becomes `insert`. */
export interface TextChange {
  start: number;
  end: number;
  insert: string;
}

/**
 * The changes that make `newText` of `oldText`, word by word, so that relative positions in what stays live on. They come
 * in order, do not overlap, all speak of offsets in the old text, and never cut a surrogate pair.
 */
export function textChanges(oldText: string, newText: string): TextChange[] {
  if (oldText === newText) return [];
  const { head, oldEnd, newEnd } = changedPart(oldText, newText);
  const lexicon = createLexicon();
  const old = cutWords(oldText, lexicon, head, oldEnd);
  const now = cutWords(newText, lexicon, head, newEnd);
  const changes: TextChange[] = [];
  let a = head;
  let b = head;
  const upTo = (x: number, y: number): void => {
    pushTrimmed(changes, oldText, a, x, newText, b, y);
    a = x;
    b = y;
  };
  for (const run of slideEdges(dropIslands(alignWords(old, now), old, now), old, now)) {
    for (let k = 0; k < run.n; k++) {
      upTo(old.start[run.x + k] as number, now.start[run.y + k] as number);
      upTo(old.end[run.x + k] as number, now.end[run.y + k] as number);
    }
  }
  upTo(oldEnd, newEnd);
  return changes;
}

/** Code units of equal text that are looked at on each side of what changed: an insertion may slide so far to a better cut. */
const MARGIN = 400;

/** The part of both texts outside of which all is equal, with a margin; a key stroke in a book costs no look at the book. */
function changedPart(oldText: string, newText: string): { head: number; oldEnd: number; newEnd: number } {
  const most = Math.min(oldText.length, newText.length);
  let head = 0;
  while (head < most && oldText.charCodeAt(head) === newText.charCodeAt(head)) head++;
  let tail = 0;
  while (
    tail < most - head &&
    oldText.charCodeAt(oldText.length - 1 - tail) === newText.charCodeAt(newText.length - 1 - tail)
  )
    tail++;
  head = Math.max(0, head - MARGIN);
  while (head > 0 && oldText.charCodeAt(head - 1) > 0x20) head--;
  tail = Math.max(0, tail - MARGIN);
  while (tail > 0 && oldText.charCodeAt(oldText.length - tail) > 0x20) tail--;
  return { head, oldEnd: oldText.length - tail, newEnd: newText.length - tail };
}

/** Adds the change of old [a0, a1) into new [b0, b1), less what is equal at both ends. */
function pushTrimmed(
  out: TextChange[],
  oldText: string,
  a0: number,
  a1: number,
  newText: string,
  b0: number,
  b1: number,
): void {
  while (a0 < a1 && b0 < b1 && oldText.charCodeAt(a0) === newText.charCodeAt(b0)) {
    a0++;
    b0++;
  }
  if (splitsPair(oldText, a0) || splitsPair(newText, b0)) {
    a0--;
    b0--;
  }
  while (a1 > a0 && b1 > b0 && oldText.charCodeAt(a1 - 1) === newText.charCodeAt(b1 - 1)) {
    a1--;
    b1--;
  }
  if (splitsPair(oldText, a1) || splitsPair(newText, b1)) {
    a1++;
    b1++;
  }
  if (a0 === a1 && b0 === b1) return;
  const last = out[out.length - 1];
  if (last && last.end === a0) {
    last.end = a1;
    last.insert += newText.slice(b0, b1);
  } else out.push({ start: a0, end: a1, insert: newText.slice(b0, b1) });
}

/** Applies changes to a string. */
export function applyTextChanges(text: string, changes: readonly TextChange[]): string {
  let out = "";
  let at = 0;
  for (const change of changes) {
    out += text.slice(at, change.start) + change.insert;
    at = change.end;
  }
  return out + text.slice(at);
}

/** Applies changes to a Y.Text that holds the old text; wrap in a transaction with an origin of your own. */
export function applyToYText(ytext: Y.Text, changes: readonly TextChange[]): void {
  for (const change of changes.toReversed()) {
    if (change.end > change.start) ytext.delete(change.start, change.end - change.start);
    if (change.insert !== "") ytext.insert(change.start, change.insert);
  }
}

/** A piece of a passage that changed. Pieces with kind `same` or `removed` make up the old text, `same` or `added` the new. */
export interface ChangePiece {
  kind: "same" | "added" | "removed";
  text: string;
}

/** A word kept in the middle of changed ones is shown as kept, a lone article or comma is not. */
const SHOWN = 1;

/**
 * What changed between a quote and the passage as it is now, in whole words, to be shown on a card. White space that differs
 * is no change; it is given as it is now.
 */
export function describeChange(oldQuote: string, newText: string): ChangePiece[] {
  const lexicon = createLexicon();
  const old = cutWords(oldQuote, lexicon);
  const now = cutWords(newText, lexicon);
  const pieces: ChangePiece[] = [];
  const push = (kind: ChangePiece["kind"], text: string): void => {
    const last = pieces[pieces.length - 1];
    if (text === "") return;
    if (last && last.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  let a = 0;
  let b = 0;
  const upTo = (x: number, y: number): void => {
    const [before, after] = [oldQuote.slice(a, x), newText.slice(b, y)];
    [a, b] = [x, y];
    if (before === after || (before.trim() === "" && after.trim() === "")) return push("same", after);
    const lead = before.trimStart().length < before.length ? after.length - after.trimStart().length : 0;
    const trail =
      after.trim() !== "" && before.trimEnd().length < before.length ? after.length - after.trimEnd().length : 0;
    push("same", after.slice(0, lead));
    push("removed", lead > 0 ? trimBefore(before, trail > 0) : trail > 0 ? before.trimEnd() : before);
    push("added", after.slice(lead, after.length - trail));
    push("same", after.slice(after.length - trail));
  };
  for (const run of slideEdges(dropIslands(alignWords(old, now), old, now, SHOWN), old, now)) {
    for (let k = 0; k < run.n; k++) {
      upTo(old.start[run.x + k] as number, now.start[run.y + k] as number);
      upTo(old.end[run.x + k] as number, now.end[run.y + k] as number);
    }
  }
  upTo(oldQuote.length, newText.length);
  return pieces;
}

const trimBefore = (text: string, both: boolean): string => (both ? text.trim() : text.trimStart());

/** Passages by their words, and by sentences. Pure. */
import { joinBlocks, type PassageWords, type ShownBlock } from "./shown-text.ts";
import type { Span } from "./source-map.ts";

/** Letters of the passage and beside it that must be the same for a place to be believed: about three words. */
const PROOF = 24;

/**
 * Where a passage stands in a text of which nothing else is known, in source offsets: letter by letter, where most of its old
 * surroundings are; of equal places the nearest to where it was. Null when it is nowhere, or its words prove nothing.
 */
export function findAgain(blocks: readonly ShownBlock[], passage: PassageWords & Span): Span | null {
  const { quote, prefix, suffix } = passage;
  if (quote.trim() === "") return null;
  const joined = joinBlocks(blocks);
  const { text } = joined;
  let most = -1;
  let best: Span[] = [];
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) {
    const context = alikeBefore(text, at, prefix) + alikeAfter(text, at + quote.length, suffix);
    if (context < most) continue;
    if (context > most) [most, best] = [context, []];
    const source = joined.sourceOf({ start: at, end: at + quote.length });
    if (source) best.push(source);
  }
  if (most < prefix.length + suffix.length && most + quote.length < PROOF) return null;
  const far = (span: Span) => Math.abs(span.start - passage.start);
  return best.sort((a, b) => far(a) - far(b))[0] ?? null;
}

function alikeBefore(text: string, at: number, prefix: string): number {
  let n = 0;
  while (n < prefix.length && n < at && text[at - 1 - n] === prefix[prefix.length - 1 - n]) n++;
  return n;
}

function alikeAfter(text: string, at: number, suffix: string): number {
  let n = 0;
  while (n < suffix.length && text[at + n] === suffix[n]) n++;
  return n;
}

/**
 * The sentences that a selection touches, as indices; the nearest following one for a mere place in the text. Those of footnotes
 * come last, wherever their source is: what is touched counts before what merely follows.
 */
export function sentencesAt(
  sentences: readonly (readonly [number, number])[],
  span: { start: number; end: number },
): { first: number; last: number } {
  const touches = ([start, end]: readonly [number, number]) => start < span.end && end > span.start;
  let first = sentences.findIndex(touches);
  if (first < 0) first = sentences.findIndex(([, end]) => end > span.start);
  if (first < 0) first = sentences.length - 1;
  let last = first;
  while (last + 1 < sentences.length && touches(sentences[last + 1]!)) last++;
  return { first, last };
}

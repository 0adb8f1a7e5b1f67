import { alignWords, dropIslands, pairMoves, pairNearWords, slideEdges, toMap } from "./align.ts";
import type { WordMap } from "./align.ts";
import { remainsOf } from "./passage.ts";
import type { Remains } from "./passage.ts";
import type { Placement } from "./anchor.ts";
import { createLexicon, cutWords, wordAfter, wordFrom } from "./words.ts";
import type { Words } from "./words.ts";

import { prepareSearch, searchPassage } from "./quote-search.ts";
import type { SearchText } from "./quote-search.ts";
import { sliceWords } from "./words.ts";

/** How an old text became a new one, word by word. Made once for a pair of texts; see {@link carryRange}. */
export interface Alignment {
  readonly old: Words;
  readonly now: Words;
  readonly map: WordMap;
  readonly islands: WordMap;
  /** The new text made ready for looking up passages, when first needed. */
  search(): SearchText;
  /** For each word of the new text the word of the old one it came from, or -1. */
  readonly from: Int32Array;
}

/** Aligns two versions of an article by words, moved passages included. */
export function alignTexts(oldText: string, newText: string): Alignment {
  const lexicon = createLexicon();
  const old = cutWords(oldText, lexicon);
  const now = cutWords(newText, lexicon);
  const all = alignWords(old, now);
  const map = toMap(slideEdges(dropIslands(all, old, now), old, now), old.count);
  pairMoves(map, old, now);
  const from = new Int32Array(now.count).fill(-1);
  const islands = { to: map.to.slice(), near: new Uint8Array(old.count) };
  for (const [x, y] of map.to.entries()) if (y >= 0) from[y] = x;
  for (const run of all)
    for (let k = 0; k < run.n; k++)
      if ((islands.to[run.x + k] as number) < 0 && (from[run.y + k] as number) < 0) islands.to[run.x + k] = run.y + k;
  pairNearWords(map, old, now, lexicon.forms);
  pairNearWords(islands, old, now, lexicon.forms);
  for (const [x, y] of map.to.entries()) if (y >= 0) from[y] = x;
  let search: SearchText | undefined;
  return { old, now, map, islands, from, search: () => (search ??= prepareSearch(now, lexicon)) };
}

/** A passage lives on if so much of its word weight is kept in one cluster ... */
const LEAST_KEPT = 0.4;
/** ... that is not thinned out more than this. */
const LEAST_DENSITY = 0.3;

/** Where [start, end) of the old text stands in the new one (UTF-16 offsets, end exclusive). */
export function carryRange(alignment: Alignment, start: number, end: number): Placement {
  const { old, now, map } = alignment;
  const a0 = wordFrom(old, start);
  const a1 = wordAfter(old, end);
  let remains = remainsOf(old, now, a0, a1, map);
  if (!remains || remains.kept < LEAST_KEPT || remains.density < LEAST_DENSITY) remains = searchFree(alignment, a0, a1);
  if (!remains) return { state: "orphaned" };
  const wider = remainsOf(old, now, a0, a1, alignment.islands);
  if (wider && wider.kept > remains.kept + WIDER && wider.first <= remains.first && wider.last >= remains.last)
    remains = wider;
  const from = now.start[remains.first] as number;
  const to = now.end[remains.last] as number;
  const same = squash(old.text.slice(start, end)) === squash(now.text.slice(from, to));
  return { state: same ? "placed" : "changed", start: from, end: to };
}

/** Words that stand like islands among others count for the extent of a passage if they make so much more of it. */
const WIDER = 0.05;

/** Words of the old text taken along on each side when a passage is looked for anew. */
const SURROUNDINGS = 40;

/** Looks for a passage among the words of the new text that no other words of the old one became. */
function searchFree(alignment: Alignment, a0: number, a1: number): Remains | null {
  const { old, now, from } = alignment;
  const first = Math.max(0, a0 - SURROUNDINGS);
  const words = sliceWords(old, first, Math.min(old.count, a1 + SURROUNDINGS));
  return searchPassage(
    alignment.search(),
    { words, q0: a0 - first, q1: a1 - first, hint: old.start[a0] ?? 0 },
    (found) => {
      let other = 0;
      let all = 0;
      for (let y = found.first; y <= found.last; y++) {
        const x = from[y] as number;
        all += now.weight[y] as number;
        if (x >= 0 && (x < a0 || x >= a1)) other += now.weight[y] as number;
      }
      return other <= TAKEN * all;
    },
  );
}
export const TAKEN = 0.25;

/** Carries passages from one text to another when both are known. */
export function carryAnchors(
  oldText: string,
  newText: string,
  ranges: ReadonlyArray<{ start: number; end: number }>,
): Placement[] {
  const alignment = alignTexts(oldText, newText);
  return ranges.map((range) => carryRange(alignment, range.start, range.end));
}

const squash = (text: string): string => text.replace(/\s+/g, " ").trim();

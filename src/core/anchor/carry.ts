import { alignWords, dropIslands, pairMoves, pairNearWords, slideEdges, toMap } from "./align.ts";
import type { WordMap } from "./align.ts";
import type { Placement } from "./anchor.ts";
import { offsetsOf, remainsOf } from "./passage.ts";
import type { Remains } from "./passage.ts";
import { prepareSearch, searchPassage } from "./quote-search.ts";
import type { SearchText } from "./quote-search.ts";
import { createLexicon, cutWords, sameWords, sliceWords, wordAfter, wordFrom } from "./words.ts";
import type { Words } from "./words.ts";

/** How an old text became a new one, word by word. Made once for a pair of texts; see {@link carryRange}. */
export interface Alignment {
  readonly old: Words;
  readonly now: Words;
  /** What each old word became; moved runs included, chance islands left out. */
  readonly map: WordMap;
  /** The same with the islands: once a passage is found, they tell how far it goes. */
  readonly islands: WordMap;
  /** For each word of the new text the word of the old one it came from, or -1. */
  readonly from: Int32Array;
  /** The new text made ready for looking up passages, when first needed. */
  search(): SearchText;
}

/** Aligns two versions of an article by words, moved passages included. */
export function alignTexts(oldText: string, newText: string): Alignment {
  const lexicon = createLexicon();
  const old = cutWords(oldText, lexicon);
  const now = cutWords(newText, lexicon);
  const runs = alignWords(old, now);
  const map = toMap(slideEdges(dropIslands(runs, old, now), old, now), old.count);
  pairMoves(map, old, now);
  const from = inverted(map.to, now.count);
  const islands: WordMap = { to: map.to.slice(), near: new Uint8Array(old.count) };
  for (const { x, y, n } of runs) {
    for (let k = 0; k < n; k++) {
      if ((islands.to[x + k] as number) < 0 && (from[y + k] as number) < 0) islands.to[x + k] = y + k;
    }
  }
  pairNearWords(map, old, now, lexicon.forms);
  pairNearWords(islands, old, now, lexicon.forms);
  let search: SearchText | undefined;
  return {
    old,
    now,
    map,
    islands,
    from: inverted(map.to, now.count),
    search: () => (search ??= prepareSearch(now, lexicon)),
  };
}

function inverted(to: Int32Array, count: number): Int32Array {
  const from = new Int32Array(count).fill(-1);
  for (let x = 0; x < to.length; x++) if ((to[x] as number) >= 0) from[to[x] as number] = x;
  return from;
}

// Of a passage that was judged by eye to live on half or more is left, of one judged to be gone 15 % or less; between them
// the exact value matters little.
/** A passage lives on if so much of its word weight is kept in one cluster ... */
const LEAST_KEPT = 0.4;
/** ... that is not thinned out more than this. */
const LEAST_DENSITY = 0.3;
/** Words that stand like islands among others count for the extent of a passage if they make so much more of it. */
const WIDER = 0.05;

/**
 * Where [start, end) of the old text stands in the new one (UTF-16 offsets, end exclusive): where its words went, or, if they
 * went nowhere, where they are found again among the words that are new.
 */
export function carryRange(alignment: Alignment, start: number, end: number): Placement {
  const { old, now, map, islands } = alignment;
  const a0 = wordFrom(old, start);
  const a1 = wordAfter(old, end);
  let remains = remainsOf(old, now, a0, a1, map);
  if (!remains || remains.kept < LEAST_KEPT || remains.density < LEAST_DENSITY) remains = searchFree(alignment, a0, a1);
  if (!remains) return { state: "orphaned" };
  if (remains.kept < 1 - WIDER) {
    const wider = remainsOf(old, now, a0, a1, islands);
    const around = wider && wider.first <= remains.first && wider.last >= remains.last;
    if (around && wider.kept > remains.kept + WIDER) remains = wider;
  }
  const range = offsetsOf(old, a0, a1, start, end, now, remains);
  const same = sameWords(old.text.slice(start, end), now.text.slice(range.start, range.end));
  return { state: same ? "placed" : "changed", ...range };
}

/** Words of the old text taken along on each side when a passage is looked for anew. */
const SURROUNDINGS = 40;
/** A place of which so much came from elsewhere in the old text is not the passage. */
const TAKEN = 0.25;

/** Looks for a passage among the words of the new text that no other words of the old one became. */
function searchFree(alignment: Alignment, a0: number, a1: number): Remains | null {
  const { old, now, from } = alignment;
  const first = Math.max(0, a0 - SURROUNDINGS);
  const words = sliceWords(old, first, Math.min(old.count, a1 + SURROUNDINGS));
  const pattern = { words, q0: a0 - first, q1: a1 - first, hint: old.start[a0] ?? 0 };
  return searchPassage(alignment.search(), pattern, (found) => {
    let other = 0;
    let all = 0;
    for (let y = found.first; y <= found.last; y++) {
      const x = from[y] as number;
      all += now.weight[y] as number;
      if (x >= 0 && (x < a0 || x >= a1)) other += now.weight[y] as number;
    }
    return other <= TAKEN * all;
  });
}

/** Carries passages from one text to another when both are known; the answers stand in the order of the ranges. */
export function carryRanges(
  oldText: string,
  newText: string,
  ranges: ReadonlyArray<{ start: number; end: number }>,
): Placement[] {
  const alignment = alignTexts(oldText, newText);
  return ranges.map((range) => carryRange(alignment, range.start, range.end));
}

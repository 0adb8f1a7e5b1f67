import { alignWords, dropIslands, pairMoves, pairNearWords, slideEdges, toMap } from "./align.ts";
import type { WordMap } from "./align.ts";
import { remainsOf } from "./passage.ts";
import type { Placement } from "./anchor.ts";
import { createLexicon, cutWords, wordAfter, wordFrom } from "./words.ts";
import type { Words } from "./words.ts";

/** How an old text became a new one, word by word. Made once for a pair of texts; see {@link carryRange}. */
export interface Alignment {
  readonly old: Words;
  readonly now: Words;
  readonly map: WordMap;
}

/** Aligns two versions of an article by words, moved passages included. */
export function alignTexts(oldText: string, newText: string): Alignment {
  const lexicon = createLexicon();
  const old = cutWords(oldText, lexicon);
  const now = cutWords(newText, lexicon);
  const runs = slideEdges(dropIslands(alignWords(old, now), old, now), old, now);
  const map = toMap(runs, old.count);
  pairMoves(map, old, now);
  pairNearWords(map, old, now, lexicon.forms);
  return { old, now, map };
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
  const remains = remainsOf(old, now, a0, a1, (x) => map.to[x] as number);
  if (!remains || remains.kept < LEAST_KEPT || remains.density < LEAST_DENSITY) return { state: "orphaned" };
  const from = now.start[remains.first] as number;
  const to = now.end[remains.last] as number;
  const same = squash(old.text.slice(start, end)) === squash(now.text.slice(from, to));
  return { state: same ? "placed" : "changed", start: from, end: to };
}

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

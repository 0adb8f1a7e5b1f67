import type * as Y from "yjs";
import type { Anchor, Placement } from "./anchor.ts";
import { BAND, prepareSearch, searchPassage, sight } from "./quote-search.ts";
import type { Pattern, SearchText, Sighting } from "./quote-search.ts";
import { offsetsOf } from "./passage.ts";
import type { Extent } from "./passage.ts";
import { createPositionIndex } from "./relative.ts";
import type { PositionIndex } from "./relative.ts";
import { findVerbatim } from "./verbatim.ts";
import { createLexicon, cutWords, outOfPairs, sameWords, wordAfter, wordFrom } from "./words.ts";

/** One version of the article, made ready to find many anchors in. What is costly is made when first needed. */
export interface AnchorIndex {
  readonly text: string;
  /** Offsets of relative positions; null if the text is not known as a Y.Text. */
  positions(): PositionIndex | null;
  search(): SearchText;
}

/** Built once for each version of the text. `ytext` must hold the very same text; it is read when first needed. */
export function createAnchorIndex(text: string, ytext?: Y.Text): AnchorIndex {
  let positions: PositionIndex | null | undefined = ytext ? undefined : null;
  let search: SearchText | undefined;
  return {
    text,
    positions: () => (positions === undefined ? (positions = createPositionIndex(ytext as Y.Text)) : positions),
    search() {
      if (!search) {
        const lexicon = createLexicon();
        search = prepareSearch(cutWords(text, lexicon), lexicon);
      }
      return search;
    },
  };
}

/**
 * Where an anchor stands in `text`. The relative positions come first, checked by the quote; then the quote alone, with the
 * offsets as a hint. A passage that cannot be found for certain is orphaned. Nothing is written back. `index`, if given, is
 * the index of this very text; it must have been made with the Y.Text for relative positions to be used.
 */
export function resolveAnchor(text: string, anchor: Anchor, index: AnchorIndex = createAnchorIndex(text)): Placement {
  const { exact } = anchor.quote;
  if (exact === "" || text === "") return ORPHANED;
  const range = rangeOf(index, anchor);
  const placement = range ? resolveRange(index, anchor, range) : resolveQuote(index, anchor);
  // another program's quote may begin or end with half a character
  return placement.state === "orphaned"
    ? placement
    : { state: placement.state, ...outOfPairs(text, placement.start, placement.end) };
}

const ORPHANED: Placement = { state: "orphaned" };

interface Range {
  start: number;
  end: number;
}

/** The range between the relative positions; null if there are none or they belong to another document. */
function rangeOf(index: AnchorIndex, anchor: Anchor): Range | null {
  if (anchor.start === undefined || anchor.end === undefined) return null;
  const positions = index.positions();
  if (!positions) return null;
  const start = positions.offsetOf(anchor.start);
  const end = positions.offsetOf(anchor.end);
  return start === null || end === null ? null : { start, end };
}

/**
 * Between its relative positions a passage is the same one if so much of it is left. Less than a third may as well be a
 * few common words in a text written anew.
 */
const LEAST_IN_PLACE = 0.34;
/** If less than this is left in place, a place where it stands whole is looked for: it was cut out and put elsewhere. */
const CERTAIN_IN_PLACE = 0.6;

function resolveRange(index: AnchorIndex, anchor: Anchor, range: Range): Placement {
  const { text } = index;
  const { exact } = anchor.quote;
  const { start, end } = range;
  if (end - start === exact.length && text.startsWith(exact, start)) return { state: "placed", start, end };
  if (start < end && sameWords(text.slice(start, end), exact)) return { state: "placed", start, end };
  // After undo what was deleted is back, but as new characters: beside the range, or where it was.
  const again = standsAt(text, anchor, Math.min(start, end), Math.max(start, end));
  if (again >= 0) return { state: "placed", start: again, end: again + exact.length };
  const pattern = patternOf(index, anchor, start);
  const here = start < end ? sightAround(index.search(), pattern, start, end) : null;
  if (!here || here.kept < CERTAIN_IN_PLACE) {
    const elsewhere = searchAnchor(index, anchor, pattern);
    if (elsewhere.state === "placed" || !here || here.kept < LEAST_IN_PLACE) return elsewhere;
  }
  // Words written in the place of the first or last ones belong to the passage: the relative positions enclose them.
  const { words } = index.search();
  const first = wordFrom(words, start);
  const last = wordAfter(words, end) - 1;
  const replacedBefore = first < here.first && here.first - first <= here.lostBefore;
  const replacedAfter = last > here.last && last - here.last <= here.lostAfter;
  return placementOf(index, anchor, pattern, {
    ...here,
    first: replacedBefore ? first : here.first,
    last: replacedAfter ? last : here.last,
  });
}
/** What is left of the passage in a range, and beside it as far as it goes on there without a break. */
function sightAround(search: SearchText, pattern: Pattern, start: number, end: number): Sighting | null {
  const { words } = search;
  const first = wordFrom(words, start);
  const last = wordAfter(words, end);
  const grown = last - first - (pattern.q1 - pattern.q0);
  const found = sight(
    search,
    pattern,
    first - pattern.q0 + Math.min(0, grown) - BAND,
    first - pattern.q0 + Math.max(0, grown) + BAND,
  );
  return found && found.first < last && found.last >= first ? found : null;
}

/** Code units of context that must be the same on each side for a deleted passage to be taken as put back. */
const PUT_BACK = 8;
/** So many places are tried; a text may be made of one letter. */
const TRIES = 20;

/** The offset where the quote stands letter by letter, touching [from, to] and between its old neighbours; -1 if it does not. */
function standsAt(text: string, anchor: Anchor, from: number, to: number): number {
  const { exact, prefix, suffix } = anchor.quote;
  const near = text.slice(Math.max(0, from - exact.length), to + exact.length);
  const shift = Math.max(0, from - exact.length);
  for (let at = near.indexOf(exact), n = 0; at >= 0 && n < TRIES; at = near.indexOf(exact, at + 1), n++) {
    const before = sameBefore(text, shift + at, prefix) >= Math.min(PUT_BACK, prefix.length);
    const after = sameAfter(text, shift + at + exact.length, suffix) >= Math.min(PUT_BACK, suffix.length);
    if (before && after) return shift + at;
  }
  return -1;
}

function resolveQuote(index: AnchorIndex, anchor: Anchor): Placement {
  const { text } = index;
  const { exact, prefix, suffix } = anchor.quote;
  const { start } = anchor.position;
  const end = start + exact.length;
  if (text.startsWith(exact, start) && text.startsWith(suffix, end) && text.startsWith(prefix, start - prefix.length)) {
    return { state: "placed", start, end };
  }
  return searchAnchor(index, anchor, patternOf(index, anchor, start));
}

function searchAnchor(index: AnchorIndex, anchor: Anchor, pattern: Pattern): Placement {
  const first = findVerbatim(index.search(), pattern);
  if (first >= 0) {
    const last = first + pattern.q1 - pattern.q0 - 1;
    return placementOf(index, anchor, pattern, { first, last, lostBefore: 0, lostAfter: 0 });
  }
  const found = searchPassage(index.search(), pattern);
  return found ? placementOf(index, anchor, pattern, found) : ORPHANED;
}

function patternOf(index: AnchorIndex, anchor: Anchor, hint: number): Pattern {
  const { prefix, exact, suffix } = anchor.quote;
  const words = cutWords(prefix + exact + suffix, index.search().lexicon);
  return { words, q0: wordFrom(words, prefix.length), q1: wordAfter(words, prefix.length + exact.length), hint };
}

function placementOf(index: AnchorIndex, anchor: Anchor, { words, q0, q1 }: Pattern, extent: Extent): Placement {
  const start = anchor.quote.prefix.length;
  const end = start + anchor.quote.exact.length;
  const range = offsetsOf(words, q0, q1, start, end, index.search().words, extent);
  const same = sameWords(index.text.slice(range.start, range.end), anchor.quote.exact);
  return { state: same ? "placed" : "changed", ...range };
}

/** How many code units before `at` are the same as at the end of `prefix`. */
function sameBefore(text: string, at: number, prefix: string): number {
  let n = 0;
  while (n < prefix.length && n < at && text.charCodeAt(at - 1 - n) === prefix.charCodeAt(prefix.length - 1 - n)) n++;
  return n;
}

/** How many code units from `at` on are the same as at the start of `suffix`. */
function sameAfter(text: string, at: number, suffix: string): number {
  let n = 0;
  while (n < suffix.length && at + n < text.length && text.charCodeAt(at + n) === suffix.charCodeAt(n)) n++;
  return n;
}

/** Places all anchors; the answers stand in the order of the anchors. */
export function resolveAll(index: AnchorIndex, anchors: readonly Anchor[]): Placement[] {
  return anchors.map((anchor) => resolveAnchor(index.text, anchor, index));
}

/** Anchors placed bit by bit, so that nothing blocks for long. */
export interface SlicedResolver {
  /** Works for about `budgetMs` by the clock `now` (milliseconds); true once all are placed. */
  step(budgetMs: number, now: () => number): boolean;
  /** The placements so far, in the order of the anchors. */
  readonly placements: readonly Placement[];
}

export function createSlicedResolver(index: AnchorIndex, anchors: readonly Anchor[]): SlicedResolver {
  const placements: Placement[] = [];
  return {
    placements,
    step(budgetMs, now) {
      const until = now() + budgetMs;
      while (placements.length < anchors.length) {
        placements.push(resolveAnchor(index.text, anchors[placements.length] as Anchor, index));
        if (now() >= until) break;
      }
      return placements.length === anchors.length;
    },
  };
}

import { alignWords, dropIslands, pairNearWords, toMap } from "./align.ts";
import { GRAM, indexGrams } from "./gram-index.ts";
import type { GramIndex } from "./gram-index.ts";
import { alignLocally } from "./local-align.ts";
import { remainsOf } from "./passage.ts";
import type { Remains } from "./passage.ts";
import type { Lexicon, Words } from "./words.ts";
import { sliceWords } from "./words.ts";

/** A text made ready for looking up passages. */
export interface SearchText {
  readonly words: Words;
  readonly lexicon: Lexicon;
  readonly grams: GramIndex;
}

export function prepareSearch(words: Words, lexicon: Lexicon): SearchText {
  return { words, lexicon, grams: indexGrams(words) };
}

/** What is looked for: words [q0, q1) of `words`, the others being its surroundings; all cut with the text's lexicon. */
export interface Pattern {
  readonly words: Words;
  readonly q0: number;
  readonly q1: number;
  /** Where it stood, a UTF-16 offset: of places equally good the nearest is taken. */
  readonly hint: number;
}

// Measured on real histories of scholarly articles; about each value F1 is flat within 0.2 points unless said otherwise.
/** Less than this share of a passage's weight is not the passage. */
export const LEAST_KEPT = 0.4;
/** A passage drowned in more other words than this (share of its own weight in the place) is not the passage. */
export const LEAST_DENSITY = 0.33;
/**
 * Weight that makes a match believed, the passage's own and that of the words around it taken together: some eight letters of
 * rare words. At 5 three times as many deleted passages are put on other text, at 12 twice as many living ones are lost.
 */
export const LEAST_EVIDENCE = 8;
/** What one more missing word takes from the word of the surroundings beyond it. */
const NEARNESS = 0.85;
/** Words of the surroundings that are looked at on each side: about as many as an anchor carries. */
const REACH = 16;
/** More weight of its own (about a sentence) does not make one place better than another; the surroundings then choose. */
const ENOUGH = 20;

/** Runs that stand more often than this are no lead. */
const COMMON = 60;
/** Leads are followed up for so many places: with three half a point is lost, with ten nothing is won. */
const PLACES = 6;
/** Leads whose diagonals differ by so many words belong to one place ... */
const SPREAD = 8;
/** ... and a place is looked at with so many words more on each side, and a quarter of the pattern. */
const SLACK = 12;
/** A place with so many times fewer leads than the best is none. */
const FAINT = 16;
/** Diagonals that are looked at on each side of a place: insertions and deletions that leave no run of three words. */
export const BAND = 16;
/** So many cells (a third of a millisecond) are aligned one by one. */
const MANY_CELLS = 60_000;
/** A place with fewer leads than this share of the best is not looked at any more once the passage is found whole. */
const HOPELESS = 0.5;

/** What was found, and how much weight of the surroundings stands around it. */
export interface Sighting extends Remains {
  support: number;
}

/**
 * Looks for a passage in a text by its words: runs of three words lead to places, each place is aligned word by word with
 * passage and surroundings, and the best is believed only if its length and its surroundings carry it. `isFree` may refuse
 * what is known to be something else.
 */
export function searchPassage(
  text: SearchText,
  pattern: Pattern,
  isFree?: (found: Remains) => boolean,
): Sighting | null {
  if (pattern.q0 >= pattern.q1) return null;
  let best: Sighting | null = null;
  let bestScore = 0;
  let bestVotes = 0;
  for (const place of leads(text, pattern.words)) {
    if (best && best.kept > 0.95 && place.votes < HOPELESS * bestVotes) break;
    const found = sight(text, pattern, place.low - BAND, place.high + BAND);
    if (!found || found.kept < LEAST_KEPT || found.density < LEAST_DENSITY || (isFree && !isFree(found))) continue;
    if (found.kept * found.weight + found.support < LEAST_EVIDENCE) continue;
    const far = Math.abs((text.words.start[found.first] as number) - pattern.hint) / (text.words.text.length + 1);
    const score = found.kept * Math.min(found.weight, ENOUGH) + found.support - far;
    if (!best || score > bestScore) [best, bestScore, bestVotes] = [found, score, place.votes];
  }
  return best;
}

/** What is left of a passage along diagonals `low` to `high` (word of the text minus word of the pattern), believed or not. */
export function sight(text: SearchText, pattern: Pattern, low: number, high: number): Sighting | null {
  const { words, q0, q1 } = pattern;
  const cells = words.count * (high - low + 1);
  const to = cells <= MANY_CELLS ? alignLocally(words, text.words, low, high) : alignLong(words, text.words, low, high);
  const map = { to, near: new Uint8Array(words.count) };
  pairNearWords(map, words, text.words, text.lexicon.forms);
  const found = remainsOf(words, text.words, q0, q1, map);
  return found && { ...found, support: supportOf(pattern, map.to, found) };
}

/** The same for a long passage with much put in or taken out: runs first, then the gaps. */
function alignLong(pattern: Words, text: Words, low: number, high: number): Int32Array {
  const from = Math.max(0, low);
  const window = sliceWords(text, from, Math.min(text.count, high + pattern.count));
  const { to } = toMap(dropIslands(alignWords(pattern, window), pattern, window), pattern.count);
  for (let k = 0; k < to.length; k++) if ((to[k] as number) >= 0) to[k] = (to[k] as number) + from;
  return to;
}

/** Weight of the words next to the passage that stand next to what was found, the nearer the more. */
function supportOf({ words, q0, q1 }: Pattern, to: Int32Array, found: Remains): number {
  let support = 0;
  for (const step of [-1, 1]) {
    let last = step < 0 ? found.first : found.last;
    let trust = 1;
    let k = step < 0 ? q0 - 1 : q1;
    for (let n = 0; n < REACH && k >= 0 && k < words.count; n++, k += step) {
      const y = to[k] as number;
      const skipped = (y - last) * step - 1;
      if (y >= 0 && skipped >= 0) {
        trust *= NEARNESS ** skipped;
        support += (words.weight[k] as number) * trust;
        last = y;
      } else trust *= NEARNESS;
    }
  }
  return support;
}

/** A place of the text: a span of diagonals with the number of leads on them. */
interface Place {
  low: number;
  high: number;
  votes: number;
}

/** Places of the text where runs of the pattern stand, those with most leads first. */
function leads(text: SearchText, pattern: Words): Place[] {
  const hits: number[] = [];
  const ids = pattern.id;
  for (let k = 0; k + GRAM <= pattern.count; k++) {
    const [a, b, c] = [ids[k] as number, ids[k + 1] as number, ids[k + 2] as number];
    let n = 0;
    for (let y = text.grams.first(a, b, c); y >= 0 && n < COMMON; y = text.grams.next(y)) {
      if (text.words.id[y] !== a || text.words.id[y + 1] !== b || text.words.id[y + 2] !== c) continue;
      hits.push(y - k);
      n++;
    }
  }
  const diagonals = Int32Array.from(hits).sort();
  const spread = SPREAD + (pattern.count >> 3);
  const spans: Place[] = [];
  for (const diagonal of diagonals) {
    const last = spans[spans.length - 1];
    if (last && diagonal - last.high <= spread) {
      last.high = diagonal;
      last.votes++;
    } else spans.push({ low: diagonal, high: diagonal, votes: 1 });
  }
  const slack = 2 * SLACK + pattern.count;
  const places = spans
    .sort((p, q) => q.votes - p.votes)
    .slice(0, PLACES)
    .filter((span, _, all) => span.votes * FAINT >= (all[0] as Place).votes)
    .sort((p, q) => p.low - q.low);
  const out: Place[] = [];
  for (const place of places) {
    const last = out[out.length - 1];
    if (last && place.low - last.high <= slack) {
      last.high = Math.max(last.high, place.high);
      last.votes += place.votes;
    } else out.push(place);
  }
  return out.sort((p, q) => q.votes - p.votes);
}

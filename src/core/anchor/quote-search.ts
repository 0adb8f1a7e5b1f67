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

// Measured on 1,318 quotes of real histories, found by the quote alone (recall 99.1 %, ghosts 1.2 %, F1 99.3 %), one value at
// a time. A value without figures made no difference between half and double; it is there for cases the histories lack.
/** Less than this share of a passage's weight is not the passage. At 0.5 recall 98.6 %, at 0.3 more ghosts of made-up edits. */
const LEAST_KEPT = 0.4;
/** A passage drowned in more other words than this (share of its own weight in the place) is not the passage. */
const LEAST_DENSITY = 0.33;
/**
 * Weight that makes a match believed, the passage's own and that of the words around it taken together: about two dozen
 * letters. The choice between notes lost and notes misplaced is made here: at 5 recall 99.3 % and ghosts 4.3 %, at 9 98.8 % and
 * 1.2 %, at 12 97.7 % and 0.6 %. On made-up edits ghosts fall from 4.8 % at 8 to 3.1 % at 9 and 0.9 % at 12.
 */
const LEAST_EVIDENCE = 8;
/** A passage of this weight (a clause) proves itself without any surroundings. */
export const PROOF = 12;
/** What one more missing word takes from the word of the surroundings beyond it. At 0.7 recall 98.3 %, at 0.95 ghosts 2.2 %. */
const NEARNESS = 0.85;
/** Words of the surroundings looked at on each side, about as many as an anchor carries. With 8 recall 98.2 %, 24 are no better. */
const REACH = 16;
/** More weight of its own (about a sentence) does not make one place better than another; the surroundings then choose. */
const ENOUGH = 20;

/** The way from the old place, as a share of the text, only decides between places that are equal otherwise. */
const NEARER = 0.2;
/** A passage of which this share is kept is there; of one that is there in part ... */
const WHOLE = 0.95;
/** ... two places that differ by less than this are none: an item of a list whose own words are gone is not the next item. */
const DOUBT = 2;

/** Runs that stand more often than this are no lead. */
const COMMON = 60;
/** Of a very long pattern so many runs are looked up, evenly spread. */
const MOST_RUNS = 600;
/** Leads are followed up for so many places: more find nothing more but some ghosts of made-up edits. */
const PLACES = 3;
/** Leads whose diagonals differ by so many words belong to one place ... */
const SPREAD = 8;
/** ... and places whose diagonals differ by less than the pattern and twice this may be one passage that was parted. */
const SLACK = 12;
/** A place with so many times fewer leads than the best is none. */
const FAINT = 16;
/** Diagonals that are looked at on each side of a place: insertions and deletions that leave no run of three words. */
export const BAND = 16;
/** So many cells (a tenth of a millisecond) are aligned one by one. */
const MANY_CELLS = 20_000;
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
  let second = 0;
  let bestVotes = 0;
  for (const place of leads(text, pattern.words)) {
    if (best && best.kept > WHOLE && place.votes < HOPELESS * bestVotes) break;
    let found = sight(text, pattern, place.low - BAND, place.high + BAND);
    if (!found || found.kept < LEAST_KEPT) found = sightAlone(text, pattern, place.low - BAND, place.high + BAND);
    if (!found || found.kept < LEAST_KEPT || found.density < LEAST_DENSITY || (isFree && !isFree(found))) continue;
    if (found.kept * found.weight + found.support < LEAST_EVIDENCE) continue;
    const far = Math.abs((text.words.start[found.first] as number) - pattern.hint) / (text.words.text.length + 1);
    const score = found.kept * (Math.min(found.weight, ENOUGH) + found.support) - NEARER * far;
    const other = best !== null && (found.first > best.last || found.last < best.first);
    if (!best || score > bestScore) {
      if (other) second = Math.max(second, bestScore);
      [best, bestScore, bestVotes] = [found, score, place.votes];
    } else if (other) second = Math.max(second, score);
  }
  return best && best.kept < WHOLE && second > bestScore - DOUBT ? null : best;
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

/**
 * The same without the surroundings, which may have held the alignment back where they still stand when the passage was moved
 * not far. It must then prove itself.
 */
function sightAlone(text: SearchText, { words, q0, q1, hint }: Pattern, low: number, high: number): Sighting | null {
  let weight = 0;
  for (let k = q0; k < q1; k++) weight += words.weight[k] as number;
  if (weight < PROOF) return null;
  const alone = { words: sliceWords(words, q0, q1), q0: 0, q1: q1 - q0, hint };
  const found = sight(text, alone, low + q0, high + q0);
  return found && found.kept * found.weight >= PROOF ? found : null;
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

/** A place of the text: a span of diagonals and the leads on them, a run that stands n times counting 1/n. */
interface Place {
  low: number;
  high: number;
  votes: number;
}

/** Places of the text where runs of the pattern stand, those with most leads first. */
function leads(text: SearchText, pattern: Words): Place[] {
  // A hit is a diagonal, and in its last digits how many hits its run has: sorted as one number.
  const hits: number[] = [];
  const ids = pattern.id;
  const stride = Math.ceil(pattern.count / MOST_RUNS);
  for (let k = 0; k + GRAM <= pattern.count; k += stride) {
    const [a, b, c] = [ids[k] as number, ids[k + 1] as number, ids[k + 2] as number];
    const from = hits.length;
    for (let y = text.grams.first(a, b, c); y >= 0 && hits.length - from < COMMON; y = text.grams.next(y)) {
      if (text.words.id[y] !== a || text.words.id[y + 1] !== b || text.words.id[y + 2] !== c) continue;
      hits.push((y - k) * (COMMON + 1));
    }
    for (let at = from; at < hits.length; at++) hits[at] = (hits[at] as number) + hits.length - from;
  }
  const spread = SPREAD + (pattern.count >> 3);
  const spans: Place[] = [];
  for (const hit of Float64Array.from(hits).sort()) {
    const diagonal = Math.floor((hit - 1) / (COMMON + 1));
    const vote = 1 / (hit - diagonal * (COMMON + 1));
    const last = spans[spans.length - 1];
    if (last && diagonal - last.high <= spread) {
      last.high = diagonal;
      last.votes += vote;
    } else spans.push({ low: diagonal, high: diagonal, votes: vote });
  }
  const slack = 2 * SLACK + pattern.count;
  const places = spans
    .sort((p, q) => q.votes - p.votes)
    .slice(0, PLACES)
    .filter((span, _, all) => span.votes * FAINT >= (all[0] as Place).votes)
    .sort((p, q) => p.low - q.low);
  // Places that are near each other may be one passage that was parted, or several: looked at together and one by one.
  const out: Place[] = [];
  for (let k = 0; k < places.length;) {
    const parted = { ...(places[k] as Place) };
    let next = k + 1;
    for (; next < places.length && (places[next] as Place).low - parted.high <= slack; next++) {
      parted.high = Math.max(parted.high, (places[next] as Place).high);
      parted.votes += (places[next] as Place).votes;
    }
    if (next > k + 1) out.push(parted);
    out.push(...places.slice(k, next));
    k = next;
  }
  return out.sort((p, q) => q.votes - p.votes);
}

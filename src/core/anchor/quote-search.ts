import { alignWords, dropIslands, pairNearWords, toMap } from "./align.ts";
import type { Anchor } from "./anchor.ts";
import { GRAM, indexGrams } from "./gram-index.ts";
import type { GramIndex } from "./gram-index.ts";
import { remainsOf } from "./passage.ts";
import type { Remains } from "./passage.ts";
import { cutWords, wordAfter, wordFrom } from "./words.ts";
import type { Lexicon, Words } from "./words.ts";

/** A text made ready for looking up quotes. */
export interface SearchText {
  readonly words: Words;
  readonly lexicon: Lexicon;
  readonly grams: GramIndex;
}

export function prepareSearch(words: Words, lexicon: Lexicon): SearchText {
  return { words, lexicon, grams: indexGrams(words) };
}

/** A quote found: [start, end) in UTF-16 offsets; `exact` if nothing but white space differs. */
export interface Found {
  start: number;
  end: number;
  exact: boolean;
}

/** Runs that stand more often than this are no lead. */
const COMMON = 60;
/** Leads are followed up for so many places. */
const PLACES = 4;

/**
 * Looks for the quote of an anchor in a text by its words: runs of three words lead to places, each place is aligned word by
 * word with quote and surroundings, and the best is believed only if its length and its surroundings carry it.
 */
export function searchQuote(text: SearchText, anchor: Anchor, hint = anchor.position.start): Found | null {
  const { prefix, exact, suffix } = anchor.quote;
  const whole = prefix + exact + suffix;
  const pattern = cutWords(whole, text.lexicon);
  const q0 = wordFrom(pattern, prefix.length);
  const q1 = wordAfter(pattern, prefix.length + exact.length);
  if (q0 >= q1) return null;
  let best: { score: number; found: Remains; map: Int32Array } | null = null;
  for (const diagonal of leads(text, pattern)) {
    const slack = 12 + (pattern.count >> 2);
    const y0 = Math.max(0, diagonal.low - slack);
    const y1 = Math.min(text.words.count, diagonal.high + pattern.count + slack);
    const window = slice(text.words, y0, y1);
    const map = toMap(dropIslands(alignWords(pattern, window), pattern, window), pattern.count);
    pairNearWords(map, pattern, window, text.lexicon.forms);
    const found = remainsOf(pattern, window, q0, q1, (x) => map.to[x] as number);
    if (!found || found.density < 0.35) continue;
    const support = supportOf(pattern, map.to, q0, q1, found);
    // Short quotes need their surroundings; from about a clause on (weight 12) half of the words are proof enough.
    const own = found.kept * found.kept * Math.min(1, found.weight / 12);
    const total = own + 0.5 * support;
    if (found.kept < 0.45 || total < 0.5) continue;
    const far = Math.abs((window.start[found.first] as number) - hint) / (text.words.text.length + 1);
    const score = found.weight + 6 * support - far;
    if (!best || score > best.score)
      best = { score, found: { ...found, first: found.first + y0, last: found.last + y0 }, map: map.to };
  }
  if (!best) return null;
  const start = text.words.start[best.found.first] as number;
  const end = text.words.end[best.found.last] as number;
  return { start, end, exact: bare(text.words.text.slice(start, end)) === bare(exact) };
}

/** How far the words next to the quote stand next to what was found: 0 to 1, half for each side; the nearest count most. */
function supportOf(pattern: Words, to: Int32Array, q0: number, q1: number, found: Remains): number {
  let support = 0;
  for (const [from, step, edge] of [
    [q0 - 1, -1, found.first],
    [q1, 1, found.last],
  ] as const) {
    let sum = 0;
    let all = 0;
    for (let k = from, n = 0; k >= 0 && k < pattern.count && n < 8; k += step, n++) {
      const weight = (pattern.weight[k] as number) * 0.8 ** n;
      all += weight;
      const y = to[k] as number;
      if (y >= 0 && Math.abs(y - edge) <= n + 4) sum += weight;
    }
    if (all > 0) support += (sum / all) * 0.5;
  }
  return support;
}

/** Places where runs of the pattern stand, as spans of diagonals (word of the text minus word of the pattern), best first. */
function leads(text: SearchText, pattern: Words): Array<{ low: number; high: number; votes: number }> {
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
  hits.sort((p, q) => p - q);
  const spread = 8 + (pattern.count >> 3);
  const out: Array<{ low: number; high: number; votes: number }> = [];
  for (const hit of hits) {
    const last = out[out.length - 1];
    if (last && hit - last.high <= spread) {
      last.high = hit;
      last.votes++;
    } else out.push({ low: hit, high: hit, votes: 1 });
  }
  return out.sort((p, q) => q.votes - p.votes).slice(0, PLACES);
}

/** Words [from, to) of a text as words of their own. */
function slice(words: Words, from: number, to: number): Words {
  return {
    text: words.text,
    count: to - from,
    start: words.start.subarray(from, to),
    end: words.end.subarray(from, to),
    id: words.id.subarray(from, to),
    weight: words.weight.subarray(from, to),
  };
}

/** Text without its white space. */
export function bare(text: string): string {
  return text.replace(/\s+/g, "");
}

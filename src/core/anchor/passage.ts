import type { WordMap } from "./align.ts";
import { splitsPair } from "./words.ts";
import type { Words } from "./words.ts";

/**
 * A word that is only nearly the same counts half: a phrase of which nothing else is left is not found by a likeness. Counted
 * whole, a quarter more ghosts.
 */
const NEARLY = 0.5;
/**
 * A hole as long as three quarters of the passage parts two clusters (half as long costs 0.3 points of F1, twice as long 0.2);
 * a phrase may take in a few words in any case.
 */
const HOLE = 0.75;
const LEAST_HOLE = 6;

/** What is left of a passage: the words of the new text from `first` to `last` (inclusive) hold `kept` of its weight. */
export interface Remains {
  first: number;
  last: number;
  /** Share of the passage's word weight that stands in this cluster, 0 to 1. */
  kept: number;
  /** Share of the cluster's own weight that comes from the passage, 0 to 1. */
  density: number;
  /** Words of the passage lost before the first one kept, and after the last one. */
  lostBefore: number;
  lostAfter: number;
  /** Weight kept, in units of {@link Words.weight}. */
  weight: number;
}

/**
 * The heaviest dense cluster of the kept words of a passage, words [a0, a1) of `a`; null if nothing is kept.
 * Words that are only nearly equal count half.
 */
export function remainsOf(a: Words, b: Words, a0: number, a1: number, map: WordMap): Remains | null {
  const whole = wholeOf(a, a0, a1, map);
  if (whole) return whole;
  const pairs: Pair[] = [];
  let total = 0;
  for (let x = a0; x < a1; x++) {
    total += a.weight[x] as number;
    const y = map.to[x] as number;
    if (y >= 0) pairs.push({ x, y, weight: (a.weight[x] as number) * (map.near[x] === 1 ? NEARLY : 1) });
  }
  if (pairs.length === 0 || total === 0) return null;
  pairs.sort((p, q) => p.y - q.y);
  const hole = Math.max(LEAST_HOLE, Math.round((a1 - a0) * HOLE));
  let heaviest = 0;
  let cluster: Pair[] = [];
  for (let from = 0, k = 1; k <= pairs.length; k++) {
    if (k < pairs.length && (pairs[k] as Pair).y - (pairs[k - 1] as Pair).y <= hole) continue;
    const candidate = pairs.slice(from, k);
    const weight = candidate.reduce((sum, pair) => sum + pair.weight, 0);
    if (weight > heaviest) [heaviest, cluster] = [weight, candidate];
    from = k;
  }
  const first = (cluster[0] as Pair).y;
  const last = (cluster[cluster.length - 1] as Pair).y;
  let mass = 0;
  for (let y = first; y <= last; y++) mass += b.weight[y] as number;
  let [x0, x1] = [a1, a0];
  for (const { x } of cluster) {
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
  }
  return {
    first,
    last,
    weight: heaviest,
    kept: heaviest / total,
    density: heaviest / mass,
    lostBefore: x0 - a0,
    lostAfter: a1 - 1 - x1,
  };
}

/** The common case: every word is kept, one after the other. */
function wholeOf(a: Words, a0: number, a1: number, map: WordMap): Remains | null {
  const first = map.to[a0] ?? -1;
  if (first < 0) return null;
  let weight = 0;
  for (let x = a0; x < a1; x++) {
    if (map.to[x] !== first + x - a0 || map.near[x] === 1) return null;
    weight += a.weight[x] as number;
  }
  return { first, last: first + a1 - a0 - 1, weight, kept: 1, density: 1, lostBefore: 0, lostAfter: 0 };
}

/** A word of the passage and its word in the new text. */
interface Pair {
  x: number;
  y: number;
  weight: number;
}

/** Which words of a new text a passage became; see {@link Remains}. */
export type Extent = Pick<Remains, "first" | "last" | "lostBefore" | "lostAfter">;

/**
 * The offsets in `b` of a passage [start, end) of `a`, its words being [a0, a1). A passage that began or ended inside a word
 * does so again.
 */
export function offsetsOf(
  a: Words,
  a0: number,
  a1: number,
  start: number,
  end: number,
  b: Words,
  extent: Extent,
): { start: number; end: number } {
  let from = b.start[extent.first] as number;
  let to = b.end[extent.last] as number;
  const before = start - (a.start[a0] as number);
  const after = (a.end[a1 - 1] as number) - end;
  if (before > 0 && extent.lostBefore === 0 && from + before < (b.end[extent.first] as number)) {
    if (!splitsPair(b.text, from + before)) from += before;
  }
  if (after > 0 && extent.lostAfter === 0 && to - after > Math.max(from, b.start[extent.last] as number)) {
    if (!splitsPair(b.text, to - after)) to -= after;
  }
  return { start: from, end: to };
}

import type { WordMap } from "./align.ts";
import type { Words } from "./words.ts";

/** A word that is only nearly the same counts half: a phrase of which nothing else is left is not found by a likeness. */
const NEARLY = 0.5;
/**
 * A hole as long as three quarters of the passage parts two clusters (twice as long costs half a point of F1); a phrase may
 * take in a few words in any case.
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
  /** Weight kept, in units of {@link Words.weight}. */
  weight: number;
}

/**
 * The heaviest dense cluster of the kept words of a passage, words [a0, a1) of `a`; null if nothing is kept.
 * Words that are only nearly equal count half.
 */
export function remainsOf(a: Words, b: Words, a0: number, a1: number, map: WordMap): Remains | null {
  const pairs: Array<{ x: number; y: number }> = [];
  let total = 0;
  for (let x = a0; x < a1; x++) {
    total += a.weight[x] as number;
    const y = map.to[x] as number;
    if (y >= 0) pairs.push({ x, y });
  }
  if (pairs.length === 0 || total === 0) return null;
  pairs.sort((p, q) => p.y - q.y);
  const hole = Math.max(LEAST_HOLE, Math.round((a1 - a0) * HOLE));
  let best: Remains | null = null;
  let from = 0;
  for (let k = 1; k <= pairs.length; k++) {
    if (k < pairs.length && (pairs[k] as { y: number }).y - (pairs[k - 1] as { y: number }).y <= hole) continue;
    let weight = 0;
    for (let at = from; at < k; at++) {
      const { x } = pairs[at] as { x: number };
      weight += (a.weight[x] as number) * (map.near[x] === 1 ? NEARLY : 1);
    }
    if (!best || weight > best.weight) {
      best = {
        first: (pairs[from] as { y: number }).y,
        last: (pairs[k - 1] as { y: number }).y,
        weight,
        kept: weight / total,
        density: 0,
      };
    }
    from = k;
  }
  if (best) {
    let mass = 0;
    for (let y = best.first; y <= best.last; y++) mass += b.weight[y] as number;
    best.density = mass > 0 ? best.weight / mass : 0;
  }
  return best;
}

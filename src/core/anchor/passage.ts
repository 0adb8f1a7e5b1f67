import type { Words } from "./words.ts";

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
 * `to[k]` is the word of `b` for word `a0 + k`, or -1.
 */
export function remainsOf(a: Words, b: Words, a0: number, a1: number, to: (x: number) => number): Remains | null {
  const pairs: Array<{ x: number; y: number }> = [];
  let total = 0;
  for (let x = a0; x < a1; x++) {
    total += a.weight[x] as number;
    const y = to(x);
    if (y >= 0) pairs.push({ x, y });
  }
  if (pairs.length === 0 || total === 0) return null;
  pairs.sort((p, q) => p.y - q.y);
  // A hole as long as three quarters of the passage parts two clusters; a phrase may take in a few words in any case.
  const hole = Math.max(6, Math.round((a1 - a0) * 0.75));
  let best: Remains | null = null;
  let from = 0;
  for (let k = 1; k <= pairs.length; k++) {
    if (k < pairs.length && (pairs[k] as { y: number }).y - (pairs[k - 1] as { y: number }).y <= hole) continue;
    let weight = 0;
    for (let at = from; at < k; at++) weight += a.weight[(pairs[at] as { x: number }).x] as number;
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

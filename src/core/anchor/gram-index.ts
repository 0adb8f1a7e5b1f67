import type { Words } from "./words.ts";

/** Words in a run that is looked up: two are too common, four miss too much between edits. */
export const GRAM = 3;

/** Where in a text each run of three words stands. */
export interface GramIndex {
  /** First place (a word number) of the run of the three words, or -1. May be another run with the same hash: compare. */
  first(a: number, b: number, c: number): number;
  /** Next place with the same hash after `place`, or -1. */
  next(place: number): number;
}

export function indexGrams(words: Words): GramIndex {
  const runs = Math.max(0, words.count - GRAM + 1);
  let size = 64;
  while (size < runs * 2) size *= 2;
  const heads = new Int32Array(size).fill(-1);
  const nexts = new Int32Array(runs);
  // From the back, so that the chains run forward through the text.
  for (let k = runs - 1; k >= 0; k--) {
    const slot = hash(words.id[k] as number, words.id[k + 1] as number, words.id[k + 2] as number) & (size - 1);
    nexts[k] = heads[slot] as number;
    heads[slot] = k;
  }
  return {
    first: (a, b, c) => heads[hash(a, b, c) & (size - 1)] as number,
    next: (place) => nexts[place] as number,
  };
}

function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15) ^ (b + 1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ (c + 1), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

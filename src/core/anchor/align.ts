import type { Words } from "./words.ts";
import { isNearWord } from "./near-words.ts";

/** A run of `n` words that stands at word `x` of the one text and at word `y` of the other. */
export interface Run {
  x: number;
  y: number;
  n: number;
}

/**
 * Up to so many cells a gap is aligned cell by cell. Larger ones are first parted at runs that are unique on both sides: the
 * heaviest subsequence alone takes one item of a list for the next one.
 */
const SMALL_GAP = 400;
/** Where no run is unique, a gap of up to so many cells is still aligned cell by cell: ten times longer, and rare. */
const LAST_RESORT = 1_500_000;
/** Lengths of the runs that must be unique on both sides, tried in turn. */
const RUN_LENGTHS = [6, 3, 1];

/**
 * Aligns words [x0, x1) of `a` with words [y0, y1) of `b`, in order: first what is equal at both ends, then runs unique on
 * both sides in their longest rising chain, then the same between them; small gaps by the heaviest common subsequence.
 * Both must be cut with one lexicon. Runs come back in order and never touch on both sides.
 */
export function alignWords(a: Words, b: Words, x0 = 0, x1 = a.count, y0 = 0, y1 = b.count): Run[] {
  const runs: Run[] = [];
  alignGap(a, b, x0, x1, y0, y1, 0, runs);
  return joinRuns(runs);
}

function alignGap(a: Words, b: Words, x0: number, x1: number, y0: number, y1: number, level: number, out: Run[]): void {
  let head = 0;
  while (x0 + head < x1 && y0 + head < y1 && a.id[x0 + head] === b.id[y0 + head]) head++;
  if (head > 0) out.push({ x: x0, y: y0, n: head });
  x0 += head;
  y0 += head;
  let tail = 0;
  while (x1 - tail > x0 && y1 - tail > y0 && a.id[x1 - tail - 1] === b.id[y1 - tail - 1]) tail++;
  x1 -= tail;
  y1 -= tail;
  if (x0 < x1 && y0 < y1) {
    const cells = (x1 - x0) * (y1 - y0);
    if (cells <= SMALL_GAP) heaviestCommon(a, b, x0, x1, y0, y1, out);
    else {
      let chain: Run[] = [];
      let next = level;
      while (chain.length === 0 && next < RUN_LENGTHS.length) {
        chain = risingChain(uniqueRuns(a, b, x0, x1, y0, y1, RUN_LENGTHS[next] as number), a);
        if (chain.length === 0) next++;
      }
      if (chain.length > 0) {
        let x = x0;
        let y = y0;
        for (const run of chain) {
          if (run.x < x || run.y < y) continue;
          alignGap(a, b, x, run.x, y, run.y, next, out);
          out.push({ ...run });
          x = run.x + run.n;
          y = run.y + run.n;
        }
        alignGap(a, b, x, x1, y, y1, next, out);
      } else if (cells <= LAST_RESORT) heaviestCommon(a, b, x0, x1, y0, y1, out);
    }
  }
  if (tail > 0) out.push({ x: x1, y: y1, n: tail });
}

/** Runs of `length` words that stand once in each gap, grown to both sides as far as the words are equal. */
function uniqueRuns(a: Words, b: Words, x0: number, x1: number, y0: number, y1: number, length: number): Run[] {
  const inB = new Map<number, number>(); // a place, or -1: more than one
  for (let y = y0; y + length <= y1; y++) {
    const key = hashRun(b, y, length);
    inB.set(key, inB.has(key) ? -1 : y);
  }
  const inA = new Map<number, number>();
  for (let x = x0; x + length <= x1; x++) {
    const key = hashRun(a, x, length);
    if ((inB.get(key) ?? -1) >= 0) inA.set(key, inA.has(key) ? -1 : x);
  }
  const found: Run[] = [];
  for (const [key, x] of inA) {
    const y = inB.get(key) as number;
    let k = x < 0 ? length : 0;
    while (k < length && a.id[x + k] === b.id[y + k]) k++;
    if (x >= 0 && k === length) found.push({ x, y, n: length });
  }
  found.sort((p, q) => p.x - q.x);
  const grown: Run[] = [];
  for (const run of found) {
    const last = grown[grown.length - 1];
    if (last && run.x - last.x === run.y - last.y && run.x < last.x + last.n) continue;
    const floor = last && run.x - last.x === run.y - last.y ? last.x + last.n : x0;
    while (run.x > floor && run.y > y0 && a.id[run.x - 1] === b.id[run.y - 1]) {
      run.x--;
      run.y--;
      run.n++;
    }
    while (run.x + run.n < x1 && run.y + run.n < y1 && a.id[run.x + run.n] === b.id[run.y + run.n]) run.n++;
    grown.push(run);
  }
  return grown;
}

function hashRun(words: Words, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < length; k++) {
    hash = Math.imul(hash ^ (words.id[at + k] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** The heaviest chain of runs that rises on both sides (runs come sorted by x); overlaps are trimmed. */
function risingChain(runs: Run[], a: Words): Run[] {
  if (runs.length === 0) return runs;
  // Prefix maximum over the y ends in a Fenwick tree: best chain that ends at or before a given y.
  const ends = [...new Set(runs.map((run) => run.y + run.n))].sort((p, q) => p - q);
  const rank = new Map(ends.map((end, k) => [end, k + 1]));
  const tree = new Int32Array(ends.length + 1).fill(-1);
  const score = new Float64Array(runs.length);
  const before = new Int32Array(runs.length).fill(-1);
  const better = (p: number, q: number): number =>
    q < 0 || (p >= 0 && (score[p] as number) >= (score[q] as number)) ? p : q;
  const byEnd = runs.map((_, k) => k).sort((p, q) => endX(runs[p] as Run) - endX(runs[q] as Run));
  let closed = 0;
  let best = -1;
  for (const [k, run] of runs.entries()) {
    // Runs may overlap by a few words at their borders: half of the run must be clear, the rest is trimmed below.
    const half = run.n >> 1;
    while (closed < k + runs.length && closed < byEnd.length) {
      const other = byEnd[closed] as number;
      if (endX(runs[other] as Run) > run.x + half) break;
      if (other < k) {
        const from = rank.get((runs[other] as Run).y + (runs[other] as Run).n) as number;
        for (let at = from; at < tree.length; at += at & -at) tree[at] = better(tree[at] as number, other);
      }
      closed++;
    }
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) <= run.y + half) low = middle + 1;
      else high = middle;
    }
    let found = -1;
    for (let at = low; at > 0; at -= at & -at) found = better(found, tree[at] as number);
    before[k] = found;
    score[k] = weightOf(a, run) + (found >= 0 ? (score[found] as number) : 0);
    best = better(best, k);
  }
  const chain: Run[] = [];
  for (let k = best; k >= 0; k = before[k] as number) chain.push(runs[k] as Run);
  chain.reverse();
  const out: Run[] = [];
  for (const run of chain) {
    const last = out[out.length - 1];
    const over = last ? Math.max(last.x + last.n - run.x, last.y + last.n - run.y, 0) : 0;
    if (over < run.n) out.push({ x: run.x + over, y: run.y + over, n: run.n - over });
  }
  return out;
}

const endX = (run: Run): number => run.x + run.n;

function weightOf(a: Words, run: Run): number {
  let weight = 0;
  for (let k = run.x; k < run.x + run.n; k++) weight += a.weight[k] as number;
  return weight;
}

/** sums[k]: weight of the words before k. */
function weightSums(words: Words): Float64Array {
  const sums = new Float64Array(words.count + 1);
  for (let k = 0; k < words.count; k++) sums[k + 1] = (sums[k] as number) + (words.weight[k] as number);
  return sums;
}

/** A match that continues a run is worth so much more: keeps words together instead of scattered over equal small words. */
const IN_A_ROW = 0.6;

let steps = new Uint8Array(0);

/** The heaviest common subsequence of two gaps, by dynamic programming. */
function heaviestCommon(a: Words, b: Words, x0: number, x1: number, y0: number, y1: number, out: Run[]): void {
  const n = x1 - x0;
  const m = y1 - y0;
  const width = m + 1;
  if (steps.length < (n + 1) * width) steps = new Uint8Array((n + 1) * width);
  steps.fill(0, 0, (n + 1) * width);
  // best: the best so far; open: the best that ends with this very pair matched (to continue a run)
  let best = new Float64Array(width);
  let open = new Float64Array(width).fill(-1e9);
  let bestNow = new Float64Array(width);
  let openNow = new Float64Array(width);
  for (let i = 1; i <= n; i++) {
    const id = a.id[x0 + i - 1] as number;
    const weight = a.weight[x0 + i - 1] as number;
    bestNow[0] = 0;
    openNow[0] = -1e9;
    const row = i * width;
    for (let j = 1; j <= m; j++) {
      // bits 0-1: where `best` came from (1 up, 2 left, 3 matched here); bit 2: the match here continues a run
      const up = best[j] as number;
      const left = bestNow[j - 1] as number;
      let value = up;
      let step = 1;
      if (left > up) {
        value = left;
        step = 2;
      }
      if (id === b.id[y0 + j - 1]) {
        const fresh = best[j - 1] as number;
        const more = (open[j - 1] as number) + IN_A_ROW;
        const matched = weight + (more > fresh ? more : fresh);
        openNow[j] = matched;
        if (more > fresh) step |= 4;
        if (matched >= value) {
          value = matched;
          step |= 3;
        }
      } else openNow[j] = -1e9;
      bestNow[j] = value;
      steps[row + j] = step;
    }
    [best, bestNow] = [bestNow, best];
    [open, openNow] = [openNow, open];
  }
  const back: Run[] = [];
  let i = n;
  let j = m;
  let inRun = false;
  while (i > 0 && j > 0) {
    const step = steps[i * width + j] as number;
    if (inRun || (step & 3) === 3) {
      i--;
      j--;
      const last = back[back.length - 1];
      if (last && last.x === x0 + i + 1 && last.y === y0 + j + 1) {
        last.x--;
        last.y--;
        last.n++;
      } else back.push({ x: x0 + i, y: y0 + j, n: 1 });
      inRun = (step & 4) !== 0;
    } else if ((step & 3) === 1) i--;
    else j--;
  }
  for (let k = back.length - 1; k >= 0; k--) out.push(back[k] as Run);
}

export function joinRuns(runs: readonly Run[]): Run[] {
  const out: Run[] = [];
  for (const run of runs) {
    if (run.n <= 0) continue;
    const last = out[out.length - 1];
    if (last && last.x + last.n === run.x && last.y + last.n === run.y) last.n += run.n;
    else out.push({ ...run });
  }
  return out;
}

/** A kept run heavier than this (about a clause) is never taken for chance. */
const ISLAND = 12;

/**
 * Drops runs that stand between two edits each heavier than themselves: common words met by chance in rewritten text. Runs of
 * weight `safe` and more stay.
 */
export function dropIslands(runs: readonly Run[], a: Words, b: Words, safe = ISLAND): Run[] {
  const sumsA = weightSums(a);
  const sumsB = weightSums(b);
  const between = (sums: Float64Array, from: number, to: number): number =>
    (sums[to] as number) - (sums[from] as number);
  let kept = joinRuns(runs);
  for (;;) {
    const out: Run[] = [];
    let dropped = false;
    for (const [k, run] of kept.entries()) {
      const last = out[out.length - 1];
      const next = kept[k + 1];
      const weight = between(sumsA, run.x, run.x + run.n);
      if (weight < safe) {
        const lastX = last ? last.x + last.n : 0;
        const lastY = last ? last.y + last.n : 0;
        const left = Math.max(between(sumsA, lastX, run.x), between(sumsB, lastY, run.y));
        const nextX = next ? next.x : a.count;
        const nextY = next ? next.y : b.count;
        const right = Math.max(between(sumsA, run.x + run.n, nextX), between(sumsB, run.y + run.n, nextY));
        if (weight <= left && weight <= right) {
          dropped = true;
          continue;
        }
      }
      out.push(run);
    }
    kept = joinRuns(out);
    if (!dropped) return kept;
  }
}

/** How natural a cut before word `k` is: paragraph 5, sentence 4, line 3, clause 2, word 1, inside a word 0. */
function cutBefore(words: Words, k: number): number {
  if (k <= 0 || k >= words.count) return 5;
  const from = words.end[k - 1] as number;
  const to = words.start[k] as number;
  if (to === from) return 0;
  const last = words.text[from - 1] as string;
  let lines = 0;
  for (let at = from; at < to; at++) if (words.text[at] === "\n") lines++;
  if (lines > 1) return 5;
  if (".!?。！？؟".includes(last)) return 4;
  if (lines > 0) return 3;
  return ",;:)]，；：،؛".includes(last) ? 2 : 1;
}

/** A pure insertion or deletion can often slide over equal words: puts its edges on the most natural cuts. Changes `runs`. */
export function slideEdges(runs: Run[], a: Words, b: Words): Run[] {
  for (let k = 0; k + 1 < runs.length; k++) {
    const left = runs[k] as Run;
    const right = runs[k + 1] as Run;
    const dx = right.x - left.x - left.n;
    const dy = right.y - left.y - left.n;
    if (dx > 0 === dy > 0) continue;
    const words = dx > 0 ? a : b;
    const from = dx > 0 ? left.x + left.n : left.y + left.n;
    const size = dx > 0 ? dx : dy;
    let shift = 0;
    let best = cutBefore(words, from) + cutBefore(words, from + size);
    for (let s = 1; s < left.n && words.id[from - s] === words.id[from + size - s]; s++) {
      const score = cutBefore(words, from - s) + cutBefore(words, from + size - s);
      if (score > best) [best, shift] = [score, -s];
    }
    for (let s = 1; s < right.n && words.id[from + s - 1] === words.id[from + size + s - 1]; s++) {
      const score = cutBefore(words, from + s) + cutBefore(words, from + size + s);
      if (score > best) [best, shift] = [score, s];
    }
    left.n += shift;
    right.x += shift;
    right.y += shift;
    right.n -= shift;
  }
  return runs;
}

/** What each word of the old text became: its word in the new text, or -1. `near[x]` is 1 where it is only nearly equal. */
export interface WordMap {
  readonly to: Int32Array;
  readonly near: Uint8Array;
}

export function toMap(runs: readonly Run[], count: number): WordMap {
  const to = new Int32Array(count).fill(-1);
  for (const run of runs) for (let k = 0; k < run.n; k++) to[run.x + k] = run.y + k;
  return { to, near: new Uint8Array(count) };
}

/** Gaps of up to so many words a side are searched for words nearly equal. */
const NEAR_GAP = 6;

/** Pairs words that are nearly equal and stand, in order, in a small gap between kept neighbours. Changes `map`. */
export function pairNearWords(map: WordMap, a: Words, b: Words, forms: readonly string[]): void {
  let x = 0;
  while (x < a.count) {
    if ((map.to[x] as number) >= 0) {
      x++;
      continue;
    }
    let end = x;
    while (end < a.count && (map.to[end] as number) < 0) end++;
    const before = x > 0 ? (map.to[x - 1] as number) : -1;
    const after = end < a.count ? (map.to[end] as number) : -1;
    if (end - x <= NEAR_GAP && (before >= 0 || after >= 0)) {
      let from = before >= 0 ? before + 1 : Math.max(0, after - (end - x));
      const to = after >= 0 ? after : Math.min(b.count, before + 1 + (end - x));
      if (to > from && to - from <= NEAR_GAP) {
        for (let k = x; k < end; k++) {
          for (let y = from; y < to; y++) {
            if (!isNearWord(forms[a.id[k] as number] as string, forms[b.id[y] as number] as string)) continue;
            map.to[k] = y;
            map.near[k] = 1;
            from = y + 1;
            break;
          }
        }
      }
    }
    x = end;
  }
}

/** A moved run has at least so many words ... */
const MOVE_WORDS = 5;
/** ... and so much weight (about a short clause): less than that is found again by chance. */
const MOVE_WEIGHT = 8;

/** What stands at more places than this has not moved to any of them. */
const MOVE_PLACES = 8;

/** Finds runs that left one place and came in at another, longest first at each place. Changes `map`. */
export function pairMoves(map: WordMap, a: Words, b: Words): void {
  const taken = new Uint8Array(b.count);
  for (const y of map.to) if (y >= 0) taken[y] = 1;
  const places = new Map<number, number[]>();
  for (let y = 0, free = 0; y < b.count; y++) {
    free = taken[y] === 1 ? 0 : free + 1;
    if (free < MOVE_WORDS) continue;
    const at = y - MOVE_WORDS + 1;
    const key = hashRun(b, at, MOVE_WORDS);
    const list = places.get(key);
    if (!list) places.set(key, [at]);
    else if (list.length < MOVE_PLACES) list.push(at);
  }
  if (places.size === 0) return;
  for (let x = 0; x + MOVE_WORDS <= a.count; x++) {
    if ((map.to[x] as number) >= 0) continue;
    let best = 0;
    let bestY = -1;
    for (const y of places.get(hashRun(a, x, MOVE_WORDS)) ?? []) {
      let n = 0;
      while (
        x + n < a.count &&
        y + n < b.count &&
        (map.to[x + n] as number) < 0 &&
        taken[y + n] === 0 &&
        a.id[x + n] === b.id[y + n]
      )
        n++;
      if (n > best) [best, bestY] = [n, y];
    }
    if (best < MOVE_WORDS) continue;
    let weight = 0;
    for (let k = 0; k < best; k++) weight += a.weight[x + k] as number;
    if (weight < MOVE_WEIGHT) continue;
    for (let k = 0; k < best; k++) {
      map.to[x + k] = bestY + k;
      taken[bestY + k] = 1;
    }
    x += best - 1;
  }
}

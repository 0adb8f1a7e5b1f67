/** Which of many annotations stand nearest to what is seen. Pure. */
import type { Span } from "./passage.ts";

/**
 * Indexes of the at most `count` nearest to `seen`, nearest first: those that begin in it, then outwards on both sides.
 * @param starts offsets, ascending
 */
export function nearest(starts: readonly number[], seen: Span, count: number): number[] {
  const found: number[] = [];
  let after = firstAtLeast(starts, seen.start);
  let before = after - 1;
  while (found.length < count && (before >= 0 || after < starts.length)) {
    const distanceBefore = before >= 0 ? seen.start - starts[before]! : Infinity;
    const distanceAfter = after < starts.length ? Math.max(0, starts[after]! - seen.end) : Infinity;
    found.push(distanceAfter <= distanceBefore ? after++ : before--);
  }
  return found;
}

function firstAtLeast(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle]! < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

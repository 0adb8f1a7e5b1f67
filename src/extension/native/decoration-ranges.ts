/** Which annotations to mark: those near what is seen, exactly; all of them, roughly, beside the scroll bar. Pure. */
import type { ThreadMessage } from "../../protocol/reader.ts";
import { type Kind, kindOf } from "../../core/model/kinds.ts";
import type { Span } from "./passage.ts";

export interface Mark extends Span {
  kind: Kind;
  resolved: boolean;
}

/** Marks by start, and the largest end up to each, so that the marks of a range are found without looking at all. */
export interface MarkIndex {
  marks: readonly Mark[];
  maxEnd: readonly number[];
}

export function indexMarks(threads: readonly ThreadMessage[]): MarkIndex {
  const marks: Mark[] = [];
  for (const thread of threads) {
    if (thread.placement.state === "orphaned" || thread.hidden) continue;
    const { start, end } = thread.placement;
    if (end > start) marks.push({ start, end, kind: kindOf(thread), resolved: thread.status === "resolved" });
  }
  marks.sort((a, b) => a.start - b.start || b.end - a.end);
  const maxEnd: number[] = [];
  let max = 0;
  for (const mark of marks) maxEnd.push((max = Math.max(max, mark.end)));
  return { marks, maxEnd };
}

/** Marks that share a character with the span, by start; at most `limit` of them, the earlier ones left out first. */
export function marksWithin({ marks, maxEnd }: MarkIndex, span: Span, limit: number): Mark[] {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle]!.start < span.end) low = middle + 1;
    else high = middle;
  }
  const found: Mark[] = [];
  for (let i = low - 1; i >= 0 && maxEnd[i]! > span.start && found.length < limit; i--) {
    if (marks[i]!.end > span.start) found.push(marks[i]!);
  }
  return found.toReversed();
}

/** Spans of the visible ranges with a margin on both sides, merged where they meet. Offsets. */
export function nearSpans(visible: readonly Span[], margin: number): Span[] {
  const near: Span[] = [];
  for (const { start, end } of visible.toSorted((a, b) => a.start - b.start)) {
    const last = near.at(-1);
    const from = Math.max(0, start - margin);
    if (last && from <= last.end) last.end = Math.max(last.end, end + margin);
    else near.push({ start: from, end: end + margin });
  }
  return near;
}

/**
 * The lines to mark beside the scroll bar, by kind: of all open annotations, but never more than `buckets` for a kind, since
 * the bar has no more pixels than that.
 */
export function rulerLines(
  index: MarkIndex,
  lineOf: (offset: number) => number,
  lines: number,
  buckets: number,
): Map<Kind, number[]> {
  const perBucket = Math.max(1, lines / buckets);
  const seen = new Map<Kind, { bucket: number; lines: number[] }>();
  for (const mark of index.marks) {
    if (mark.resolved) continue;
    const line = lineOf(mark.start);
    const bucket = Math.floor(line / perBucket);
    let at = seen.get(mark.kind);
    if (!at) seen.set(mark.kind, (at = { bucket: -1, lines: [] }));
    if (at.bucket === bucket) continue;
    at.bucket = bucket;
    at.lines.push(line);
  }
  return new Map([...seen].map(([kind, at]) => [kind, at.lines]));
}

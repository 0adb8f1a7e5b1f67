/**
 * Which stretches of a block's text are painted how. Overlapping annotations of one kind become one stretch, so that a
 * crowded paragraph needs few ranges; where several lie on each other, and where many kinds do, a paint of its own says so.
 */
import { KINDS, type Kind } from "../../core/model/kinds.ts";
import type { Placed } from "./annotations.ts";
import type { Span } from "./source-map.ts";

export type Paint = Kind | "dim" | "deep" | "mixed";
export const PAINTS: readonly Paint[] = [...KINDS, "dim", "deep", "mixed"];

/** Kinds whose washes together would leave too little contrast to the text. */
const MIXED = 3;

/** How an annotation is painted: resolved and filtered ones keep only a trace. */
export function paintOf(placed: Pick<Placed, "kind" | "resolved" | "filtered">): Kind | "dim" {
  return placed.resolved || placed.filtered ? "dim" : placed.kind;
}

/**
 * Stretches of a block's rendered text by paint, each list sorted and without overlaps. `toText` gives the characters of a
 * source range in this block.
 */
export function coverage(annotations: readonly Placed[], toText: (source: Span) => Span | null): Map<Paint, Span[]> {
  const spans = new Map<Paint, Span[]>();
  const live: Span[] = [];
  for (const each of annotations) {
    const span = toText(each);
    if (!span) continue;
    const paint = paintOf(each);
    const list = spans.get(paint);
    if (list) list.push(span);
    else spans.set(paint, [span]);
    if (paint !== "dim") live.push(span);
  }
  for (const [paint, list] of spans) spans.set(paint, merge(list));
  const kinds = [...spans].flatMap(([paint, list]) => (paint === "dim" ? [] : list));
  const deep = stacked(live, 2);
  if (deep.length) spans.set("deep", deep);
  const mixed = stacked(kinds, MIXED);
  if (mixed.length) spans.set("mixed", mixed);
  return spans;
}

/** The union of spans. */
export function merge(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else out.push({ start: span.start, end: span.end });
  }
  return out;
}

/** What each of these spans has to itself: where they lie on each other it is the first one's. */
export function apart(spans: readonly Span[]): Span[][] {
  let taken: Span[] = [];
  return spans.map((span) => {
    const own: Span[] = [];
    let from = span.start;
    for (const each of taken) {
      if (each.end <= from || each.start >= span.end) continue;
      if (each.start > from) own.push({ start: from, end: each.start });
      from = each.end;
    }
    if (from < span.end) own.push({ start: from, end: span.end });
    taken = merge([...taken, span]);
    return own;
  });
}

/** Where at least `depth` spans lie on each other. */
export function stacked(spans: readonly Span[], depth: number): Span[] {
  const edges = spans.flatMap((span) => [
    { at: span.start, by: 1 },
    { at: span.end, by: -1 },
  ]);
  edges.sort((a, b) => a.at - b.at || a.by - b.by);
  const out: Span[] = [];
  let count = 0;
  let open = -1;
  for (const edge of edges) {
    const before = count;
    count += edge.by;
    if (before < depth && count >= depth) open = edge.at;
    else if (before >= depth && count < depth && edge.at > open) out.push({ start: open, end: edge.at });
  }
  return merge(out);
}

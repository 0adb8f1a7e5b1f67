/** What the view derives from threads: their order in the text, and who stands at a point of it. */
import type { Kind } from "../../core/model/kinds.ts";
import { firstIndex, type Span } from "./source-map.ts";

/** One annotation that stands in the text. */
export interface Placed extends Span {
  ref: string;
  /** Milliseconds since 1970. */
  created: number;
  kind: Kind;
  resolved: boolean;
  /** The filter leaves it out: shown faintly, without a card. */
  filtered: boolean;
}

/** Placed annotations in reading order, with what is needed to ask for a range of them. */
export interface PlacedIndex {
  list: readonly Placed[];
  /** Largest `end` among the annotations up to and including each. */
  maxEnd: readonly number[];
  position: ReadonlyMap<string, number>;
}

type InOrder = Pick<Placed, "start" | "end" | "created" | "ref">;

/** Reading order: by start, the longer first, of those on the same words the older first; then by reference, so that everybody sees the same. */
export function inReadingOrder(a: InOrder, b: InOrder): number {
  return a.start - b.start || b.end - a.end || a.created - b.created || (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0);
}

export function indexPlaced(placed: Placed[]): PlacedIndex {
  return indexed(placed.toSorted(inReadingOrder));
}

/** An index without `gone` and with `come`: as `indexPlaced` of what is then there, without sorting it all. */
export function reindexPlaced(index: PlacedIndex, gone: ReadonlySet<string>, come: Placed[]): PlacedIndex {
  const added = come.toSorted(inReadingOrder);
  const list: Placed[] = [];
  let at = 0;
  for (const each of index.list) {
    if (gone.has(each.ref)) continue;
    while (at < added.length && inReadingOrder(added[at]!, each) < 0) list.push(added[at++]!);
    list.push(each);
  }
  list.push(...added.slice(at));
  return indexed(list);
}

function indexed(list: Placed[]): PlacedIndex {
  const maxEnd: number[] = [];
  const position = new Map<string, number>();
  let max = 0;
  list.forEach((each, i) => {
    max = Math.max(max, each.end);
    maxEnd.push(max);
    position.set(each.ref, i);
  });
  return { list, maxEnd, position };
}

/** Annotations that share a character with the range, in reading order. */
export function overlapping(index: PlacedIndex, range: Span): Placed[] {
  const found: Placed[] = [];
  for (let i = firstIndex(index.list.length, (at) => index.list[at]!.start >= range.end) - 1; i >= 0; i--) {
    if (index.maxEnd[i]! <= range.start) break;
    const each = index.list[i]!;
    if (each.end > range.start) found.push(each);
  }
  return found.toReversed();
}

/** Annotations at a character, the most specific (shortest) first, and last what the filter leaves out. */
export function standingAt(index: PlacedIndex, offset: number): Placed[] {
  return overlapping(index, { start: offset, end: offset + 1 }).toSorted(
    (a, b) => Number(a.filtered) - Number(b.filtered) || a.end - a.start - (b.end - b.start) || inReadingOrder(a, b),
  );
}

/** Which of the annotations at a point a click activates: the first, or the one after the active one. */
export function nextAtPoint(candidates: readonly Placed[], active: string | null): Placed | undefined {
  const at = candidates.findIndex((each) => each.ref === active);
  return candidates[(at + 1) % candidates.length];
}

/**
 * The annotation before or after the active one in reading order; from a place in the text when none is active.
 * Undefined at the end of the road.
 */
export function neighbour(
  index: PlacedIndex,
  from: { active: string | null; offset: number },
  step: 1 | -1,
  accept: (placed: Placed) => boolean,
): Placed | undefined {
  const known = from.active === null ? undefined : index.position.get(from.active);
  const after = firstIndex(index.list.length, (i) => index.list[i]!.start >= from.offset);
  let at = known === undefined ? (step === 1 ? after : after - 1) : known + step;
  for (; at >= 0 && at < index.list.length; at += step) {
    const each = index.list[at]!;
    if (!each.filtered && accept(each)) return each;
  }
  return undefined;
}

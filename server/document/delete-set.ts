/** What is deleted in a document: per client, sorted, disjoint, not touching ranges of clocks. */
import type { ByteWriter } from "./bytes.ts";
import type { Range } from "./scan.ts";

/** Ranges of one client: starts and ends (exclusive), alternating, ascending. */
type Bounds = number[];

export interface DeleteSet {
  byClient: Map<number, Bounds>;
  /** How many ranges there are, over all clients. */
  ranges: number;
}

export function emptyDeleteSet(): DeleteSet {
  return { byClient: new Map(), ranges: 0 };
}

/** Index of the first range that ends behind `clock`, times two. */
function firstEndingBehind(bounds: Bounds, clock: number): number {
  let low = 0;
  let high = bounds.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle * 2 + 1]! > clock) high = middle;
    else low = middle + 1;
  }
  return low * 2;
}

/** The parts of `range` that are not deleted yet. */
export function missingFrom(set: DeleteSet, range: Range): Range[] {
  const bounds = set.byClient.get(range.client);
  if (!bounds) return [range];
  const missing: Range[] = [];
  const end = range.clock + range.length;
  let clock = range.clock;
  for (let i = firstEndingBehind(bounds, clock); i < bounds.length && bounds[i]! < end; i += 2) {
    if (bounds[i]! > clock) missing.push({ client: range.client, clock, length: bounds[i]! - clock });
    clock = bounds[i + 1]!;
  }
  if (clock < end) missing.push({ client: range.client, clock, length: end - clock });
  return missing;
}

/** Adds a range, merging it with what it overlaps or touches. */
export function addDeletion(set: DeleteSet, range: Range): void {
  let start = range.clock;
  let end = range.clock + range.length;
  const bounds = set.byClient.get(range.client);
  if (!bounds) {
    set.byClient.set(range.client, [start, end]);
    set.ranges++;
    return;
  }
  const from = firstEndingBehind(bounds, start - 1);
  let to = from;
  while (to < bounds.length && bounds[to]! <= end) {
    start = Math.min(start, bounds[to]!);
    end = Math.max(end, bounds[to + 1]!);
    to += 2;
  }
  set.ranges += 1 - (to - from) / 2;
  bounds.splice(from, to - from, start, end);
}

/** The deleted ranges of `client` as alternating starts and ends; not to be changed. */
export function deletedRanges(set: DeleteSet, client: number): readonly number[] {
  return set.byClient.get(client) ?? [];
}

/** Writes the set as it stands at the end of an update. */
export function writeDeleteSet(writer: ByteWriter, set: DeleteSet): void {
  const clients = [...set.byClient.keys()].sort((a, b) => b - a);
  writer.uint(clients.length);
  for (const client of clients) {
    const bounds = set.byClient.get(client)!;
    writer.uint(client).uint(bounds.length / 2);
    for (let i = 0; i < bounds.length; i += 2) writer.uint(bounds[i]!).uint(bounds[i + 1]! - bounds[i]!);
  }
}

/** What each person takes of a document, and costs all who read it: their share is limited. */
import { offsetOf, structAt } from "./run.ts";
import type { Range } from "./scan.ts";
import type { DocumentState, News } from "./state.ts";

/** What a struct costs all who read the document, beside its bytes: Yjs may walk past a thousand others to find its place. */
export const STRUCT_SHARE = 64;
/** What a client id costs all who read the document: Yjs looks at each of them in every transaction. */
export const CLIENT_COST = 4_096;

/** Most that is usually left of a struct that was emptied, in bytes. */
const EMPTIED = 64;

/** What the owner's share will be at most. */
export function shareWith(state: DocumentState, owner: string, news: readonly News[]): number {
  let share = state.shares.get(owner) ?? 0;
  for (const { section, first } of news) {
    const { client, structs } = section;
    if (!state.runs.has(client)) share += CLIENT_COST;
    share += structs.at(-1)!.end - structs[first]!.start + (structs.length - first) * STRUCT_SHARE;
  }
  return share;
}

/** How many bytes emptying what lies in the ranges will free at least, of one owner's or of everybody's. */
export function freedBy(state: DocumentState, ranges: readonly Range[], owner?: string): number {
  let freed = 0;
  let counted = { client: -1, end: 0 };
  // a range that is named many times is deleted once
  for (const range of ranges.toSorted((a, b) => a.client - b.client || a.clock - b.clock)) {
    const { client } = range;
    const run = state.runs.get(client);
    if (!run || (owner !== undefined && run.owner !== owner)) continue;
    const clock = client === counted.client ? Math.max(range.clock, counted.end) : range.clock;
    const end = range.clock + range.length;
    if (end <= clock) continue;
    counted = { client, end };
    // only what is deleted whole
    let first = structAt(run, clock);
    if (first < run.clocks.length && run.clocks[first]! < clock) first++;
    const last = structAt(run, end);
    if (last > first) freed += Math.max(0, offsetOf(run, last) - offsetOf(run, first) - (last - first) * EMPTIED);
  }
  return freed;
}

export function addShare(state: DocumentState, owner: string, bytes: number): void {
  state.shares.set(owner, (state.shares.get(owner) ?? 0) + bytes);
}

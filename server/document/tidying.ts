/** Tidying of a document: what was deleted loses its content, and neighbours become one. What the document means stays the same. */
import { deletedRanges } from "./delete-set.ts";
import { addWeights } from "./places.ts";
import { type Run, tidyRun } from "./run.ts";
import { addShare, STRUCT_SHARE } from "./shares.ts";
import type { DocumentState } from "./state.ts";

/** After so many new structs the recent ones are tidied. */
const TIDY_EVERY = 1_000;
/** A document is not tidied as a whole for less than so many bytes. */
const WHOLE_TIDY_SLACK = 1_000_000;

/** True when so much was written since the last tidying that it is worth doing again. */
export function wantsTidying(state: DocumentState): boolean {
  return state.structs - state.tidyStructs > TIDY_EVERY;
}

/** True when the document has grown so much that what was deleted may be a large part of it. */
export function wantsWholeTidying(state: DocumentState): boolean {
  return state.bytes > 2 * state.tidyBytes + WHOLE_TIDY_SLACK;
}

/**
 * Joins what was written since the last tidying, and empties what of it was deleted: little work, whatever the document's size.
 */
export function tidyRecent(state: DocumentState): void {
  // The struct before the new ones may be continued by them.
  tidyFrom(state, (run) => Math.max(0, run.tidied - 1));
}

/** Drops the content of what is deleted and joins neighbouring pieces, everywhere. What the document means stays the same. */
export function tidyState(state: DocumentState): void {
  for (const _ of tidyInSteps(state));
}

/** The same, one client's part in each step: the document may be read and changed between them. */
export function* tidyInSteps(state: DocumentState): Generator<void> {
  const { deletions } = state;
  for (const run of Array.from(state.runs.values())) {
    tidyOne(state, run, 0);
    yield;
  }
  state.tidyStructs = state.structs;
  state.tidyBytes = state.bytes;
  state.dropped = Math.max(state.dropped, deletions);
}

/** Drops the content of what is deleted, so that nobody who asks now gets it. */
export function dropDeleted(state: DocumentState): void {
  if (state.deletions === state.dropped) return;
  for (const run of state.runs.values()) if (run.holdsDeleted) tidyOne(state, run, 0);
  state.dropped = state.deletions;
}

function tidyFrom(state: DocumentState, from: (run: Run) => number): void {
  for (const run of state.runs.values()) {
    const first = from(run);
    if (first === 0 || run.tidied < run.clocks.length) tidyOne(state, run, first);
  }
  state.tidyStructs = state.structs;
}

function tidyOne(state: DocumentState, run: Run, first: number): void {
  const { used } = run;
  const count = run.clocks.length;
  if (state.places) addWeights(state.places, run, first, -1);
  tidyRun(run, deletedRanges(state.deleted, run.client), first);
  if (state.places) addWeights(state.places, run, first, 1);
  state.bytes += run.used - used;
  state.structs += run.clocks.length - count;
  addShare(state, run.owner, run.used - used + (run.clocks.length - count) * STRUCT_SHARE);
}

/** Encodes a document, or what is new in it since a state vector, as Yjs updates. */
import { ByteWriter, uintSize } from "./bytes.ts";
import { writeDeleteSet } from "./delete-set.ts";
import { integrate, type Lane } from "./order.ts";
import { writeStructPart } from "./rewrite.ts";
import { offsetOf, type Run, structAt, structsOf } from "./run.ts";
import type { DocumentState } from "./state.ts";

/** Client -> next clock. */
export type StateVector = ReadonlyMap<number, number>;

export const NOTHING: StateVector = new Map();

export function stateVector(state: DocumentState): Map<number, number> {
  const vector = new Map<number, number>();
  for (const run of state.runs.values()) vector.set(run.client, run.end);
  return vector;
}

export function encodeStateVector(state: DocumentState): Uint8Array {
  const writer = new ByteWriter(16 + state.runs.size * 12);
  writer.uint(state.runs.size);
  for (const run of state.runs.values()) writer.uint(run.client).uint(run.end);
  return writer.done();
}

/** A stretch of one client's structs, by index, `to` exclusive. */
interface Stretch {
  run: Run;
  from: number;
  to: number;
  /** Clocks of the first struct that the reader has already. */
  skip: number;
}

/** One update without deletions, and the clients of its sections in order. */
export interface Chunk {
  update: Uint8Array;
  clients: number[];
}

function missingStretches(state: DocumentState, since: StateVector): Stretch[] {
  const stretches: Stretch[] = [];
  for (const run of state.runs.values()) {
    const known = since.get(run.client) ?? 0;
    if (run.end <= known) continue;
    const from = structAt(run, known);
    stretches.push({ run, from, to: run.clocks.length, skip: known - run.clocks[from]! });
  }
  // Yjs integrates quickest when higher client ids come first.
  return stretches.sort((a, b) => b.run.client - a.run.client);
}

function stretchBytes({ run, from, to }: Stretch): number {
  return offsetOf(run, to) - offsetOf(run, from);
}

function writeStretches(writer: ByteWriter, stretches: readonly Stretch[]): void {
  writer.uint(stretches.length);
  for (const { run, from, to, skip } of stretches) {
    writer
      .uint(to - from)
      .uint(run.client)
      .uint(run.clocks[from]! + skip);
    let next = from;
    if (skip > 0) {
      const first = structsOf(run, from).next();
      if (first.done) throw new Error("a stretch has at least one struct");
      writeStructPart(writer, run.bytes, run.client, first.value, skip, first.value.length);
      next++;
    }
    writer.raw(run.bytes.subarray(offsetOf(run, next), offsetOf(run, to)));
  }
}

function stretchesSize(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, stretch) => sum + stretchBytes(stretch) + 32, 8);
}

/** Everything since `since`, and every deletion, as one update. */
export function encodeSince(state: DocumentState, since: StateVector): Uint8Array {
  const stretches = missingStretches(state, since);
  const writer = new ByteWriter(stretchesSize(stretches) + state.deleted.ranges * 8 + 16);
  writeStretches(writer, stretches);
  writeDeleteSet(writer, state.deleted);
  return writer.done();
}

/** How many bytes `encodeSince` would take, about, without the deletions. */
export function sizeSince(state: DocumentState, since: StateVector): number {
  let size = 0;
  for (const run of state.runs.values()) {
    const known = since.get(run.client) ?? 0;
    if (run.end > known) size += run.used - offsetOf(run, structAt(run, known));
  }
  return size;
}

/**
 * Everything since `since`, without the deletions, as updates of about `maxBytes` that can be integrated one after the
 * other: none refers to a later one.
 */
export function encodeChunks(state: DocumentState, since: StateVector, maxBytes: number): Chunk[] {
  const stretches = missingStretches(state, since);
  if (stretches.length === 0) return [];
  if (stretchesSize(stretches) <= maxBytes) return [encodeChunk(stretches)];

  const chunks: Chunk[] = [];
  let open = new Map<Run, Stretch>();
  let size = 0;
  const close = () => {
    chunks.push(encodeChunk([...open.values()].sort((a, b) => b.run.client - a.run.client)));
    open = new Map();
    size = 0;
  };
  const lanes: (Lane & { stretch: Stretch })[] = stretches.map((stretch) => ({
    client: stretch.run.client,
    structs: [...structsOf(stretch.run, stretch.from)],
    next: 0,
    stretch,
  }));
  const reached = new Map<number, number>();
  for (const run of state.runs.values()) reached.set(run.client, Math.min(run.end, since.get(run.client) ?? 0));
  integrate(lanes, reached, (lane, struct) => {
    const { stretch } = lane as (typeof lanes)[number];
    const index = stretch.from + lane.next;
    const bytes = struct.end - struct.start;
    if (size > 0 && size + bytes > maxBytes) close();
    const known = open.get(stretch.run);
    if (known) known.to = index + 1;
    else open.set(stretch.run, { ...stretch, from: index, to: index + 1, skip: lane.next === 0 ? stretch.skip : 0 });
    size += bytes;
  });
  if (lanes.some((lane) => lane.next < lane.structs.length)) throw new Error("the document holds dangling structs");
  if (size > 0) close();
  return chunks;
}

function encodeChunk(stretches: readonly Stretch[]): Chunk {
  const writer = new ByteWriter(stretchesSize(stretches));
  writeStretches(writer, stretches);
  writer.uint(0);
  return { update: writer.done(), clients: stretches.map((stretch) => stretch.run.client) };
}

/** Every deletion as an update without structs. */
export function encodeDeletions(state: DocumentState): Uint8Array {
  const writer = new ByteWriter(16 + state.deleted.ranges * 8);
  writer.uint(0);
  writeDeleteSet(writer, state.deleted);
  return writer.done();
}

/** Length of the number that stands before a block of this many bytes. */
export const blockHead = uintSize;

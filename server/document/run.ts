/** Everything that one Yjs client has written into a document: its structs' bytes, from clock 0 on, without a gap. */
import { ByteReader } from "./bytes.ts";
import { tidyStructs } from "./rewrite.ts";
import { scanStruct, type Struct } from "./scan.ts";

export interface Run {
  client: number;
  /** Whose client id this is: see `WriteRule`. */
  owner: string;
  /** Clock behind the last struct. */
  end: number;
  bytes: Uint8Array;
  /** How much of `bytes` is in use. */
  used: number;
  /** Clock and byte offset at which each struct begins. */
  clocks: number[];
  offsets: number[];
  /** The place of each struct, where that is kept: see `Places`. */
  places: number[] | null;
  /** How many of the structs have been tidied. */
  tidied: number;
  /** Something was deleted whose content is still in `bytes`. */
  holdsDeleted: boolean;
}

/** A buffer may be this much longer than four times what is in it, in bytes. */
const REUSE_SLACK = 1024 * 1024;

const NO_BYTES = new Uint8Array(0);

export function emptyRun(client: number, owner: string, withPlaces = false): Run {
  return {
    client,
    owner,
    end: 0,
    bytes: NO_BYTES,
    used: 0,
    clocks: [],
    offsets: [],
    places: withPlaces ? [] : null,
    tidied: 0,
    holdsDeleted: false,
  };
}

/** Appends structs that follow one another in `bytes` as they stand; `structs` index them. */
export function appendStructs(
  run: Run,
  bytes: Uint8Array,
  structs: readonly Struct[],
  first: number,
  last: number,
): void {
  const start = structs[first]!.start;
  const end = structs[last - 1]!.end;
  const shift = run.used - start;
  for (let i = first; i < last; i++) {
    run.clocks.push(structs[i]!.clock);
    run.offsets.push(structs[i]!.start + shift);
  }
  appendBytes(run, bytes.subarray(start, end));
  const tail = structs[last - 1]!;
  run.end = tail.clock + tail.length;
}

/** Appends one struct that was written anew. */
export function appendStruct(run: Run, bytes: Uint8Array, clock: number, end: number): void {
  run.clocks.push(clock);
  run.offsets.push(run.used);
  appendBytes(run, bytes);
  run.end = end;
}

function appendBytes(run: Run, bytes: Uint8Array): void {
  const needed = run.used + bytes.length;
  if (needed > run.bytes.length) {
    const grown = new Uint8Array(run.used === 0 ? needed : Math.max(needed, Math.ceil(run.bytes.length * 1.5)));
    grown.set(run.bytes.subarray(0, run.used));
    run.bytes = grown;
  }
  run.bytes.set(bytes, run.used);
  run.used = needed;
}

/** Index of the struct that holds `clock`, or the number of structs when it lies behind them all. */
export function structAt(run: Run, clock: number): number {
  if (clock >= run.end) return run.clocks.length;
  let low = 0;
  let high = run.clocks.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (run.clocks[middle]! <= clock) low = middle;
    else high = middle;
  }
  return low;
}

/** Byte offset of struct `index`; that of the end for the number of structs. */
export function offsetOf(run: Run, index: number): number {
  return index < run.offsets.length ? run.offsets[index]! : run.used;
}

/** The run's structs from `index` on, read again from its bytes. */
export function* structsOf(run: Run, index = 0): Generator<Struct> {
  const reader = new ByteReader(run.bytes, offsetOf(run, index), run.used);
  for (let i = index; i < run.clocks.length; i++) yield scanStruct(reader, run.client, run.clocks[i]!);
}

/** About how many bytes are left of the structs from index `from` on once the deleted ones are emptied. */
function sizeWithout(run: Run, from: number, deleted: readonly number[]): number {
  let size = run.used - offsetOf(run, from);
  for (let d = 0; d < deleted.length; d += 2) {
    const first = Math.max(from, structAt(run, deleted[d]!));
    const last = structAt(run, deleted[d + 1]!);
    if (last > first) size -= offsetOf(run, last) - offsetOf(run, first);
  }
  return size;
}

/** Empties what is deleted and joins neighbours, from struct `from` on: see `tidyStructs`. */
export function tidyRun(run: Run, deleted: readonly number[], from = 0): void {
  const start = offsetOf(run, from);
  const places = run.places && placesAfter(run, run.places, from);
  const tidy = tidyStructs(
    run.client,
    run.bytes.subarray(0, run.used),
    structsOf(run, from),
    deleted,
    sizeWithout(run, from, deleted) + 256,
  );
  if (from === 0) {
    run.holdsDeleted = false;
    // What is rewritten again and again keeps the room it needs for that, instead of leaving one large buffer behind after another.
    const reuse = tidy.bytes.length < run.used / 2 && run.bytes.length <= 4 * tidy.bytes.length + REUSE_SLACK;
    if (reuse) run.bytes.set(tidy.bytes);
    else run.bytes = tidy.bytes.slice();
    run.clocks = tidy.clocks;
    run.offsets = tidy.offsets;
  } else {
    // Cutting deleted pieces out of long ones can make it longer.
    run.used = start;
    appendBytes(run, tidy.bytes);
    run.clocks.length = from;
    run.offsets.length = from;
    for (const clock of tidy.clocks) run.clocks.push(clock);
    for (const offset of tidy.offsets) run.offsets.push(start + offset);
  }
  if (places) run.places = places(tidy.clocks);
  run.used = start + tidy.bytes.length;
  run.tidied = run.clocks.length;
}

/** The places of the structs from `from` on once they begin at other clocks: a struct never joins what stands elsewhere. */
function placesAfter(run: Run, places: readonly number[], from: number): (clocks: readonly number[]) => number[] {
  const before = run.clocks.slice(from);
  return (clocks) => {
    const after = places.slice(0, from);
    let at = 0;
    for (const clock of clocks) {
      while (at + 1 < before.length && before[at + 1]! <= clock) at++;
      after.push(places[from + at]!);
    }
    return after;
  };
}

/** Bytes that the run takes in memory, about. */
export function runSize(run: Run): number {
  return run.bytes.length + run.clocks.length * (run.places ? 24 : 16) + 200;
}

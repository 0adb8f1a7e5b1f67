/**
 * Rewrites structs without decoding their content: cutting off what is already known, emptying what was deleted, joining
 * what was typed character by character. What comes out integrates in every Yjs client exactly as what went in.
 */
import { ByteReader, ByteWriter } from "./bytes.ts";
import { HAS_ORIGIN, REF, type Struct } from "./scan.ts";

const REF_BITS = 0x1f;
/** U+FFFD in UTF-8: what Yjs puts in place of each half when it cuts a surrogate pair. */
const REPLACEMENT = [0xef, 0xbf, 0xbd];

/**
 * Byte offset of UTF-16 code unit `unit` in valid UTF-8. `half` is set when the unit is the second half of a surrogate
 * pair; the offset then is that of the whole character.
 */
function unitOffset(utf8: Uint8Array, unit: number): { offset: number; half: boolean } {
  let offset = 0;
  for (let units = 0; units < unit;) {
    const byte = utf8[offset]!;
    if (byte >= 0xf0) {
      if (units + 1 === unit) return { offset, half: true };
      units += 2;
      offset += 4;
    } else {
      units += 1;
      offset += byte < 0x80 ? 1 : byte < 0xe0 ? 2 : 3;
    }
  }
  return { offset, half: false };
}

/** UTF-8 of the code units `from` to `to` (exclusive). A pair that is cut leaves U+FFFD on either side, as Yjs does. */
function sliceUnits(utf8: Uint8Array, from: number, to: number, length: number): Uint8Array {
  const first = unitOffset(utf8, from);
  const last = to === length ? { offset: utf8.length, half: false } : unitOffset(utf8, to);
  const whole = utf8.subarray(first.half ? first.offset + 4 : first.offset, last.offset);
  if (!first.half && !last.half) return whole;
  return Uint8Array.from([...(first.half ? REPLACEMENT : []), ...whole, ...(last.half ? REPLACEMENT : [])]);
}

/** Writes the content of clocks `from` to `to` (relative to the struct, `to` exclusive). */
function writeContentPart(writer: ByteWriter, bytes: Uint8Array, struct: Struct, from: number, to: number): void {
  if (from === 0 && to === struct.length) {
    writer.raw(bytes.subarray(struct.content, struct.end));
    return;
  }
  const reader = new ByteReader(bytes, struct.content, struct.end);
  switch (struct.ref) {
    case REF.gc:
    case REF.skip:
    case REF.deleted:
      writer.uint(to - from);
      return;
    case REF.string:
      writer.block(sliceUnits(reader.block(), from, to, struct.length));
      return;
    case REF.any:
    case REF.json: {
      reader.uint();
      const next = () => (struct.ref === REF.any ? reader.skipAny() : reader.skipString());
      for (let i = 0; i < from; i++) next();
      const start = reader.position;
      for (let i = from; i < to; i++) next();
      writer.uint(to - from).raw(bytes.subarray(start, reader.position));
      return;
    }
    default:
      throw new Error("a struct of length 1 has no parts");
  }
}

/**
 * Writes clocks `from` to `to` (relative to the struct, `to` exclusive) of a struct, whole or in part. With `emptied` the
 * content goes and only the place remains, which is what Yjs keeps of a deleted item.
 */
export function writeStructPart(
  writer: ByteWriter,
  bytes: Uint8Array,
  client: number,
  struct: Struct,
  from: number,
  to: number,
  emptied = false,
): void {
  const isItem = struct.ref !== REF.gc && struct.ref !== REF.skip;
  const ref = emptied && isItem ? REF.deleted : struct.ref;
  const info = (struct.info & ~REF_BITS) | ref;
  if (!isItem) {
    writer.byte(info).uint(to - from);
    return;
  }
  if (from === 0) {
    writer.byte(info).raw(bytes.subarray(struct.start + 1, struct.content));
  } else {
    // The rest of a cut item stands behind its own first part, and says so instead of naming its parent.
    writer.byte(info | HAS_ORIGIN);
    writer.uint(client).uint(struct.clock + from - 1);
    if (struct.rightClient >= 0) writer.uint(struct.rightClient).uint(struct.rightClock);
  }
  if (ref === REF.deleted) writer.uint(to - from);
  else writeContentPart(writer, bytes, struct, from, to);
}

/** A struct waiting to be joined with the next one. */
interface Pending {
  ref: number;
  clock: number;
  length: number;
  rightClient: number;
  rightClock: number;
  /** Info byte, references and parent. */
  head: Uint8Array;
  /** Parts of the text, for strings. */
  text: Uint8Array[];
}

export interface Tidied {
  /** A view into a buffer that may be longer. */
  bytes: Uint8Array;
  /** Clock at which each struct begins. */
  clocks: number[];
  /** Byte offset at which each struct begins. */
  offsets: number[];
}

/**
 * Rewrites the structs of one client, given in order: what lies in `deleted` (alternating starts and ends) loses its
 * content, and neighbours that were written one behind the other become one struct. Joining only needs the origin and the
 * right origin: whoever wrote the second piece had nothing between the two. `expected` is about how many bytes will come out.
 */
export function tidyStructs(
  client: number,
  bytes: Uint8Array,
  structs: Iterable<Struct>,
  deleted: readonly number[],
  expected: number,
): Tidied {
  const writer = new ByteWriter(expected);
  const clocks: number[] = [];
  const offsets: number[] = [];
  let pending: Pending | null = null;

  const flush = () => {
    if (!pending) return;
    clocks.push(pending.clock);
    offsets.push(writer.length);
    writer.raw(pending.head);
    if (pending.ref === REF.string) {
      writer.uint(pending.text.reduce((sum, part) => sum + part.length, 0));
      for (const part of pending.text) writer.raw(part);
    } else {
      writer.uint(pending.length);
    }
    pending = null;
  };

  const add = (struct: Struct, from: number, to: number, emptied: boolean) => {
    const isItem = struct.ref !== REF.gc;
    const ref = emptied && isItem ? REF.deleted : struct.ref;
    const clock = struct.clock + from;
    if (ref !== REF.gc && ref !== REF.deleted && ref !== REF.string) {
      flush();
      clocks.push(clock);
      offsets.push(writer.length);
      writeStructPart(writer, bytes, client, struct, from, to, emptied);
      return;
    }
    const text = ref === REF.string ? [stringPart(bytes, struct, from, to)] : [];
    const originClient = from > 0 ? client : struct.originClient;
    const originClock = from > 0 ? clock - 1 : struct.originClock;
    if (
      pending &&
      pending.ref === ref &&
      (ref === REF.gc ||
        (originClient === client &&
          originClock === clock - 1 &&
          pending.rightClient === struct.rightClient &&
          pending.rightClock === struct.rightClock))
    ) {
      pending.length += to - from;
      pending.text.push(...text);
      return;
    }
    flush();
    const head = new ByteWriter(32);
    if (ref === REF.gc) {
      head.byte(REF.gc);
    } else if (from === 0) {
      head.byte((struct.info & ~REF_BITS) | ref).raw(bytes.subarray(struct.start + 1, struct.content));
    } else {
      head
        .byte((struct.info & ~REF_BITS) | ref | HAS_ORIGIN)
        .uint(client)
        .uint(clock - 1);
      if (struct.rightClient >= 0) head.uint(struct.rightClient).uint(struct.rightClock);
    }
    pending = {
      ref,
      clock,
      length: to - from,
      rightClient: struct.rightClient,
      rightClock: struct.rightClock,
      head: head.done(),
      text,
    };
  };

  let d = 0;
  for (const struct of structs) {
    const end = struct.clock + struct.length;
    let clock = struct.clock;
    while (clock < end) {
      while (d < deleted.length && deleted[d + 1]! <= clock) d += 2;
      const starts = deleted[d] ?? Infinity;
      const inside = starts <= clock;
      const to = Math.min(end, inside ? deleted[d + 1]! : starts);
      add(struct, clock - struct.clock, to - struct.clock, inside);
      clock = to;
    }
  }
  flush();
  return { bytes: writer.done(), clocks, offsets };
}

function stringPart(bytes: Uint8Array, struct: Struct, from: number, to: number): Uint8Array {
  return sliceUnits(new ByteReader(bytes, struct.content, struct.end).block(), from, to, struct.length);
}

/**
 * Reads a Yjs update (version 1 encoding) without building anything from it: where each struct begins and ends, what it
 * refers to, what is deleted. An update that passes here is one that every Yjs client can decode.
 *
 * The layout was read from yjs 13.6: sections of structs by client, then the delete set.
 */
import { ByteReader, Malformed } from "./bytes.ts";

/** Content kinds of a struct, as in the low five bits of its info byte. */
export const REF = {
  gc: 0,
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  doc: 9,
  skip: 10,
} as const;

/** Bits of the info byte. */
export const HAS_ORIGIN = 0x80;
export const HAS_RIGHT_ORIGIN = 0x40;
const HAS_PARENT_SUB = 0x20;
const REF_BITS = 0x1f;

/** Highest clock that is accepted, in UTF-16 code units written by one client. */
const MAX_CLOCK = 0xffff_ffff;

/** Most structs, and most deleted ranges, of one update, and most clients of a state vector: what a message of a few megabytes could blow up to in memory. */
const MAX_PARTS = 250_000;

/** Number of structs, client, clock, and a struct of two bytes. */
const SHORTEST_SECTION = 5;

/** One struct of an update. Offsets are bytes into the scanned array, `end` exclusive; absent references are -1. */
export interface Struct {
  clock: number;
  /** How many clocks it takes: UTF-16 code units of a string, else elements. */
  length: number;
  info: number;
  ref: number;
  start: number;
  /** Where the content begins (behind the info byte, the references and the parent). */
  content: number;
  end: number;
  originClient: number;
  originClock: number;
  rightClient: number;
  rightClock: number;
  parentClient: number;
  parentClock: number;
  /** Where the key under which it stands in a map is named, -1 where it is not. */
  key: number;
  /** Name of the root it stands in, where the struct says so itself. */
  root: string | null;
}

/** Consecutive structs of one client, in clock order. */
export interface Section {
  client: number;
  clock: number;
  structs: Struct[];
}

/** Clocks `clock` to `clock + length` (exclusive) of `client`. */
export interface Range {
  client: number;
  clock: number;
  length: number;
}

export interface ScannedUpdate {
  bytes: Uint8Array;
  sections: Section[];
  deletions: Range[];
}

function skipContent(reader: ByteReader, ref: number): number {
  switch (ref) {
    case REF.deleted:
      return reader.uint();
    case REF.json: {
      const length = reader.uint();
      for (let i = 0; i < length; i++) reader.skipJson();
      return length;
    }
    case REF.binary:
      reader.block();
      return 1;
    case REF.string:
      return reader.stringUnits();
    case REF.embed:
      reader.skipStrictJson();
      return 1;
    case REF.format:
      reader.skipString();
      reader.skipStrictJson();
      return 1;
    case REF.type: {
      const type = reader.uint();
      if (type > 6) throw new Malformed("unknown type");
      if (type === 3 || type === 5) reader.skipString();
      return 1;
    }
    case REF.any: {
      const length = reader.uint();
      for (let i = 0; i < length; i++) reader.skipAny();
      return length;
    }
    case REF.doc:
      reader.skipString();
      if (reader.skipAny() !== 118) throw new Malformed("options of a subdocument are not an object");
      return 1;
    default:
      throw new Malformed("unknown content");
  }
}

/** Reads the struct at the reader's position. `client` and `clock` are its own id. */
export function scanStruct(reader: ByteReader, client: number, clock: number): Struct {
  const start = reader.position;
  const info = reader.byte();
  const ref = info & REF_BITS;
  const struct: Struct = {
    clock,
    length: 0,
    info,
    ref,
    start,
    content: start + 1,
    end: 0,
    originClient: -1,
    originClock: -1,
    rightClient: -1,
    rightClock: -1,
    parentClient: -1,
    parentClock: -1,
    key: -1,
    root: null,
  };
  if (ref === REF.gc || ref === REF.skip) {
    if (info !== ref) throw new Malformed("stray flags");
    struct.length = reader.uint();
  } else {
    if (info & HAS_ORIGIN) {
      struct.originClient = reader.uint();
      struct.originClock = reader.uint();
      refuseForwardReference(client, clock, struct.originClient, struct.originClock);
    }
    if (info & HAS_RIGHT_ORIGIN) {
      struct.rightClient = reader.uint();
      struct.rightClock = reader.uint();
      refuseForwardReference(client, clock, struct.rightClient, struct.rightClock);
    }
    if (!(info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN))) {
      if (reader.uint() === 1) {
        struct.root = reader.string();
      } else {
        struct.parentClient = reader.uint();
        struct.parentClock = reader.uint();
        refuseForwardReference(client, clock, struct.parentClient, struct.parentClock);
      }
      if (info & HAS_PARENT_SUB) {
        struct.key = reader.position;
        reader.skipString();
      }
    }
    struct.content = reader.position;
    struct.length = skipContent(reader, ref);
  }
  struct.end = reader.position;
  if (struct.length === 0) throw new Malformed("empty struct");
  if (clock + struct.length > MAX_CLOCK) throw new Malformed("clock out of range");
  return struct;
}

/** A struct that refers to its own future makes Yjs throw in the middle of an integration. */
function refuseForwardReference(client: number, clock: number, toClient: number, toClock: number): void {
  if (client === toClient && toClock >= clock) throw new Malformed("refers to itself");
}

/** Reads a whole update, or says that it is malformed. The result's offsets point into `bytes`. */
export function scanUpdate(bytes: Uint8Array): ScannedUpdate | null {
  try {
    const reader = new ByteReader(bytes);
    const sections: Section[] = [];
    const seen = new Set<number>();
    let parts = 0;
    for (let n = reader.uint(); n > 0; n--) {
      const count = reader.uint();
      const client = reader.uint();
      const first = reader.uint();
      if (seen.has(client) || count === 0) throw new Malformed("client named twice or for nothing");
      seen.add(client);
      const structs: Struct[] = [];
      let clock = first;
      if ((parts += count) > MAX_PARTS) throw new Malformed("too many structs");
      for (let i = 0; i < count; i++) {
        const struct = scanStruct(reader, client, clock);
        structs.push(struct);
        clock += struct.length;
      }
      sections.push({ client, clock: first, structs });
    }
    const deletions: Range[] = [];
    for (let n = reader.uint(); n > 0; n--) {
      const client = reader.uint();
      let count = reader.uint();
      if ((parts += count) > MAX_PARTS) throw new Malformed("too many deletions");
      for (; count > 0; count--) {
        const clock = reader.uint();
        const length = reader.uint();
        if (clock + length > MAX_CLOCK) throw new Malformed("clock out of range");
        // Yjs writes none, and where it cannot place one at once it throws
        if (length === 0) throw new Malformed("empty deletion");
        deletions.push({ client, clock, length });
      }
    }
    if (reader.position !== bytes.length) throw new Malformed("bytes behind the end");
    return { bytes, sections, deletions };
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** How many clients the update has structs of, by its first bytes; 0 where it is too short for so many. */
export function countSections(bytes: Uint8Array): number {
  try {
    const count = new ByteReader(bytes).uint();
    return count * SHORTEST_SECTION <= bytes.length ? count : 0;
  } catch (error) {
    if (error instanceof Malformed) return 0;
    throw error;
  }
}

/** Clock behind the section's last struct. */
export function sectionEnd(section: Section): number {
  const last = section.structs[section.structs.length - 1]!;
  return last.clock + last.length;
}

/** Reads a state vector (client -> next clock), or null for malformed bytes. */
export function scanStateVector(bytes: Uint8Array): Map<number, number> | null {
  try {
    const reader = new ByteReader(bytes);
    const vector = new Map<number, number>();
    let n = reader.uint();
    if (n > MAX_PARTS) throw new Malformed("too many clients");
    for (; n > 0; n--) {
      const client = reader.uint();
      vector.set(client, reader.uint());
    }
    return vector;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/**
 * The bytes of a document's log: a line of text that names the format, then records. A record is a mark, its length, a
 * checksum over length and body, and the body; the mark lets reading go on behind a damaged record.
 */
import { crc32 } from "node:zlib";
import { ByteReader, ByteWriter, Malformed } from "../document/bytes.ts";
import type { Damage, StoredUpdate } from "./store.ts";

const FORMAT = Buffer.from("marginalia log 1\n");
const MARK = 0x6d_4c_a7_e9;
/** Mark, length and checksum, four bytes each. */
const HEAD = 12;

const NAME = 0;
const UPDATE = 1;

/** From this length on an update is written from where it is instead of being copied into its record, in bytes. */
const LARGE = 64 * 1024;

/** A record whose body is made of these parts, in the pieces in which it is to be written. */
function record(...parts: readonly Uint8Array[]): Buffer[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const last = parts.at(-1)!;
  const apart = last.length >= LARGE;
  const bytes = Buffer.allocUnsafe(HEAD + length - (apart ? last.length : 0));
  bytes.writeUInt32BE(MARK, 0);
  bytes.writeUInt32BE(length, 4);
  let at = HEAD;
  for (const part of apart ? parts.slice(0, -1) : parts) {
    bytes.set(part, at);
    at += part.length;
  }
  const sum = checksum(bytes, 0, at - HEAD);
  bytes.writeUInt32BE(apart ? crc32(last, sum) : sum, 8);
  return apart ? [bytes, Buffer.from(last.buffer, last.byteOffset, last.length)] : [bytes];
}

function checksum(bytes: Buffer, at: number, length: number): number {
  return crc32(bytes.subarray(at + HEAD, at + HEAD + length), crc32(bytes.subarray(at + 4, at + 8)));
}

/** How every log begins. The name is in it so that a folder of logs explains itself. */
export function logHead(document: string): Buffer {
  return Buffer.concat([FORMAT, ...record(new ByteWriter().byte(NAME).string(document).done())]);
}

/** Beginnings of records with one section, by owner: nearly all records are such. */
const ownerHeads = new Map<string, Uint8Array>();

/** What stands before an update in its record: its owners. */
function encodeOwners(owners: readonly string[]): Uint8Array {
  if (owners.length !== 1) return writeOwners(owners);
  let head = ownerHeads.get(owners[0]!);
  if (!head) {
    if (ownerHeads.size > 10_000) ownerHeads.clear();
    head = writeOwners(owners);
    ownerHeads.set(owners[0]!, head);
  }
  return head;
}

function writeOwners(owners: readonly string[]): Uint8Array {
  const names = [...new Set(owners)];
  const writer = new ByteWriter(64).byte(UPDATE).uint(names.length);
  for (const name of names) writer.string(name);
  writer.uint(owners.length);
  if (names.length > 1) for (const owner of owners) writer.uint(names.indexOf(owner));
  return writer.done();
}

/** An update and its owners as bytes, without mark and checksum. */
export function encodeBody({ update, owners }: StoredUpdate): Buffer {
  return Buffer.concat([encodeOwners(owners), update]);
}

/** The record of an update, in pieces: a large update is one of them itself. */
export function updateRecord({ update, owners }: StoredUpdate): Buffer[] {
  return record(encodeOwners(owners), update);
}

/** Reads what `encodeBody` wrote. The update is a view into `bytes`. */
export function decodeBody(bytes: Uint8Array): StoredUpdate {
  const reader = new ByteReader(bytes);
  reader.byte();
  return readUpdate(reader);
}

function readUpdate(reader: ByteReader): StoredUpdate {
  const names: string[] = [];
  for (let n = reader.uint(); n > 0; n--) names.push(reader.string());
  const count = reader.uint();
  const owners: string[] = [];
  if (names.length > 1) for (let i = 0; i < count; i++) owners.push(names[reader.uint()] ?? "");
  else if (names.length === 1) for (let i = 0; i < count; i++) owners.push(names[0]!);
  return { owners, update: reader.bytes.subarray(reader.position, reader.end) };
}

export interface ReadLog {
  document: string | null;
  updates: StoredUpdate[];
  damage: Damage[];
  /** Bytes up to the end of the last whole record: a torn end is to be cut off here. */
  end: number;
}

/** True for a log of a later format, of which this program knows nothing. */
export function isNewer(bytes: Buffer): boolean {
  const [, format] = /^marginalia log (\d{1,9})\n/.exec(bytes.toString("latin1", 0, 32)) ?? [];
  return Number(format) > 1;
}

/** True for the beginning of a log, as a crash may leave it, and for every log. */
export function beginsAsLog(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, FORMAT.length);
  return bytes.subarray(0, length).equals(FORMAT.subarray(0, length));
}

/** Reads a log. Updates are views into `bytes`. */
export function readLog(bytes: Buffer, document: string): ReadLog {
  const result: ReadLog = { document: null, updates: [], damage: [], end: 0 };
  let at = 0;
  if (bytes.subarray(0, FORMAT.length).equals(FORMAT)) {
    at = FORMAT.length;
    result.end = at;
  }
  while (at < bytes.length) {
    const length = wholeRecord(bytes, at);
    if (length < 0) {
      const next = nextRecord(bytes, at + 1);
      const kind = next < 0 && (result.end > 0 || beginsAsLog(bytes)) ? "torn" : "corrupt";
      result.damage.push({ document, offset: at, length: (next < 0 ? bytes.length : next) - at, kind });
      if (next < 0) break;
      at = next;
      continue;
    }
    try {
      const reader = new ByteReader(bytes, at + HEAD, at + HEAD + length);
      const type = reader.byte();
      if (type === NAME) result.document = reader.string();
      else if (type === UPDATE) result.updates.push(readUpdate(reader));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      result.damage.push({ document, offset: at, length: HEAD + length, kind: "corrupt" });
    }
    at += HEAD + length;
    result.end = at;
  }
  return result;
}

/** Length of the body of the whole, sound record at `at`, or -1. */
function wholeRecord(bytes: Buffer, at: number): number {
  if (at + HEAD > bytes.length || bytes.readUInt32BE(at) !== MARK) return -1;
  const length = bytes.readUInt32BE(at + 4);
  if (at + HEAD + length > bytes.length) return -1;
  return checksum(bytes, at, length) === bytes.readUInt32BE(at + 8) ? length : -1;
}

function nextRecord(bytes: Buffer, from: number): number {
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE(MARK);
  for (let at = bytes.indexOf(mark, from); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    if (wholeRecord(bytes, at) >= 0) return at;
  }
  return -1;
}

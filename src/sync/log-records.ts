/**
 * Records of an append-only log: 4 bytes of magic, 1 of type, 4 of length, 4 of checksum (big end first), then the payload.
 *
 * The checksum runs over the window's name, the type and the payload. The name is random and never leaves the computer, so
 * that bytes which a peer wrote into a payload can never be mistaken for a record of their own.
 */

export const RECORD = {
  /** An update that came from the server. */
  heard: 1,
  /** An update written here: its running number in this window (varint), then the update. */
  written: 2,
  /** JSON: window -> running number up to which the server has everything on disk. */
  saved: 3,
  /** The end of a snapshot, or all of it: JSON of the ledger (length as varint first), then an update. */
  snapshot: 4,
  /** An update that belongs to the snapshot that comes after it in the file. */
  part: 5,
} as const;

export type RecordType = (typeof RECORD)[keyof typeof RECORD];

export interface LogRecord {
  type: RecordType;
  payload: Uint8Array;
  /** Offset of the record's first byte. */
  at: number;
}

export interface ReadResult {
  records: LogRecord[];
  /** Bytes from the start that need not be read again: a record may begin there that is not whole (yet). */
  consumed: number;
  /** Stretches between records that belong to none. Offsets, end exclusive. */
  damaged: { start: number; end: number }[];
  /** What follows `consumed` is not a record that was cut short, but damage, or of a later version. */
  strange: boolean;
}

const MAGIC = [0x4d, 0x41, 0x52, 0x01] as const;
const HEAD = 13;

/**
 * Four tables, for four bytes at a time: a log of megabytes is read while somebody waits. Signed, since larger numbers would
 * each be an object on the heap.
 */
const CRC_TABLES = (() => {
  const tables = [0, 1, 2, 3].map(() => new Int32Array(256));
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    tables[0]![byte] = value;
  }
  for (let n = 1; n < 4; n++) {
    for (let byte = 0; byte < 256; byte++) {
      const value = tables[n - 1]![byte]!;
      tables[n]![byte] = tables[0]![value & 0xff]! ^ (value >>> 8);
    }
  }
  return tables as [Int32Array, Int32Array, Int32Array, Int32Array];
})();

/** CRC-32 (IEEE 802.3) of `bytes`, going on from `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3] = CRC_TABLES;
  const inFours = bytes.length - (bytes.length % 4);
  let value = ~before;
  let at = 0;
  for (; at < inFours; at += 4) {
    value ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    value = t3[value & 0xff]! ^ t2[(value >>> 8) & 0xff]! ^ t1[(value >>> 16) & 0xff]! ^ t0[value >>> 24]!;
  }
  for (; at < bytes.length; at++) value = t0[(value ^ bytes[at]!) & 0xff]! ^ (value >>> 8);
  return ~value >>> 0;
}

function checksum(window: string, type: number, payload: Uint8Array): number {
  const name = Uint8Array.from(window, (letter) => letter.charCodeAt(0) & 0xff);
  return crc32(payload, crc32(Uint8Array.of(type), crc32(name)));
}

/** A whole record, ready to append. */
export function encodeRecord(window: string, type: RecordType, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC, 0);
  view.setUint8(4, type);
  view.setUint32(5, payload.length);
  view.setUint32(9, checksum(window, type, payload));
  bytes.set(payload, HEAD);
  return bytes;
}

/** The whole record at `at`, or null. */
function recordAt(bytes: Uint8Array, view: DataView, at: number, window: string): LogRecord | null {
  if (at + HEAD > bytes.length) return null;
  for (let i = 0; i < MAGIC.length; i++) if (bytes[at + i] !== MAGIC[i]) return null;
  const type = view.getUint8(at + 4);
  if (type < RECORD.heard || type > RECORD.part) return null;
  const length = view.getUint32(at + 5);
  if (at + HEAD + length > bytes.length) return null;
  const payload = bytes.subarray(at + HEAD, at + HEAD + length);
  if (view.getUint32(at + 9) !== checksum(window, type, payload)) return null;
  return { type: type as RecordType, payload, at };
}

/** Reads what is whole; what is damaged is stepped over to the next whole record, what is torn at the end is left. */
export function readRecords(bytes: Uint8Array, window: string): ReadResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: LogRecord[] = [];
  const damaged: { start: number; end: number }[] = [];
  let at = 0;
  while (at < bytes.length) {
    let record = recordAt(bytes, view, at, window);
    if (!record) {
      let next = at + 1;
      while (next < bytes.length && !(record = recordAt(bytes, view, next, window))) next++;
      if (!record) break;
      damaged.push({ start: at, end: next });
      at = next;
    }
    records.push(record);
    at += HEAD + record.payload.length;
  }
  return { records, consumed: at, damaged, strange: !isTorn(bytes, view, at) };
}

/** True for nothing, for the beginning of a record, and for the zeros that a power cut may leave where one would have been. */
function isTorn(bytes: Uint8Array, view: DataView, at: number): boolean {
  const rest = bytes.subarray(at);
  if (rest.every((byte) => byte === 0)) return true;
  for (let i = 0; i < MAGIC.length && i < rest.length; i++) if (rest[i] !== MAGIC[i]) return false;
  if (rest.length < HEAD) return true;
  const type = view.getUint8(at + 4);
  return type >= RECORD.heard && type <= RECORD.part && at + HEAD + view.getUint32(at + 5) > bytes.length;
}

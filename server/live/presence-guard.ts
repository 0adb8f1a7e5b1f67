/**
 * Watches a connection's bytes beside the websocket parser, which hands out a message only when it has all of it: that a presence
 * is too long is known from its frame's header, before its megabytes are kept.
 */
import { MESSAGE_AWARENESS } from "../../src/protocol/wire.ts";

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;

export interface PresenceGuard {
  /** The beginning of a header that came in two chunks. */
  rest: Buffer | null;
  /** Bytes of payload still to come. */
  skip: number;
  /** Whether the message under way is one of awareness, and its length so far, fragments added up. */
  isPresence: boolean;
  total: number;
  done: boolean;
}

export function newPresenceGuard(): PresenceGuard {
  return { rest: null, skip: 0, isPresence: false, total: 0, done: false };
}

/** Takes the chunks as they come; true, once, when an awareness message will have more than `limit` bytes. */
export function seesTooLongPresence(guard: PresenceGuard, chunk: Buffer, limit: number): boolean {
  if (guard.done) return false;
  if (guard.skip >= chunk.length) {
    guard.skip -= chunk.length;
    return false;
  }
  const bytes = guard.rest ? Buffer.concat([guard.rest, chunk]) : chunk;
  guard.rest = null;
  let at = guard.skip;
  while (at < bytes.length) {
    const frame = readHeader(bytes, at);
    if (!frame) {
      guard.rest = Buffer.from(bytes.subarray(at));
      guard.skip = 0;
      return false;
    }
    if (frame.opcode === BINARY || frame.opcode === TEXT) {
      guard.isPresence = frame.opcode === BINARY && frame.first === MESSAGE_AWARENESS;
      guard.total = frame.length;
    } else if (frame.opcode === CONTINUATION) {
      guard.total += frame.length;
    }
    if (guard.isPresence && guard.total > limit) {
      guard.done = true;
      return true;
    }
    at += frame.size + frame.length;
  }
  guard.skip = at - bytes.length;
  return false;
}

/** A frame's header and the first byte of its payload (-1 when it has none); null when more bytes are needed. */
function readHeader(bytes: Buffer, at: number): { opcode: number; size: number; length: number; first: number } | null {
  const available = bytes.length - at;
  if (available < 2) return null;
  const opcode = bytes[at]! & 0x0f;
  const masked = bytes[at + 1]! >= 0x80;
  let length = bytes[at + 1]! & 0x7f;
  let size = 2;
  if (length === 126) {
    if (available < 4) return null;
    length = bytes.readUInt16BE(at + 2);
    size = 4;
  } else if (length === 127) {
    if (available < 10) return null;
    length = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    size = 10;
  }
  const mask = at + size;
  if (masked) size += 4;
  if (length === 0) return { opcode, size, length, first: -1 };
  if (available <= size) return null;
  return { opcode, size, length, first: masked ? bytes[at + size]! ^ bytes[mask]! : bytes[at + size]! };
}

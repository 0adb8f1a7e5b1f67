/**
 * Watches a connection's bytes beside the websocket parser, which hands out a message only when it has all of it: that a message
 * is too long for what it is can be told from its frame's header and its first byte, before its megabytes are kept. Only messages
 * of the sync protocol may be long. Its number is written as one byte of 0 by everybody; numbers that take more bytes than they
 * need are nobody's.
 */
import { type CloseName, MESSAGE_AWARENESS, MESSAGE_SYNC } from "../../src/protocol/wire.ts";

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
/** Stands for the first byte of a text message: no number begins with it. */
const TEXT_BYTE = 256;

export interface LengthGuard {
  /** The beginning of a header that came in two chunks. */
  rest: Buffer | null;
  /** Bytes of payload still to come. */
  skip: number;
  /** The first byte of the message under way, -1 while it has none, and its length so far, fragments added up. */
  first: number;
  total: number;
  done: boolean;
}

export function newLengthGuard(): LengthGuard {
  return { rest: null, skip: 0, first: -1, total: 0, done: false };
}

/** Takes the chunks as they come; says, once, that a message which is not of the sync protocol will have more than `limit` bytes. */
export function seesTooLong(guard: LengthGuard, chunk: Buffer, limit: number): CloseName | null {
  if (guard.done) return null;
  if (guard.skip >= chunk.length) {
    guard.skip -= chunk.length;
    return null;
  }
  const bytes = guard.rest ? Buffer.concat([guard.rest, chunk]) : chunk;
  guard.rest = null;
  let at = guard.skip;
  while (at < bytes.length) {
    const frame = readHeader(bytes, at);
    if (!frame) {
      guard.rest = Buffer.from(bytes.subarray(at));
      guard.skip = 0;
      return null;
    }
    if (frame.opcode === BINARY || frame.opcode === TEXT) {
      // Text is no protocol of ours.
      guard.first = frame.opcode === TEXT ? TEXT_BYTE : frame.first;
      guard.total = frame.length;
    } else if (frame.opcode === CONTINUATION) {
      if (guard.first < 0) guard.first = frame.first;
      guard.total += frame.length;
    }
    if (guard.first !== MESSAGE_SYNC && guard.total > limit) {
      guard.done = true;
      return guard.first === MESSAGE_AWARENESS ? "presenceTooLarge" : "tooLarge";
    }
    at += frame.size + frame.length;
  }
  guard.skip = at - bytes.length;
  return null;
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

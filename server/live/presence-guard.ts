/**
 * Watches a connection's bytes beside the websocket parser, which hands out a message only when it has all of it: that a presence
 * is too long is known from its frame's header, before its megabytes are kept.
 */
import { MESSAGE_AWARENESS } from "../../src/protocol/wire.ts";

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;

/** Takes the chunks as they come; calls `tooLong` once, when an awareness message will have more than `limit` bytes. */
export function createPresenceGuard(limit: number, tooLong: () => void): (chunk: Buffer) => void {
  /** The beginning of a header that came in two chunks. */
  let rest: Buffer | null = null;
  /** Bytes of payload still to come. */
  let skip = 0;
  /** Whether the message under way is one of awareness, and its length so far, fragments added up. */
  let isPresence = false;
  let total = 0;
  let done = false;

  return (chunk) => {
    if (done) return;
    if (skip >= chunk.length) {
      skip -= chunk.length;
      return;
    }
    const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
    rest = null;
    let at = skip;
    while (at < bytes.length) {
      const frame = readHeader(bytes, at);
      if (!frame) {
        rest = Buffer.from(bytes.subarray(at));
        skip = 0;
        return;
      }
      if (frame.opcode === BINARY || frame.opcode === TEXT) {
        isPresence = frame.opcode === BINARY && frame.first === MESSAGE_AWARENESS;
        total = frame.length;
      } else if (frame.opcode === CONTINUATION) {
        total += frame.length;
      }
      if (isPresence && total > limit) {
        done = true;
        tooLong();
        return;
      }
      at += frame.size + frame.length;
    }
    skip = at - bytes.length;
  };
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

/** Websocket frames as bytes: a message is framed once, and the same bytes go to every reader. */
import { ByteWriter, uintSize } from "../document/bytes.ts";
import { MESSAGE_AWARENESS, MESSAGE_SAVED, MESSAGE_SYNC, SAVED_COUNT } from "../../src/protocol/wire.ts";
import { SYNC_STEP_1, SYNC_STEP_2, SYNC_UPDATE } from "../../src/protocol/wire.ts";

const FINAL_BINARY = 0x82;

/** Head of an unmasked, final, binary frame (RFC 6455, 5.2). */
function writeHead(frame: Buffer, length: number): number {
  frame[0] = FINAL_BINARY;
  if (length < 126) {
    frame[1] = length;
    return 2;
  }
  if (length < 0x1_0000) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
    return 4;
  }
  frame[1] = 127;
  frame.writeUInt32BE(Math.floor(length / 0x1_0000_0000), 2);
  frame.writeUInt32BE(length % 0x1_0000_0000, 6);
  return 10;
}

function headSize(length: number): number {
  return length < 126 ? 2 : length < 0x1_0000 ? 4 : 10;
}

/** From this length on bytes are sent from where they are instead of being copied into a frame or beside one, in bytes. */
const LARGE = 64 * 1024;

/** Numbers (each below 128) and the length of the block that follows, as the beginning of a frame; `room` bytes are left behind it. */
function blockHead(numbers: readonly number[], block: Uint8Array, room: number): Buffer {
  const length = numbers.length + uintSize(block.length) + block.length;
  const frame = Buffer.allocUnsafe(headSize(length) + length - block.length + room);
  let at = writeHead(frame, length);
  for (const number of numbers) frame[at++] = number;
  let rest = block.length;
  while (rest > 0x7f) {
    frame[at++] = 0x80 | (rest % 0x80);
    rest = Math.floor(rest / 0x80);
  }
  frame[at] = rest;
  return frame;
}

/** A frame with numbers (each below 128) and a block behind them. */
function blockFrame(numbers: readonly number[], block: Uint8Array): Buffer {
  const frame = blockHead(numbers, block, block.length);
  frame.set(block, frame.length - block.length);
  return frame;
}

/** An update's frame in the pieces in which it is to be sent: a large update is one of them itself. */
export function updatePieces(update: Uint8Array): Buffer[] {
  if (update.length < LARGE) return [updateFrame(update)];
  const head = blockHead([MESSAGE_SYNC, SYNC_UPDATE], update, 0);
  return [head, Buffer.from(update.buffer, update.byteOffset, update.length)];
}

/** Joins neighbouring small pieces, so that they go out as one write. */
export function packed(pieces: readonly Buffer[]): readonly Buffer[] {
  if (pieces.length < 2) return pieces;
  const whole: Buffer[] = [];
  let small: Buffer[] = [];
  const join = () => {
    if (small.length > 0) whole.push(small.length === 1 ? small[0]! : Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < LARGE) {
      small.push(piece);
    } else {
      join();
      whole.push(piece);
    }
  }
  join();
  return whole;
}

export function stepOneFrame(vector: Uint8Array): Buffer {
  return blockFrame([MESSAGE_SYNC, SYNC_STEP_1], vector);
}

export function stepTwoFrame(update: Uint8Array): Buffer {
  return blockFrame([MESSAGE_SYNC, SYNC_STEP_2], update);
}

export function updateFrame(update: Uint8Array): Buffer {
  return blockFrame([MESSAGE_SYNC, SYNC_UPDATE], update);
}

export function presenceFrame(update: Uint8Array): Buffer {
  return blockFrame([MESSAGE_AWARENESS], update);
}

/** Presence of nobody: keeps clients from taking a quiet room for a dead connection (y-websocket waits 30 s). */
export const QUIET_FRAME = presenceFrame(Uint8Array.of(0));

export function savedFrame(count: number): Buffer {
  const body = new ByteWriter(16).uint(MESSAGE_SAVED).uint(SAVED_COUNT).uint(count).done();
  const frame = Buffer.allocUnsafe(2 + body.length);
  frame.set(body, writeHead(frame, body.length));
  return frame;
}

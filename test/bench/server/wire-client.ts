/** A websocket client that does as little as possible, so that the measured side is the server: raw frames, no Yjs. */
import { connect, type Socket } from "node:net";
import * as Y from "yjs";
import { CLIENT_BASE } from "./updates.ts";

export interface WireClient {
  socket: Socket;
  /** Sends a prepared frame: see `frame`. */
  send(frame: Buffer): void;
  /** Bytes received so far. */
  received: number;
  close(): void;
}

/** A masked binary frame (with a mask of zeros, so that the payload stays readable). */
export function frame(payload: Uint8Array): Buffer {
  const length = payload.length;
  const head = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const bytes = Buffer.alloc(head + length);
  bytes[0] = 0x82;
  if (length < 126) bytes[1] = 0x80 | length;
  else if (length < 65_536) {
    bytes[1] = 0x80 | 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 0x80 | 127;
    bytes.writeBigUInt64BE(BigInt(length), 2);
  }
  bytes.set(payload, head);
  return bytes;
}

/** Where a server listens, and which dialect it speaks. */
export interface Target {
  port: number;
  /** Each message begins with the document's name, and a token comes first: Hocuspocus. */
  named: boolean;
}

/** The prepared frame with the document's name before its message. */
function withName(name: Buffer, prepared: Buffer): Buffer {
  const length = prepared[1]! & 0x7f;
  return frame(Buffer.concat([name, prepared.subarray(length < 126 ? 6 : length === 126 ? 8 : 14)]));
}

/** Connects; `onMessage` gets each message as a range of a buffer, valid during the call. */
export function open(
  { port, named }: Target,
  path: string,
  onMessage: (bytes: Buffer, start: number, end: number) => void,
): Promise<WireClient> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let rest: Buffer = Buffer.alloc(0);
    let upgraded = false;
    /** Shorter than 128 bytes, so that one byte says how long it is. */
    const name = named ? Buffer.concat([Buffer.of(path.length), Buffer.from(path)]) : Buffer.alloc(0);
    const client: WireClient = {
      socket,
      received: 0,
      send: (bytes) => void socket.write(named ? withName(name, bytes) : bytes),
      close: () => void socket.destroy(),
    };
    socket.on("error", reject);
    socket.write(
      `GET /${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    socket.on("data", (chunk: Buffer) => {
      client.received += chunk.length;
      let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      if (!upgraded) {
        const end = bytes.indexOf("\r\n\r\n");
        if (end < 0) {
          rest = bytes;
          return;
        }
        upgraded = true;
        bytes = bytes.subarray(end + 4);
        if (named) client.send(frame(Uint8Array.of(2, 0, 0)));
        resolve(client);
      }
      let at = 0;
      for (;;) {
        if (bytes.length - at < 2) break;
        let length = bytes[at + 1]! & 0x7f;
        let head = 2;
        if (length === 126) {
          head = 4;
          if (bytes.length - at < 4) break;
          length = bytes.readUInt16BE(at + 2);
        } else if (length === 127) {
          head = 10;
          if (bytes.length - at < 10) break;
          length = Number(bytes.readBigUInt64BE(at + 2));
        }
        if (bytes.length - at < head + length) break;
        if ((bytes[at]! & 0x0f) === 2) onMessage(bytes, at + head + name.length, at + head + length);
        at += head + length;
      }
      rest = bytes.subarray(at);
    });
  });
}

/** "I have nothing." */
export const STEP_1 = frame(Uint8Array.of(0, 0, 1, 0));

/** A step 2 (1) or an update (2) as a frame. */
export function syncMessage(step: number, update: Uint8Array): Buffer {
  const bytes = [0, step];
  let rest = update.length;
  while (rest > 0x7f) {
    bytes.push(0x80 | (rest % 0x80));
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return frame(Buffer.concat([Buffer.from(bytes), update]));
}

/** The number of the client that wrote the update in a message, or -1. */
export function writerOf(bytes: Buffer, start: number): number {
  if (bytes[start] !== 0 || bytes[start + 1] !== 2) return -1;
  let at = start + 2;
  while (bytes[at++]! > 0x7f);
  at += 2;
  let client = 0;
  for (let shift = 1; ; shift *= 0x80) {
    const byte = bytes[at++]!;
    client += (byte & 0x7f) * shift;
    if (byte < 0x80) break;
  }
  return client - CLIENT_BASE;
}

/** The writers of all annotations in a message, each as often as it wrote: some servers merge what arrives together. */
export function writersOf(bytes: Buffer, start: number, end: number): number[] {
  if (bytes[start] !== 0 || bytes[start + 1] !== 2) return [];
  let at = start + 2;
  while (bytes[at++]! > 0x7f);
  // One client with one struct.
  if (bytes[at] === 1 && bytes[at + 1] === 1) return [writerOf(bytes, start)];
  const update = bytes.subarray(at, end);
  const known = merged.find((one) => one.update.equals(update));
  if (known) return known.writers;
  const writers = Y.decodeUpdate(update)
    .structs.filter((struct) => !(struct instanceof Y.Skip))
    .map((struct) => struct.id.client - CLIENT_BASE);
  merged.unshift({ update: Buffer.from(update), writers });
  merged.length = Math.min(merged.length, 40);
  return writers;
}

/** The latest merged updates: each comes to every reader, and is decoded once so that the load generator does not become the measure. */
const merged: { update: Buffer; writers: number[] }[] = [];

/** One websocket: reads messages, holds them to the limits, and hands them to its document. */
import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import {
  CLOSE,
  type CloseName,
  closeSentence,
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SAVED,
  MESSAGE_SYNC,
  SAVED_SUBSCRIBE,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
} from "../../src/protocol/wire.ts";
import { ByteReader, Malformed } from "../document/bytes.ts";
import { scanStateVector } from "../document/scan.ts";
import type { WriteRule } from "../document/state.ts";
import type { Limits } from "../limits.ts";
import type { LiveDocument } from "./live-document.ts";
import { createPeer, type Outlet, type Peer } from "./peer.ts";
import type { Person } from "./presence.ts";
import { createPresenceGuard } from "./presence-guard.ts";

/** How long a closed connection may take to say goodbye, in milliseconds. */
const GOODBYE = 2_000;
/** Longest awareness message: an echo of a full room. In bytes. */
const MAX_PRESENCE_MESSAGE = 1024 * 1024;

/** A websocket whose protocol errors are told by our own close codes where they have one. */
export class NamedCloseSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (code === 1009) super.close(CLOSE.tooLarge, closeSentence(CLOSE.tooLarge));
    else if (code === 1002 || code === 1007) super.close(CLOSE.malformed, closeSentence(CLOSE.malformed));
    else super.close(code, reason);
  }
}

export function closeSocket(ws: WebSocket, why: CloseName): void {
  ws.close(CLOSE[why], closeSentence(CLOSE[why]));
  setTimeout(() => ws.terminate(), GOODBYE).unref();
}

export interface Connection {
  peer: Peer;
  close(why: CloseName): void;
  /** Sends a ping; cuts the connection off when the last one was not answered. */
  beat(): void;
}

export interface ConnectionEvents {
  message?(bytes: number): void;
  closedBy?(why: CloseName): void;
  left(): void;
}

/** Serves `document` over `ws` until either side ends it. `socket` is the stream below `ws`. */
export function serveConnection(
  ws: WebSocket,
  socket: Duplex,
  document: LiveDocument,
  rights: { rule: WriteRule | null; person: Person | null },
  limits: Limits,
  events: ConnectionEvents,
): Connection {
  const outlet: Outlet = {
    write(frames) {
      if (ws.readyState === WebSocket.OPEN) socket.write(frames);
    },
    waiting: () => socket.writableLength,
    onceDrained: (callback) => {
      if (socket.writableLength === 0) setImmediate(callback);
      else socket.once("drain", callback);
    },
    close,
  };
  const peer = createPeer(outlet, rights.rule, rights.person);
  const messages = createBucket(limits.messagesPerSecond);
  const bytes = createBucket(limits.bytesPerSecond);
  let alive = true;

  function close(why: CloseName): void {
    if (peer.closed) return;
    leave();
    events.closedBy?.(why);
    closeSocket(ws, why);
  }

  function leave(): void {
    if (peer.closed) return;
    peer.closed = true;
    document.leave(peer);
    events.left();
  }

  socket.on(
    "data",
    createPresenceGuard(MAX_PRESENCE_MESSAGE, () => {
      if (peer.closed) return;
      close("presenceTooLarge");
      // What is still to come is thrown away as it comes, and nothing more is said.
      socket.removeAllListeners("data");
      socket.resume();
      socket.end();
    }),
  );
  ws.on("message", (data: Buffer, isBinary: boolean) => {
    if (peer.closed) return;
    alive = true;
    events.message?.(data.length);
    if (!messages.take(1) || !bytes.take(data.length)) return close("tooMany");
    if (!isBinary) return close("malformed");
    try {
      receive(data);
    } catch (error) {
      if (error instanceof Malformed) return close("malformed");
      close("failed");
      throw error;
    }
  });
  ws.on("pong", () => {
    alive = true;
  });
  ws.on("close", leave);
  // Without a listener an error on a socket ends the process. The close event follows.
  ws.on("error", () => leave());

  function receive(data: Buffer): void {
    const reader = new ByteReader(data);
    switch (reader.uint()) {
      case MESSAGE_SYNC: {
        const step = reader.uint();
        const block = reader.block();
        if (step === SYNC_STEP_1) {
          const since = scanStateVector(block);
          if (!since) throw new Malformed("state vector");
          document.stepOne(peer, since);
        } else if (step === SYNC_STEP_2 || step === SYNC_UPDATE) {
          document.update(peer, block, step === SYNC_STEP_2);
        } else {
          throw new Malformed("unknown sync message");
        }
        return;
      }
      case MESSAGE_AWARENESS:
        if (data.length > MAX_PRESENCE_MESSAGE) close("presenceTooLarge");
        else document.presence(peer, reader.block());
        return;
      case MESSAGE_QUERY_AWARENESS:
        document.queryPresence(peer);
        return;
      case MESSAGE_SAVED:
        if (reader.uint() === SAVED_SUBSCRIBE) document.subscribeSaved(peer);
        return;
      default:
      // A later protocol's message: not for this server.
    }
  }

  document.join(peer);

  return {
    peer,
    close,
    beat() {
      if (peer.closed) return;
      if (!alive) {
        ws.terminate();
        return;
      }
      alive = false;
      ws.ping();
    },
  };
}

/** Lets `perSecond` through, and ten seconds' worth of it at once after a pause. */
export function createBucket(perSecond: number): { take(amount: number): boolean } {
  const capacity = perSecond * 10;
  let level = capacity;
  let last = performance.now();
  return {
    take(amount) {
      if (level < amount) {
        const now = performance.now();
        level = Math.min(capacity, level + ((now - last) / 1000) * perSecond);
        last = now;
        if (level < amount) return false;
      }
      level -= amount;
      return true;
    },
  };
}

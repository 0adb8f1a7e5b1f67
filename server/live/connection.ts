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
import { newLengthGuard, seesTooLong } from "./length-guard.ts";
import { fullBucket, take } from "./rate.ts";
import type { Holder, Unfinished } from "./unfinished.ts";

/** How long a closed connection may take to say goodbye, in milliseconds. */
const GOODBYE = 2_000;
/** Longest message that is not of the sync protocol, as an echo of a full room's awareness may be. In bytes. */
const MAX_SHORT_MESSAGE = 1024 * 1024;

/** A websocket whose protocol errors are told by our own close codes where they have one. */
export class NamedCloseSocket extends WebSocket {
  connection: SocketConnection | null = null;

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

/** What becomes of connections: one object for all of them. */
export interface ConnectionEvents {
  message(bytes: number): void;
  closedBy(why: CloseName): void;
  /** A fault of ours in what was done with a message. */
  failed(error: unknown): void;
  left(connection: Connection): void;
  /** What of messages under way is kept. */
  unfinished: Unfinished;
}

/** What somebody may do in a document (a null rule: read), and who they are where the server knows. */
export interface Rights {
  rule: WriteRule | null;
  person: Person | null;
}

/**
 * Serves `document` over `ws` until either side ends it; then `release` is called, once. `socket` is the stream below `ws`.
 */
export function serveConnection(
  ws: NamedCloseSocket,
  socket: Duplex,
  document: LiveDocument,
  rights: Rights,
  limits: Limits,
  events: ConnectionEvents,
  release: () => void,
): Connection {
  const connection = new SocketConnection(ws, socket, document, rights, limits, events, release);
  ws.connection = connection;
  // Before the websocket's own listener, which unmasks what it reads in place.
  socket.prependListener("data", (chunk: Buffer) => connection.watch(chunk));
  ws.on("message", onMessage);
  ws.on("pong", onPong);
  ws.on("close", onEnd);
  // Without a listener an error on a socket ends the process. The close event follows.
  ws.on("error", onEnd);
  document.join(connection.peer);
  return connection;
}

// One function listens on all websockets: thousands of quiet connections are kept, and closures would be kept with each.
function onMessage(this: WebSocket, data: Buffer, isBinary: boolean): void {
  (this as NamedCloseSocket).connection!.message(data, isBinary);
}

function onPong(this: WebSocket): void {
  (this as NamedCloseSocket).connection!.alive = true;
}

function onEnd(this: WebSocket): void {
  (this as NamedCloseSocket).connection!.leave();
}

/** Its methods belong to all connections together; as closures they cost each of them more than a kilobyte. */
class SocketConnection implements Connection, Outlet, Holder {
  readonly peer: Peer;
  /** Something was heard since the last ping. */
  alive = true;
  private readonly ws: NamedCloseSocket;
  private readonly socket: Duplex;
  private readonly document: LiveDocument;
  private readonly limits: Limits;
  private readonly events: ConnectionEvents;
  private readonly release: () => void;
  private readonly messages = fullBucket();
  private readonly bytes = fullBucket();
  private readonly guard = newLengthGuard();
  /** Bytes that came since the last whole message. */
  private underWay = 0;

  constructor(
    ws: NamedCloseSocket,
    socket: Duplex,
    document: LiveDocument,
    rights: Rights,
    limits: Limits,
    events: ConnectionEvents,
    release: () => void,
  ) {
    this.ws = ws;
    this.socket = socket;
    this.document = document;
    this.limits = limits;
    this.events = events;
    this.release = release;
    this.peer = createPeer(this, rights.rule, rights.person);
  }

  write(frames: Buffer): void {
    if (this.ws.readyState === WebSocket.OPEN) this.socket.write(frames);
  }

  waiting(): number {
    return this.socket.writableLength;
  }

  onceDrained(callback: () => void): void {
    if (this.socket.writableLength === 0) setImmediate(callback);
    else this.socket.once("drain", callback);
  }

  close(why: CloseName): void {
    if (this.peer.closed) return;
    this.leave();
    this.events.closedBy(why);
    closeSocket(this.ws, why);
    // Who sends too much is not read any more: what is still on its way would cost memory and be thrown away.
    if (why === "tooMany") this.socket.pause();
  }

  makeRoom(): void {
    this.close("overloaded");
    this.socket.pause();
  }

  leave(): void {
    if (this.peer.closed) return;
    this.peer.closed = true;
    this.document.leave(this.peer);
    this.events.unfinished.drop(this);
    this.events.left(this);
    this.release();
  }

  beat(): void {
    if (this.peer.closed) return;
    if (!this.alive) {
      this.ws.terminate();
      return;
    }
    this.alive = false;
    this.ws.ping();
  }

  /** Sees every chunk of the stream before it is a message. */
  watch(chunk: Buffer): void {
    if (!this.peer.closed) this.events.unfinished.hold(this, (this.underWay += chunk.length));
    const why = seesTooLong(this.guard, chunk, MAX_SHORT_MESSAGE);
    if (!why || this.peer.closed) return;
    this.close(why);
    // What is still to come is thrown away as it comes, and nothing more is said.
    this.socket.removeAllListeners("data");
    this.socket.resume();
    this.socket.end();
  }

  message(data: Buffer, isBinary: boolean): void {
    if (this.peer.closed) return;
    this.alive = true;
    if (this.underWay > 0) this.events.unfinished.drop(this);
    this.underWay = 0;
    this.events.message(data.length);
    const { messagesPerSecond, bytesPerSecond, bytesAtOnce } = this.limits;
    if (
      !take(this.messages, messagesPerSecond, messagesPerSecond * 10, 1) ||
      !take(this.bytes, bytesPerSecond, bytesAtOnce, data.length)
    ) {
      return this.close("tooMany");
    }
    if (!isBinary) return this.close("malformed");
    try {
      this.receive(data);
    } catch (error) {
      if (error instanceof Malformed) return this.close("malformed");
      this.close("failed");
      this.events.failed(error);
    }
  }

  private receive(data: Buffer): void {
    const { document, peer } = this;
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
        document.presence(peer, reader.block());
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
}

/** The sync server as a value: options in, an address and a way to stop it out. Nothing starts by importing this. */
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { formatDocumentName, parseDocumentName } from "../src/core/model/documents.ts";
import type { CloseName } from "../src/protocol/wire.ts";
import { hashSecret } from "./auth/secrets.ts";
import { createTokens, readOrMakeSecret } from "./auth/tokens.ts";
import { stateMemory, type WriteRule } from "./document/state.ts";
import { createApi } from "./http/api.ts";
import { addressOf, createAddressBook, isLoopback, originAllowed } from "./http/addresses.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import {
  closeSocket,
  type Connection,
  type ConnectionEvents,
  NamedCloseSocket,
  serveConnection,
} from "./live/connection.ts";
import { createHub, type Hold } from "./live/hub.ts";
import type { Person } from "./live/presence.ts";
import { createUnfinished } from "./live/unfinished.ts";
import { createTurnstile } from "./http/turnstile.ts";
import { type Log, SILENT } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createRooms } from "./rooms/rooms.ts";
import type { Visit } from "./rooms/visits.ts";
import { PLAIN_RULE } from "./rooms/rules.ts";
import { createFileStore } from "./store/file-store.ts";
import { createMemoryStore } from "./store/memory-store.ts";
import { type Store, StoreUnavailable } from "./store/store.ts";

export interface ServerOptions {
  host?: string;
  /** 0 takes a free port. */
  port?: number;
  /** open: any document, no tokens; for this computer and trusted networks. guarded: rooms, invites, tokens. */
  mode?: "open" | "guarded";
  /** Folder for everything that is kept; without it, and without `store`, nothing outlives the process. */
  data?: string;
  /** Where documents and rooms are kept instead; closed with the server. */
  store?: Store;
  /** Signs tokens; made in the data folder on first use when left out. Servers of one group share it. */
  signingKey?: string;
  /** May make rooms and read metrics; made in the data folder on first use when left out. */
  adminKey?: string;
  /** Anyone may make a room. */
  openCreation?: boolean;
  /** How people reach the server, for invite links: `https://notes.example.edu`. */
  publicUrl?: string;
  /** Believe X-Forwarded-For: only behind a proxy that sets it. */
  trustProxy?: boolean;
  /** Web origins that may connect, beside the server's own and this computer's. */
  origins?: readonly string[];
  tls?: { cert: string | Buffer; key: string | Buffer };
  tokenDays?: number;
  limits?: Partial<Limits>;
  log?: Log;
  /** Milliseconds after which a room that nobody used is deleted; never when left out. */
  expireRoomsAfter?: number;
  /** Address of a Redis that this server shares with others; documents and rooms are kept there. */
  redis?: string;
  /** Milliseconds that `close` waits for clients to go. */
  drainTime?: number;
}

export interface RunningServer {
  /** `http://127.0.0.1:PORT`; websockets are at the same place. */
  url: string;
  port: number;
  /** The administrator's key, where one was given or made. */
  adminKey: string | null;
  connections(): number;
  /** Stops taking connections, saves everything, and closes the others with 1001. */
  close(): Promise<void>;
}

/** Milliseconds between two rounds of small chores. */
const SWEEP = 15_000;

export async function createServer(options: ServerOptions = {}): Promise<RunningServer> {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const log = options.log ?? SILENT;
  const openMode = options.mode === "open";
  const store = await openStore(options, log);
  try {
    return await start(options, limits, log, openMode, store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStore(options: ServerOptions, log: Log): Promise<Store> {
  if (options.store) return options.store;
  if (options.redis) {
    // Loaded only where it is wanted.
    const { createRedisStore } = await import("./store/redis-store.ts");
    return createRedisStore({ url: options.redis, onError: (error) => log.warn("redis", { error: told(error) }) });
  }
  return options.data ? createFileStore(options.data) : createMemoryStore();
}

/** A secret as given, or as the servers share it, or as it is kept in the data folder. */
async function secretFor(
  given: string | undefined,
  store: Store,
  data: string | undefined,
  file: string,
): Promise<string | null> {
  return given ?? (await store.secret?.(file)) ?? (data ? readOrMakeSecret(join(data, file)) : null);
}

async function start(
  options: ServerOptions,
  limits: Limits,
  log: Log,
  openMode: boolean,
  store: Store,
): Promise<RunningServer> {
  const host = options.host ?? "127.0.0.1";
  const key = (await secretFor(options.signingKey, store, options.data, "signing-key")) ?? crypto.randomUUID();
  const adminKey = openMode ? null : await secretFor(options.adminKey, store, options.data, "admin-key");
  const tokens = createTokens(Buffer.from(key));
  const connections = new Set<Connection>();
  const book = createAddressBook(limits);
  let stopping = false;

  const metrics = createMetrics({
    connections: () => connections.size,
    documents: () => [...hub.documents()].length,
    memory: () => [...hub.documents()].reduce((sum, document) => sum + stateMemory(document.state), 0),
  });
  const hub = createHub(store, limits, {
    changed: (document) => rooms.documentChanged(document),
    accepted(bytes) {
      metrics.hot.updates++;
      metrics.hot.updateBytes += bytes;
    },
    delivered(count) {
      metrics.hot.delivered += count;
    },
    refused: (reason) => metrics.refused.inc({ reason }),
    compacted: () => metrics.compactions.inc(),
    loaded: (milliseconds) => metrics.load.observe(milliseconds / 1000),
    damage(damage) {
      metrics.damage.inc({ kind: damage.kind });
      log.warn("log damaged", { ...damage, document: hashSecret(damage.document) });
    },
    failed: (document, error) => log.error("document failed", { document: hashSecret(document), error: told(error) }),
  });
  const onError = (error: unknown) => log.error("unexpected", { error: told(error) });
  const rooms = createRooms({ store, hub, tokens, limits, tokenDays: options.tokenDays ?? 90, onError });

  const address = (request: IncomingMessage) => addressOf(request, options.trustProxy === true);
  const api = createApi({
    rooms,
    tokens,
    adminHash: adminKey === null ? null : hashSecret(adminKey),
    openCreation: options.openCreation === true,
    openMode,
    publicUrl: () => (options.publicUrl ?? running.url).replace(/\/+$/, ""),
    ready: () => !stopping && store.healthy(),
    metrics: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
    limited: (request) => book.limited(address(request)),
    isLocal: (request) => isLoopback(address(request)) && request.headers["x-forwarded-for"] === undefined,
    onError,
  });

  const settings = {
    maxHeaderSize: 8192,
    connectionsCheckingInterval: Math.max(50, Math.min(5_000, limits.requestTimeout / 2)),
  };
  const server = options.tls ? createHttpsServer({ ...options.tls, ...settings }) : createHttpServer(settings);
  // Connections that never become websockets are counted here only.
  server.maxConnections = limits.connections + 1_000;
  server.headersTimeout = limits.requestTimeout;
  server.requestTimeout = limits.requestTimeout;
  server.keepAliveTimeout = 5_000;
  server.on("request", (request, response) => void api(request, response));
  server.on("clientError", (_error, socket: Duplex) => socket.destroy());
  server.on("connection", (socket: Duplex) => socket.on("error", destroy));

  const websockets = new WebSocketServer({
    noServer: true,
    WebSocket: NamedCloseSocket,
    maxPayload: limits.messageBytes,
    // Measured: 28 us to save a third of one update; and a bomb needs a decompressor.
    perMessageDeflate: false,
    clientTracking: false,
  });

  type Admission = { ok: true; name: string; rule: WriteRule | null; person: Person | null; visit: Visit | null };

  /** Who is this, and what may they open? Answered before any document is touched. */
  async function admit(request: IncomingMessage): Promise<Admission | { ok: false; why: CloseName }> {
    const url = new URL(request.url ?? "/", "http://server");
    let name: string;
    try {
      name = decodeURIComponent(url.pathname.slice(1));
    } catch {
      return { ok: false, why: "unknownRoom" };
    }
    if (name === "" || name.length > limits.nameLength || /\p{Cc}/u.test(name))
      return { ok: false, why: "unknownRoom" };
    if (openMode) return { ok: true, name, rule: PLAIN_RULE, person: null, visit: null };

    const verified = await tokens.verify(url.searchParams.get("token") ?? "");
    if (!verified.ok) return { ok: false, why: verified.reason };
    const { claims } = verified;
    const document = parseDocumentName(name);
    if (claims.kind === "documents") {
      // What could be a room's document is one, or may become one.
      if (!name.startsWith(claims.prefix) || document) return { ok: false, why: "forbidden" };
      return { ok: true, name, rule: claims.write ? PLAIN_RULE : null, person: null, visit: null };
    }
    if (!document) return { ok: false, why: "unknownRoom" };
    const result = await rooms.visit(claims, document);
    if (!result.ok) return result;
    const { visit } = result;
    return { ok: true, name: formatDocumentName(document), rule: visit.rule, person: visit.person, visit };
  }

  const connectionEvents: ConnectionEvents = {
    message(bytes) {
      metrics.hot.messages++;
      metrics.hot.messageBytes += bytes;
    },
    closedBy: (code) => metrics.closed.inc({ code }),
    failed: onError,
    left: (connection) => void connections.delete(connection),
    unfinished: createUnfinished(limits.unfinishedBytes),
  };

  const turnstile = createTurnstile(setImmediate);

  /** What can be refused at once is; the others queue. */
  function knock(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const from = address(request);
    const refuse = (status: string) => {
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    };
    if (stopping) return refuse("503 Service Unavailable");
    if (!originAllowed(request, options.origins ?? [], options.publicUrl)) return refuse("403 Forbidden");
    if (!book.enter(from)) return refuse("429 Too Many Requests");
    socket.on("close", () => book.leave(from));
    turnstile.enter(from, () => {
      if (socket.destroyed) return;
      upgrade(request, socket, head).catch((error: unknown) => {
        onError(error);
        socket.destroy();
      });
    });
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const admission = await admit(request);
    let hold: Hold | null = null;
    let why: CloseName | null = admission.ok ? null : admission.why;
    if (admission.ok) {
      try {
        hold = await hub.hold(admission.name);
        if (hold.document.peers.size >= limits.connectionsPerDocument) why = "overloaded";
      } catch (error) {
        why = error instanceof StoreUnavailable ? "overloaded" : "failed";
        log.error("cannot open", { document: hashSecret(admission.name), error: told(error) });
      }
    }
    const release = () => {
      hold?.release();
      if (admission.ok) admission.visit?.leave();
    };
    if (socket.destroyed) return release();
    let answered = false;
    websockets.handleUpgrade(request, socket, head, (ws) => {
      answered = true;
      ws.on("error", ignore);
      if (!admission.ok || why !== null || hold === null) {
        release();
        metrics.closed.inc({ code: why ?? "failed" });
        return closeSocket(ws, why ?? "failed");
      }
      const rights = { rule: admission.rule, person: admission.person };
      const connection = serveConnection(ws, socket, hold.document, rights, limits, connectionEvents, release);
      connections.add(connection);
      admission.visit?.enter(connection);
      if (stopping) connection.close("stopping");
    });
    // A handshake that ws refused itself never reaches the callback.
    if (!answered) release();
  }

  server.on("upgrade", (request, socket: Duplex, head) => {
    socket.on("error", destroy);
    knock(request, socket, head);
  });

  const sweeper = setInterval(() => {
    hub.sweep();
    book.sweep();
  }, SWEEP);
  const heart = setInterval(() => {
    for (const connection of connections) connection.beat();
  }, limits.heartbeat);
  const expire = () => {
    if (options.expireRoomsAfter === undefined) return;
    rooms.expire(options.expireRoomsAfter).then((count) => log.info("rooms expired", { count }), onError);
  };
  const expiry = setInterval(expire, 6 * 3_600_000);
  expire();
  expiry.unref();
  sweeper.unref();
  heart.unref();

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: options.port ?? 0 }, () => {
      server.off("error", reject);
      server.on("error", onError);
      resolve();
    });
  });

  const { port } = server.address() as AddressInfo;
  const shown = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  let closing: Promise<void> | null = null;
  const running: RunningServer = {
    url: `${options.tls ? "https" : "http"}://${shown}:${port}`,
    port,
    adminKey,
    connections: () => connections.size,
    close() {
      closing ??= close();
      return closing;
    },
  };

  async function close(): Promise<void> {
    stopping = true;
    clearInterval(sweeper);
    clearInterval(heart);
    clearInterval(expiry);
    const ended = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of connections) connection.close("stopping");
    const idle = setInterval(() => server.closeIdleConnections(), 20);
    const late = setTimeout(() => server.closeAllConnections(), options.drainTime ?? 3_000);
    await hub.close();
    await ended;
    clearInterval(idle);
    clearTimeout(late);
    await store.close();
  }

  log.info("listening", { port, mode: openMode ? "open" : "guarded" });
  return running;
}

// Listeners that every connection keeps: one function for all.
function destroy(this: Duplex): void {
  this.destroy();
}

function ignore(): void {}

/** An error as it may be logged: its kind and where it came from, not what it was about. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const where = error.stack?.split("\n").slice(1, 4).join(" <") ?? "";
  return `${error.name} ${(error as NodeJS.ErrnoException).code ?? ""} ${where}`.trim();
}

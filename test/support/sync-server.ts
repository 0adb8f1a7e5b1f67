/** Helpers for tests that talk to a real sync server on a free port. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { createServer, type RunningServer, type ServerOptions } from "../../server/create-server.ts";
import { SAVED_SUBSCRIBE } from "../../src/protocol/wire.ts";
import type { InviteCreated, Joined, RoomCreated } from "../../src/protocol/wire.ts";

export interface Message {
  type: number;
  step: number;
  body: Uint8Array;
}

/** One websocket that speaks y-websocket by hand, so that a test sees and says exactly what it wants. */
export interface RawClient {
  ws: WebSocket;
  doc: Y.Doc;
  messages: Message[];
  closed: Promise<{ code: number; reason: string }>;
  send(...parts: (number | Uint8Array | string)[]): void;
  sendUpdate(update: Uint8Array): void;
  sendPresence(client: number, clock: number, json: string): void;
  /** Resolves with the first message, past or to come, that fits. */
  until(fits: (message: Message) => boolean): Promise<Message>;
  /** Asks for everything and applies it; resolves at step 2. */
  sync(): Promise<void>;
  /** Resolves when the document is as the test wants it. */
  untilDoc(fits: (doc: Y.Doc) => boolean): Promise<void>;
  /** The highest count the server called saved so far; asks for it. */
  saved(atLeast: number): Promise<number>;
  close(): Promise<void>;
}

export async function connect(url: string, document: string, token?: string): Promise<RawClient> {
  const client = open(url, document, token);
  await new Promise<void>((resolve, reject) => {
    client.ws.once("open", resolve);
    client.ws.once("error", reject);
  });
  return client;
}

/** Like `connect`, without waiting: for connections that are refused. */
export function open(url: string, document: string, token?: string): RawClient {
  const path = document.split("/").map(encodeURIComponent).join("/");
  const query = token === undefined ? "" : `?token=${encodeURIComponent(token)}`;
  const ws = new WebSocket(`${url.replace(/^http/, "ws")}/${path}${query}`);
  ws.binaryType = "nodebuffer";
  const doc = new Y.Doc();
  const messages: Message[] = [];
  const watchers = new Set<() => void>();
  let vector: Uint8Array | null = null;

  ws.on("message", (data: Buffer) => {
    const decoder = decoding.createDecoder(new Uint8Array(data));
    const type = decoding.readVarUint(decoder);
    if (type === 121) {
      const step = decoding.readVarUint(decoder);
      messages.push({ type, step, body: data.subarray(decoder.pos) });
    } else {
      const step = type === 0 ? decoding.readVarUint(decoder) : -1;
      const body = decoding.readVarUint8Array(decoder).slice();
      messages.push({ type, step, body });
      if (type === 0 && step === 0) vector = body;
      if (type === 0 && step > 0) Y.applyUpdate(doc, body, "server");
    }
    for (const check of Array.from(watchers)) check();
  });
  ws.on("error", () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    ws.once("close", (code, reason) => resolve({ code, reason: String(reason) })),
  );

  function watch<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = look();
        if (found === undefined) return;
        watchers.delete(check);
        resolve(found);
      };
      watchers.add(check);
      void closed.then(({ code }) => watchers.has(check) && reject(new Error(`closed with ${code}`)));
      check();
    });
  }

  const client: RawClient = {
    ws,
    doc,
    messages,
    closed,
    send(...parts) {
      const encoder = encoding.createEncoder();
      for (const part of parts) {
        if (typeof part === "number") encoding.writeVarUint(encoder, part);
        else if (typeof part === "string") encoding.writeVarString(encoder, part);
        else encoding.writeVarUint8Array(encoder, part);
      }
      ws.send(encoding.toUint8Array(encoder));
    },
    sendUpdate: (update) => client.send(0, 2, update),
    sendPresence(id, clock, json) {
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarUint(encoder, id);
      encoding.writeVarUint(encoder, clock);
      encoding.writeVarString(encoder, json);
      client.send(1, encoding.toUint8Array(encoder));
    },
    until: (fits) => watch(() => messages.find(fits)),
    async sync() {
      const before = messages.length;
      client.send(0, 0, Y.encodeStateVector(doc));
      await watch(() => messages.slice(before).find((message) => message.type === 0 && message.step === 1));
      // As y-websocket does: answer the server's question with what it lacks.
      if (vector) client.send(0, 1, Y.encodeStateAsUpdate(doc, vector));
      vector = null;
    },
    untilDoc: (fits) => watch(() => (fits(doc) ? true : undefined)).then(() => {}),
    async saved(atLeast) {
      client.send(121, SAVED_SUBSCRIBE);
      return watch(() => {
        const counts = messages
          .filter((message) => message.type === 121)
          .map((message) => decoding.readVarUint(decoding.createDecoder(message.body)));
        const count = Math.max(-1, ...counts);
        return count >= atLeast ? count : undefined;
      });
    },
    async close() {
      ws.close();
      await closed;
    },
  };
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin !== "server" && ws.readyState === WebSocket.OPEN) client.sendUpdate(update);
  });
  return client;
}

/** An answer of the HTTP side. */
export interface Answer<T> {
  status: number;
  body: T;
}

export async function request<T>(
  server: { url: string },
  method: string,
  path: string,
  options: { token?: string; body?: unknown } = {},
): Promise<Answer<T>> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
  });
  const text = await response.text();
  return { status: response.status, body: (text && text.startsWith("{") ? JSON.parse(text) : text) as T };
}

/** A guarded server with one room, its owner "ada", and a way for others to join. */
export interface Session {
  server: RunningServer;
  room: string;
  owner: string;
  join(name: string, role?: "author" | "reviewer" | "reader" | "observer"): Promise<Joined>;
}

export async function startSession(options: ServerOptions = {}, kind = "guarded"): Promise<Session> {
  const server = await createServer({ adminKey: "admin", ...options, mode: kind === "open" ? "open" : "guarded" });
  const made = await request<RoomCreated>(server, "POST", "/rooms", {
    token: "admin",
    body: { title: "On Reading", participant: { id: "ada", name: "Ada" } },
  });
  const { room, token: owner } = made.body;
  return {
    server,
    room,
    owner,
    async join(name, role = "reader") {
      const invite = await request<InviteCreated>(server, "POST", `/rooms/${room}/invites`, {
        token: owner,
        body: { role },
      });
      const joined = await request<Joined>(server, "POST", `/rooms/${room}/join`, {
        body: { invite: invite.body.invite, name },
      });
      return joined.body;
    },
  };
}

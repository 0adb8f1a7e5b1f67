/** What attackers send, as raw sockets: each is told why it is closed, and nobody else notices. */
import { connect as connectTcp, type Socket } from "node:net";
import { randomBytes } from "node:crypto";
import * as encoding from "lib0/encoding";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { createServer, type RunningServer, type ServerOptions } from "../../server/create-server.ts";
import { createMemoryStore } from "../../server/store/memory-store.ts";
import { type Store, StoreUnavailable } from "../../server/store/store.ts";
import { CLOSE } from "../../src/protocol/wire.ts";
import { connect, open, type RawClient } from "../support/sync-server.ts";

let server: RunningServer;
let honest: [RawClient, RawClient];

async function start(options: ServerOptions = {}): Promise<void> {
  server = await createServer({ mode: "open", ...options });
  honest = [await connect(server.url, "doc"), await connect(server.url, "doc")];
  await Promise.all(honest.map((client) => client.sync()));
}

/** The honest two still reach each other, and whoever comes now gets what they wrote. */
async function expectUnharmed(): Promise<void> {
  const [one, two] = honest;
  const word = randomBytes(4).toString("hex");
  one.doc.getMap("honest").set(word, 1);
  await two.untilDoc((doc) => doc.getMap("honest").has(word));
  const late = await connect(server.url, "doc");
  await late.sync();
  expect(late.doc.getMap("honest").has(word)).toBe(true);
  expect(late.doc.store.pendingStructs).toBeNull();
  await late.close();
}

beforeEach(() => start());
afterEach(() => server.close());

function bytes(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
}

/** What says that the first clock of each client that ever wrote is known. */
function stateVectorOf(clock: number): Uint8Array {
  const [{ doc }] = honest;
  return Y.encodeStateVector(new Map([...doc.store.clients.keys()].map((client) => [client, clock])));
}

/** Updates that all lack the one they build on. */
function dangling(count: number): Uint8Array[] {
  const updates: Uint8Array[] = [];
  const doc = new Y.Doc();
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (let i = 0; i <= count; i++) doc.getText("t").insert(0, "x".repeat(500));
  return updates.slice(1);
}

describe("SV hostile input", () => {
  const messages: [string, Uint8Array, number | null][] = [
    ["an empty message", new Uint8Array(0), CLOSE.malformed],
    ["a sync message without a step", Uint8Array.of(0), CLOSE.malformed],
    ["an unknown step", Uint8Array.of(0, 9, 0), CLOSE.malformed],
    ["a length beyond the end", Uint8Array.of(0, 2, 255, 255, 255, 255, 127), CLOSE.malformed],
    ["a number beyond 2^53", Uint8Array.of(0, 2, 255, 255, 255, 255, 255, 255, 255, 255, 127), CLOSE.malformed],
    ["a malformed update", Uint8Array.of(0, 2, 3, 1, 2, 3), CLOSE.malformed],
    ["a malformed step 2", Uint8Array.of(0, 1, 2, 9, 9), CLOSE.malformed],
    ["a malformed state vector", Uint8Array.of(0, 0, 2, 5, 1), CLOSE.malformed],
    ["an unknown struct", Uint8Array.of(0, 2, 8, 1, 1, 1, 0, 31, 1, 1, 0), CLOSE.malformed],
    ["malformed presence", Uint8Array.of(1, 2, 5, 1), CLOSE.malformed],
    [
      "presence that is no JSON",
      bytes(
        (e) => (
          encoding.writeVarUint(e, 1),
          encoding.writeVarUint8Array(
            e,
            bytes(
              (b) => ([1, 7, 1].forEach((n) => encoding.writeVarUint(b, n)), encoding.writeVarString(b, "{not json")),
            ),
          )
        ),
      ),
      CLOSE.malformed,
    ],
    [
      "presence of 10 MB",
      bytes((e) => (encoding.writeVarUint(e, 1), encoding.writeVarUint8Array(e, new Uint8Array(10_000_000)))),
      CLOSE.presenceTooLarge,
    ],
    [
      "presence of 5 kB",
      bytes(
        (e) => (
          encoding.writeVarUint(e, 1),
          encoding.writeVarUint8Array(
            e,
            bytes(
              (b) => (
                [1, 7, 1].forEach((n) => encoding.writeVarUint(b, n)),
                encoding.writeVarString(b, JSON.stringify({ x: "y".repeat(5000) }))
              ),
            ),
          )
        ),
      ),
      CLOSE.presenceTooLarge,
    ],
    ["a message of another protocol", Uint8Array.of(99, 1, 2), null],
    ["an auth message", Uint8Array.of(2, 0, 1, 65), null],
  ];
  it.each(messages)("SV-20 %s", async (_name, message, code) => {
    const attacker = await connect(server.url, "doc");
    attacker.ws.send(message);
    if (code !== null) expect((await attacker.closed).code).toBe(code);
    else attacker.ws.terminate();
    await expectUnharmed();
  });

  it("SV-20 a text message", async () => {
    const attacker = await connect(server.url, "doc");
    attacker.ws.send("hello");
    expect((await attacker.closed).code).toBe(CLOSE.malformed);
    await expectUnharmed();
  });

  it("SV-21 a message beyond the limit is refused with a code that ends the retrying", async () => {
    const attacker = await connect(server.url, "doc");
    attacker.ws.send(Buffer.alloc(50_000_000));
    expect((await attacker.closed).code).toBe(CLOSE.tooLarge);
    await expectUnharmed();
  });

  it.each([
    ["a reserved opcode", Buffer.of(0x83, 0x80, 0, 0, 0, 0)],
    ["a header that claims 1 GiB", Buffer.of(0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4)],
    ["an unmasked frame", Buffer.of(0x82, 0x02, 0, 0)],
    ["a compressed frame", Buffer.of(0xc2, 0x80, 0, 0, 0, 0)],
  ])("SV-22 %s costs its sender the connection, not the process", async (_name, frame) => {
    const socket = connectTcp(server.port, "127.0.0.1");
    socket.write(
      "GET /doc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    await new Promise((resolve) => socket.once("data", resolve));
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.write(frame);
    await ended;
    await expectUnharmed();
  });

  it.each([
    ["nothing", ""],
    ["half a request", "GET /doc HTTP/1.1\r\nHost: x\r\n"],
  ])("SV-28 a socket that says %s is let go", async (_name, text) => {
    await server.close();
    await start({ limits: { requestTimeout: 200 } });
    const socket = connectTcp(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.write(text);
    await new Promise((resolve) => socket.once("close", resolve));
    await expectUnharmed();
  });

  it("SV-28 a header or an address beyond the limit is refused", async () => {
    const answer = await fetch(`${server.url}/${"x".repeat(9000)}`).catch(() => null);
    expect([431, undefined]).toContain(answer?.status);
    expect((await open(server.url, "y".repeat(600)).closed).code).toBe(CLOSE.unknownRoom);
    await expectUnharmed();
  });

  it("SV-23 a flood of updates whose beginnings are missing is dropped without being kept, then cut off", async () => {
    const attacker = await connect(server.url, "doc");
    for (const update of dangling(3000)) attacker.sendUpdate(update);
    expect((await attacker.closed).code).toBe(CLOSE.outOfStep);
    await expectUnharmed();
    expect(honest[0].doc.store.pendingStructs).toBeNull();
  });

  it("SV-23 an honest client that wrote before the server asked what it lacks is brought in step", async () => {
    const [update] = dangling(1);
    const late = await connect(server.url, "doc");
    late.sendUpdate(update!);
    // Its step 2 comes behind and has everything.
    const doc = new Y.Doc();
    doc.getText("t").insert(0, "all of it");
    late.send(0, 1, Y.encodeStateAsUpdate(doc));
    await late.saved(2);
    await expectUnharmed();
  });

  it("SV-24 who asks 600 times and does not read the answers costs one answer", async () => {
    const [one] = honest;
    for (let i = 0; i < 40; i++) one.doc.getMap("m").set(`k${i}`, randomBytes(15_000).toString("base64"));
    await one.saved(40);
    const attacker = await connect(server.url, "doc");
    attacker.ws.pause();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 600; i++) attacker.send(0, 0, Uint8Array.of(0));
    await expectUnharmed();
    // 600 answers would take 480 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60_000_000);
    attacker.ws.terminate();
  });

  it.each([
    ["SV-24 answers", 0, (client: RawClient) => client.send(0, 0, stateVectorOf(1))],
    ["SV-25 presence", 1, (client: RawClient) => client.send(3)],
  ])("%s that nobody reads are not written again and again", async (_what, type, ask) => {
    const [one, two] = honest;
    one.doc.getMap("m").set("k", 1);
    one.doc.getMap("m").set("big", "x".repeat(200_000));
    const crowd = await Promise.all(Array.from({ length: 50 }, () => connect(server.url, "doc")));
    for (const [i, client] of crowd.entries())
      client.sendPresence(100 + i, 1, JSON.stringify({ x: "x".repeat(4_000) }));
    await two.untilDoc((doc) => doc.getMap("m").has("big"));
    const sleeper = await connect(server.url, "doc");
    await sleeper.sync();
    sleeper.ws.pause();
    for (let i = 0; i < 300; i++) {
      ask(sleeper);
      // the server has had a turn
      two.messages.length = 0;
      await two.saved(0);
    }
    sleeper.ws.resume();
    await sleeper.saved(0);
    const large = sleeper.messages.filter((message) => message.type === type && message.body.length > 100_000);
    expect(large.length).toBeLessThan(150);
    await Promise.all([...crowd, sleeper].map((client) => client.close()));
    await expectUnharmed();
  });

  it("SV-25 a reader that never reads is cut off at the limit", async () => {
    await server.close();
    await start({ limits: { hardBuffer: 1_000_000, softBuffer: 100_000 } });
    const sleeper = await connect(server.url, "doc");
    await sleeper.sync();
    sleeper.ws.pause();
    const [one, two] = honest;
    while (server.connections() > 2) {
      const key = randomBytes(8).toString("hex");
      one.doc.getMap("m").set(key, "x".repeat(300_000));
      await two.untilDoc((doc) => doc.getMap("m").has(key));
    }
    sleeper.ws.terminate();
    await expectUnharmed();
  });

  it("SV-26 a presence that changes without end is passed on now and then, the last state of it for certain", async () => {
    const [restless, other] = honest;
    const begun = performance.now();
    for (let clock = 1; clock <= 300; clock++) {
      restless.sendPresence(7, clock, JSON.stringify({ clock }));
      // the server has had a turn
      await restless.saved(0);
      restless.messages.length = 0;
    }
    await other.until((message) => message.type === 1 && Buffer.from(message.body).includes('{"clock":300}'));
    const told = other.messages.filter((message) => message.type === 1).length;
    expect(told).toBeLessThanOrEqual(2 + (performance.now() - begun) / 50);
  });

  it("SV-26 twenty thousand invented presences leave one", async () => {
    const attacker = await connect(server.url, "doc");
    for (let i = 0; i < 20; i++) {
      const update = bytes((encoder) => {
        encoding.writeVarUint(encoder, 1000);
        for (let j = 0; j < 1000; j++) {
          encoding.writeVarUint(encoder, 1_000_000 + i * 1000 + j);
          encoding.writeVarUint(encoder, 1);
          encoding.writeVarString(encoder, '{"user":{"name":"ghost"}}');
        }
      });
      attacker.send(1, update);
    }
    await attacker.saved(0);
    const late = await connect(server.url, "doc");
    const everybody = await late.until((message) => message.type === 1 && message.body.length > 1);
    expect(everybody.body[0]).toBe(1);
    attacker.ws.terminate();
    await late.until((message) => message.type === 1 && Buffer.from(message.body).includes("null"));
    await late.close();
  });

  const upgrade =
    "GET /doc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  /** The mask is 5, 0, 0, 0: a first byte of 4 is awareness. */
  const announced = Buffer.of(0x82, 0xff, 0, 0, 0, 0, 0, 0x98, 0x96, 0x80, 5, 0, 0, 0, 4);
  const query = Buffer.of(0x82, 0x81, 0, 0, 0, 0, 3);
  const fragment = Buffer.concat([Buffer.of(0x02, 0xfe, 0xff, 0xff, 5, 0, 0, 0, 4), Buffer.alloc(65_534)]);
  const more = Buffer.concat([Buffer.of(0x00, 0xfe, 0xff, 0xff, 0, 0, 0, 0), Buffer.alloc(65_535)]);
  const endless = Array.from({ length: 17 }, () => more);
  /** A message of 10 MB that begins with this byte. */
  const beginning = (byte: number) => Buffer.concat([announced.subarray(0, -1), Buffer.of(byte ^ 5)]);
  it.each([
    ["in one piece", [announced], CLOSE.presenceTooLarge],
    [
      "byte by byte, behind another message",
      [query, ...[...announced].map((byte) => Buffer.of(byte))],
      CLOSE.presenceTooLarge,
    ],
    ["behind another message in the same chunk", [Buffer.concat([query, query, announced])], CLOSE.presenceTooLarge],
    ["in fragments that never end", [fragment, ...endless], CLOSE.presenceTooLarge],
    [
      "in fragments of which the first is empty",
      [Buffer.of(0x02, 0x80, 0, 0, 0, 0), Buffer.of(0x00, 0x81, 5, 0, 0, 0, 4), ...endless],
      CLOSE.presenceTooLarge,
    ],
    ["its number written longer than it need be", [beginning(0x81)], CLOSE.tooLarge],
    ["its number written longer than it need be, as an update's", [beginning(0x80)], CLOSE.tooLarge],
    ["under the number of another protocol", [beginning(99)], CLOSE.tooLarge],
    ["as text", [Buffer.concat([Buffer.of(0x81), announced.subarray(1)])], CLOSE.tooLarge],
  ])("SV-26 a presence of 10 MB is refused by its first bytes, %s", async (_name, pieces, why) => {
    const socket = connectTcp({ port: server.port, host: "127.0.0.1", noDelay: true });
    const heard: Buffer[] = [];
    const ended = new Promise((resolve) => socket.once("end", resolve));
    socket.on("error", () => {});
    socket.write(upgrade);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.on("data", (chunk) => heard.push(chunk));
    for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
    await ended;
    const code = Buffer.of(why >> 8, why & 255);
    expect(Buffer.concat(heard).includes(code)).toBe(true);
    socket.destroy();
    await expectUnharmed();
  });

  it("SV-34 messages that are never ended are kept up to a limit in all: whose is oldest is let go", async () => {
    await server.close();
    await start({ limits: { unfinishedBytes: 4_400_000 } });
    const header = Buffer.of(0x82, 0xff, 0, 0, 0, 0, 0, 0xe0, 0, 0, 0, 0, 0, 0, 0, 2);
    const announced = Buffer.concat([header, Buffer.alloc(1_500_000)]);
    const begin = async () => {
      const attacker = await connect(server.url, "doc");
      const { _socket: socket } = attacker.ws as unknown as { _socket: Socket };
      await new Promise((resolve) => socket.write(announced, resolve));
      return attacker;
    };
    const first = await begin();
    const others = [await begin(), await begin()];
    expect((await first.closed).code).toBe(CLOSE.overloaded);
    // a long message that comes to its end is not counted any more, and small ones never are
    for (let i = 0; i < 4; i++) {
      honest[0].doc.getMap("long").set("k", "x".repeat(1_000_000));
      await honest[0].saved(i + 2);
    }
    for (const each of others) expect(each.ws.readyState).toBe(WebSocket.OPEN);
    await expectUnharmed();
    for (const each of others) each.ws.terminate();
  });

  it("SV-27 a connection that sends faster than the limit is told to come back", async () => {
    await server.close();
    await start({ limits: { messagesPerSecond: 50 } });
    const attacker = await connect(server.url, "doc");
    for (let i = 0; i < 600; i++) attacker.send(3);
    expect((await attacker.closed).code).toBe(CLOSE.tooMany);
    await expectUnharmed();
  });

  it("SV-27 a connection that sends more bytes than the limit is told to come back, and not read any more", async () => {
    await server.close();
    let taken = 0;
    const store = createMemoryStore();
    const counting: Store = {
      ...store,
      async open(document) {
        const opened = await store.open(document);
        const append = opened.log.append;
        opened.log.append = (updates) => {
          for (const { update } of updates) taken += update.length;
          return append(updates);
        };
        return opened;
      },
    };
    await start({ store: counting, limits: { bytesPerSecond: 1000, bytesAtOnce: 1_000_000 } });
    const attacker = await connect(server.url, "doc");
    for (let i = 0; i < 40; i++) attacker.doc.getMap("m").set("k", `${i}`.padEnd(100_000, "x"));
    expect((await attacker.closed).code).toBe(CLOSE.tooMany);
    expect(taken).toBeGreaterThan(800_000);
    expect(taken).toBeLessThan(1_000_000);
    await expectUnharmed();
  });

  it("SV-28 connections beyond the limits get an HTTP error before any websocket", async () => {
    await server.close();
    await start({ limits: { connectionsPerAddress: 5 } });
    const others = await Promise.all([1, 2, 3].map(() => connect(server.url, "other")));
    const status = await new Promise<number>((resolve) => {
      const ws = new WebSocket(`${server.url.replace("http", "ws")}/doc`);
      ws.on("error", () => {});
      ws.on("unexpected-response", (_request, response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
    });
    expect(status).toBe(429);
    await Promise.all(others.map((client) => client.close()));
    await expectUnharmed();
  });

  it("SV-28 a full document and a server with too many of them say so", async () => {
    await server.close();
    await start({ limits: { connectionsPerDocument: 3, documents: 1, documentBytes: 100_000 } });
    const third = await connect(server.url, "doc");
    expect((await open(server.url, "doc").closed).code).toBe(CLOSE.overloaded);
    expect((await open(server.url, "another").closed).code).toBe(CLOSE.overloaded);
    third.doc.getMap("m").set("big", "x".repeat(200_000));
    expect((await third.closed).code).toBe(CLOSE.documentFull);
    await expectUnharmed();
  });

  it("SV-32 a crowd of client ids in one update is refused before it costs anybody anything", async () => {
    const crowd = bytes((e) => {
      encoding.writeVarUint(e, 40_000);
      for (let i = 0; i < 40_000; i++) {
        for (const n of [1, 4_000_000_000 - i, 0, 0x24, 1]) encoding.writeVarUint(e, n);
        for (const text of ["map", `key ${i}`, "value"]) encoding.writeVarString(e, text);
      }
      encoding.writeVarUint(e, 0);
    });
    const doc = new Y.Doc();
    Y.applyUpdate(doc, crowd);
    expect(doc.getMap("map").size).toBe(40_000);
    const attacker = await connect(server.url, "doc");
    attacker.sendUpdate(crowd);
    expect(await attacker.closed).toEqual({
      code: CLOSE.clientsFull,
      reason: "This session has been written in from as many windows as the server allows.",
    });
    await expectUnharmed();
  });

  it("SV-29 a page on another site may not connect, programs and this computer's pages may", async () => {
    const attempt = (origin?: string) =>
      new Promise<number>((resolve) => {
        const ws = new WebSocket(`${server.url.replace("http", "ws")}/doc`, origin === undefined ? {} : { origin });
        ws.on("error", () => {});
        ws.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
        ws.on("open", () => {
          ws.terminate();
          resolve(101);
        });
      });
    expect(await attempt("https://evil.example")).toBe(403);
    expect(await attempt("null")).toBe(403);
    expect(await attempt("http://localhost:3000")).toBe(101);
    expect(await attempt("vscode-webview://abc")).toBe(101);
    expect(await attempt()).toBe(101);
  });

  it("SV-30 while nothing can be written, writers are told, readers go on, and it recovers by itself", async () => {
    await server.close();
    const store = createMemoryStore();
    let full = false;
    const failing: Store = {
      ...store,
      async open(document) {
        const opened = await store.open(document);
        const append = opened.log.append;
        opened.log.append = (updates) => {
          if (full) throw new StoreUnavailable("disk full");
          return append(updates);
        };
        return opened;
      },
    };
    await start({ store: failing });
    const [one, two] = honest;
    one.doc.getMap("m").set("before", 1);
    await two.untilDoc((doc) => doc.getMap("m").has("before"));
    full = true;
    one.doc.getMap("m").set("refused", 1);
    expect((await one.closed).code).toBe(CLOSE.cannotSave);
    expect(two.ws.readyState).toBe(WebSocket.OPEN);
    const reader = await connect(server.url, "doc");
    await reader.sync();
    expect(reader.doc.getMap("m").toJSON()).toEqual({ before: 1 });
    full = false;
    const again = await connect(server.url, "doc");
    Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(one.doc), "server");
    await again.sync();
    await Promise.all([reader, two].map((client) => client.untilDoc((doc) => doc.getMap("m").has("refused"))));
    await Promise.all([reader.close(), again.close()]);
  });
});

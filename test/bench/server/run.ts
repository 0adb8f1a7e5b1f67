/**
 * `npm run bench:server [-- --only marginalia,log] [--rounds 3] [--scenarios fan,latency,join,left,history,idle,hostile,redis]`: the server side by
 * side with its peers and with two floors, one after the other in each round, medians of all rounds.
 */
import { parseArgs } from "node:util";
import { redisMissing, startRedis } from "../../support/redis-process.ts";
import { allPeers, onRedis, type Peer, type Running, start } from "./peers.ts";
import { startHonest } from "./honest.ts";
import { annotations, bigDocument, keyPresses, rewrites } from "./updates.ts";
import { frame, open, STEP_1, syncMessage, type WireClient, writerOf, writersOf } from "./wire-client.ts";

const { values } = parseArgs({
  options: { only: { type: "string" }, rounds: { type: "string" }, scenarios: { type: "string" } },
});
const rounds = Number(values.rounds ?? 3);
const wanted = values.only?.split(",");
const scenarios = new Set(
  values.scenarios?.split(",") ?? ["fan", "latency", "join", "history", "idle", "hostile", "redis"],
);
const peers = allPeers().filter((peer) => !wanted || wanted.some((one) => peer.name.includes(one)));

const results = new Map<string, Map<string, number[]>>();
function note(peer: Peer, metric: string, value: number): void {
  const row = results.get(metric) ?? new Map<string, number[]>();
  results.set(metric, row);
  row.set(peer.name, [...(row.get(peer.name) ?? []), value]);
}

function printTable(): void {
  const names = peers.map((peer) => peer.name);
  console.log(`| | ${names.join(" | ")} |\n|---|${names.map(() => "---|").join("")}`);
  for (const [metric, row] of results) {
    const cells = names.map((name) => {
      const value = median(row.get(name) ?? []);
      if (Number.isNaN(value)) return "";
      return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
    });
    console.log(`| ${metric} | ${cells.join(" | ")} |`);
  }
}
// Who stops it early gets what there is.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    printTable();
    process.exit(1);
  });
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const percentile = (numbers: number[], p: number) =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * p))] ?? Number.NaN;

/**
 * Clients in rooms, each with one update under way: it sends the next when its neighbour has the last. Counts deliveries until
 * everyone has everything.
 */
async function closedLoop(servers: readonly Running[], roomCount: number, perRoom: number, each: number) {
  const total = roomCount * perRoom;
  const prepared = Array.from({ length: total }, (_, i) =>
    annotations(i, each).map((update) => syncMessage(2, update)),
  );
  const next = Array.from({ length: total }, () => 0);
  let delivered = 0;
  const expected = roomCount * perRoom * (perRoom - 1) * each;
  const clients: WireClient[] = [];
  let finish: () => void;
  const done = new Promise<void>((resolve) => (finish = resolve));
  const sendNext = (i: number) => {
    const message = prepared[i]![next[i]!++];
    if (message) clients[i]!.send(message);
  };
  let counting = false;
  for (let i = 0; i < total; i++) {
    const room = Math.floor(i / perRoom);
    const watched = room * perRoom + ((i + perRoom - 1) % perRoom);
    clients.push(
      await open(servers[i % servers.length]!, `room-${roomCount}-${room}`, (bytes, begin, end) => {
        if (!counting) return;
        for (const writer of writersOf(bytes, begin, end)) {
          // What is merged comes back to its writer too.
          if (writer === i) continue;
          delivered++;
          if (writer === watched) sendNext(watched);
        }
        if (delivered === expected) finish();
      }),
    );
    clients[i]!.send(STEP_1);
  }
  await sleep(300);
  counting = true;
  const cpuOfAll = async () => (await Promise.all(servers.map((server) => server.cpu()))).reduce((a, b) => a + b, 0);
  const cpu = await cpuOfAll();
  const begin = performance.now();
  for (let i = 0; i < total; i++) sendNext(i);
  await done;
  const seconds = (performance.now() - begin) / 1000;
  const used = (await cpuOfAll()) - cpu;
  for (const client of clients) client.close();
  return { perSecond: delivered / seconds, cpuPer10k: (used / delivered) * 10_000 };
}

/** Thirty people, one of them writing every ten milliseconds: how long until the others have it. */
async function latency(server: Running) {
  const people = 30;
  const times: number[] = [];
  let sent = 0;
  const clients: WireClient[] = [];
  for (let i = 0; i < people; i++) {
    clients.push(
      await open(server, "latency", (bytes, begin) => {
        if (writerOf(bytes, begin) >= 0) times.push(performance.now() - sent);
      }),
    );
    clients[i]!.send(STEP_1);
  }
  await sleep(300);
  const updates = Array.from({ length: people }, (_, i) => annotations(i, 10).map((update) => syncMessage(2, update)));
  for (let n = 0; n < 10; n++) {
    for (let i = 0; i < people; i++) {
      sent = performance.now();
      clients[i]!.send(updates[i]![n]!);
      await sleep(10);
    }
  }
  for (const client of clients) client.close();
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

/** Joins: resolves with the milliseconds until step 2, and the bytes that came. */
async function join(server: Running, room: string): Promise<{ time: number; bytes: number }> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    open(server, room, (bytes, at) => {
      if (bytes[at] !== 0 || bytes[at + 1] !== 1) return;
      const result = { time: performance.now() - begin, bytes: client!.received };
      client!.close();
      resolve(result);
    }).then((opened) => {
      client = opened;
      opened.send(STEP_1);
      return opened;
    }, reject);
    let client: WireClient | null = null;
  });
}

async function fill(server: Running, room: string, document: Uint8Array): Promise<void> {
  const client = await open(server, room, () => {});
  client.send(STEP_1);
  client.send(syncMessage(1, document));
  for (let attempt = 0; attempt < 200; attempt++) {
    await sleep(100);
    if ((await join(server, room)).bytes > document.length * 0.9) break;
  }
  client.close();
}

async function joins(peer: Peer, port: number, document: Uint8Array): Promise<void> {
  let server = await start(peer, port);
  const empty = await server.memory();
  await fill(server, "big", document);
  const holder = await open(server, "big", () => {});
  await join(server, "big");
  const cpu = await server.cpu();
  for (let i = 0; i < 10; i++) await join(server, "big");
  note(peer, "join, 10,000 annotations: server CPU, ms", (((await server.cpu()) - cpu) / 10) * 1000);
  const all = await Promise.all(Array.from({ length: 30 }, () => join(server, "big")));
  note(peer, "30 joins at once: p50, s", median(all.map((one) => one.time)) / 1000);
  await sleep(500);
  note(peer, "memory with that room loaded, MB above an empty server", ((await server.memory()) - empty) / 1e6);
  holder.close();
  if (peer.durable) {
    await sleep(1500);
    const data = server.data;
    await server.stop("SIGTERM");
    server = await start(peer, port, data);
    const cold = await join(server, "big");
    note(peer, "cold join after a restart, s", cold.time / 1000);
    note(peer, "cold join: share of the document at step 2", Math.min(1, cold.bytes / document.length));
  }
  await server.stop();
}

async function idle(peer: Peer, port: number): Promise<void> {
  const server = await start(peer, port);
  await sleep(500);
  const before = await server.memory();
  const clients: WireClient[] = [];
  for (let i = 0; i < 1000; i++) {
    const client = await open(server, `idle-${i % 200}`, () => {});
    client.send(STEP_1);
    clients.push(client);
  }
  await sleep(2000);
  note(peer, "1,000 idle connections in 200 rooms: kB each", ((await server.memory()) - before) / 1e6);
  const cpu = await server.cpu();
  await sleep(5000);
  note(peer, "1,000 idle connections: CPU, %", (((await server.cpu()) - cpu) / 5) * 100);
  for (const client of clients) client.close();
  await server.stop();
}

/** Attacks, each by one connection that a real client would never be. */
const ATTACKS: Record<string, (server: Running) => Promise<void>> = {
  "3,000 dangling updates": async (server) => {
    const attacker = await open(server, "attacked", () => {});
    for (const update of annotations(77, 3001).slice(1)) attacker.send(syncMessage(2, update));
    await sleep(2000);
    attacker.close();
  },
  "600 questions, not reading": async (server) => {
    const attacker = await open(server, "attacked", () => {});
    attacker.socket.pause();
    for (let i = 0; i < 600; i++) attacker.send(STEP_1);
    await sleep(2000);
    attacker.close();
  },
  "a reader that never reads, 120 MB": async (server) => {
    const sleeper = await open(server, "attacked", () => {});
    sleeper.socket.pause();
    const writer = await open(server, "attacked", () => {});
    for (const update of rewrites(120, 1_000_000)) {
      writer.send(syncMessage(2, update));
      await sleep(15);
    }
    await sleep(1000);
    sleeper.close();
    writer.close();
  },
  "ten presences of 10 MB": async (server) => {
    for (let i = 0; i < 10; i++) {
      const attacker = await open(server, "attacked", () => {});
      attacker.send(frame(Buffer.concat([Buffer.of(1), Buffer.alloc(10_000_000, 1)])));
      await sleep(100);
      attacker.close();
    }
  },
  "a message of 50 MB": async (server) => {
    const attacker = await open(server, "attacked", () => {});
    attacker.send(frame(Buffer.alloc(50_000_000, 1)));
    await sleep(1000);
    attacker.close();
  },
  "3,000 connections": async (server) => {
    const attackers = await Promise.all(
      Array.from({ length: 3000 }, () => open(server, "attacked", () => {}).catch(() => null)),
    );
    await sleep(1000);
    for (const attacker of attackers) attacker?.close();
  },
};

/** Longer than the product keeps a document that nobody has open, in milliseconds. */
const LEFT = 45_000;

/** What rooms leave behind in memory when everybody has gone. */
async function roomsLeft(peer: Peer, port: number): Promise<void> {
  const server = await start(peer, port);
  const content = bigDocument(460);
  const openAndLeave = async (from: number, count: number) => {
    for (let room = from; room < from + count; room++) await fill(server, `left-${room}`, content);
    await sleep(LEFT);
    return server.memory();
  };
  // what comes once comes with the first
  const before = await openAndLeave(0, 300);
  const after = await openAndLeave(300, 200);
  note(peer, "a room of 250 kB once opened and left: kB kept", (after - before) / 200 / 1000);
  await server.stop();
}

/** How long honest people wait, and what the server's memory comes to, while it is attacked. */
async function hostile(peer: Peer, port: number): Promise<void> {
  for (const [name, attack] of Object.entries(ATTACKS)) {
    const server = await start(peer, port++);
    const honest = await startHonest(server);
    const before = await server.memory();
    let peak = before;
    const clock = setInterval(() => {
      void server.memory().then((now) => {
        peak = Math.max(peak, now);
        return peak;
      });
    }, 20);
    await attack(server).catch(() => {});
    clearInterval(clock);
    note(peer, `attack, ${name}: honest pair at worst, ms`, await honest.worst());
    note(peer, `attack, ${name}: memory at most, MB more`, (peak - before) / 1e6);
    await server.stop();
  }
}

/** One room over two servers on a Redis of its own. */
async function overRedis(port: number): Promise<Peer | null> {
  if (redisMissing !== null) {
    console.error(`two servers on Redis: left out, ${redisMissing}`);
    return null;
  }
  const redis = await startRedis();
  const peer = onRedis(redis.url);
  const servers = [await start(peer, port), await start(peer, port + 1)];
  const one = await closedLoop(servers, 1, 30, 200);
  note(peer, "1 x 30: delivered per s", one.perSecond);
  note(peer, "1 x 30: server CPU s per 10,000", one.cpuPer10k);
  const twenty = await closedLoop(servers, 20, 10, 100);
  note(peer, "20 x 10: delivered per s", twenty.perSecond);
  note(peer, "20 x 10: server CPU s per 10,000", twenty.cpuPer10k);
  await Promise.all(servers.map((server) => server.stop()));
  await redis.stop();
  return peer;
}

/** What an update and a join cost as a text's history grows, one key press an update. */
async function history(peer: Peer, port: number): Promise<void> {
  const server = await start(peer, port);
  const client = await open(server, "history", () => {});
  client.send(STEP_1);
  let written = 0;
  const keys = keyPresses();
  for (const size of [1_000, 10_000, 30_000]) {
    const cpu = await server.cpu();
    const before = written;
    for (; written < size; written++) {
      client.send(syncMessage(2, keys.next().value));
      if (written % 100 === 0) await sleep(60);
    }
    await join(server, "history");
    note(
      peer,
      `history of ${size.toLocaleString("en")}: CPU per update, us`,
      (((await server.cpu()) - cpu) / (size - before)) * 1e6,
    );
    const joined = await join(server, "history");
    note(peer, `history of ${size.toLocaleString("en")}: bytes of a join`, joined.bytes);
  }
  client.close();
  await server.stop();
}

let port = 20_000 + (process.pid % 10_000);
const document = scenarios.has("join") ? bigDocument(10_000) : new Uint8Array();
for (let round = 0; round < rounds; round++) {
  for (const peer of peers) {
    port++;
    try {
      if (scenarios.has("fan")) {
        let server = await start(peer, port);
        const one = await closedLoop([server], 1, 30, 400);
        note(peer, "1 x 30: delivered per s", one.perSecond);
        note(peer, "1 x 30: server CPU s per 10,000", one.cpuPer10k);
        await server.stop();
        server = await start(peer, ++port);
        const twenty = await closedLoop([server], 20, 10, 150);
        note(peer, "20 x 10: delivered per s", twenty.perSecond);
        note(peer, "20 x 10: server CPU s per 10,000", twenty.cpuPer10k);
        await server.stop();
      }
      if (scenarios.has("left")) await roomsLeft(peer, ++port);
      if (scenarios.has("latency")) {
        const server = await start(peer, ++port);
        const { p50, p99 } = await latency(server);
        note(peer, "latency at modest load, 1 x 30: p50, ms", p50);
        note(peer, "latency at modest load, 1 x 30: p99, ms", p99);
        await server.stop();
      }
      if (scenarios.has("join") && !peer.name.includes("relay")) await joins(peer, ++port, document);
      if (scenarios.has("history") && !peer.name.includes("relay")) await history(peer, ++port);
      if (scenarios.has("idle")) await idle(peer, ++port);
      if (scenarios.has("hostile") && !peer.name.includes("relay")) {
        await hostile(peer, ++port);
        port += Object.keys(ATTACKS).length;
      }
    } catch (error) {
      console.error(`${peer.name}: ${String(error)}`);
    }
  }
}

if (scenarios.has("redis")) {
  const peer = await overRedis((port += 10));
  if (peer) peers.push(peer);
}
printTable();
process.exit(0);

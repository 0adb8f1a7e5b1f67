/** Several servers on one Redis, with real processes where one of them dies. */
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { createServer, type RunningServer } from "../../server/create-server.ts";
import { createRedisStore } from "../../server/store/redis-store.ts";
import { CLOSE } from "../../src/protocol/wire.ts";
import { readRoster } from "../../src/core/model/session.ts";
import { entriesOf } from "../../src/core/model/documents.ts";
import { type ServerProcess, startServer, tempFolder } from "../support/cli-process.ts";
import { redisMissing, type RedisProcess, startRedis } from "../support/redis-process.ts";
import { connect, open, request, startSession } from "../support/sync-server.ts";

describe.skipIf(redisMissing !== null)(
  `SV several servers${redisMissing === null ? "" : ` (skipped: ${redisMissing})`}`,
  () => {
    let redis: RedisProcess;
    let servers: RunningServer[];
    beforeEach(async () => {
      redis = await startRedis();
      servers = [];
    });
    afterEach(async () => {
      await Promise.all(servers.map((server) => server.close()));
      await redis.stop();
    });

    async function server(): Promise<RunningServer> {
      const running = await createServer({ mode: "open", redis: redis.url, limits: { unloadAfter: 50 } });
      servers.push(running);
      return running;
    }

    it("SV-90 clients of three servers see each other's updates and presence", async () => {
      const [a, b, c] = [await server(), await server(), await server()];
      const [one, two, three] = await Promise.all([a, b, c].map((each) => connect(each.url, "doc")));
      await Promise.all([one, two, three].map((client) => client!.sync()));
      one!.doc.getMap("m").set("from", "one");
      await two!.untilDoc((doc) => doc.getMap("m").get("from") === "one");
      two!.doc.getMap("m").set("back", "two");
      await Promise.all([one, three].map((client) => client!.untilDoc((doc) => doc.getMap("m").get("back") === "two")));
      one!.sendPresence(7, 1, '{"user":{"name":"Ada"}}');
      const heard = (message: { type: number; body: Uint8Array }) =>
        message.type === 1 && Buffer.from(message.body).includes("Ada");
      await three!.until(heard);
      // Who opens the document on yet another server hears of those who were there.
      const late = await connect((await server()).url, "doc");
      await late.until(heard);
      await late.sync();
      expect(late.doc.getMap("m").toJSON()).toEqual({ from: "one", back: "two" });
      one!.ws.terminate();
      await late.until((message) => message.type === 1 && Buffer.from(message.body).includes("null"));
      await Promise.all([two, three, late].map((client) => client!.close()));
    });

    it("SV-91 rooms, invites and roles are the same everywhere, and a change on one server closes sockets on another", async () => {
      const session = await startSession({ redis: redis.url, signingKey: undefined });
      servers.push(session.server);
      const other = await createServer({ redis: redis.url, adminKey: "admin" });
      servers.push(other);
      const ben = await session.join("Ben");
      const client = await connect(other.url, `${session.room}/margin`, ben.token);
      await client.sync();
      entriesOf(client.doc, ben.participant).set("e1", { v: 1 });
      await client.saved(2);
      const owner = await connect(session.server.url, `${session.room}/margin`, session.owner);
      await owner.sync();
      expect(entriesOf(owner.doc, ben.participant).toJSON()).toEqual({ e1: { v: 1 } });
      // Authorship holds across servers: the other one knows whose client id it is.
      const eve = await session.join("Eve");
      const forger = await connect(session.server.url, `${session.room}/margin`, eve.token);
      await forger.sync();
      forger.doc.clientID = client.doc.clientID;
      entriesOf(forger.doc, eve.participant).set("x", 1);
      expect((await forger.closed).code).toBe(CLOSE.forged);
      const path = `/rooms/${session.room}/participants/${ben.participant}`;
      await request(session.server, "PATCH", path, { token: session.owner, body: { removed: true } });
      expect((await client.closed).code).toBe(CLOSE.gone);
      await request(other, "DELETE", `/rooms/${session.room}`, { token: "admin" });
      expect((await owner.closed).code).toBe(CLOSE.gone);
      expect((await open(other.url, `${session.room}/article`, session.owner).closed).code).toBe(CLOSE.unknownRoom);
    });

    it("SV-114 a name changed through one server is read by the clients of another", async () => {
      const session = await startSession({ redis: redis.url, signingKey: undefined });
      servers.push(session.server);
      const other = await createServer({ redis: redis.url, adminKey: "admin" });
      servers.push(other);
      const { room } = session;
      const ben = await session.join("Ben");
      // Ben is connected to one server, the owner to the other, and Ben's request comes to the owner's.
      const guest = await connect(session.server.url, `${room}/session`, ben.token);
      const owner = await connect(other.url, `${room}/session`, session.owner);
      await Promise.all([guest.sync(), owner.sync()]);
      const heard = (name: string) => (message: { type: number; body: Uint8Array }) =>
        message.type === 1 && Buffer.from(message.body).includes(`"${name}"`);
      guest.sendPresence(7, 1, "{}");
      await owner.until(heard("Ben"));
      await request(other, "POST", `/rooms/${room}/name`, { token: ben.token, body: { name: "Benjamin" } });
      const named = (doc: Y.Doc) => readRoster(doc).get(ben.participant)?.name === "Benjamin";
      await Promise.all([owner.untilDoc(named), guest.untilDoc(named)]);
      await owner.until(heard("Benjamin"));
      await Promise.all([guest.close(), owner.close()]);
    });

    it("SV-95, SV-55 a client id that two people take on two servers at the same moment is one's, and nobody sees what the other wrote", async () => {
      const session = await startSession({ redis: redis.url, signingKey: undefined });
      servers.push(session.server);
      const other = await createServer({ redis: redis.url, adminKey: "admin" });
      servers.push(other);
      const people = await Promise.all(["Ben", "Eve"].map((name) => session.join(name)));
      const margin = `${session.room}/margin`;
      const places = [session.server, other];
      const writers = await Promise.all(people.map(({ token }, i) => connect(places[i]!.url, margin, token)));
      const observers = await Promise.all(places.map(({ url }) => connect(url, margin, session.owner)));
      await Promise.all([...writers, ...observers].map((client) => client.sync()));

      // Both servers take the update in while neither can write it: then both try.
      const control = new Redis(redis.url);
      await control.call("CLIENT", "PAUSE", "10000", "WRITE");
      for (const [i, { doc }] of writers.entries()) {
        doc.clientID = 4711;
        entriesOf(doc, people[i]!.participant).set("entry", "first draft");
        entriesOf(doc, people[i]!.participant).set("entry", i);
      }
      await Promise.all(writers.map((client) => client.saved(0)));
      await control.call("CLIENT", "UNPAUSE");
      control.disconnect();

      const loser = await Promise.race(
        writers.map(async (client, i) => {
          expect((await client.closed).code).toBe(CLOSE.cannotSave);
          return i;
        }),
      );
      const winner = 1 - loser;
      await writers[winner]!.saved(2);
      expect(writers[winner]!.ws.readyState).toBe(WebSocket.OPEN);
      const fresh = await Promise.all(places.map(({ url }) => connect(url, margin, session.owner)));
      await Promise.all(fresh.map((client) => client.sync()));
      for (const { doc } of [observers[winner]!, ...fresh]) {
        expect(entriesOf(doc, people[winner]!.participant).toJSON()).toEqual({ entry: winner });
      }
      for (const { doc } of [...observers, ...fresh]) {
        expect(entriesOf(doc, people[loser]!.participant).toJSON()).toEqual({});
      }
      // Who goes on writing with it is told that it is another's.
      const again = await connect(places[loser]!.url, margin, people[loser]!.token);
      entriesOf(writers[loser]!.doc, people[loser]!.participant).set("more", 1);
      again.sendUpdate(Y.encodeStateAsUpdate(writers[loser]!.doc));
      expect((await again.closed).code).toBe(CLOSE.forged);
      await Promise.all([writers[winner]!, ...fresh].map((client) => client.close()));
    });

    it("SV-92 compaction on one server while another writes loses nothing", async () => {
      const store = await createRedisStore({ url: redis.url });
      const other = await createRedisStore({ url: redis.url });
      const first = await store.open("doc");
      const second = await other.open("doc");
      const update = (text: string) => ({ update: Buffer.from(text), owners: ["p:a"] });
      const followed: string[] = [];
      let enough: () => void;
      const all = new Promise<void>((resolve) => (enough = resolve));
      second.log.follow!((updates) => {
        for (const one of updates) followed.push(Buffer.from(one.update).toString());
        if (new Set(followed).size >= 20) enough();
      });
      first.log.follow!(() => {});
      for (let i = 0; i < 20; i++) {
        await first.log.append([update(`a${i}`)]);
        await second.log.append([update(`b${i}`)]);
        if (i % 5 === 0) await first.log.compact([update(`snapshot ${i}`)]);
      }
      await all;
      const { updates, log } = await store.open("doc");
      const texts = updates.map((one) => Buffer.from(one.update).toString());
      expect(texts[0]).toMatch(/^snapshot/);
      expect(texts).toContain("a19");
      expect(texts).toContain("b19");
      await Promise.all([log.close(), first.log.close(), second.log.close()]);
      await Promise.all([store.close(), other.close()]);
    });

    it("SV-93 Redis goes away and comes back: clients are told, keep their work, and catch up", async () => {
      await redis.stop();
      const folder = await tempFolder();
      redis = await startRedis({ folder: folder.path });
      const a = await server();
      const client = await connect(a.url, "doc");
      await client.sync();
      client.doc.getMap("m").set("before", 1);
      await client.saved(2);
      const { port } = redis;
      await redis.stop();
      client.doc.getMap("m").set("meanwhile", 1);
      const closed = await client.closed;
      expect([CLOSE.cannotSave, CLOSE.overloaded]).toContain(closed.code);
      expect((await request(a, "GET", "/readyz")).status).toBe(503);
      redis = await startRedis({ port, folder: folder.path });
      // As a provider does: try again until it works.
      for (;;) {
        const again = open(a.url, "doc");
        Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(client.doc), "server");
        const opened = await new Promise<boolean>((resolve) => {
          again.ws.once("open", () => resolve(true));
          again.ws.once("error", () => resolve(false));
        });
        const saved =
          opened &&
          (await again
            .sync()
            .then(() => again.saved(1))
            .catch(() => 0));
        if (!saved) continue;
        await again.close();
        break;
      }
      const b = await server();
      const late = await connect(b.url, "doc");
      await late.sync();
      expect(late.doc.getMap("m").toJSON()).toEqual({ before: 1, meanwhile: 1 });
      await late.close();
      await folder.remove();
    });

    it("SV-94 kill -9 of a server takes nothing with it", async () => {
      const folders = [await tempFolder(), await tempFolder()];
      const start = (i: number): Promise<ServerProcess> =>
        startServer(folders[i]!.path, ["--open", "--redis", redis.url]);
      const [doomed, other] = [await start(0), await start(1)];
      const writer = await connect(doomed.url, "doc");
      const observer = await connect(other.url, "doc");
      await Promise.all([writer.sync(), observer.sync()]);
      let n = 0;
      const killed = new Promise<void>((resolve) => {
        observer.ws.on("message", () => {
          if (n < 100) writer.doc.getMap("m").set(`k${n++}`, "x".repeat(300));
          else void doomed.kill("SIGKILL").then(() => resolve());
        });
      });
      writer.doc.getMap("m").set("first", 1);
      await killed;
      const seen = [...observer.doc.getMap("m").keys()];
      expect(seen.length).toBeGreaterThan(50);
      await observer.close();
      await other.kill("SIGKILL");
      const fresh = await server();
      const late = await connect(fresh.url, "doc");
      await late.sync();
      expect(seen.filter((key) => !late.doc.getMap("m").has(key))).toEqual([]);
      await late.close();
      await Promise.all(folders.map((folder) => folder.remove()));
    });
  },
);

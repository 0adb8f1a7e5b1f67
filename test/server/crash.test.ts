/** Real processes and kill -9: what anyone saw survives. MARGINALIA_KILLS=1000 makes it as many. */
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as decoding from "lib0/decoding";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ByteWriter } from "../../server/document/bytes.ts";
import { HAS_ORIGIN, REF } from "../../server/document/scan.ts";
import { applyUpdate, emptyState } from "../../server/document/state.ts";
import { PLAIN_RULE } from "../../server/rooms/rules.ts";
import { createFileStore } from "../../server/store/file-store.ts";
import { bundleOf, type ServerProcess, startServer, tempFolder } from "../support/cli-process.ts";
import { CLOSE } from "../../src/protocol/wire.ts";
import { connect, request } from "../support/sync-server.ts";

const KILLS = Number(process.env.MARGINALIA_KILLS ?? 4);
/** After so many kills the log begins anew. */
const FRESH = 40;

let folder: Awaited<ReturnType<typeof tempFolder>>;
let server: ServerProcess;

describe("SV compaction and kill -9", () => {
  it(
    "SV-72 killed at any moment of any compaction, every number that was in the log is there",
    async () => {
      const program = await bundleOf("test/support/compacting-writer.ts");
      let place = await tempFolder();
      let known = 0;
      for (let round = 0; round < KILLS * 2; round++) {
        if (round > 0 && round % FRESH === 0) {
          // On a busy machine hardly any compaction ends before the kill, and every round reads all that was ever written.
          expect(known).toBeGreaterThan(100);
          await place.remove();
          place = await tempFolder();
          known = 0;
        }
        const child = spawn(process.execPath, [program, place.path], { stdio: ["ignore", "pipe", "inherit"] });
        const patience = 200 + ((round * 7919) % 3000);
        let said = "";
        let heard = 0;
        child.stdout.on("data", (data: Buffer) => {
          said = (said + data.toString()).slice(-200);
          if ((heard += data.length) > patience) child.kill("SIGKILL");
        });
        await new Promise((resolve) => child.once("close", resolve));
        const printed = said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1)!;
        known = Math.max(known, Number(printed));
        const store = await createFileStore(place.path);
        const { log, updates, damage } = await store.open("doc");
        // A snapshot stands for all up to its number; from there on every number follows.
        let reached = 0;
        for (const { update } of updates) {
          const text = Buffer.from(update).toString();
          if (text.startsWith("up to ")) reached = Math.max(reached, Number(text.slice(6)));
          else if (Number(text) > reached) expect(Number(text)).toBe(++reached);
        }
        expect(reached).toBeGreaterThanOrEqual(known);
        expect(damage.filter((one) => one.kind === "corrupt")).toEqual([]);
        await log.close();
        await store.close();
      }
      expect(known).toBeGreaterThan(100);
      await place.remove();
    },
    20_000 + KILLS * 3_000,
  );
});

describe("SV crashes", () => {
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(async () => {
    await server.kill("SIGKILL");
    await folder.remove();
  });

  it("SV-20 very many client ids that all wait for one do not end the process", async () => {
    server = await startServer(folder.path, ["--open"]);
    // more than a call has room for as arguments
    const count = 130_000;
    const update = new ByteWriter().uint(count + 1);
    const value = (writer: ByteWriter) => writer.uint(1).byte(126);
    for (let client = 2; client < count + 2; client++) {
      value(
        update
          .uint(1)
          .uint(client)
          .uint(0)
          .byte(HAS_ORIGIN | REF.any)
          .uint(1)
          .uint(0),
      );
    }
    value(update.uint(1).uint(1).uint(0).byte(REF.any).uint(1).string("m")).uint(0);
    const hostile = await connect(server.url, "doc");
    hostile.sendUpdate(update.done());
    expect((await hostile.closed).code).toBe(CLOSE.clientsFull);
    // nor does a log in which they are, of a server that took them
    expect(applyUpdate(emptyState(), update.done(), PLAIN_RULE, { partial: false, maxBytes: 1e9 }).kind).toBe(
      "accepted",
    );
    expect((await request({ url: server.url }, "GET", "/healthz")).status).toBe(200);
  }, 60_000);

  it(
    "SV-50 kill -9 at a random moment loses nothing that a peer has seen and nothing that was called saved",
    async () => {
      let seed = Number(process.env.MARGINALIA_SEED ?? Date.now() % 1e9);
      console.log(`crash test: ${KILLS} kills, MARGINALIA_SEED=${seed}`);
      const random = (below: number) => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        return (seed >>> 8) % below;
      };
      let checked = 0;
      let fresh = 0;
      for (let round = 0; round < KILLS; round++) {
        server = await startServer(folder.path, ["--open"]);
        const document = `round ${round % 5}`;
        const [writer, second, observer] = await Promise.all([1, 2, 3].map(() => connect(server.url, document)));
        await Promise.all([writer!.sync(), second!.sync(), observer!.sync()]);
        // Everyone writes when they hear something: a closed loop until the process is gone.
        let next = 0;
        const enough = 5 + random(120);
        /** Keys in the order in which the writer, which asked what is saved, sent them; its step 2 came before. */
        const sent: string[] = [];
        const write = (client: typeof writer) => {
          const key = `${round}.${next++}`;
          if (client === writer) sent.push(key);
          client!.doc.getMap("seen").set(key, "x".repeat(random(600)));
        };
        const killed = new Promise<void>((resolve) => {
          for (const client of [writer, second]) {
            client!.ws.on("message", () => {
              if (next < enough) write(client);
              else void server.kill("SIGKILL").then(() => resolve());
            });
          }
        });
        writer!.send(121, 0);
        write(writer);
        write(second);
        await killed;
        await Promise.all([writer!.closed, second!.closed, observer!.closed]);
        const counts = writer!.messages.filter((message) => message.type === 121).map((message) => message.body);
        const saved = sent.slice(
          0,
          Math.max(0, ...counts.map((body) => decoding.readVarUint(decoding.createDecoder(body)) - 1)),
        );
        const seen = [...observer!.doc.getMap("seen").keys()];
        server = await startServer(folder.path, ["--open"]);
        const later = await connect(server.url, document);
        await later.sync();
        const kept = later.doc.getMap("seen");
        expect(saved.filter((key) => !kept.has(key))).toEqual([]);
        expect(seen.filter((key) => !kept.has(key))).toEqual([]);
        // A kill may come before the observer has heard anything in its round, but not in all of them.
        fresh += seen.filter((key) => key.startsWith(`${round}.`)).length;
        checked += seen.length;
        await later.close();
        await server.kill("SIGKILL");
      }
      expect(fresh).toBeGreaterThan(KILLS);
      console.log(`crash test: ${checked} updates that were seen, 0 lost`);
    },
    20_000 + KILLS * 5_000,
  );

  it("SV-51 SIGTERM loses nothing that was received", async () => {
    server = await startServer(folder.path, ["--open"]);
    const writer = await connect(server.url, "doc");
    await writer.sync();
    const map = writer.doc.getMap("m");
    for (let i = 0; i < 200; i++) map.set(`k${i}`, i);
    await writer.saved(201);
    expect(await server.kill("SIGTERM")).toBe(0);
    server = await startServer(folder.path, ["--open"]);
    const later = await connect(server.url, "doc");
    await later.sync();
    expect(later.doc.getMap("m").size).toBe(200);
    await later.close();
  });

  it("SV-53 deleted text does not stay on the disk once everybody has left", async () => {
    server = await startServer(folder.path, ["--open"]);
    const writer = await connect(server.url, "doc");
    await writer.sync();
    const text = writer.doc.getText("t");
    text.insert(0, "kept ");
    text.insert(5, "regretted words");
    await writer.saved(3);
    text.delete(5, 15);
    await writer.saved(4);
    await writer.close();
    await server.kill("SIGTERM");
    const files = await readdir(folder.path, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), "latin1")),
    );
    expect(contents.some((content) => content.includes("kept "))).toBe(true);
    expect(contents.some((content) => content.includes("regretted"))).toBe(false);
  });

  it("SV-52 a client joins as the last one leaves, 200 times, and is never told synced without the text", async () => {
    server = await startServer(folder.path, ["--open"]);
    for (let round = 0; round < 200; round++) {
      const first = await connect(server.url, `swap ${round}`);
      first.doc.getText("t").insert(0, `text ${round}`);
      await first.sync();
      first.ws.terminate();
      const second = await connect(server.url, `swap ${round}`);
      await second.sync();
      expect(second.doc.getText("t").toString()).toBe(`text ${round}`);
      second.ws.terminate();
    }
  });
});

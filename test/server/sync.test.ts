import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { createServer, type RunningServer } from "../../server/create-server.ts";
import { tempFolder } from "../support/cli-process.ts";
import { connect } from "../support/sync-server.ts";

let folder: Awaited<ReturnType<typeof tempFolder>>;
let server: RunningServer;
beforeEach(async () => {
  folder = await tempFolder();
  server = await createServer({ mode: "open", data: folder.path });
});
afterEach(async () => {
  await server.close();
  await folder.remove();
});

const restart = async () => {
  await server.close();
  server = await createServer({ mode: "open", data: folder.path });
};

describe("SV sync", () => {
  it("SV-2 a large room comes in pieces that can be read at once, step 2 last, with what was written meanwhile", async () => {
    const writer = await connect(server.url, "big");
    const other = await connect(server.url, "big");
    await writer.sync();
    await other.sync();
    for (let i = 0; i < 300; i++) {
      const client = i % 2 === 0 ? writer : other;
      const last = client.doc.getText("t").length;
      client.doc.getText("t").insert(Math.floor(last / 2), `${i} `.repeat(1500));
      if (i % 10 === 0) client.doc.getText("t").delete(0, 20);
    }
    await writer.saved(150);
    await other.saved(150);
    const late = await connect(server.url, "big");
    let pieces = 0;
    let pending = 0;
    let before = -1;
    late.ws.prependListener("message", () => {
      if (late.doc.store.pendingStructs) pending++;
      before = late.messages.filter((message) => message.type === 0 && message.step === 1).length;
      if (before === 0) pieces++;
    });
    late.ws.pause();
    late.send(0, 0, Uint8Array.of(0));
    writer.doc.getText("t").insert(0, "written while somebody joins ");
    await writer.saved(151);
    late.ws.resume();
    await late.until((message) => message.type === 0 && message.step === 1);
    expect(pieces).toBeGreaterThan(3);
    expect(pending).toBe(0);
    const truth = new Y.Doc();
    Y.applyUpdate(truth, Y.encodeStateAsUpdate(writer.doc));
    Y.applyUpdate(truth, Y.encodeStateAsUpdate(other.doc));
    await late.untilDoc((doc) => doc.getText("t").toString() === truth.getText("t").toString());
    await Promise.all([writer, other, late].map((client) => client.close()));
  });

  it("SV-5 tells who asked what is on disk, and nobody else", async () => {
    const asks = await connect(server.url, "doc");
    const plain = await connect(server.url, "doc");
    await asks.sync();
    await plain.sync();
    for (let i = 0; i < 5; i++) asks.doc.getMap("m").set(`k${i}`, i);
    expect(await asks.saved(6)).toBe(6);
    expect(await asks.saved(6)).toBe(6);
    await plain.untilDoc((doc) => doc.getMap("m").size === 5);
    expect(plain.messages.filter((message) => message.type === 121)).toEqual([]);
    await Promise.all([asks.close(), plain.close()]);
  });

  it("SV-5 what was dropped because its beginning is missing is not called saved until it came", async () => {
    const client = await connect(server.url, "doc");
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    doc.getMap("m").set("a", 1);
    doc.getMap("m").set("b", 2);
    client.send(121, 0);
    client.sendUpdate(updates[1]!);
    const other = await connect(server.url, "other");
    other.doc.getMap("m").set("x", 1);
    await other.saved(1);
    expect(await client.saved(0)).toBe(0);
    client.send(0, 1, Y.encodeStateAsUpdate(doc));
    expect(await client.saved(2)).toBe(2);
    await Promise.all([client.close(), other.close()]);
  });

  it("SV-54 nobody who asks after a deletion gets what was deleted, in a small room and in a large one", async () => {
    for (const [document, filling] of [
      ["small", 10],
      ["large", 1_500_000],
    ] as const) {
      const writer = await connect(server.url, document);
      await writer.sync();
      writer.doc.getText("t").insert(0, "x".repeat(filling));
      writer.doc.getMap("m").set("note", "regretted words");
      // Somebody joins before: what was encoded for them is not for those who come later.
      const before = await connect(server.url, document);
      const old = Y.encodeStateVector(before.doc);
      await before.sync();
      expect(before.doc.getMap("m").get("note")).toBe("regretted words");
      writer.doc.getMap("m").delete("note");
      await writer.saved(4);
      const late = await connect(server.url, document);
      await late.sync();
      late.send(0, 0, old);
      await late.saved(0);
      await late.sync();
      expect(late.doc.getText("t").length).toBe(filling);
      expect(late.messages.some((message) => Buffer.from(message.body).includes("regretted"))).toBe(false);
      await Promise.all([writer, before, late].map((client) => client.close()));
    }
  });

  it("SV-26 who comes back with the clock they had is seen at once", async () => {
    const watcher = await connect(server.url, "doc");
    const seen = (text: string) => (message: { type: number; body: Uint8Array }) =>
      message.type === 1 && Buffer.from(message.body).includes(text);
    const first = await connect(server.url, "doc");
    first.sendPresence(5, 3, '{"user":{"name":"Ada"}}');
    await watcher.until(seen("Ada"));
    await first.close();
    await watcher.until(seen("null"));
    watcher.messages.length = 0;
    const again = await connect(server.url, "doc");
    again.sendPresence(5, 3, '{"user":{"name":"Ada"}}');
    const back = await watcher.until(seen("Ada"));
    // One client, id 5, and a clock that peers who saw 3 do not ignore.
    expect([...back.body.subarray(0, 3)]).toEqual([1, 5, 4]);
    await Promise.all([watcher.close(), again.close()]);
  });

  it("SV-71 a corrupt record costs what stood in it; what built on it comes back with its author", async () => {
    const author = await connect(server.url, "doc");
    const other = await connect(server.url, "doc");
    await author.sync();
    await other.sync();
    author.doc.getMap("m").set("first", 1);
    await author.saved(2);
    author.doc.getMap("m").set("damaged", "a passage to be found again");
    await author.saved(3);
    author.doc.getMap("m").set("third", 3);
    await author.saved(4);
    other.doc.getMap("m").set("others", 4);
    await other.saved(2);
    await author.close();
    await other.close();
    await server.close();
    const logs = join(folder.path, "documents");
    const [sub] = await readdir(logs);
    const [file] = await readdir(join(logs, sub!));
    const bytes = await readFile(join(logs, sub!, file!));
    bytes[bytes.indexOf("a passage to be")] = 0x41;
    await writeFile(join(logs, sub!, file!), bytes);

    server = await createServer({ mode: "open", data: folder.path });
    const late = await connect(server.url, "doc");
    await late.sync();
    expect(late.doc.getMap("m").toJSON()).toEqual({ first: 1, others: 4 });
    expect(late.doc.store.pendingStructs).toBeNull();
    await late.close();
    // What waits is in the log still after another restart.
    await restart();
    const reader = await connect(server.url, "doc");
    await reader.sync();
    const back = await connect(server.url, "doc");
    Y.applyUpdate(back.doc, Y.encodeStateAsUpdate(author.doc), "server");
    await back.sync();
    await reader.untilDoc((doc) => doc.getMap("m").size === 4);
    await Promise.all([reader.close(), back.close()]);
  });

  it("SV-52 documents that are let go and opened again at once are whole every time", async () => {
    await server.close();
    server = await createServer({ mode: "open", data: folder.path, limits: { unloadAfter: 0 } });
    for (let round = 0; round < 60; round++) {
      const client = await connect(server.url, "doc");
      await client.sync();
      expect(client.doc.getMap("m").size).toBe(round);
      client.doc.getMap("m").set(`r${round}`, round);
      await client.saved(2);
      client.ws.terminate();
      await client.closed;
    }
  });
});

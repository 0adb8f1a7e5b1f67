import { appendFile, chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFileStore } from "../../server/store/file-store.ts";
import { FolderInUse } from "../../server/store/folder-lock.ts";
import { readLog, updateRecord } from "../../server/store/log-format.ts";
import { type Store, StoreUnavailable } from "../../server/store/store.ts";
import { tempFolder } from "../support/cli-process.ts";
import { request, startSession } from "../support/sync-server.ts";

let folder: Awaited<ReturnType<typeof tempFolder>>;
let store: Store;
beforeEach(async () => {
  folder = await tempFolder();
  store = await createFileStore(folder.path);
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

const recordLength = (text: string) => Buffer.concat(updateRecord(update(text))).length;
const update = (text: string) => ({ update: Buffer.from(text), owners: ["p:ada"] });

/** Writes updates, closes, and returns the path of the document's file. */
async function write(...texts: string[]): Promise<string> {
  const { log } = await store.open("doc");
  await log.append(texts.map(update));
  await log.close();
  const logs = join(folder.path, "documents");
  const [sub] = await readdir(logs);
  const [file] = await readdir(join(logs, sub!));
  return join(logs, sub!, file!);
}

async function read() {
  const { log, updates, damage } = await store.open("doc");
  await log.close();
  return { texts: updates.map((one) => Buffer.from(one.update).toString()), damage };
}

describe("SV file store", () => {
  it("SV-70 cuts off a record that a power cut left unfinished, at every possible byte, and goes on behind the last whole one", async () => {
    const path = await write("first", "second");
    const whole = await readFile(path);
    const last = recordLength("second");
    for (let cut = 1; cut < last; cut++) {
      await writeFile(path, whole.subarray(0, whole.length - cut));
      expect(await read()).toMatchObject({ texts: ["first"], damage: [{ kind: "torn", document: "doc" }] });
      const { log } = await store.open("doc");
      await log.append([update("third")]);
      await log.close();
      expect(await read()).toEqual({ texts: ["first", "third"], damage: [] });
    }
  });

  it("SV-71 large updates, written in pieces, are read back; a wrong byte in one is found", async () => {
    const large = "x".repeat(300_000);
    const path = await write("first", large, "last");
    expect((await read()).texts).toEqual(["first", large, "last"]);
    const broken = await readFile(path);
    broken[broken.length - 1000]! ^= 1;
    await writeFile(path, broken);
    expect(await read()).toMatchObject({ texts: ["first", "last"], damage: [{ kind: "corrupt" }] });
  });

  it("SV-70 survives a file of zeros or of noise at the end", async () => {
    const path = await write("first");
    await appendFile(path, Buffer.alloc(5000));
    expect((await read()).texts).toEqual(["first"]);
    await appendFile(path, Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 73) % 251)));
    expect((await read()).texts).toEqual(["first"]);
    expect((await read()).damage).toEqual([]);
  });

  it("SV-71 names a corrupt record, skips it and serves the rest, whichever byte is wrong", async () => {
    const path = await write("first", "second", "third");
    const whole = await readFile(path);
    const length = recordLength("second");
    const start = whole.length - recordLength("third") - length;
    for (let at = start; at < start + length; at++) {
      const broken = Buffer.from(whole);
      broken[at]! ^= 0x5a;
      const result = readLog(broken, "doc");
      expect([at, result.updates.map((one) => Buffer.from(one.update).toString())]).toEqual([at, ["first", "third"]]);
      expect(result.damage).toEqual([{ document: "doc", offset: start, length, kind: "corrupt" }]);
    }
  });

  it("SV-76 a log of a newer format is not touched: it is said, and served again by a program that knows it", async () => {
    const path = await write("first");
    for (const later of ["marginalia log 2\n what nobody knows yet", "marginalia log 2\n", "marginalia log 17\nx"]) {
      await writeFile(path, later);
      await expect(store.open("doc")).rejects.toThrow("a newer version");
      expect(await readFile(path, "utf8")).toBe(later);
      expect(await store.documents()).toEqual([]);
    }
  });

  it("SV-76 a file in which nothing can be read is kept beside the new log", async () => {
    const path = await write("first");
    await writeFile(path, "this is something else altogether");
    const { log, damage } = await store.open("doc");
    expect(damage).toMatchObject([{ kind: "corrupt", offset: 0, length: 33 }]);
    await log.append([update("second")]);
    await log.close();
    expect((await read()).texts).toEqual(["second"]);
    const names = await readdir(join(path, ".."));
    expect(names).toHaveLength(2);
    const aside = names.find((name) => !name.endsWith(".log"))!;
    expect(await readFile(join(path, "..", aside), "utf8")).toBe("this is something else altogether");
    expect(await store.documents()).toEqual(["doc"]);
    await store.remove("doc");
    expect(await readdir(join(path, ".."))).toEqual([]);
  });

  it("SV-76 what other programs put into the folder is nothing to the store", async () => {
    await write("first");
    await writeFile(join(folder.path, "documents", ".DS_Store"), "x");
    await writeFile(join(folder.path, "rooms", ".DS_Store"), "x");
    expect(await store.documents()).toEqual(["doc"]);
    expect(await store.rooms.keys()).toEqual([]);
  });

  it("SV-77 a room's record that cannot be written leaves nothing behind", async () => {
    await store.rooms.write("room", { title: "T" }, 0);
    await mkdir(join(folder.path, "rooms", "other.json"));
    await writeFile(join(folder.path, "rooms", "other.json", "x"), "");
    await expect(store.rooms.remove("other")).rejects.toThrow(StoreUnavailable);
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    await expect(store.rooms.write("room", cyclic, 1)).rejects.toThrow();
    expect((await readdir(join(folder.path, "rooms"))).filter((name) => name.endsWith(".new"))).toEqual([]);
    expect(await store.rooms.read("room")).toEqual({ version: 1, value: { title: "T" } });
  });

  it("SV-77 a damaged record of a room hides no other, and can be deleted", async () => {
    await store.close();
    const { server, room } = await startSession({ data: folder.path });
    try {
      const damaged = ["truncated", "empty", "strange"];
      const texts = ['{"version":3,"val', "", '{"version":1,"value":{"id":7}}'];
      for (const [i, name] of damaged.entries()) {
        await writeFile(join(folder.path, "rooms", `${name}.json`), texts[i]!);
      }
      const list = async () =>
        (await request<{ rooms: { room: string }[] }>(server, "GET", "/rooms", { token: "admin" })).body;
      expect((await list()).rooms.map((row) => row.room)).toEqual([room]);
      for (const name of damaged) {
        const join = await request(server, "POST", `/rooms/${name}/join`, {
          body: { invite: "x".repeat(32), name: "Eve" },
        });
        expect(join.status).toBe(500);
        expect((await request(server, "DELETE", `/rooms/${name}`, { token: "admin" })).status).toBe(204);
        expect((await request(server, "DELETE", `/rooms/${name}`, { token: "admin" })).status).toBe(404);
      }
      expect(await readdir(join(folder.path, "rooms"))).toEqual([`${room}.json`]);
    } finally {
      await server.close();
    }
  });

  it("SV-72 a compaction that was interrupted leaves the old log", async () => {
    const path = await write("first", "second");
    await writeFile(`${path}.new`, "half a snapsho");
    expect((await read()).texts).toEqual(["first", "second"]);
    expect(await readdir(join(path, ".."))).toHaveLength(1);
  });

  it("SV-73 refuses a folder that another store has, and takes it over from a dead process", async () => {
    await expect(createFileStore(folder.path)).rejects.toThrow(FolderInUse);
    await store.close();
    // A process number that the system does not give out, and one that belongs to another program by now.
    for (const holder of [{ pid: 2 ** 22 + 1, started: "1" }, { pid: 1, started: "0" }, "not json"]) {
      await writeFile(join(folder.path, "lock"), typeof holder === "string" ? holder : JSON.stringify(holder));
      const taken = await createFileStore(folder.path);
      await taken.close();
    }
    store = await createFileStore(folder.path);
  });

  it("SV-74 makes files that only their owner may read", async () => {
    const path = await write("first");
    const { stat } = await import("node:fs/promises");
    expect((await stat(path)).mode & 0o077).toBe(0);
    expect((await stat(folder.path)).mode & 0o007).toBe(0);
  });

  it("SV-75 appending to a folder that cannot be written says so and loses nothing", async () => {
    await write("first");
    const { log } = await store.open("other");
    // A folder in place of the file: the write fails as it would on a full disk, whoever runs the tests.
    const before = await readdir(join(folder.path, "documents"));
    for (const sub of before) await chmod(join(folder.path, "documents", sub), 0o700);
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256").update("other").digest("hex");
    const path = join(folder.path, "documents", hash.slice(0, 2), `${hash}.log`);
    await mkdir(path, { recursive: true });
    expect(() => log.append([update("lost?")])).toThrow("cannot write");
    expect(store.healthy()).toBe(false);
    const { rmdir } = await import("node:fs/promises");
    await rmdir(path);
    await log.append([update("kept")]);
    expect(store.healthy()).toBe(true);
    await log.close();
    const { updates } = await store.open("other");
    expect(updates.map((one) => Buffer.from(one.update).toString())).toEqual(["kept"]);
    expect((await read()).texts).toEqual(["first"]);
  });
});

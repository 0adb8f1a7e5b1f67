/** The offline store's contract, on every kind of folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import * as Y from "yjs";
import { stateInParts } from "../../src/sync/state-parts.ts";
import { createNodeFiles } from "../../src/extension/storage/node-files.ts";
import type { Files } from "../../src/sync/files.ts";
import { createOfflineStore, type OfflineStore } from "../../src/sync/offline-store.ts";
import type { Damage, StoredDocument } from "../../src/sync/stored-document.ts";
import { createFakeClock, type FakeClock, seededBytes, seededNumbers } from "../support/fake-clock.ts";
import { createMemoryFolder } from "../support/memory-files.ts";

interface Folder {
  window(): Files;
  /** Reads and overwrites a file behind everybody's back. */
  raw: Files;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  clocks.length = 0;
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const KINDS: Record<string, () => Promise<Folder>> = {
  memory: async () => {
    const folder = createMemoryFolder();
    return { window: () => folder.window(), raw: folder.window() };
  },
  disk: async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "marginalia-store-"));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    return { window: () => createNodeFiles(folder), raw: createNodeFiles(folder) };
  },
};

let seed = 1;

interface Opened {
  store: OfflineStore;
  doc: Y.Doc;
  log: StoredDocument;
  damage: Damage[];
  errors: unknown[];
  /** Updates that came from other windows after loading. */
  news: string[];
  set(key: string, value: unknown): void;
  content(): Record<string, unknown>;
}

const clocks: FakeClock[] = [];

async function open(files: Files, key = "room/margin"): Promise<Opened> {
  const errors: unknown[] = [];
  const clock = createFakeClock();
  clocks.push(clock);
  const store = createOfflineStore({
    files,
    clock,
    random: seededBytes(seed++),
    onError: (error) => errors.push(error),
  });
  return openIn(store, errors, key);
}

/** Opens the document in a window that may have had it open before. */
async function openIn(store: OfflineStore, errors: unknown[] = [], key = "room/margin"): Promise<Opened> {
  const damage: Damage[] = [];
  store.onDidFindDamage((each) => damage.push(each));
  const doc = new Y.Doc();
  const news: string[] = [];
  const log = store.open(key, {
    apply(update, origin) {
      if (origin !== "load") news.push(origin);
      Y.applyUpdate(doc, update, "store");
    },
    snapshot: () => stateInParts(doc, 3),
    together: (_, work) => doc.transact(work, "store"),
  });
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin !== "store") log.append(update, origin !== "server");
  });
  await log.load();
  return {
    store,
    doc,
    log,
    damage,
    errors,
    news,
    set: (name, value) => doc.getMap("m").set(name, value),
    content: () => doc.getMap("m").toJSON(),
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const clock of clocks) await clock.advance(100);
  }
}

const logs = async (folder: Folder) => (await folder.raw.list("room+margin~")).sort();

describe.each(Object.entries(KINDS))("offline store on %s", (kind, make) => {
  test("ST-1 what was written is there again, and what waited for the server still waits", async () => {
    const folder = await make();
    const first = await open(folder.window());
    first.set("a", 1);
    first.set("b", 2);
    first.doc.transact(() => first.doc.getMap("m").set("c", 3), "server");
    const mark = first.log.ledger.mark();
    first.set("d", 4);
    first.log.ledger.saved(mark);
    expect(await first.store.flush()).toBe(true);
    await first.store.close();
    const second = await open(folder.window());
    expect(second.content()).toEqual({ a: 1, b: 2, c: 3, d: 4 });
    expect(second.log.ledger.waiting()).toBe(1);
    second.log.ledger.saved(second.log.ledger.mark());
    await second.store.close();
    const third = await open(folder.window());
    expect(third.log.ledger.waiting()).toBe(0);
    expect(third.damage).toEqual([]);
    await third.store.close();
  });

  test("ST-2 a log cut off at any byte gives every update that is whole, and stays usable", async () => {
    const folder = await make();
    const writer = await open(folder.window());
    for (let i = 0; i < 5; i++) writer.set(`k${i}`, "v".repeat(i));
    await writer.store.close();
    const [name] = await logs(folder);
    const whole = (await folder.raw.read(name!, 0))!.slice();
    let before = -1;
    for (let cut = 0; cut <= whole.length; cut += kind === "disk" ? 7 : 1) {
      const part = await make();
      await part.raw.replace(name!, whole.slice(0, cut));
      const reader = await open(part.window());
      const count = Object.keys(reader.content()).length;
      expect(count).toBeGreaterThanOrEqual(before);
      before = count;
      expect(reader.content()).toEqual(
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, "v".repeat(i)])),
      );
      reader.set("after", cut);
      await reader.log.compact();
      await reader.store.close();
      const again = await open(part.window());
      expect(again.content()).toEqual({ ...reader.content(), after: cut });
      expect(again.damage).toEqual([]);
      await again.store.close();
    }
    if (kind === "memory") expect(before).toBe(5);
  });

  test("ST-3 a damaged stretch costs what stood in it, is reported, and nothing else is lost", async () => {
    const folder = await make();
    const writer = await open(folder.window());
    for (let i = 0; i < 6; i++) {
      // each under a client of its own, so that none depends on another
      writer.doc.clientID = 100 + i;
      writer.set(`k${i}`, i);
    }
    await writer.store.close();
    const [name] = await logs(folder);
    const whole = (await folder.raw.read(name!, 0))!.slice();
    const number = seededNumbers(7);
    for (let i = 0; i < (kind === "disk" ? 10 : 200); i++) {
      const at = Math.floor(number() * whole.length);
      const broken = whole.slice();
      broken[at] = broken[at]! ^ (1 + Math.floor(number() * 255));
      const part = await make();
      await part.raw.replace(name!, broken);
      const reader = await open(part.window());
      const left = Object.keys(reader.content()).length;
      expect(left).toBeGreaterThanOrEqual(5);
      for (const [key, value] of Object.entries(reader.content())) expect(key).toBe(`k${String(value)}`);
      // a damaged last record looks like one that was cut off
      if (left < 6 && reader.content().k5 !== undefined) expect(reader.damage).toHaveLength(1);
      await reader.store.close();
    }
  });

  test("ST-26 what cannot be read, of a later version or damaged, is kept beside when its file is taken up in another", async () => {
    const folder = await make();
    const writer = await open(folder.window());
    writer.set("k", 1);
    await writer.store.close();
    const [name] = await logs(folder);
    const whole = (await folder.raw.read(name!, 0))!.slice();
    const later = Uint8Array.from(whole);
    later[3] = 2;
    const flipped = Uint8Array.from(whole);
    flipped[whole.length - 1]! ^= 1;
    const unknown = Uint8Array.of(...whole, ...whole);
    unknown[whole.length + 4] = 9;
    const torn = Uint8Array.of(...whole, ...whole.subarray(0, whole.length - 1));
    const zeros = Uint8Array.of(...whole, 0, 0, 0, 0, 0, 0);
    for (const bytes of [later, flipped, unknown, torn, zeros]) {
      const part = await make();
      await part.raw.replace(name!, bytes);
      const own = await open(part.window());
      own.set("own", 2);
      await own.log.compact();
      const kept = (await part.raw.list("room+margin~")).filter((each) => each.startsWith(name!));
      const strange = bytes !== torn && bytes !== zeros;
      expect(kept).toEqual(strange ? [`${name}.unread`] : []);
      if (strange) expect(await part.raw.read(kept[0]!, 0)).toEqual(bytes);
      expect(own.damage).toHaveLength(strange ? 1 : 0);
      await own.store.close();
      const again = await open(part.window());
      expect(again.content()).toMatchObject({ own: 2 });
      expect(await again.store.keys()).toEqual(["room/margin"]);
      await again.log.close();
      await again.store.forget("room/");
      expect(await part.raw.list("room")).toEqual([]);
      await again.store.close();
    }
  });

  test("ST-4 two windows of one person hear each other's writing as it happens", async () => {
    const folder = await make();
    const one = await open(folder.window());
    const two = await open(folder.window());
    one.set("a", 1);
    two.set("b", 2);
    await until(() => "b" in one.content() && "a" in two.content());
    expect(one.news).toEqual(["mine"]);
    await until(() => one.log.ledger.waiting() === 2 && two.log.ledger.waiting() === 2);
    two.log.ledger.saved(two.log.ledger.mark());
    await until(() => one.log.ledger.waiting() === 0);
    one.doc.transact(() => one.doc.getMap("m").set("c", 3), "server");
    await until(() => "c" in two.content());
    expect(two.news).toEqual(["mine", "other"]);
    await one.store.close();
    await two.store.close();
  });

  test("ST-5 compacting keeps what other running windows have written, and takes up those that are gone", async () => {
    const folder = await make();
    const gone = await open(folder.window());
    gone.set("gone", 1);
    await gone.store.close();
    const other = await open(folder.window());
    other.set("other", 1);
    await other.store.flush();
    const own = await open(folder.window());
    own.set("own", 1);
    other.set("late", 2);
    await other.store.flush();
    await own.log.compact();
    const names = await logs(folder);
    expect(names).toHaveLength(2);
    expect(names.some((name) => name.includes(other.store.window))).toBe(true);
    other.set("later", 3);
    own.set("more", 4);
    await other.store.close();
    await own.store.close();
    const last = await open(folder.window());
    expect(last.content()).toEqual({ gone: 1, other: 1, own: 1, late: 2, later: 3, more: 4 });
    expect(last.log.ledger.waiting()).toBe(6);
    await last.store.close();
  });

  test("ST-6 both compacting at once, again and again, while both write: nothing is lost and nothing counted twice", async () => {
    const folder = await make();
    const windows = [await open(folder.window()), await open(folder.window())];
    const expected: Record<string, number> = {};
    for (let round = 0; round < 10; round++) {
      const work: Promise<unknown>[] = [];
      for (const [i, window] of windows.entries()) {
        for (let k = 0; k < 3; k++) window.set(`w${i}-${round}-${k}`, (expected[`w${i}-${round}-${k}`] = k));
        work.push(window.log.compact());
        window.set(`w${i}-${round}-x`, (expected[`w${i}-${round}-x`] = 9));
      }
      await Promise.all(work);
    }
    await Promise.all(windows.map((window) => window.store.close()));
    const last = await open(folder.window());
    expect(last.content()).toEqual(expected);
    expect(last.log.ledger.waiting()).toBe(80);
    expect(last.damage).toEqual([]);
    await last.log.compact();
    expect(await logs(folder)).toHaveLength(1);
    await last.store.close();
  });

  test("ST-7 keys and JSON values are listed, replaced and forgotten by name", async () => {
    const folder = await make();
    const one = await open(folder.window());
    one.set("a", 1);
    await one.store.writeJson("room/read.ada", { v: 1 });
    await one.store.writeJson("room/read.ada", { v: 2 });
    expect(await one.store.readJson("room/read.ada")).toEqual({ v: 2 });
    expect(await one.store.readJson("room/read.ben")).toBeUndefined();
    await one.store.close();
    const two = await open(folder.window(), "other/margin");
    expect(await two.store.keys()).toEqual(["room/margin"]);
    await two.store.forget("room/");
    expect(await two.store.keys()).toEqual([]);
    expect(await two.store.readJson("room/read.ada")).toBeUndefined();
    await two.store.close();
  });

  test("ST-22 a document that is closed and opened again in one window is all there, and stays", async () => {
    const folder = await make();
    const first = await open(folder.window());
    const { store } = first;
    first.set("a", 1);
    await first.log.compact();
    first.set("b", 2);
    await first.log.close();
    const second = await openIn(store);
    expect(second.content()).toEqual({ a: 1, b: 2 });
    expect(second.log.ledger.waiting()).toBe(2);
    second.log.ledger.saved(second.log.ledger.mark());
    second.set("c", 3);
    expect(second.log.ledger.waiting()).toBe(1);
    await second.log.compact();
    second.set("d", 4);
    await second.log.close();
    for (let i = 0; i < 5; i++) {
      const again = await openIn(store);
      again.set(`again-${i}`, i);
      await again.log.close();
    }
    await store.close();
    const last = await open(folder.window());
    expect(Object.keys(last.content()).sort().join(" ")).toBe("a again-0 again-1 again-2 again-3 again-4 b c d");
    expect(last.log.ledger.waiting()).toBe(7);
    expect((await logs(folder)).length).toBeLessThan(6);
    await last.store.close();
  });

  test("ST-21 somebody takes a running window's file away: all of it is written anew", async () => {
    const folder = await make();
    const one = await open(folder.window());
    one.set("a", 1);
    await one.store.flush();
    for (const name of await logs(folder)) await folder.raw.remove(name);
    one.set("b", 2);
    expect(await one.store.flush()).toBe(true);
    expect(one.log.ledger.waiting()).toBe(2);
    one.set("c", 3);
    await one.store.close();
    const two = await open(folder.window());
    expect(two.content()).toEqual({ a: 1, b: 2, c: 3 });
    expect(two.log.ledger.waiting()).toBe(3);
    await two.store.close();
  });
});

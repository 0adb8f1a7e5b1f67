import { afterEach, describe, expect, test } from "vitest";
import * as Y from "yjs";
import { stateInParts } from "../../src/sync/state-parts.ts";
import { createOfflineStore, type OfflineStore } from "../../src/sync/offline-store.ts";
import { encodeRecord, readRecords, RECORD } from "../../src/sync/log-records.ts";
import type { StoredDocument } from "../../src/sync/stored-document.ts";
import { createFakeClock, seededBytes, seededNumbers, settle } from "../support/fake-clock.ts";
import { createMemoryFolder, type MemoryWindow } from "../support/memory-files.ts";

const stores: OfflineStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function open(files: MemoryWindow, clock = createFakeClock(), seed = 1) {
  const errors: unknown[] = [];
  const store = createOfflineStore({ files, clock, random: seededBytes(seed), onError: (error) => errors.push(error) });
  const doc = new Y.Doc();
  const log: StoredDocument = store.open("room/margin", {
    apply: (update) => Y.applyUpdate(doc, update, "store"),
    snapshot: () => stateInParts(doc, 3),
    together: (_, work) => doc.transact(work, "store"),
  });
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin !== "store") log.append(update, true);
  });
  await log.load();
  return { store, doc, log, clock, errors, map: doc.getMap<unknown>("m") };
}

const noRoom = () => {
  throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
};

describe("offline store: a disk that refuses", () => {
  test("ST-10 a full disk is told, nothing is lost while the process lives, and writing goes on when there is room", async () => {
    const folder = createMemoryFolder();
    const files = folder.window();
    const one = await open(files);
    stores.push(one.store);
    const told: (number | null)[] = [];
    one.store.onDidChangeTrouble((trouble) => told.push(trouble?.pending ?? null));
    files.fault = noRoom;
    one.map.set("a", 1);
    await settle();
    expect(one.store.trouble?.reason).toContain("full");
    one.map.set("b", 2);
    expect(one.store.trouble?.pending).toBe(2);
    expect(await one.store.flush()).toBe(false);
    await one.clock.advance(60_000);
    files.fault = null;
    await one.clock.advance(60_000);
    expect(one.store.trouble).toBeNull();
    expect(told).toEqual([1, 2, null]);
    const two = await open(folder.window(), createFakeClock(), 2);
    stores.push(two.store);
    expect(two.map.toJSON()).toEqual({ a: 1, b: 2 });
    expect(two.log.ledger.waiting()).toBe(2);
  });

  test("ST-10 nothing is written while this window cannot be marked as running: others would take its file away", async () => {
    const folder = createMemoryFolder();
    const files = folder.window();
    files.fault = (what) => (what === "claim" ? noRoom() : undefined);
    const one = await open(files);
    stores.push(one.store);
    expect(one.store.trouble).toBeNull();
    one.map.set("a", 1);
    await settle();
    expect(folder.files.size).toBe(0);
    expect(one.store.trouble?.pending).toBe(1);
    files.fault = null;
    await one.clock.advance(2_000);
    expect(one.store.trouble).toBeNull();
    expect(folder.files.size).toBe(1);
    expect(folder.claims.has(one.store.window)).toBe(true);
  });

  test("ST-11 an append that breaks off in the middle does not spoil what is appended after it", async () => {
    for (let cut = 0; cut < 60; cut++) {
      const folder = createMemoryFolder();
      const files = folder.window();
      const one = await open(files);
      one.map.set("before", 0);
      await one.store.flush();
      files.fault = (what) => (what === "append" ? cut : undefined);
      one.map.set("a", 1);
      await settle();
      files.fault = null;
      one.map.set("b", 2);
      expect(await one.store.flush()).toBe(true);
      await one.store.close();
      const two = await open(folder.window(), createFakeClock(), 2);
      expect(two.map.toJSON()).toEqual({ before: 0, a: 1, b: 2 });
      expect(two.log.ledger.waiting()).toBe(3);
      await two.store.close();
    }
  });

  test("ST-12 a compaction that fails, at whatever step, leaves everything readable", async () => {
    for (const what of ["replace", "remove"] as const) {
      const folder = createMemoryFolder();
      const files = folder.window();
      const one = await open(files);
      one.map.set("a", 1);
      await one.store.flush();
      files.fault = (step) => (step === what ? noRoom() : undefined);
      await one.log.compact();
      expect(one.errors).toHaveLength(1);
      one.map.set("b", 2);
      files.fault = null;
      await one.store.close();
      const two = await open(folder.window(), createFakeClock(), 2);
      expect(two.map.toJSON()).toEqual({ a: 1, b: 2 });
      expect(two.log.ledger.waiting()).toBe(2);
      await two.store.close();
    }
  });

  test("ST-22 what could not be read when a document was opened again outlives a compaction", async () => {
    for (const failing of ["read", "list"] as const) {
      const folder = createMemoryFolder();
      const files = folder.window();
      const { store, map, log: before } = await open(files);
      stores.push(store);
      map.set("before", 1);
      await before.close();

      const works = files[failing];
      Object.assign(files, { [failing]: () => Promise.reject(new Error("input/output error")) });
      const doc = new Y.Doc();
      const log = store.open("room/margin", {
        apply: (update) => Y.applyUpdate(doc, update, "store"),
        snapshot: () => stateInParts(doc, 3),
        together: (_, work) => doc.transact(work, "store"),
      });
      await expect(log.load()).rejects.toThrow("input/output error");
      Object.assign(files, { [failing]: works });
      doc.on("update", (update: Uint8Array, origin: unknown) => origin !== "store" && log.append(update, true));
      doc.getMap("m").set("after", 2);
      await log.compact();
      expect(await log.flush()).toBe(true);

      const next = await open(folder.window(), createFakeClock(), 2);
      stores.push(next.store);
      expect([failing, next.map.toJSON()]).toEqual([failing, { before: 1, after: 2 }]);
    }
  });

  test("ST-13 killed at any step of anything, the next start has all that was flushed (seeded)", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const number = seededNumbers(seed);
      const folder = createMemoryFolder();
      const flushed: Record<string, number> = {};
      for (let life = 0; life < 5; life++) {
        const files = folder.window();
        let left = 1 + Math.floor(number() * 12);
        files.fault = (what) => {
          if (what === "list" || what === "claim") return;
          if (--left === 0) files.die();
          // the dead do nothing: whoever waits for it waits for ever
          if (left <= 0) throw new Error("dead");
        };
        const one = await open(files, createFakeClock(), seed * 10 + life);
        expect(one.map.toJSON(), `seed ${seed}`).toMatchObject(flushed);
        for (let i = 0; i < 6; i++) {
          const key = `${life}-${i}`;
          one.map.set(key, i);
          const done = await Promise.race([one.store.flush(), settle(60).then(() => false)]);
          if (!done) break;
          flushed[key] = i;
          if (number() < 0.4) await Promise.race([one.log.compact(), settle(60)]);
        }
        files.die();
      }
      const last = await open(folder.window(), createFakeClock(), seed * 10 + 9);
      expect(last.map.toJSON(), `seed ${seed}`).toMatchObject(flushed);
      expect(last.log.ledger.waiting()).toBeGreaterThanOrEqual(Object.keys(flushed).length);
      await last.store.close();
    }
  });

  test("ST-16 windows that open, write, compact, close and die between each other's steps lose nothing (seeded)", async () => {
    for (let seed = 1; seed <= 80; seed++) {
      const number = seededNumbers(seed);
      const folder = createMemoryFolder(() => Math.floor(number() * 6));
      const flushed: Record<string, number> = {};
      let lives = 0;
      let writes = 0;
      const life = async () => {
        const files = folder.window();
        const own = lives++;
        const one = await open(files, createFakeClock(), seed * 100 + own);
        for (let i = 0; i < 8; i++) {
          const before = { ...flushed };
          const key = `${own}-${i}`;
          one.map.set(key, (writes += 1));
          const value = writes;
          if (number() < 0.4) await one.log.compact();
          if (await one.store.flush()) flushed[key] = value;
          if (number() < 0.1) return files.die();
          if (number() < 0.15) {
            const reader = await open(folder.window(), createFakeClock(), seed * 100 + 50 + lives++);
            expect(reader.map.toJSON(), `seed ${seed}`).toMatchObject(before);
            await reader.store.close();
          }
        }
        await one.store.close();
      };
      for (let round = 0; round < 3; round++) await Promise.all([life(), life(), life()]);
      const last = await open(folder.window(), createFakeClock(), seed * 100 + 99);
      expect(last.map.toJSON(), `seed ${seed}`).toMatchObject(flushed);
      expect(last.log.ledger.waiting(), `seed ${seed}`).toBeGreaterThanOrEqual(Object.keys(flushed).length);
      expect(last.errors).toEqual([]);
      await last.log.compact();
      expect(folder.files.size).toBe(1);
      await last.store.close();
    }
  });

  test("ST-14 a large log is compacted by itself, and left-over files of windows that are gone are taken up at the start", async () => {
    const folder = createMemoryFolder();
    const one = await open(folder.window());
    for (let i = 0; i < 400; i++) {
      one.map.set("same", "x".repeat(1_000) + i);
      if (i % 20 === 0) await one.store.flush();
    }
    await one.store.close();
    const size = () => [...folder.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    expect(size()).toBeLessThan(300_000);
    for (let i = 0; i < 4; i++) {
      const other = await open(folder.window(), createFakeClock(), 10 + i);
      other.map.set(`w${i}`, i);
      await other.store.close();
    }
    const last = await open(folder.window(), createFakeClock(), 50);
    await settle(200);
    expect(folder.files.size).toBe(1);
    expect(last.map.get("w3")).toBe(3);
    await last.store.close();
  });
});

describe("offline store: a process that is killed, a computer that goes out", () => {
  test("ST-19 what is written is with the system in the same turn, whatever the disk is busy with", async () => {
    const folder = createMemoryFolder();
    const files = folder.window();
    const one = await open(files);
    const kept = async () => {
      const again = await open(folder.window(), createFakeClock(), 2);
      await again.store.close();
      return again.map.toJSON();
    };
    one.map.set("first", 1);
    expect(await kept()).toEqual({ first: 1 });
    // the disk hangs over the sync of what came before
    const sync = files.sync;
    files.sync = () => new Promise(() => {});
    one.map.set("second", 2);
    await settle();
    one.map.set("third", 3);
    one.map.set("fourth", 4);
    files.die();
    files.sync = sync;
    expect(await kept()).toEqual({ first: 1, second: 2, third: 3, fourth: 4 });
  });

  test("ST-19 also while the log is compacted, at whatever step it is killed", async () => {
    for (let step = 0; step < 40; step++) {
      const folder = createMemoryFolder(() => 1);
      const files = folder.window();
      const one = await open(files);
      const expected: Record<string, number> = {};
      for (let i = 0; i < 10; i++) one.map.set(`before-${i}`, (expected[`before-${i}`] = i));
      await one.store.flush();
      void one.log.compact();
      for (let i = 0; i < step; i++) {
        one.map.set(`during-${i}`, (expected[`during-${i}`] = i));
        await Promise.resolve();
      }
      files.die();
      const again = await open(folder.window(), createFakeClock(), 2);
      expect(again.map.toJSON(), `step ${step}`).toEqual(expected);
      expect(again.log.ledger.waiting(), `step ${step}`).toBe(10 + step);
      await again.store.close();
    }
  });

  test("ST-19 what is large takes its time, and what comes after it waits its turn", async () => {
    const folder = createMemoryFolder(() => 3);
    const one = await open(folder.window());
    one.map.set("large", "x".repeat(100_000));
    one.map.set("a", 1);
    one.map.set("b", 2);
    expect(await one.store.flush()).toBe(true);
    const [log] = folder.files.values();
    expect(readRecords(log!, one.store.window).damaged).toEqual([]);
    await one.store.close();
    const again = await open(folder.window(), createFakeClock(), 2);
    expect(Object.keys(again.map.toJSON())).toEqual(["large", "a", "b"]);
    await again.store.close();
  });

  test("ST-20 what was flushed is there after a power cut, at whatever step of anything (seeded)", async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const number = seededNumbers(seed);
      const folder = createMemoryFolder(() => Math.floor(number() * 4));
      const flushed: Record<string, number> = {};
      for (let life = 0; life < 4; life++) {
        const one = await open(folder.window(), createFakeClock(), seed * 10 + life);
        expect(one.map.toJSON(), `seed ${seed}`).toMatchObject(flushed);
        for (let i = 0; i < 8; i++) {
          const now = { [`${life}-${i}`]: i };
          one.map.set(`${life}-${i}`, i);
          if (number() < 0.3) void one.log.compact();
          if (number() < 0.5) {
            expect(await one.store.flush()).toBe(true);
            Object.assign(flushed, now);
          }
          await settle(Math.floor(number() * 10));
        }
        folder.losePower();
      }
    }
  });

  test("ST-20 a disk that takes and does not put down: tried again, and not called written before", async () => {
    const folder = createMemoryFolder();
    const files = folder.window();
    const one = await open(files);
    stores.push(one.store);
    files.fault = (what) => {
      if (what === "sync") throw new Error("input/output error");
    };
    one.map.set("a", 1);
    expect(await one.store.flush()).toBe(false);
    expect(one.store.trouble?.pending).toBe(1);
    files.fault = null;
    await one.clock.advance(60_000);
    expect(one.store.trouble).toBeNull();
    folder.losePower();
    const two = await open(folder.window(), createFakeClock(), 2);
    stores.push(two.store);
    expect(two.map.toJSON()).toEqual({ a: 1 });
    expect(two.log.ledger.waiting()).toBe(1);
  });
});

describe("log records", () => {
  test("ST-15 bytes that look like a record inside a payload are not taken for one", () => {
    const inner = encodeRecord("somebody", RECORD.written, Uint8Array.of(1, 2, 3));
    const outer = encodeRecord("window", RECORD.heard, inner);
    const next = encodeRecord("window", RECORD.heard, Uint8Array.of(9));
    outer[5] = 0xff;
    const bytes = new Uint8Array([...outer, ...next]);
    const read = readRecords(bytes, "window");
    expect(read.records.map((record) => [...record.payload])).toEqual([[9]]);
    expect(read.damaged).toEqual([{ start: 0, end: outer.length }]);
  });
});

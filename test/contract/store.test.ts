import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store, StoredUpdate } from "../../server/store/store.ts";
import { STORES } from "./stores.ts";

const update = (text: string, owners: string[] = ["p:ada"]): StoredUpdate => ({ update: Buffer.from(text), owners });
const plain = (updates: readonly StoredUpdate[]) =>
  updates.map((one) => ({ text: Buffer.from(one.update).toString(), owners: [...one.owners] }));

for (const { name, missing, prepare } of STORES) {
  describe.skipIf(missing !== null)(`SV ${name} store${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
    let place: Awaited<ReturnType<typeof prepare>>;
    let store: Store;
    beforeEach(async () => {
      place = await prepare();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    const reopen = async () => {
      await store.close();
      store = await place.open();
    };
    const read = async (document: string) => {
      const { log, updates } = await store.open(document);
      await log.close();
      return plain(updates);
    };

    it("SV-61 gives back what was appended, in order, with its owners", async () => {
      const { log, updates } = await store.open("room/margin");
      expect(updates).toEqual([]);
      await log.append([update("one"), update("two", ["p:ben", "p:ada", "p:ben"])]);
      await log.append([update("three", [])]);
      await log.durable();
      expect(log.size()).toBeGreaterThan(0);
      await log.close();
      await reopen();
      expect(await read("room/margin")).toEqual([
        { text: "one", owners: ["p:ada"] },
        { text: "two", owners: ["p:ben", "p:ada", "p:ben"] },
        { text: "three", owners: [] },
      ]);
    });

    it("SV-62 keeps documents apart, whatever their names look like", async () => {
      const names = ["a", "A", "a/b", "../a", "a\u0000b", "über/😀", "x".repeat(500), "con", "a.log"];
      for (const each of names) {
        const { log } = await store.open(each);
        await log.append([update(each)]);
        await log.close();
      }
      await reopen();
      for (const each of names) expect(await read(each)).toEqual([{ text: each, owners: ["p:ada"] }]);
      expect(await store.documents()).toEqual([...names].sort());
      expect(await store.has("a")).toBe(true);
      expect(await store.has("b")).toBe(false);
    });

    it("SV-63 a snapshot replaces what came before it and keeps what comes during it", async () => {
      const { log } = await store.open("doc");
      await log.append([update("old 1"), update("old 2")]);
      const compaction = log.compact([update("snapshot"), update("of two", ["p:a", "p:b"])]);
      await log.append([update("new 1")]);
      await log.append([update("new 2")]);
      await compaction;
      await log.append([update("new 3")]);
      await log.durable();
      await log.close();
      await reopen();
      expect((await read("doc")).map((one) => one.text)).toEqual(["snapshot", "of two", "new 1", "new 2", "new 3"]);
    });

    it("SV-63 can be compacted again and again", async () => {
      const { log } = await store.open("doc");
      for (let i = 0; i < 20; i++) {
        await log.append([update(`u${i}`)]);
        const compaction = log.compact([update(`s${i}`)]);
        await log.append([update(`t${i}`)]);
        await compaction;
      }
      await log.close();
      expect((await read("doc")).map((one) => one.text)).toEqual(["s19", "t19"]);
    });

    it("SV-64 forgets a removed document", async () => {
      const { log } = await store.open("doc");
      await log.append([update("secret")]);
      await log.close();
      await store.remove("doc");
      await reopen();
      expect(await store.has("doc")).toBe(false);
      expect(await store.documents()).toEqual([]);
      expect(await read("doc")).toEqual([]);
    });

    it("SV-65 takes large updates and many", async () => {
      const { log } = await store.open("doc");
      const big = Buffer.alloc(3_000_000, "x");
      await log.append([{ update: big, owners: ["p:ada"] }]);
      for (let i = 0; i < 50; i++) await log.append(Array.from({ length: 20 }, (_, j) => update(`${i}.${j}`)));
      await log.durable();
      await log.close();
      await reopen();
      const { log: again, updates } = await store.open("doc");
      expect(updates).toHaveLength(1001);
      expect(Buffer.from(updates[0]!.update).equals(big)).toBe(true);
      expect(Buffer.from(updates[1000]!.update).toString()).toBe("49.19");
      await again.close();
    });

    it("SV-66 a document that was never written is durable and leaves nothing behind", async () => {
      const { log } = await store.open("empty");
      await log.durable();
      await log.close();
      expect(await store.documents()).toEqual([]);
    });

    it("SV-66 says durable once for all that asked", async () => {
      const logs = await Promise.all(["a", "b", "c"].map((each) => store.open(each)));
      for (const { log } of logs) await log.append([update("x")]);
      await Promise.all(logs.flatMap(({ log }) => [log.durable(), log.durable()]));
      for (const { log } of logs) await log.close();
    });

    it("SV-67 records are written only by who saw the latest", async () => {
      const { rooms } = store;
      expect(await rooms.read("r1")).toBeNull();
      expect(await rooms.write("r1", { a: 1 }, 0)).toBe(true);
      expect(await rooms.write("r1", { a: 2 }, 0)).toBe(false);
      const race = await Promise.all([1, 2, 3, 4].map((n) => rooms.write("r1", { n }, 1)));
      expect(race.filter(Boolean)).toHaveLength(1);
      await reopen();
      expect(await store.rooms.read("r1")).toMatchObject({ version: 2 });
      expect(await store.rooms.keys()).toEqual(["r1"]);
      await store.rooms.remove("r1");
      expect(await store.rooms.read("r1")).toBeNull();
      expect(await store.rooms.keys()).toEqual([]);
    });
  });
}

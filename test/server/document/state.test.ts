import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { encodeChunks, encodeSince, encodeStateVector, NOTHING } from "../../../server/document/encode.ts";
import { scanStateVector, scanUpdate } from "../../../server/document/scan.ts";
import {
  applyUpdate,
  restoreUpdate,
  type DocumentState,
  emptyState,
  type WriteRule,
} from "../../../server/document/state.ts";
import { dropDeleted, tidyInSteps, tidyRecent, tidyState } from "../../../server/document/tidying.ts";

const anyone: WriteRule = { owner: "", allowsRoot: () => true };

function encodeNumber(n: number): number[] {
  return n < 128 ? [n] : [128 | (n % 128), ...encodeNumber(Math.floor(n / 128))];
}
const LIMITS = { partial: false, maxBytes: 1e9 };

function random(seed: number): (below: number) => number {
  let s = seed >>> 0;
  return (below) => {
    s = (Math.imul(s ^ (s >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    const x = Math.imul(s ^ (s >>> 13), 0x297a2d39) >>> 0;
    return ((x ^ (x >>> 16)) >>> 0) % below;
  };
}

/** Clients that edit text, maps and nested types at random and exchange at random; each update they make goes to `onUpdate`. */
function play(seed: number, steps: number, onUpdate: (update: Uint8Array) => void): Y.Doc[] {
  const pick = random(seed);
  const docs = [0, 1, 2].map((i) => {
    const doc = new Y.Doc();
    doc.clientID = 1000 + pick(1_000_000) * 3 + i;
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "peer") onUpdate(update);
    });
    return doc;
  });
  const words = ["a", "bc", "é", "😀", "سلام", "x😀y", "lorem ipsum"];
  for (let i = 0; i < steps; i++) {
    const doc = docs[pick(docs.length)]!;
    const text = doc.getText("text");
    const map = doc.getMap("map");
    switch (pick(9)) {
      case 0:
      case 1:
      case 2:
        text.insert(pick(text.length + 1), words[pick(words.length)]!);
        break;
      case 3:
        if (text.length > 0) {
          const at = pick(text.length);
          text.delete(at, Math.min(text.length - at, 1 + pick(5)));
        }
        break;
      case 4:
        map.set(`k${pick(4)}`, { n: i, s: words[pick(words.length)], list: [1, null, true, 1.5] });
        break;
      case 5:
        map.delete(`k${pick(4)}`);
        break;
      case 6:
        doc.getArray("array").insert(0, [i, "x", { y: i }]);
        break;
      case 7:
        doc.transact(() => {
          const nested = new Y.Map();
          map.set("nested", nested);
          nested.set("inner", new Y.Text("deep"));
          text.format(0, Math.min(2, text.length), { bold: true });
        });
        break;
      default: {
        const peer = docs[pick(docs.length)]!;
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(peer, Y.encodeStateVector(doc)), "peer");
      }
    }
  }
  return docs;
}

function content(doc: Y.Doc): unknown {
  return {
    text: doc.getText("text").toDelta(),
    map: doc.getMap("map").toJSON(),
    array: doc.getArray("array").toJSON(),
  };
}

function docOf(...updates: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  expect(doc.store.pendingStructs).toBeNull();
  expect(doc.store.pendingDs).toBeNull();
  return doc;
}

/** The state and the merged truth of a game, fed in the order in which the updates were made. */
function game(seed: number, steps = 150): { state: DocumentState; truth: Y.Doc; updates: Uint8Array[] } {
  const state = emptyState();
  const updates: Uint8Array[] = [];
  play(seed, steps, (update) => {
    updates.push(update);
    expect(["accepted", "known"]).toContain(applyUpdate(state, update, anyone, LIMITS).kind);
  });
  return { state, truth: docOf(...updates), updates };
}

describe("SV document state", () => {
  it("SV-1 encodes to the same document as Yjs, whatever was written", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { state, truth } = game(seed);
      expect(content(docOf(encodeSince(state, NOTHING))), `seed ${seed}`).toEqual(content(truth));
      expect(scanStateVector(encodeStateVector(state)), `seed ${seed}`).toEqual(
        Y.decodeStateVector(Y.encodeStateVector(truth)),
      );
    }
  });

  it("SV-81 refuses an update with an empty deletion, at which Yjs clients throw", () => {
    const doc = new Y.Doc();
    doc.clientID = 7;
    doc.getMap("p:eve").set("a", 1);
    const update = Y.encodeStateAsUpdate(doc);
    expect(scanUpdate(update)).not.toBeNull();
    // in place of no deletions: one of client 9, at clock 12, of nothing
    const hostile = Uint8Array.of(...update.subarray(0, -1), 1, 9, 1, 12, 0);
    expect(() => Y.applyUpdate(new Y.Doc(), hostile)).toThrow();
    expect(scanUpdate(hostile)).toBeNull();
  });

  it("SV-1 tidying changes nothing that a reader sees, and never grows", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { state, truth } = game(seed, 250);
      const before = state.bytes;
      tidyState(state);
      expect(state.bytes).toBeLessThanOrEqual(before);
      const doc = docOf(encodeSince(state, NOTHING));
      expect(content(doc), `seed ${seed}`).toEqual(content(truth));
      // What the tidied state says must merge with a replica that has the untidied one, both ways.
      Y.applyUpdate(truth, encodeSince(state, NOTHING));
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(truth));
      expect(content(doc), `seed ${seed}`).toEqual(content(truth));
    }
  });

  it("SV-1 a tidied document is about as small as Yjs makes it", () => {
    const { state, truth } = game(7, 3000);
    tidyState(state);
    expect(encodeSince(state, NOTHING).length).toBeLessThan(Y.encodeStateAsUpdate(truth).length * 1.3);
  });

  it("SV-1 goes on taking updates after tidying", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const state = emptyState();
      const updates: Uint8Array[] = [];
      let n = 0;
      play(seed, 200, (update) => {
        updates.push(update);
        expect(["accepted", "known"]).toContain(applyUpdate(state, update, anyone, LIMITS).kind);
        if (++n % 50 === 0) tidyState(state);
        else if (n % 7 === 0) tidyRecent(state);
      });
      expect(content(docOf(encodeSince(state, NOTHING))), `seed ${seed}`).toEqual(content(docOf(...updates)));
    }
  });

  it("SV-1 takes updates between the steps of a tidying, and still knows what was deleted meanwhile", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const state = emptyState();
      let steps = tidyInSteps(state);
      const truth = play(seed, 200, (update) => {
        expect(["accepted", "known"]).toContain(applyUpdate(state, update, anyone, LIMITS).kind);
        if (steps.next().done) steps = tidyInSteps(state);
      })[0]!;
      dropDeleted(state);
      for (const run of state.runs.values()) expect(run.holdsDeleted, `seed ${seed}`).toBe(false);
      const whole = encodeSince(state, NOTHING);
      Y.applyUpdate(truth, whole);
      expect(content(docOf(whole)), `seed ${seed}`).toEqual(content(truth));
    }
  });

  it("SV-1 tidying may have to cut a long piece into many", () => {
    const state = emptyState();
    const doc = new Y.Doc();
    doc.on("update", (update: Uint8Array) => applyUpdate(state, update, anyone, LIMITS));
    const text = doc.getText("text");
    text.insert(0, "first ");
    tidyState(state);
    text.insert(6, "😀abcdefghij".repeat(40));
    for (let at = 7; at < text.length; at += 2) text.delete(at, 1);
    tidyRecent(state);
    expect(content(docOf(encodeSince(state, NOTHING)))).toEqual(content(doc));
    text.insert(3, "goes on");
    tidyState(state);
    expect(content(docOf(encodeSince(state, NOTHING)))).toEqual(content(doc));
  });

  it("SV-2 brings a replica of any age up to date", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { state, truth, updates } = game(seed);
      for (const part of [0.2, 0.5, 0.9]) {
        const replica = docOf(...updates.slice(0, Math.floor(updates.length * part)));
        const since = scanStateVector(Y.encodeStateVector(replica))!;
        Y.applyUpdate(replica, encodeSince(state, since));
        expect(content(replica), `seed ${seed}`).toEqual(content(truth));
      }
    }
  });

  it("SV-2 chunks can be integrated one after the other", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { state, truth, updates } = game(seed);
      for (const part of [0, 0.5]) {
        const replica = docOf(...updates.slice(0, Math.floor(updates.length * part)));
        const chunks = encodeChunks(state, scanStateVector(Y.encodeStateVector(replica))!, 200);
        expect(chunks.length).toBeGreaterThan(1);
        for (const chunk of chunks) {
          Y.applyUpdate(replica, chunk.update);
          expect(replica.store.pendingStructs, `seed ${seed}`).toBeNull();
        }
        Y.applyUpdate(replica, encodeSince(state, scanStateVector(Y.encodeStateVector(replica))!));
        expect(content(replica), `seed ${seed}`).toEqual(content(truth));
      }
    }
  });

  it("SV-3 an update that comes twice, or overlaps what is known, adds only what is new", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const { state, truth, updates } = game(seed);
      expect(applyUpdate(state, updates[3]!, anyone, LIMITS).kind).toBe("known");
      // Half of the game is known, then the whole comes merged by Yjs: strings begun before are continued.
      const half = emptyState();
      const middle = Math.floor(updates.length / 2);
      for (const update of updates.slice(0, middle)) applyUpdate(half, update, anyone, LIMITS);
      const replica = docOf(...updates.slice(0, middle));
      const verdict = applyUpdate(half, Y.encodeStateAsUpdate(truth), anyone, LIMITS);
      expect(verdict.kind).toBe("accepted");
      if (verdict.kind !== "accepted") continue;
      expect(content(docOf(encodeSince(half, NOTHING))), `seed ${seed}`).toEqual(content(truth));
      Y.applyUpdate(replica, verdict.stored.update);
      expect(content(replica), `seed ${seed}`).toEqual(content(truth));
    }
  });

  it("SV-33 nobody piles up more in one place than every reader can walk past, whatever the place", () => {
    const eve: WriteRule = { owner: "p:eve", allowsRoot: (root) => root === "p:eve", personal: true };
    const limits = { ...LIMITS, maxInPlace: 1_000 };
    const refused = { kind: "refused", reason: "too-often" };
    // each struct as if nothing stood there yet: Yjs walks past all of the others
    const again = (count: number, client: number, ...head: number[]) => {
      const bytes = [1, ...encodeNumber(count), ...encodeNumber(client), 0];
      for (let i = 0; i < count; i++) bytes.push(...head);
      return Uint8Array.from([...bytes, 0]);
    };
    const text = (word: string) => [word.length, ...Buffer.from(word)];
    const inMap = [0x28, 1, ...text("p:eve"), ...text("key"), 1, 126];
    const sameInMap = [0x28, 0x81, 0, 0x85, 0, ...Buffer.from("p:eve"), 0x83, 0, ...Buffer.from("key"), 1, 126];
    const inList = [0x08, 1, ...text("p:eve"), 1, 126];
    for (const head of [inMap, inList]) {
      const state = emptyState(true);
      expect(applyUpdate(state, again(1_001, 5, ...head), eve, limits)).toEqual(refused);
      expect(state.runs.size).toBe(0);
      expect(applyUpdate(state, again(600, 5, ...head), eve, limits).kind).toBe("accepted");
      expect(applyUpdate(state, again(401, 6, ...head), eve, limits)).toEqual(refused);
      expect(applyUpdate(state, again(400, 6, ...head), eve, limits).kind).toBe("accepted");
      // read back from the log it counts the same
      const restored = emptyState(true);
      expect(restoreUpdate(restored, encodeSince(state, NOTHING), ["p:eve", "p:eve"])).toBe("restored");
      expect(applyUpdate(restored, again(1, 7, ...head), eve, limits)).toEqual(refused);
    }
    const state = emptyState(true);
    expect(applyUpdate(state, again(600, 5, ...inMap), eve, limits).kind).toBe("accepted");
    expect(applyUpdate(state, again(401, 6, ...sameInMap), eve, limits)).toEqual(refused);
    // what stands behind others stands in their place; what is long can be cut into as many pieces
    const behind = [0xa8, 5, 7, 1, 126];
    expect(applyUpdate(state, again(401, 6, ...behind), eve, limits)).toEqual(refused);
    const long = [0x24, 1, ...text("p:eve"), ...text("other"), ...encodeNumber(1_001), ...Buffer.alloc(1_001, "x")];
    expect(applyUpdate(state, again(1, 6, ...long), eve, limits)).toEqual(refused);
  });

  it("SV-20 types stand in one another up to 64 deep, whoever wrote them and in whatever pieces they come", () => {
    const nested = (depth: number) => {
      const doc = new Y.Doc();
      doc.clientID = 5;
      const updates: Uint8Array[] = [];
      doc.on("update", (update: Uint8Array) => updates.push(update));
      let map = doc.getMap<unknown>("m");
      for (let i = 0; i < depth; i++) {
        // each in a map of its own client, so that what is inside may come first in the bytes
        doc.clientID = 1_000 + ((i * 7) % 100);
        const inner = new Y.Map<unknown>();
        map.set("k", inner);
        map = inner;
      }
      map.set("leaf", 1);
      return { doc, updates };
    };
    const whole = (depth: number) => Y.encodeStateAsUpdate(nested(depth).doc);
    expect(applyUpdate(emptyState(true), whole(64), anyone, LIMITS).kind).toBe("accepted");
    const state = emptyState(true);
    expect(applyUpdate(state, whole(65), anyone, LIMITS)).toEqual({ kind: "refused", reason: "malformed" });
    expect(state.runs.size).toBe(0);
    const kinds = nested(66).updates.map((update) => applyUpdate(state, update, anyone, LIMITS).kind);
    expect(kinds).toEqual([...Array(65).fill("accepted"), "refused", "dangling"]);
    const restored = emptyState(true);
    const owners = [...state.runs.values()].map((run) => run.owner);
    expect(restoreUpdate(restored, encodeSince(state, NOTHING), owners)).toBe("restored");
    expect(applyUpdate(restored, nested(66).updates[65]!, anyone, LIMITS).kind).toBe("refused");
  });

  it("SV-28 many small structs take a share for what they cost the readers", () => {
    const eve: WriteRule = { owner: "p:eve", allowsRoot: (root) => root === "p:eve", personal: true };
    const doc = new Y.Doc();
    for (let i = 0; i < 1_000; i++) doc.getMap("p:eve").set(`k${i}`, null);
    const update = Y.encodeStateAsUpdate(doc);
    const refused = { kind: "refused", reason: "too-much" };
    const limits = { ...LIMITS, maxShare: update.length + 4_096 + 60_000 };
    expect(applyUpdate(emptyState(), update, eve, limits)).toEqual(refused);
    expect(applyUpdate(emptyState(), update, eve, { ...limits, maxShare: limits.maxShare + 4_000 }).kind).toBe(
      "accepted",
    );
  });

  it("SV-33 whoever changes an entry again and again, in one window or in some, is not stopped", () => {
    const eve: WriteRule = { owner: "p:eve", allowsRoot: (root) => root === "p:eve", personal: true };
    const limits = { ...LIMITS, maxInPlace: 1_000 };
    const state = emptyState(true);
    const docs = [new Y.Doc(), new Y.Doc()];
    for (const doc of docs) {
      doc.on("update", (update: Uint8Array, origin: unknown) => {
        if (origin === "other") return;
        expect(applyUpdate(state, update, eve, limits).kind).toBe("accepted");
        for (const other of docs) if (other !== doc) Y.applyUpdate(other, update, "other");
      });
    }
    const entry = (doc: Y.Doc) => doc.getMap("p:eve");
    for (let i = 0; i < 5_000; i++) entry(docs[0]!).set("a", { i });
    for (let i = 0; i < 450; i++) for (const doc of docs) entry(doc).set("b", { i });
    for (let i = 0; i < 3_000; i++) entry(docs[0]!).set(`c${i}`, { i });
    expect(content(docOf(encodeSince(state, NOTHING)))).toEqual(content(docs[0]!));
  });

  it("SV-33 how much is in a place is known the same after any tidying as from the log", () => {
    const heavy = (state: DocumentState) => state.places!.weights.filter((weight) => weight > 0).sort((a, b) => a - b);
    for (let seed = 1; seed <= 30; seed++) {
      const state = emptyState(true);
      let n = 0;
      play(seed, 200, (update) => {
        applyUpdate(state, update, anyone, LIMITS);
        if (++n % 40 === 0) tidyState(state);
        else if (n % 7 === 0) tidyRecent(state);
      });
      for (const run of state.runs.values()) expect(run.places).toHaveLength(run.clocks.length);
      tidyState(state);
      const restored = emptyState(true);
      const owners = [...state.runs.values()].map((run) => run.owner);
      expect(restoreUpdate(restored, encodeSince(state, NOTHING), owners)).toBe("restored");
      expect(heavy(state), `seed ${seed}`).toEqual(heavy(restored));
    }
  });

  it("SV-28 what an update deletes makes room for what it brings, once", () => {
    const eve: WriteRule = { owner: "p:eve", allowsRoot: (root) => root === "p:eve", personal: true };
    const state = emptyState();
    const doc = new Y.Doc();
    const map = doc.getMap("p:eve");
    const limits = { ...LIMITS, maxShare: 50_000 };
    const since = () => {
      const update = Y.encodeStateAsUpdate(doc, encodeStateVector(state));
      return applyUpdate(state, update, eve, limits);
    };
    map.set("a", "x".repeat(40_000));
    expect(since().kind).toBe("accepted");
    map.set("b", "y".repeat(30_000));
    expect(since()).toEqual({ kind: "refused", reason: "too-much" });
    map.delete("a");
    expect(since().kind).toBe("accepted");
    expect(content(docOf(encodeSince(state, NOTHING)))).toEqual(content(doc));

    // the deletion of one thing, told a hundred times
    const { store } = doc;
    const [b] = store.clients.get(doc.clientID)!.filter((struct) => struct instanceof Y.Item && !struct.deleted);
    map.set("c", "z".repeat(100_000));
    const update = Y.encodeStateAsUpdate(doc, encodeStateVector(state));
    const often = [1, doc.clientID, 100].map((n) => encodeNumber(n));
    for (let i = 0; i < 100; i++) often.push(encodeNumber(b!.id.clock), encodeNumber(1));
    const withoutDeletions = update.subarray(0, scanUpdate(update)!.sections[0]!.structs.at(-1)!.end);
    const hostile = Uint8Array.from([...withoutDeletions, ...often.flat()]);
    expect(scanUpdate(hostile)?.deletions).toHaveLength(100);
    expect(applyUpdate(state, hostile, eve, limits)).toEqual({ kind: "refused", reason: "too-much" });
  });

  it("SV-32 holds no more client ids than it may; those that it holds go on", () => {
    const state = emptyState();
    const byMany = (first: number, count: number) => {
      const doc = new Y.Doc();
      for (let client = first; client < first + count; client++) {
        doc.clientID = client;
        doc.getMap("map").set(`key ${client}`, client);
      }
      return doc;
    };
    const limits = { ...LIMITS, maxClients: 10 };
    const refused = { kind: "refused", reason: "too-many-clients" };
    expect(applyUpdate(state, Y.encodeStateAsUpdate(byMany(1, 11)), anyone, limits)).toEqual(refused);
    expect(state.runs.size).toBe(0);
    const doc = byMany(1, 10);
    expect(applyUpdate(state, Y.encodeStateAsUpdate(doc), anyone, limits).kind).toBe("accepted");
    expect(applyUpdate(state, Y.encodeStateAsUpdate(byMany(11, 1)), anyone, limits)).toEqual(refused);
    expect(applyUpdate(state, Y.encodeStateAsUpdate(byMany(10, 5)), anyone, limits)).toEqual(refused);
    doc.clientID = 7;
    doc.getMap("map").set("more", 1);
    expect(applyUpdate(state, Y.encodeStateAsUpdate(doc), anyone, limits).kind).toBe("accepted");
    // what a server took in that allowed more is read back and lived with
    const older = emptyState();
    const large = Y.encodeStateAsUpdate(byMany(1, 30));
    expect(restoreUpdate(older, large, Array(30).fill(anyone.owner))).toBe("restored");
    expect(applyUpdate(older, large, anyone, limits).kind).toBe("known");
    expect(applyUpdate(older, Y.encodeStateAsUpdate(byMany(31, 1)), anyone, limits)).toEqual(refused);
  });

  it("SV-32 an update that names more clients than may be is not read", () => {
    const bytes = new Uint8Array(5_000_000).fill(1);
    bytes.set([0xa0, 0xc2, 0x1e]); // 500,000
    const state = emptyState();
    const limits = { ...LIMITS, maxClients: 32_768 };
    expect(applyUpdate(state, bytes, anyone, limits)).toEqual({ kind: "refused", reason: "too-many-clients" });
    expect(applyUpdate(state, bytes, null, limits)).toEqual({ kind: "refused", reason: "read-only" });
    expect(applyUpdate(state, bytes.subarray(0, 100), anyone, limits)).toEqual({
      kind: "refused",
      reason: "malformed",
    });
  });

  it("SV-32 a state vector names no more clients than an update could", () => {
    const vector = new Uint8Array(3 + 2 * 300_000).fill(1);
    vector.set([0xe0, 0xa7, 0x12]); // 300,000
    expect(scanStateVector(vector)).toBeNull();
  });

  it("SV-4 an update whose dependencies are missing leaves no trace", () => {
    const { updates } = game(5);
    const state = emptyState();
    applyUpdate(state, updates[0]!, anyone, LIMITS);
    const before = encodeSince(state, NOTHING);
    const late = updates.slice(20).filter((update) => applyUpdate(state, update, anyone, LIMITS).kind === "dangling");
    expect(late.length).toBeGreaterThan(0);
    const fresh = emptyState();
    applyUpdate(fresh, updates[0]!, anyone, LIMITS);
    expect(applyUpdate(fresh, late[0]!, anyone, LIMITS).kind).toBe("dangling");
    expect(encodeSince(fresh, NOTHING)).toEqual(before);
  });
});

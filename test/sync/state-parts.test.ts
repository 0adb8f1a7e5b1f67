import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { stateInParts } from "../../src/sync/state-parts.ts";

/** Several replicas that write into the same text, maps and lists, hear of each other now and then, and delete and undo. */
function makeReplicas(random: () => number): Y.Doc[] {
  const docs = Array.from({ length: 3 }, (_, i) => {
    const doc = new Y.Doc();
    doc.clientID = 10 + i;
    return doc;
  });
  const undo = new Y.UndoManager(docs[0]!.getText("text"));
  const pick = (count: number) => Math.floor(random() * count);
  for (let step = 0; step < 60; step++) {
    const doc = docs[pick(3)]!;
    const text = doc.getText("text");
    const map = doc.getMap<unknown>("map");
    const kind = pick(8);
    if (kind < 3) text.insert(pick(text.length + 1), "abc".slice(0, 1 + pick(3)));
    else if (kind === 3 && text.length > 0) text.delete(pick(text.length), 1);
    else if (kind === 4) map.set(`k${pick(3)}`, new Y.Map([["a", step]]));
    else if (kind === 5) {
      const inner = map.get(`k${pick(3)}`);
      if (inner instanceof Y.Map) inner.set("b", new Y.Text("words"));
    } else if (kind === 6) undo.undo();
    else {
      const from = docs[pick(3)]!;
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(from, Y.encodeStateVector(doc)));
    }
  }
  return docs;
}

const randomOf = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

const same = (one: Y.Doc, other: Y.Doc) => {
  expect(Y.equalSnapshots(Y.snapshot(one), Y.snapshot(other))).toBe(true);
  for (const doc of [one, other]) {
    doc.getText("text");
    doc.getMap("map");
  }
  expect(one.toJSON()).toEqual(other.toJSON());
};

describe("a state in parts", () => {
  test("ST-18 each part builds on those before it alone, and together they are the document", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), (seed, size) => {
        const [doc, ...others] = makeReplicas(randomOf(seed));
        for (const other of others) Y.applyUpdate(doc!, Y.encodeStateAsUpdate(other));
        const copy = new Y.Doc();
        for (const part of stateInParts(doc!, size)) {
          Y.applyUpdate(copy, part);
          expect(copy.store.pendingStructs).toBeNull();
          expect(copy.store.pendingDs).toBeNull();
        }
        same(copy, doc!);
      }),
    );
  });

  test("ST-18 what is written between two parts takes nothing away from them", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 10 }), (seed, size) => {
        const random = randomOf(seed);
        const [doc, other] = makeReplicas(random);
        const updates: Uint8Array[] = [];
        const copy = new Y.Doc();
        let listening = false;
        for (const part of stateInParts(doc!, size)) {
          if (!listening) doc!.on("update", (update: Uint8Array) => updates.push(update));
          listening = true;
          Y.applyUpdate(copy, part);
          const text = doc!.getText("text");
          if (text.length > 2) text.delete(Math.floor(random() * (text.length - 1)), 1);
          text.insert(Math.floor(random() * (text.length + 1)), "x");
          if (random() < 0.2) Y.applyUpdate(doc!, Y.encodeStateAsUpdate(other!));
        }
        for (const update of updates) Y.applyUpdate(copy, update);
        same(copy, doc!);
      }),
    );
  });

  test("ST-18 what waits for something missing is in the last parts, and is whole when that comes", () => {
    const writer = new Y.Doc();
    const updates: Uint8Array[] = [];
    writer.on("update", (update: Uint8Array) => updates.push(update));
    for (const word of ["one ", "two ", "three "]) writer.getText("text").insert(0, word);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, updates[0]!);
    Y.applyUpdate(doc, updates[2]!);
    const copy = new Y.Doc();
    for (const part of stateInParts(doc, 1)) Y.applyUpdate(copy, part);
    expect(copy.store.pendingStructs).not.toBeNull();
    Y.applyUpdate(copy, updates[1]!);
    same(copy, writer);
  });

  test("ST-18 an empty document has no part", () => {
    expect([...stateInParts(new Y.Doc(), 10)]).toEqual([]);
  });
});

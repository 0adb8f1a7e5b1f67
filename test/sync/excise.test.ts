import { expect, test } from "vitest";
import * as Y from "yjs";
import { excise, isCut, spreadCuts } from "../../src/sync/excise.ts";
import { seededNumbers } from "../support/fake-clock.ts";

/** Several people's writing in maps, texts and nested maps, taken in in another order than it was written. */
function someDocument(seed: number) {
  const number = seededNumbers(seed);
  const pick = (below: number) => Math.floor(number() * below);
  const docs = Array.from({ length: 4 }, (_, i) => {
    const doc = new Y.Doc();
    doc.clientID = 10 + ((i * 7 + seed) % 11) * 10 + i;
    return doc;
  });
  for (let step = 0; step < 60; step++) {
    const doc = docs[pick(docs.length)]!;
    const map = doc.getMap<unknown>(`p:${pick(2)}`);
    const text = doc.getText("text");
    switch (pick(6)) {
      case 0:
      case 1:
        map.set(`k${pick(5)}`, step);
        break;
      case 2:
        map.delete(`k${pick(5)}`);
        break;
      case 3:
        text.insert(pick(text.length + 1), `${step} `);
        if (text.length > 4) text.delete(pick(text.length - 2), 2);
        break;
      case 4: {
        const nested = new Y.Map<unknown>();
        map.set("nested", nested);
        nested.set("in", step);
        break;
      }
      case 5:
        Y.applyUpdate(docs[pick(docs.length)]!, Y.encodeStateAsUpdate(doc));
        break;
    }
  }
  const whole = docs[0]!;
  for (const doc of docs.slice(1)) Y.applyUpdate(whole, Y.encodeStateAsUpdate(doc));
  const clients = [...whole.store.clients.keys()];
  const client = clients[pick(clients.length)]!;
  const cuts = new Map([[client, pick(2) === 0 ? 0 : pick(Y.getState(whole.store, client))]]);
  return { whole, cuts };
}

const contentOf = (doc: Y.Doc) => ({
  maps: [doc.getMap("p:0").toJSON(), doc.getMap("p:1").toJSON()],
  text: doc.getText("text").toString(),
});

test("SY-86 what is taken out is gone with all that builds on it, and nothing else; what is left is a sound document (seeded)", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const { whole, cuts } = someDocument(seed);
    const about = `seed ${seed}`;
    const before = contentOf(whole);
    const state = Y.encodeStateAsUpdate(whole);
    const vector = Y.decodeStateVector(Y.encodeStateVector(whole));
    const spread = spreadCuts(whole, cuts);
    excise(whole, spread);
    whole.clientID = 5_000;

    for (const [client, clock] of vector) {
      expect(Y.getState(whole.store, client), about).toBe(Math.min(clock, spread.get(client) ?? Infinity));
    }
    for (const structs of whole.store.clients.values()) {
      for (const struct of structs) {
        if (!(struct instanceof Y.Item)) continue;
        for (const id of [struct.origin, struct.rightOrigin]) if (id) expect(isCut(spread, id), about).toBe(false);
      }
    }
    // whoever gets it reads the same out of it
    const reader = new Y.Doc();
    Y.applyUpdate(reader, Y.encodeStateAsUpdate(whole));
    expect(reader.store.pendingStructs, about).toBeNull();
    expect(contentOf(reader), about).toEqual(contentOf(whole));

    // it may be written on, and what was taken out may come back
    const other = new Y.Doc();
    Y.applyUpdate(other, state);
    Y.applyUpdate(whole, state);
    expect(contentOf(whole), about).toEqual(before);
    whole.getMap("p:0").set("k1", "new");
    whole.getText("text").insert(0, "new ");
    Y.applyUpdate(other, Y.encodeStateAsUpdate(whole));
    expect(contentOf(other), about).toEqual(contentOf(whole));
  }
});

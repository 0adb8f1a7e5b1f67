/**
 * Whole documents against Yjs: everything that Yjs can hold, by several clients who undo, format, nest and delete, in updates that
 * come merged, repeated and cut anywhere, tidied at random. MARGINALIA_FUZZ_SECONDS and MARGINALIA_SEED as in server-updates.
 */
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { encodeChunks, encodeSince, encodeStateVector, NOTHING } from "../../server/document/encode.ts";
import { scanStateVector } from "../../server/document/scan.ts";
import { applyUpdate, emptyState, type WriteRule } from "../../server/document/state.ts";
import { tidyRecent, tidyState } from "../../server/document/tidying.ts";

const SECONDS = Number(process.env.MARGINALIA_FUZZ_SECONDS ?? 2);
const FIRST_SEED = Number(process.env.MARGINALIA_SEED ?? Date.now() % 1e9);
const anyone: WriteRule = { owner: "", allowsRoot: () => true };
const WORDS = ["a", "bc", "é", "😀", "سلام", "x😀y", "lorem ipsum dolor", "\n"];

function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

function edit(doc: Y.Doc, undo: Y.UndoManager, pick: (below: number) => number): void {
  const text = doc.getText("text");
  const map = doc.getMap("map");
  const array = doc.getArray("array");
  const xml = doc.getXmlFragment("xml");
  const at = () => pick(text.length + 1);
  const word = () => WORDS[pick(WORDS.length)]!;
  switch (pick(16)) {
    case 0:
    case 1:
    case 2: {
      // Typing: characters one behind the other, each its own update.
      let place = at();
      for (let n = pick(6); n >= 0; n--) {
        const typed = word();
        text.insert(place, typed);
        place += typed.length;
      }
      break;
    }
    case 3:
      if (text.length > 0) {
        const from = pick(text.length);
        text.delete(from, Math.min(text.length - from, 1 + pick(8)));
      }
      break;
    case 4:
      text.format(pick(text.length + 1), 0, {});
      if (text.length > 3) text.format(pick(text.length - 2), 2, { bold: pick(2) === 0 ? true : null, size: pick(5) });
      break;
    case 5:
      text.insertEmbed(at(), { image: word(), n: pick(100) });
      break;
    case 6:
      map.set(`k${pick(4)}`, [word(), pick(1000), null, true, 1.5, { deep: [word()] }, undefined]);
      break;
    case 7:
      map.delete(`k${pick(4)}`);
      break;
    case 8: {
      const nested = new Y.Map();
      map.set(`k${pick(4)}`, nested);
      nested.set("text", new Y.Text(word()));
      nested.set("list", Y.Array.from([1, word()]));
      break;
    }
    case 9: {
      const nested = map.get(`k${pick(4)}`);
      if (nested instanceof Y.Map) {
        const inner = nested.get("text");
        if (inner instanceof Y.Text) inner.insert(pick(inner.length + 1), word());
        else nested.set("text", new Y.Text(word()));
      }
      break;
    }
    case 10:
      array.insert(pick(array.length + 1), [pick(100), word(), new Uint8Array([pick(256), 2]), { big: 12345678901n }]);
      break;
    case 11:
      if (array.length > 2) array.delete(pick(array.length - 1), 2);
      break;
    case 12: {
      const element = new Y.XmlElement("p");
      xml.insert(pick(xml.length + 1), [element]);
      element.setAttribute("class", word());
      element.insert(0, [new Y.XmlText(word())]);
      break;
    }
    case 13:
      if (xml.length > 1) xml.delete(pick(xml.length), 1);
      break;
    case 14:
      if (pick(2) === 0) undo.undo();
      else undo.redo();
      break;
    default:
      map.set("sub", new Y.Doc({ guid: `guid-${pick(5)}` }));
  }
}

function content(doc: Y.Doc): unknown {
  return {
    text: doc.getText("text").toDelta(),
    map: JSON.parse(
      JSON.stringify(doc.getMap("map").toJSON(), (key, value: unknown) => (key === "sub" ? "sub" : value)),
    ) as unknown,
    array: doc.getArray("array").toJSON(),
    xml: doc.getXmlFragment("xml").toJSON(),
  };
}

function play(seed: number): void {
  const pick = generator(seed);
  const state = emptyState();
  const truth = new Y.Doc({ gc: pick(4) > 0 });
  const replica = new Y.Doc();
  const docs = Array.from({ length: 2 + pick(3) }, (_, i) => {
    const doc = new Y.Doc({ gc: pick(4) > 0 });
    doc.clientID = 10 + pick(1_000_000) * 5 + i;
    const undo = new Y.UndoManager([doc.getText("text"), doc.getMap("map")], { captureTimeout: 0 });
    return { doc, undo };
  });
  const offer = (update: Uint8Array) => {
    const verdict = applyUpdate(state, update, anyone, { partial: pick(2) === 0, maxBytes: 1e9 });
    expect(["accepted", "known"]).toContain(verdict.kind);
    Y.applyUpdate(truth, update);
    if (verdict.kind !== "accepted") return;
    // What is passed on is enough for who has been here all along.
    Y.applyUpdate(replica, verdict.stored.update);
    expect(replica.store.pendingStructs).toBeNull();
    expect(replica.store.pendingDs).toBeNull();
  };
  for (const one of docs) {
    const pending: Uint8Array[] = [];
    one.doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === "server") return;
      pending.push(update);
      // Sent alone, merged with others, or again with everything since the last time.
      const way = pick(4);
      if (way === 0) return;
      if (way === 1) offer(Y.mergeUpdates(pending.splice(0)));
      else if (way === 2) {
        for (const each of pending.splice(0)) offer(each);
      } else {
        pending.length = 0;
        offer(Y.encodeStateAsUpdate(one.doc, pick(2) === 0 ? encodeStateVector(state) : undefined));
      }
    });
  }
  for (let step = 0; step < 60 + pick(120); step++) {
    const one = docs[pick(docs.length)]!;
    if (pick(5) === 0) {
      const since = scanStateVector(Y.encodeStateVector(one.doc))!;
      if (pick(2) === 0) {
        for (const chunk of encodeChunks(state, since, 50 + pick(500))) {
          Y.applyUpdate(one.doc, chunk.update, "server");
          expect(one.doc.store.pendingStructs).toBeNull();
        }
      }
      Y.applyUpdate(one.doc, encodeSince(state, scanStateVector(Y.encodeStateVector(one.doc))!), "server");
      expect(one.doc.store.pendingStructs).toBeNull();
    } else {
      edit(one.doc, one.undo, pick);
    }
    if (pick(20) === 0) tidyState(state);
    else if (pick(8) === 0) tidyRecent(state);
  }
  for (const { doc } of docs) offer(Y.encodeStateAsUpdate(doc));
  for (const tidy of [false, true]) {
    if (tidy) tidyState(state);
    const held = [...state.runs.values()].reduce((sum, run) => sum + run.used + run.clocks.length * 64 + 4_096, 0);
    expect(state.shares).toEqual(new Map([[anyone.owner, held]]));
    const late = new Y.Doc();
    Y.applyUpdate(late, encodeSince(state, NOTHING));
    expect(late.store.pendingStructs).toBeNull();
    expect(content(late)).toEqual(content(truth));
  }
  expect(content(replica)).toEqual(content(truth));
  for (const { doc } of docs) {
    Y.applyUpdate(doc, encodeSince(state, scanStateVector(Y.encodeStateVector(doc))!), "server");
    // Who cuts a surrogate pair in two sees two replacement characters; where nothing is left between the halves, Yjs itself
    // does not tell the others.
    if (!doc.getText("text").toString().includes("\ufffd")) expect(content(doc)).toEqual(content(truth));
  }
}

describe("SV fuzz", () => {
  it("SV-83 the server's document is Yjs's document, whatever was done to it and however it came", () => {
    const end = performance.now() + SECONDS * 1000;
    let seed = FIRST_SEED;
    do {
      try {
        play(seed);
      } catch (error) {
        console.error(`failed with MARGINALIA_SEED=${seed}`);
        throw error;
      }
      seed++;
    } while (performance.now() < end);
    console.log(`fuzz: seeds ${FIRST_SEED} to ${seed - 1}`);
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { applyUpdate, emptyState } from "../../server/document/state.ts";
import { ruleFor } from "../../server/rooms/rules.ts";
import { entriesOf, participantRoot, ROSTER_ROOT, SESSION_ROOT } from "../../src/core/model/documents.ts";
import { encodeOffered } from "../../src/sync/offered.ts";

const MARGIN = { room: "r", kind: "margin" } as const;
const PEOPLE = ["ada", "ben", "cy"];
const LIMITS = { partial: false, maxBytes: 1e9 };
const mine = (participant: string) => (root: string) => root === participantRoot(participant);

/** Who does what next: a person (one of two windows of theirs), and an entry to set or to delete. */
const step = fc.record({
  who: fc.nat(PEOPLE.length - 1),
  window: fc.nat(1),
  entry: fc.nat(4),
  remove: fc.boolean(),
  exchange: fc.boolean(),
});

/** Plays the steps; returns every window's document after all have exchanged everything, and the server's log. */
function play(steps: readonly { who: number; window: number; entry: number; remove: boolean; exchange: boolean }[]) {
  const log: { update: Uint8Array; participant: string }[] = [];
  const windows = PEOPLE.flatMap((participant, who) =>
    [0, 1].map((window) => {
      const doc = new Y.Doc();
      doc.clientID = 10 + who * 2 + window;
      doc.on("update", (update: Uint8Array, origin: unknown) => {
        if (origin !== "peer") log.push({ update, participant });
      });
      return { participant, doc };
    }),
  );
  const exchange = () => {
    for (const { doc } of windows) for (const { update } of log) Y.applyUpdate(doc, update, "peer");
  };
  let count = 0;
  for (const { who, window, entry, remove, exchange: now } of steps) {
    const { participant, doc } = windows[who * 2 + window]!;
    const map = entriesOf(doc, participant);
    // two windows of one person see each other's writing at once, as on one computer
    for (const each of log) if (each.participant === participant) Y.applyUpdate(doc, each.update, "peer");
    if (remove) map.delete(`e${entry}`);
    else map.set(`e${entry}`, { n: count++, text: "x".repeat(entry) });
    if (now) exchange();
  }
  exchange();
  return { windows, log };
}

/** The server's document after a power cut: the first `kept` updates of its log. */
function survivor(log: readonly { update: Uint8Array; participant: string }[], kept: number) {
  const state = emptyState();
  const doc = new Y.Doc();
  for (const { update, participant } of log.slice(0, kept)) {
    expect(applyUpdate(state, update.slice(), ruleFor(MARGIN, participant), LIMITS).kind).not.toBe("refused");
    Y.applyUpdate(doc, update);
  }
  return { state, doc };
}

const content = (doc: Y.Doc) => PEOPLE.map((participant) => entriesOf(doc, participant).toJSON());

describe("what is offered to a server that lost something", () => {
  test("SY-20 the rules of authorship accept it, whatever was lost, and together it restores everything", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.nat(40),
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
        (steps, cut, order) => {
          const { windows, log } = play(steps);
          const { state, doc } = survivor(log, cut);
          for (const index of order) {
            const { participant, doc: own } = windows[index]!;
            const known = Y.decodeStateVector(Y.encodeStateVector(doc));
            const offer = encodeOffered(own, known, mine(participant));
            const verdict = applyUpdate(state, offer.slice(), ruleFor(MARGIN, participant), LIMITS);
            expect(["accepted", "known"]).toContain(verdict.kind);
            Y.applyUpdate(doc, offer);
          }
          expect(doc.store.pendingStructs).toBeNull();
          expect(doc.store.pendingDs).toBeNull();
          expect(content(doc)).toEqual(content(windows[0]!.doc));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("SY-20 everything that one has would be refused as forged", () => {
    const { windows, log } = play([
      { who: 0, window: 0, entry: 0, remove: false, exchange: true },
      { who: 1, window: 0, entry: 0, remove: false, exchange: true },
    ]);
    const { state } = survivor(log, 1);
    // Ada's later client id is unknown to the server, so that Ben's structs look like Ada's; the root gives it away
    const all = Y.encodeStateAsUpdate(windows[0]!.doc);
    expect(applyUpdate(state, all, ruleFor(MARGIN, "ada"), LIMITS)).toEqual({
      kind: "refused",
      reason: "foreign-root",
    });
  });

  test("SY-20 only what is lacking is offered, and deletions always", () => {
    const { windows } = play([
      { who: 0, window: 0, entry: 0, remove: false, exchange: false },
      { who: 0, window: 0, entry: 1, remove: false, exchange: false },
      { who: 0, window: 0, entry: 0, remove: true, exchange: false },
    ]);
    const doc = windows[0]!.doc;
    const offer = Y.decodeUpdate(encodeOffered(doc, new Map([[10, 1]]), mine("ada")));
    expect(offer.structs.map((struct) => [struct.id.client, struct.id.clock, struct.length])).toEqual([[10, 1, 1]]);
    expect([...offer.ds.clients]).toEqual([[10, [expect.objectContaining({ clock: 0, len: 1 })]]]);
    expect(Y.decodeUpdate(encodeOffered(doc, new Map([[10, 2]]), mine("ada"))).structs).toEqual([]);
  });

  test("SY-20 a run ends before the first struct that stands under another root, and so do its deletions", () => {
    const doc = new Y.Doc();
    doc.clientID = 7;
    entriesOf(doc, "ada").set("a", 1);
    entriesOf(doc, "ben").set("b", 2);
    entriesOf(doc, "ada").set("a", 3);
    entriesOf(doc, "ada").delete("a");
    const offer = Y.decodeUpdate(encodeOffered(doc, new Map(), mine("ada")));
    expect(offer.structs.map((struct) => [struct.id.clock, struct.length])).toEqual([[0, 1]]);
    expect(offer.ds.clients.get(7)).toEqual([expect.objectContaining({ clock: 0, len: 1 })]);
  });

  test("SY-20 the owner does not offer the roster, which is the server's", () => {
    const server = new Y.Doc();
    server.clientID = 1;
    server.getMap(ROSTER_ROOT).set("ada", { name: "Ada" });
    const own = new Y.Doc();
    own.clientID = 2;
    Y.applyUpdate(own, Y.encodeStateAsUpdate(server));
    own.getMap(SESSION_ROOT).set("kind", "reading");
    const offer = encodeOffered(own, new Map(), (root) => root === SESSION_ROOT);
    expect(Y.decodeUpdate(offer).structs.map((struct) => struct.id.client)).toEqual([2]);
  });

  test("SY-20 with every root allowed it says the same as Yjs", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.nat(20), (steps, cut) => {
        const { windows, log } = play(steps);
        const { doc } = survivor(log, cut);
        const known = Y.encodeStateVector(doc);
        const source = windows[0]!.doc;
        const ours = encodeOffered(source, Y.decodeStateVector(known), () => true);
        expect(Y.decodeUpdate(ours)).toEqual(Y.decodeUpdate(Y.encodeStateAsUpdate(source, known)));
      }),
    );
  });
});

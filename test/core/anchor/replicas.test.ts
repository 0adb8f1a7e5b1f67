import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { createAnchor } from "../../../src/core/anchor/anchor.ts";
import type { Anchor } from "../../../src/core/anchor/anchor.ts";
import { createPositionIndex, encodePosition } from "../../../src/core/anchor/relative.ts";
import { createAnchorIndex, resolveAll } from "../../../src/core/anchor/resolve.ts";
import { applyToYText, textChanges } from "../../../src/core/anchor/text-changes.ts";

/** No half of a surrogate pair stands alone. */
const uncut = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const WORDS = [
  "margin",
  "gloss",
  "the",
  "reader",
  "of",
  "a",
  "evidence",
  "claims",
  "😀",
  "سطر",
  "注釈",
  "page.",
  "\n\n",
  "wrote",
  "é",
];

/** A step of one replica: insert words, delete, undo, replace the whole text from outside, or send all it has to another. */
type Step =
  | { kind: "insert"; who: number; at: number; words: number[] }
  | { kind: "delete"; who: number; at: number; length: number }
  | { kind: "undo"; who: number }
  | { kind: "outside"; who: number; at: number; words: number[] }
  | { kind: "send"; who: number; to: number };

const who = fc.nat(2);
const at = fc.double({ min: 0, max: 1, noNaN: true });
const words = fc.array(fc.nat(WORDS.length - 1), { minLength: 1, maxLength: 6 });
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ kind: fc.constant("insert" as const), who, at, words }),
    fc.record({ kind: fc.constant("delete" as const), who, at, length: fc.nat(60) }),
    fc.record({ kind: fc.constant("undo" as const), who }),
    fc.record({ kind: fc.constant("outside" as const), who, at, words }),
    fc.record({ kind: fc.constant("send" as const), who, to: who }),
  ),
  { maxLength: 30 },
);

const START = Array.from(
  { length: 90 },
  (_, k) => `${["Every", "reader", "of", "this", "page", "answers"][k % 6]}${k}`,
).join(" ");

/** An offset that cuts no pair. */
const whole = (text: string, share: number): number => {
  const offset = Math.floor(share * text.length);
  return offset > 0 && offset < text.length && /[\udc00-\udfff]/.test(text[offset] as string) ? offset - 1 : offset;
};

interface Replica {
  text: Y.Text;
  undo: Y.UndoManager;
}

function replicas(): Replica[] {
  const first = new Y.Doc();
  first.clientID = 1;
  first.getText("text").insert(0, START);
  const state = Y.encodeStateAsUpdate(first);
  return [11, 12, 13].map((clientID) => {
    const doc = new Y.Doc();
    doc.clientID = clientID;
    Y.applyUpdate(doc, state);
    const text = doc.getText("text");
    return { text, undo: new Y.UndoManager(text, { captureTimeout: 0 }) };
  });
}

const send = (from: Replica, to: Replica): void =>
  Y.applyUpdate(to.text.doc as Y.Doc, Y.encodeStateAsUpdate(from.text.doc as Y.Doc), from);

function run(world: Replica[], step: Step): void {
  const replica = world[step.who] as Replica;
  const { text } = replica;
  const now = text.toString();
  const inserted = "words" in step ? ` ${step.words.map((k) => WORDS[k]).join(" ")} ` : "";
  if (step.kind === "insert") text.insert(whole(now, step.at), inserted);
  else if (step.kind === "undo") replica.undo.undo();
  else if (step.kind === "send") send(replica, world[step.to] as Replica);
  else if (step.kind === "outside") {
    const from = whole(now, step.at);
    const next =
      now.slice(0, from) + inserted + now.slice(from + 20 > now.length ? from : whole(now, (from + 20) / now.length));
    applyToYText(text, textChanges(now, next));
    expect(text.toString()).toBe(next);
  } else {
    const from = whole(now, step.at);
    const to = whole(now, Math.min(1, (from + step.length) / Math.max(1, now.length)));
    if (to > from) text.delete(from, to - from);
  }
}

/** Replicas with the same state: everyone has sent everyone everything. */
function settle(world: Replica[]): void {
  for (let round = 0; round < 2; round++) for (const a of world) for (const b of world) if (a !== b) send(a, b);
}

describe("AN-15 replicas that edit at once", () => {
  test("AN-15 with the same state all place every anchor alike, and never cut a pair", () => {
    fc.assert(
      fc.property(
        steps,
        fc.array(fc.tuple(at, fc.integer({ min: 1, max: 80 })), { minLength: 1, maxLength: 8 }),
        (script, ranges) => {
          const world = replicas();
          const anchors: Anchor[] = [];
          script.forEach((step, k) => {
            run(world, step);
            const { text } = world[k % 3] as Replica;
            const [share, length] = ranges[k % ranges.length] as [number, number];
            const now = text.toString();
            const start = whole(now, share);
            if (start < now.length) anchors.push(createAnchor(now, start, Math.min(now.length, start + length), text));
          });
          settle(world);
          const [first, ...others] = world.map(({ text }) =>
            resolveAll(createAnchorIndex(text.toString(), text), anchors),
          );
          for (const other of others) expect(other).toEqual(first);
          const now = world[0]?.text.toString() as string;
          expect(uncut(now)).toBe(true);
          for (const placement of first ?? []) {
            if (placement.state === "orphaned") continue;
            expect(placement.start).toBeLessThan(placement.end);
            expect(placement.end).toBeLessThanOrEqual(now.length);
            expect(uncut(now.slice(placement.start, placement.end))).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("AN-15 a passage that nobody touched keeps its exact place", () => {
    const marked = "The untouched passage stands here, with [signs] and 😀 inside.";
    fc.assert(
      fc.property(steps, (script) => {
        const world = replicas();
        const [first] = world as [Replica];
        const middle = START.indexOf(" page40") + 1;
        first.text.insert(middle, marked);
        first.undo.clear();
        settle(world);
        const start = first.text.toString().indexOf(marked);
        const anchor = createAnchor(first.text.toString(), start, start + marked.length, first.text);
        for (const step of script) {
          // Whatever would touch the passage is not done.
          const replica = world[step.who] as Replica;
          const before = replica.text.toString();
          const here = before.indexOf(marked);
          if (step.kind === "outside") continue;
          if (step.kind === "insert" || step.kind === "delete") {
            const from = whole(before, step.at);
            const to = step.kind === "delete" ? from + step.length : from;
            if (to > here && from < here + marked.length) continue;
          }
          run(world, step);
        }
        settle(world);
        const now = first.text.toString();
        expect(resolveAll(createAnchorIndex(now, first.text), [anchor])).toEqual([
          { state: "placed", start: now.indexOf(marked), end: now.indexOf(marked) + marked.length },
        ]);
      }),
      { numRuns: 150 },
    );
  });

  test("AN-6 a passage that somebody deleted is orphaned, whatever the others wrote around it", () => {
    const marked = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.";
    fc.assert(
      fc.property(steps, (script) => {
        const world = replicas();
        const [first] = world as [Replica];
        first.text.insert(START.indexOf(" page40") + 1, marked);
        settle(world);
        const start = first.text.toString().indexOf(marked);
        const anchor = createAnchor(first.text.toString(), start, start + marked.length, first.text);
        first.text.delete(start, marked.length);
        settle(world);
        for (const step of script) if (step.kind !== "undo") run(world, step);
        settle(world);
        expect(resolveAll(createAnchorIndex(first.text.toString(), first.text), [anchor])).toEqual([
          { state: "orphaned" },
        ]);
      }),
      { numRuns: 100 },
    );
  });

  test("AN-3 one walk over the items places every position where Yjs itself does", () => {
    fc.assert(
      fc.property(steps, fc.array(at, { minLength: 1, maxLength: 20 }), (script, shares) => {
        const world = replicas();
        const made: Array<{ position: Y.RelativePosition; base64: string }> = [];
        script.forEach((step, k) => {
          run(world, step);
          const { text } = world[k % 3] as Replica;
          for (const assoc of [0, -1]) {
            const share = shares[k % shares.length] as number;
            const position = Y.createRelativePositionFromTypeIndex(text, whole(text.toString(), share), assoc);
            made.push({ position, base64: encodePosition(position) });
          }
        });
        for (const { text } of world) {
          const index = createPositionIndex(text);
          for (const { position, base64 } of made) {
            const expected = Y.createAbsolutePositionFromRelativePosition(position, text.doc as Y.Doc, false);
            expect(index.offsetOf(base64)).toBe(expected ? expected.index : null);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kindOf } from "../../src/core/model/kinds.ts";
import {
  indexPlaced,
  neighbour,
  nextAtPoint,
  overlapping,
  type Placed,
  standingAt,
} from "../../src/webview/model/annotations.ts";
import { apart, coverage, merge, stacked } from "../../src/webview/model/coverage.ts";

const placed = (ref: string, start: number, end: number, more: Partial<Placed> = {}): Placed => ({
  ref,
  start,
  end,
  created: 0,
  kind: "comment",
  resolved: false,
  filtered: false,
  ...more,
});

const anywhere = fc
  .array(fc.record({ start: fc.nat(300), length: fc.integer({ min: 1, max: 120 }), filtered: fc.boolean() }), {
    maxLength: 60,
  })
  .map((rows) => rows.map((row, i) => placed(`p/${i}`, row.start, row.start + row.length, { filtered: row.filtered })));

describe("annotations in the text", () => {
  it("RV-6: those that touch a range are found, in reading order", () => {
    fc.assert(
      fc.property(anywhere, fc.nat(300), fc.integer({ min: 1, max: 80 }), (list, start, length) => {
        const index = indexPlaced(list);
        const range = { start, end: start + length };
        const expected = index.list.filter((each) => each.start < range.end && each.end > range.start);
        expect(overlapping(index, range)).toEqual(expected);
      }),
    );
  });

  it("RV-8: at a point the shortest comes first, and what is filtered out last", () => {
    const index = indexPlaced([
      placed("a/long", 0, 100),
      placed("a/short", 40, 60),
      placed("a/hidden", 45, 50, { filtered: true }),
      placed("a/elsewhere", 70, 80),
    ]);
    expect(standingAt(index, 47).map((each) => each.ref)).toEqual(["a/short", "a/long", "a/hidden"]);
  });

  it("RV-8: clicking again goes round all that stand there", () => {
    const here = [placed("a/1", 0, 5), placed("a/2", 0, 9), placed("a/3", 0, 20)];
    let active: string | null = null;
    const visited = [1, 2, 3, 4].map(() => (active = nextAtPoint(here, active)!.ref));
    expect(visited).toEqual(["a/1", "a/2", "a/3", "a/1"]);
    expect(nextAtPoint([], null)).toBeUndefined();
  });

  it("RV-22: next and previous follow the reading order, from the active one or from a place", () => {
    const index = indexPlaced([
      placed("a/1", 10, 20),
      placed("a/2", 15, 18, { filtered: true }),
      placed("a/3", 50, 60),
    ]);
    const all = () => true;
    expect(neighbour(index, { active: "a/1", offset: 0 }, 1, all)?.ref).toBe("a/3");
    expect(neighbour(index, { active: "a/3", offset: 0 }, -1, all)?.ref).toBe("a/1");
    expect(neighbour(index, { active: null, offset: 30 }, 1, all)?.ref).toBe("a/3");
    expect(neighbour(index, { active: null, offset: 30 }, -1, all)?.ref).toBe("a/1");
    expect(neighbour(index, { active: "a/3", offset: 0 }, 1, all)).toBeUndefined();
  });

  it("RV-7: the class decides how an annotation looks, then what its author did", () => {
    expect(kindOf({ class: "claim", motivation: "questioning", body: "" })).toBe("claim");
    expect(kindOf({ motivation: "questioning", body: "?" })).toBe("question");
    expect(kindOf({ motivation: "highlighting", body: "" })).toBe("highlight");
    expect(kindOf({ motivation: "highlighting", body: "note" })).toBe("comment");
  });
});

describe("painting", () => {
  const spans = fc
    .array(fc.record({ start: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) }), { maxLength: 20 })
    .map((rows) => rows.map(({ start, length }) => ({ start, end: start + length })));
  const covered = (list: readonly { start: number; end: number }[], at: number) =>
    list.filter((span) => span.start <= at && at < span.end).length;

  it("RV-6: merged stretches cover the same characters, once", () => {
    fc.assert(
      fc.property(spans, (list) => {
        const out = merge(list);
        for (let at = 0; at < 90; at++) expect(covered(out, at)).toBe(Math.min(1, covered(list, at)));
      }),
    );
  });

  it("RV-7: the ground darkens exactly where as many lie on each other", () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 1, max: 5 }), (list, depth) => {
        const out = stacked(list, depth);
        for (let at = 0; at < 90; at++) expect(covered(out, at)).toBe(covered(list, at) >= depth ? 1 : 0);
      }),
    );
  });

  it("RV-7: three kinds have one ground, many of one kind keep theirs", () => {
    const list = [
      ...["a/1", "a/2", "a/3", "a/4"].map((ref) => placed(ref, 0, 10, { kind: "highlight" })),
      placed("b/1", 4, 20, { kind: "claim" }),
      placed("b/2", 8, 20, { kind: "question" }),
      placed("b/3", 8, 20, { kind: "source", resolved: true }),
    ];
    const out = coverage(list, (span) => span);
    expect(out.get("deep")).toEqual([{ start: 0, end: 20 }]);
    expect(out.get("mixed")).toEqual([{ start: 8, end: 10 }]);
  });

  it("RV-67: what several have selected is painted once, as the first one's", () => {
    fc.assert(
      fc.property(spans, (list) => {
        const own = apart(list);
        for (let at = 0; at < 90; at++) {
          const first = list.findIndex((span) => span.start <= at && at < span.end);
          own.forEach((pieces, i) => expect(covered(pieces, at)).toBe(i === first ? 1 : 0));
        }
      }),
    );
  });

  it("RV-9: resolved and filtered ones leave a faint trace and add no depth", () => {
    const list = [
      placed("a/1", 0, 10),
      placed("a/2", 5, 15, { resolved: true }),
      placed("a/3", 5, 15, { filtered: true }),
    ];
    const out = coverage(list, (span) => span);
    expect(Object.fromEntries(out)).toEqual({ comment: [{ start: 0, end: 10 }], dim: [{ start: 5, end: 15 }] });
  });
});

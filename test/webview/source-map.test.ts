import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Run,
  shiftRuns,
  sourceAt,
  type Span,
  toSource,
  toSourceOfNotes,
  toText,
  toTextUnordered,
} from "../../src/webview/model/source-map.ts";

/** Runs as a renderer makes them: markup between them in the source, some standing for their source as a whole. */
const runs = fc
  .array(
    fc.record({
      gap: fc.nat(4),
      length: fc.integer({ min: 1, max: 12 }),
      whole: fc.option(fc.integer({ min: 2, max: 9 }), { nil: null }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((parts) => {
    const out: Run[] = [];
    let text = 0;
    let source = 100;
    for (const { gap, length, whole } of parts) {
      source += gap;
      const rendered = whole === null ? length : 1;
      const written = whole ?? length;
      out.push([text, source, rendered, written]);
      text += rendered;
      source += written;
    }
    return { runs: out, length: text };
  });

describe("rendered characters and their source", () => {
  it("RV-1: each rendered character maps to its source, and back to itself", () => {
    fc.assert(
      fc.property(runs, ({ runs, length }) => {
        for (let at = 0; at < length; at++) {
          const source = toSource(runs, { start: at, end: at + 1 });
          expect(source).not.toBeNull();
          expect(toText(runs, source!)).toEqual({ start: at, end: at + 1 });
          expect(sourceAt(runs, at)).toBe(source!.start);
        }
      }),
    );
  });

  it("RV-1: a range and its image cover the same characters", () => {
    fc.assert(
      fc.property(runs, fc.nat(200), fc.nat(200), ({ runs, length }, a, b) => {
        const start = Math.min(a, b) % length;
        const end = Math.min(length, start + 1 + Math.abs(a - b));
        const source = toSource(runs, { start, end })!;
        expect(toText(runs, source)).toEqual({ start, end });
        expect(toTextUnordered(runs, source)).toEqual({ start, end });
      }),
    );
  });

  it("RV-1: a unit that is partly covered is covered whole", () => {
    const entity: Run[] = [
      [0, 0, 3, 3],
      [3, 3, 1, 5],
      [4, 8, 3, 3],
    ];
    expect(toText(entity, { start: 5, end: 6 })).toEqual({ start: 3, end: 4 });
    expect(toSource(entity, { start: 2, end: 4 })).toEqual({ start: 2, end: 8 });
  });

  it("RV-1: a source range of markup alone has no characters", () => {
    const emphasis: Run[] = [
      [0, 0, 3, 3],
      [3, 5, 3, 3],
    ];
    expect(toText(emphasis, { start: 3, end: 5 })).toBeNull();
    expect(toText(emphasis, { start: 50, end: 60 })).toBeNull();
    expect(toSource(emphasis, { start: 9, end: 12 })).toBeNull();
  });

  it("RV-1: runs that do not ascend in the source are found all the same", () => {
    const footnotes: Run[] = [
      [0, 500, 10, 10],
      [10, 200, 10, 10],
    ];
    expect(toTextUnordered(footnotes, { start: 203, end: 205 })).toEqual({ start: 13, end: 15 });
    expect(toTextUnordered(footnotes, { start: 300, end: 400 })).toBeNull();
    expect(toSource(footnotes, { start: 5, end: 15 })).toEqual({ start: 200, end: 510 });
  });

  it("RV-2: footnotes are one range as far as no text of the body lies between them", () => {
    const notes: Run[] = [
      [0, 500, 10, 10],
      [10, 480, 10, 10],
      [20, 200, 10, 10],
      [30, 212, 10, 10],
    ];
    const isBody = ({ start, end }: Span) => start < 400 && end > 300;
    expect(toSourceOfNotes(notes, { start: 5, end: 12 }, isBody)).toEqual({ start: 480, end: 510 });
    expect(toSourceOfNotes(notes, { start: 12, end: 35 }, isBody)).toEqual({ start: 482, end: 490 });
    expect(toSourceOfNotes(notes, { start: 22, end: 35 }, isBody)).toEqual({ start: 202, end: 217 });
    expect(toSourceOfNotes(notes, { start: 40, end: 50 }, isBody)).toBeNull();
  });

  it("RV-27: the runs of a block that moved, move with it", () => {
    expect(shiftRuns([[0, 10, 3, 3]], -4)).toEqual([[0, 6, 3, 3]]);
  });
});

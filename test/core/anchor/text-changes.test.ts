import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { createAnchor } from "../../../src/core/anchor/anchor.ts";
import { createAnchorIndex, resolveAnchor } from "../../../src/core/anchor/resolve.ts";
import { applyTextChanges, applyToYText, describeChange, textChanges } from "../../../src/core/anchor/text-changes.ts";

/** No half of a surrogate pair stands alone. */
const uncut = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const piece = fc.constantFrom(
  "the",
  "margin",
  "Margin",
  " ",
  "\n",
  ", ",
  "😀",
  "👩‍🚀",
  "é",
  "e\u0301",
  "注釈",
  "می‌داد",
  "gloss",
  "glosses",
  ".",
  "x",
);
const prose = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));

describe("AN-16 an outside edit comes in as word-level changes", () => {
  test("AN-16 they make the new text of the old, in order, without overlap, and cut no pair", () => {
    fc.assert(
      fc.property(prose, prose, fc.nat(60), fc.nat(60), (a, b, from, length) => {
        for (const [before, after] of [
          [a, b],
          [a, a.slice(0, from) + b + a.slice(from + length)],
        ] as const) {
          if (!uncut(before) || !uncut(after)) continue;
          const changes = textChanges(before, after);
          expect(applyTextChanges(before, changes)).toBe(after);
          let last = -1;
          for (const { start, end, insert } of changes) {
            expect(start).toBeGreaterThan(last);
            expect(end).toBeGreaterThanOrEqual(start);
            expect(end > start || insert !== "").toBe(true);
            expect(uncut(insert)).toBe(true);
            expect(uncut(before.slice(0, start)) && uncut(before.slice(0, end))).toBe(true);
            last = end;
          }
          const ytext = new Y.Doc().getText("text");
          ytext.insert(0, before);
          applyToYText(ytext, changes);
          expect(ytext.toString()).toBe(after);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("AN-16 equal texts need none, words far apart change alone", () => {
    expect(textChanges("a b c", "a b c")).toEqual([]);
    const before = `The first word. ${"Nothing happens here at all. ".repeat(50)}The last word.`;
    const after = before.replace("first", "earliest").replace("last", "latest");
    const changes = textChanges(before, after);
    expect(changes).toHaveLength(2);
    expect(changes.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThan(12);
  });

  test("AN-16 anchors live on through it: many edits at once, a paragraph moved", () => {
    const paragraphs = Array.from({ length: 12 }, (_, k) =>
      k === 4
        ? "Nothing of what stands here, subject number 28 included, will be kept by the editors."
        : `Paragraph ${k} speaks of subject number ${k * 7}. It has a second sentence about ${["glosses", "margins", "scribes", "readers"][k % 4]} and ends there.`,
    );
    const before = paragraphs.join("\n\n");
    const after = [paragraphs[9], ...paragraphs.filter((_, k) => k !== 9 && k !== 4)]
      .join("\n\n")
      .replaceAll("second sentence", "second, longer sentence")
      .replace("Paragraph 2 speaks", "The third paragraph speaks");
    const ytext = new Y.Doc().getText("text");
    ytext.insert(0, before);
    const anchors = paragraphs.map((_, k) => {
      const start = before.indexOf(`subject number ${k * 7}${k === 4 ? " " : "."}`);
      return createAnchor(before, start, start + `subject number ${k * 7}`.length, ytext);
    });
    applyToYText(ytext, textChanges(before, after));
    const index = createAnchorIndex(after, ytext);
    const texts = anchors.map((anchor) => {
      const placement = resolveAnchor(after, anchor, index);
      return placement.state === "orphaned" ? null : after.slice(placement.start, placement.end);
    });
    const expected = paragraphs.map((_, k) => (k === 4 ? null : `subject number ${k * 7}`));
    expect(texts).toEqual(expected);
  });
});

describe("AN-17 what changed in a passage is told in whole words", () => {
  test("AN-17 added, removed and kept words", () => {
    expect(describeChange("the quick brown fox jumps", "the fast brown fox always jumps")).toEqual([
      { kind: "same", text: "the " },
      { kind: "removed", text: "quick" },
      { kind: "added", text: "fast" },
      { kind: "same", text: " brown fox " },
      { kind: "added", text: "always" },
      { kind: "same", text: " jumps" },
    ]);
  });

  test("AN-17 white space is no change", () => {
    expect(describeChange("one two  three", "one\ntwo three")).toEqual([{ kind: "same", text: "one\ntwo three" }]);
  });

  test("AN-17 kept and removed words make the old passage, kept and added ones the new", () => {
    const bare = (text: string): string => text.replace(/\s+/g, "");
    fc.assert(
      fc.property(prose, prose, (a, b) => {
        const pieces = describeChange(a, b);
        const text = (kind: string): string =>
          pieces.map((each) => (each.kind === "same" || each.kind === kind ? each.text : "")).join("");
        expect(text("added")).toBe(b);
        expect(bare(text("removed"))).toBe(bare(a));
        for (const each of pieces) expect(each.text).not.toBe("");
      }),
      { numRuns: 300 },
    );
  });
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createLineIndex } from "../../src/extension/article/line-index.ts";

test("offsets and positions lead to each other in any text", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "\n", "é", "😀")), (letters) => {
      const text = letters.join("");
      const index = createLineIndex(text);
      for (let offset = 0; offset <= text.length; offset++) {
        const position = index.positionAt(offset);
        expect(position.line).toBe(text.slice(0, offset).split("\n").length - 1);
        expect(index.offsetAt(position)).toBe(offset);
      }
    }),
  );
});

test("a character beyond its line is the line's end, a line beyond the text the text's end", () => {
  const index = createLineIndex("one\ntwo");
  expect(index.offsetAt({ line: 0, character: 99 })).toBe(3);
  expect(index.offsetAt({ line: 9, character: 0 })).toBe(7);
  expect(index.positionAt(99)).toEqual({ line: 1, character: 3 });
});

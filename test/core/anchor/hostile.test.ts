import { describe, expect, test } from "vitest";
import { createAnchor } from "../../../src/core/anchor/anchor.ts";
import { carryRanges } from "../../../src/core/anchor/carry.ts";
import { placeForeignQuote } from "../../../src/core/anchor/foreign-quote.ts";
import { createAnchorIndex, resolveAnchor } from "../../../src/core/anchor/resolve.ts";
import { applyTextChanges, textChanges } from "../../../src/core/anchor/text-changes.ts";

// Each of these once took minutes: a run of Chinese without an end, a text of one word, a quote as long as the article.
describe("AN-18 no text and no anchor takes time that grows with its square", () => {
  test.each(["a ", "ab cd ", "x, ", "的", "😀", "\n"])("AN-18 a text that repeats %j", (unit) => {
    const text = unit.repeat(60_000);
    const other = `q ${unit.repeat(20_000)} w ${unit.repeat(30_000)} r`;
    expect(applyTextChanges(text, textChanges(text, other))).toBe(other);
    const anchor = createAnchor(text, 2_000, 42_000);
    const twisted = { ...anchor, quote: { ...anchor.quote, exact: `${anchor.quote.exact} end` } };
    const index = createAnchorIndex(other);
    for (const each of [anchor, twisted]) {
      const placement = resolveAnchor(other, each, index);
      if (placement.state !== "orphaned") expect(placement.end).toBeLessThanOrEqual(other.length);
    }
    expect(carryRanges(text, other, [{ start: 0, end: 40_000 }])).toHaveLength(1);
    expect(placeForeignQuote(index, { exact: "nothing of the kind", prefix: unit.repeat(500) })).toBeNull();
  });
});

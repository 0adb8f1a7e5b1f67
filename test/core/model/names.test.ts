import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lookOf, tellApart } from "../../../src/core/model/names.ts";

describe("SV-117 names of different people are told apart", () => {
  it("also where they differ in what nobody sees", () => {
    expect(tellApart(["Ada", "ada", "A\u200bda", "\u0410d\u0430", "Ada\u115f", "Ben"])).toEqual([
      "Ada",
      "ada (2)",
      "A\u200bda (3)",
      "\u0410d\u0430 (4)",
      "Ada\u115f (5)",
      "Ben",
    ]);
    expect(tellApart(["Ann", "Anne", "Ana"])).toEqual(["Ann", "Anne", "Ana"]);
  });
  it("and a number makes nobody else's name", () => {
    expect(tellApart(["Ada", "Ada", "Ada (2)", "Ada (3)"])).toEqual(["Ada", "Ada (4)", "Ada (2)", "Ada (3)"]);
  });
  it("whatever they are: no two look the same, and the first of a look is as it was", () => {
    const name = fc.array(fc.constantFrom("A", "a", "\u0430", "\u200b", "\u3164", " (2)", " (3)", "1", "l", "I"));
    fc.assert(
      fc.property(fc.array(name, { maxLength: 12 }), (all) => {
        const names = all.map((parts) => parts.join(""));
        const told = tellApart(names);
        expect(new Set(told.map(lookOf)).size).toBe(names.length);
        for (const [i, each] of names.entries()) {
          if (names.findIndex((other) => lookOf(other) === lookOf(each)) === i) expect(told[i]).toBe(each);
        }
      }),
    );
  });
});

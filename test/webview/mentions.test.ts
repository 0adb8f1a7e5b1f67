import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Meant, signOf, toField, toKept } from "../../src/webview/model/mentions.ts";

describe("mentions", () => {
  it("RV-21: a field shows the name, and what is kept names the person", () => {
    const kept = "Ask @[Ada](b68) and @[Ada Lovelace](l-1), not @Adam.";
    const field = toField(kept);
    expect(field.text).toBe("Ask @Ada and @Ada Lovelace, not @Adam.");
    expect(toKept(field.text, field.meant)).toBe(kept);
    expect(toKept("@Ada? @Adam @Ada's", field.meant)).toBe("@[Ada](b68)? @Adam @[Ada](b68)'s");
  });

  it("RV-21: two people of one name are told apart", () => {
    const kept = "@[Ada](one) or @[Ada](two)";
    const field = toField(kept);
    expect(field.text).toBe("@Ada or @Ada (2)");
    expect(toKept(field.text, field.meant)).toBe(kept);
    expect(signOf({ name: "Ada", id: "two" }, field.meant)).toBe("@Ada (2)");
    expect(signOf({ name: "A]d[a", id: "x" }, new Map() as Meant)).toBe("@A d a");
  });

  it("RV-21: any name can be mentioned", () => {
    for (const name of [
      "Jean-Luc Marion",
      "O'Neill (ed.)",
      "A/B {c} ^$.*+?|",
      String.raw`back\slash`,
      "نیما یوشیج",
      "d’Été—Ü",
    ]) {
      const field = toField(`See @[${name}](x-1).`);
      expect(field.text).toBe(`See @${name}.`);
      expect(toKept(`${field.text} And @${name}!`, field.meant)).toBe(`See @[${name}](x-1). And @[${name}](x-1)!`);
    }
  });

  it("RV-21: what is shown and not touched is kept as it was", () => {
    const piece = fc.constantFrom(
      "@",
      "@[Ada](a)",
      "@[Ada](b)",
      "@[Ada B](c)",
      "Ada",
      " B",
      "[",
      "](a)",
      " ",
      "\n",
      "x",
      "(2)",
      "-",
      "@[Jean-Luc](d)",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const kept = pieces.join("");
        const field = toField(kept);
        expect(toKept(field.text, field.meant)).toBe(kept);
      }),
      { numRuns: 1000 },
    );
  });
});

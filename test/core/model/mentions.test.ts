import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BEGUN,
  begins,
  type Meant,
  mentionsIn,
  signOf,
  toField,
  toKept,
  withWritten,
  writable,
} from "../../../src/core/model/mentions.ts";

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

  it("RV-21: a name is found by its beginning, its words, and the parts of a word with a hyphen", () => {
    for (const begun of ["", "dr", "ben", "dr. benj", "okri", "stone-o"])
      expect(begins("dr. benjamin stone-okri", begun)).toBe(true);
    for (const begun of ["jamin", "ben s", "stone o"]) expect(begins("dr. benjamin stone-okri", begun)).toBe(false);
    expect(BEGUN.exec("Ask @Ada Lo")?.[1]).toBe("Ada Lo");
    expect(BEGUN.exec("(@")?.[1]).toBe("");
    expect(BEGUN.exec("ada@example")).toBe(null);
    expect(BEGUN.exec("@Ada ")).toBe(null);
  });

  it("RV-21: a whole name that was written and not chosen means who has it, if it is only one", () => {
    const people = [
      { name: "Ada", id: "a" },
      { name: "Ada Lovelace", id: "l" },
      { name: "Ben", id: "b1" },
      { name: "Ben", id: "b2" },
    ];
    const kept = (text: string, meant: Meant = new Map()) => toKept(text, withWritten(text, meant, people));
    expect(kept("@Ada, and @Ada Lovelace")).toBe("@[Ada](a), and @[Ada Lovelace](l)");
    expect(kept("@Ben? @Adam me@Ada @ada")).toBe("@Ben? @Adam me@Ada @ada");
    const chosen: Meant = new Map([["@Ben", people[3]!]]);
    expect(kept("@Ben?", chosen)).toBe("@[Ben](b2)?");
  });

  it("RV-21: a mail address is none, whoever else is meant", () => {
    const meant: Meant = new Map([["@ann", { name: "ann", id: "a" }]]);
    expect(toKept("@ann, write to me@ann.org", meant)).toBe("@[ann](a), write to me@ann.org");
    const kept = "me@[ann](a)";
    const field = toField(kept);
    expect(toKept(field.text, field.meant)).toBe(kept);
  });

  it("RV-21: a name of brackets only can be mentioned, and no other @ means who has it", () => {
    const person = { name: "[]", id: "b" };
    const sign = signOf(person, new Map());
    const meant: Meant = new Map([[sign, { name: writable(person.name), id: person.id }]]);
    const kept = toKept(`${sign} at noon @ home`, meant);
    expect(mentionsIn(kept)).toEqual(["b"]);
    expect(kept.endsWith(" at noon @ home")).toBe(true);
    const field = toField(kept);
    expect(toKept(field.text, field.meant)).toBe(kept);
    for (const written of ["Who, @?", "Meet me @ home"])
      expect(withWritten(written, new Map(), [person]).size, written).toBe(0);
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

  it("RV-21: who is meant is not another whose name goes on with a vowel sign or an accent", () => {
    const { meant } = toField("@[राम](a) @[Andre](b)");
    const others = "@रामा @André".normalize("NFD");
    expect(toKept(`@राम ${others}`, meant)).toBe(`@[राम](a) ${others}`);
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

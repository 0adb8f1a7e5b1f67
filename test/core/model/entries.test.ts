import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import * as Y from "yjs";
import { MAX_BODY, MAX_QUOTE, MAX_TIME, readEntry } from "../../../src/core/model/entries.ts";
import { mentionsIn } from "../../../src/core/model/mentions.ts";
import { entryRef, isName, newEntryId, newName, parseEntryRef } from "../../../src/core/model/ids.ts";
import { annotation, link, reaction, reply, status } from "./samples.ts";

const REF = "ada/1";
const samples = [annotation(), reply(REF), link(REF, "ben/1"), status(REF, "open"), reaction(REF)];
const target = annotation().target;

describe("AC-5 a value that does not fit the schema is no entry", () => {
  it("reads what the schema says", () => {
    for (const each of samples) expect(readEntry(JSON.parse(JSON.stringify(each)))).toEqual(each);
  });

  it.each([
    null, undefined, 0, "annotation", [], {}, () => 1, new Map(), new Uint8Array(3), new Y.Map(), new Y.Text("x"),
    { ...annotation(), v: 2 }, { ...annotation(), v: "1" }, { ...annotation(), kind: "comment" }, { ...annotation(), kind: ["annotation"] },
    { ...annotation(), motivation: "hacking" }, { ...annotation(), motivation: "__proto__" }, { ...annotation(), class: "Claim" },
    { ...annotation(), class: null }, { ...annotation(), body: 1 }, { ...annotation(), body: "x".repeat(MAX_BODY + 1) },
    { ...annotation(), body: undefined }, { ...annotation(), deleted: "yes" },
    { ...annotation(), created: -1 }, { ...annotation(), created: Number.NaN }, { ...annotation(), created: Infinity },
    { ...annotation(), created: MAX_TIME + 1 }, { ...annotation(), created: 1e308 }, { ...annotation(), created: "1" },
    { ...annotation(), modified: MAX_TIME + 1 }, { ...annotation(), modified: null },
    { ...annotation(), target: null }, { ...annotation(), target: { ...target, quote: { exact: "", prefix: "", suffix: "" } } },
    { ...annotation(), target: { ...target, quote: { exact: "x".repeat(MAX_QUOTE + 1), prefix: "", suffix: "" } } },
    { ...annotation(), target: { ...target, quote: { exact: "x", prefix: "p".repeat(1001), suffix: "" } } },
    { ...annotation(), target: { ...target, start: "s".repeat(401) } }, { ...annotation(), target: { ...target, position: { start: -1, end: 3 } } },
    { ...annotation(), target: { ...target, position: { start: 0.5, end: 3 } } }, { ...annotation(), target: { ...target, position: { start: 0, end: 2 ** 53 } } },
    { ...annotation(), target: { ...target, position: { start: 5, end: 4 } } }, { ...annotation(), target: { ...target, position: { start: 5, end: 5 } } },
    reply("ada"), reply("ada/"), reply("ada/1/2"), reply("Ada/1"), reply("__proto__/1"), reply("../1"), reply("p:ada/1"), reply(""),
    { ...reply(REF), parent: [REF] }, { ...link(REF, REF), relation: "refutes" }, { ...link(REF, REF), to: undefined },
    { ...status(REF, "open"), status: "deleted" }, { ...reaction(REF), emoji: "💩" }, { ...reaction(REF), emoji: "<img>" },
  ])("refuses value %#", (value) => expect(readEntry(value)).toBeNull()); // prettier-ignore

  it("drops what the schema does not name, a key of the prototype included", () => {
    const hostile = JSON.parse(
      `{"__proto__":{"polluted":1},"author":"olga","v":1,"kind":"reply","created":1,"parent":"ada/1","body":"x"}`,
    ) as unknown;
    const entry = readEntry(hostile);
    expect(entry).toEqual({ v: 1, kind: "reply", created: 1, parent: "ada/1", body: "x" });
    expect(Object.getPrototypeOf(entry)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("never throws, and what it takes can be dated", () => {
    const damaged = fc.tuple(
      fc.constantFrom(...samples),
      fc.dictionary(
        fc.constantFrom("v", "kind", "created", "modified", "body", "target", "parent", "about", "to"),
        fc.anything(),
        { maxKeys: 2 },
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          damaged.map(([base, over]) => ({ ...base, ...over })),
        ),
        (value) => {
          const entry = readEntry(value);
          if (entry) expect(new Date(entry.modified ?? entry.created).toISOString()).toMatch(/^\d{4}-/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("AC-6 names and references", () => {
  const random = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => (i * 89 + 255) & 255);
  it("makes well-formed ones that sort by time", () => {
    expect(isName(newName(random))).toBe(true);
    const ids = [0, 1, 31, 32, 1e12, 1.8e12].map((now) => newEntryId(now, random));
    expect(ids.every(isName)).toBe(true);
    expect([...ids].sort()).toEqual(ids);
    expect(parseEntryRef(entryRef("ada", ids[0]!))).toEqual({ participant: "ada", entry: ids[0] });
  });
  it("finds mentioned participants, each once, and only well-formed ids", () => {
    expect(
      mentionsIn("@[Ada L.](ada) and @[Ben](ben-2), @[Ada](ada); @[x](-ada) @[x](ada-) @[](ben) @[a\nb](ben3)"),
    ).toEqual(["ada", "ben-2"]);
  });
});

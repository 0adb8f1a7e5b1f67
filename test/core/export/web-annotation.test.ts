import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAnchor } from "../../../src/core/anchor/anchor.ts";
import { articleIri, stableUuid } from "../../../src/core/export/stable-uuid.ts";
import { writeWebAnnotations } from "../../../src/core/export/web-annotation.ts";
import { annotation } from "../model/samples.ts";
import { modelOf, smallRoom, T0, TEXT } from "./sample-room.ts";

interface Selector {
  type: string;
  exact?: string;
  prefix?: string;
  suffix?: string;
  start?: number;
  end?: number;
}
interface Item {
  id: string;
  motivation: string | string[];
  body?: unknown;
  target: string | { id?: string; source?: string; selector?: Selector | Selector[]; [key: string]: unknown };
  creator?: { type: string; name: string };
  [key: string]: unknown;
}
interface Collection {
  "@context": [string, Record<string, unknown>];
  id: string;
  total: number;
  first?: { items: Item[]; partOf: string };
}

const written = (...of: Parameters<typeof modelOf>) => JSON.parse(writeWebAnnotations(modelOf(...of))) as Collection;
const itemsOf = (collection: Collection) => collection.first?.items ?? [];

describe("EX-8 W3C Web Annotations", () => {
  it("has one item for each annotation, reply, reaction and link, under ids that stay", () => {
    const collection = written(TEXT, smallRoom());
    const items = itemsOf(collection);
    expect(collection.total).toBe(9);
    expect(items.map((each) => each.motivation)).toEqual([
      "highlighting",
      ["commenting", "classifying"],
      "assessing",
      "replying",
      "replying",
      "classifying",
      ["commenting", "classifying"],
      "questioning",
      "linking",
    ]);
    expect(new Set(items.map((each) => each.id)).size).toBe(9);
    for (const { id } of [collection, ...items])
      expect(id).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const edited = written(`New first line.\n${TEXT}`, smallRoom(), { generatedAt: T0 + 5 });
    expect(
      itemsOf(edited)
        .map((each) => each.id)
        .sort(),
    ).toEqual(items.map((each) => each.id).sort());
    expect(itemsOf(written(TEXT, smallRoom(), { iri: articleIri("other") }))[0]?.id).not.toBe(items[0]?.id);
  });

  it("replies to the parent, links by CiTO, and names people but not their ids", () => {
    const json = writeWebAnnotations(modelOf(TEXT, smallRoom()));
    const [, claim, , first, second, evidence] = itemsOf(JSON.parse(json) as Collection);
    const linking = itemsOf(JSON.parse(json) as Collection).at(-1);
    expect(first?.target).toBe(claim?.id);
    expect(second?.target).toBe(first?.id);
    expect(linking).toMatchObject({ body: claim?.id, target: { id: evidence?.id, supports: claim?.id } });
    expect(claim?.creator).toEqual({ type: "Person", name: "Ada Lovelace" });
    expect(json).not.toMatch(/"(ada|ben)["/]/);
  });

  it("says with an inline mapping what the W3C has no word for", () => {
    const collection = written(TEXT, smallRoom());
    const terms = collection["@context"][1];
    for (const item of itemsOf(collection))
      for (const key of ["status", "placement"])
        if (item[key] !== undefined) {
          expect(terms[key]).toBeDefined();
          expect(terms[item[key] as string]).toMatch(/^urn:uuid:.*#/);
        }
    expect(itemsOf(collection).find((each) => each.motivation === "questioning")?.["status"]).toBe("resolved");
  });

  it("gives an orphan its quote alone, of the day it was written", () => {
    const [item] = itemsOf(written(TEXT, [["ada/1", annotation({ created: T0 })]], { placements: new Map() }));
    expect(item?.target).toEqual({
      type: "SpecificResource",
      source: articleIri("room"),
      state: { type: "TimeState", sourceDate: "2026-03-01T10:00:00.000Z" },
      selector: { type: "TextQuoteSelector", exact: "passage" },
    });
  });

  it("writes selectors that find their passage by code points, in any text", () => {
    const text = fc
      .array(fc.constantFrom("a", "é", "e\u0301", "😀", "👩‍👩‍👧", "𠮷", "م‌ی", "\n", "# ", "**", " "), {
        minLength: 1,
        maxLength: 200,
      })
      .map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (source, a, b) => {
        const start = a % source.length;
        const target = createAnchor(source, start, start + 1 + (b % (source.length - start)));
        const placements = new Map([["ada/1", { state: "placed", ...target.position } as const]]);
        const [item] = itemsOf(written(source, [["ada/1", annotation({ target })]], { placements }));
        const [quote, position] = (item!.target as { selector: Selector[] }).selector;
        const points = Array.from(source);
        const passage = points.slice(position?.start, position?.end).join("");
        expect(quote?.exact).toBe(passage);
        expect(
          points
            .slice(0, position?.start)
            .join("")
            .endsWith(quote?.prefix ?? ""),
        ).toBe(true);
        expect(
          points
            .slice(position?.end)
            .join("")
            .startsWith(quote?.suffix ?? ""),
        ).toBe(true);
        expect(JSON.stringify(item)).not.toMatch(/\\ud[89a-f]/);
      }),
      { numRuns: 500 },
    );
  });

  it("makes an empty collection of an empty room", () => {
    expect(written(TEXT, [])).toMatchObject({ type: "AnnotationCollection", total: 0 });
    expect(stableUuid("a")).toBe(stableUuid("a"));
  });
});

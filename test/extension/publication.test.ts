import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { carryRange, createPublication, type Published, splicesOf } from "../../src/extension/article/publication.ts";
import type { ParsedArticle } from "../../src/protocol/article-message.ts";

const parsed = (title: string): ParsedArticle => ({
  title,
  dir: "ltr",
  meta: {},
  blocks: [],
  sections: [],
  sentences: [],
});

/** A publication whose parser answers when the test says so. */
function setUp(initial: string) {
  const doc = new Y.Doc();
  const text = doc.getText("text");
  text.insert(0, initial);
  const published: Published[] = [];
  const waiting: { source: string; answer(): void; fail(): void }[] = [];
  const errors: unknown[] = [];
  let arrived = () => {};
  const publication = createPublication({
    text,
    parse: (source) =>
      new Promise((resolve, reject) => {
        waiting.push({
          source,
          answer: () => resolve(parsed(source)),
          fail: () => reject(new Error("unreadable")),
        });
        arrived();
      }),
    onPublish(next) {
      published.push(next);
    },
    onError: (error) => void errors.push(error),
  });
  const asked = async () => {
    while (waiting.length === 0) await new Promise<void>((resolve) => (arrived = resolve));
    return waiting.shift()!;
  };
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { text, publication, published, waiting, asked, settled, errors };
}

describe("publication of an article's text", () => {
  test("each published text has its own epoch and source", async () => {
    const { text, publication, published, asked, settled } = setUp("one");
    publication.refresh();
    (await asked()).answer();
    await settled();
    text.insert(3, " two");
    (await asked()).answer();
    await settled();
    expect(published.map((each) => each.source)).toEqual(["one", "one two"]);
    expect(published[1]!.epoch).toBeGreaterThan(published[0]!.epoch);
  });

  test("changes that come while a text is read are read together, once", async () => {
    const { text, publication, published, asked, settled } = setUp("a");
    publication.refresh();
    const first = await asked();
    for (const letter of "bcde") text.insert(text.length, letter);
    first.answer();
    await settled();
    (await asked()).answer();
    await settled();
    expect(published.map((each) => each.source)).toEqual(["a", "abcde"]);
  });

  test("a text that cannot be read does not keep the next one, which came meanwhile, from being read", async () => {
    const { text, publication, published, asked, settled, errors } = setUp("a");
    publication.refresh();
    const first = await asked();
    text.insert(1, "b");
    first.fail();
    (await asked()).answer();
    await settled();
    expect(published.map((each) => each.source)).toEqual(["ab"]);
    expect(errors).toHaveLength(1);
  });

  test("a range of a published text is carried to the text as it is now", async () => {
    const { text, publication, published, asked, settled } = setUp("The margin is full.");
    publication.refresh();
    (await asked()).answer();
    await settled();
    const { epoch } = published[0]!;
    text.insert(0, "Look: ");
    expect(publication.carryToNow(epoch, 4, 10)).toEqual({ start: 10, end: 16 });
    text.insert(12, "…");
    expect(publication.carryToNow(epoch, 4, 10)).toBeNull();
    expect(publication.carryToNow(epoch + 99, 4, 10)).toBeNull();
  });

  test("a carried range holds the same words, whatever was written around it", () => {
    const edit = fc.record({ at: fc.nat(60), remove: fc.nat(6), insert: fc.stringMatching(/^[a-z]{0,6}$/) });
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 12 }),
        fc.nat(40),
        fc.integer({ min: 1, max: 10 }),
        (edits, from, size) => {
          const doc = new Y.Doc();
          const text = doc.getText("text");
          text.insert(0, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
          const before = text.toString();
          const start = from;
          const end = Math.min(before.length, from + size);
          const splices: ReturnType<typeof splicesOf> = [];
          text.observe((event) => splices.push(...splicesOf(event.delta)));
          for (const { at, remove, insert } of edits) {
            doc.transact(() => {
              const place = Math.min(at, text.length);
              text.delete(place, Math.min(remove, text.length - place));
              text.insert(place, insert);
            });
          }
          const carried = carryRange(splices, start, end);
          if (carried) expect(text.toString().slice(carried.start, carried.end)).toBe(before.slice(start, end));
        },
      ),
    );
  });
});

import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { CONTEXT, createAnchor } from "../../../src/core/anchor/anchor.ts";
import type { Anchor, Placement } from "../../../src/core/anchor/anchor.ts";
import {
  createAnchorIndex,
  createSlicedResolver,
  resolveAll,
  resolveAnchor,
} from "../../../src/core/anchor/resolve.ts";

/** No half of a surrogate pair stands alone. */
const uncut = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const TEXT =
  "Close reading is slow reading. The reader stays with a passage until it gives up what it holds. " +
  "A claim is only as strong as the evidence that carries it. Margins were always where readers answered. " +
  "Scholars of the twelfth century wrote between the lines. Their glosses outlived the books that they explained.";

function articleOf(text: string): Y.Text {
  const ytext = new Y.Doc().getText("text");
  ytext.insert(0, text);
  return ytext;
}

function anchorOn(text: string, words: string, ytext?: Y.Text): Anchor {
  const start = text.indexOf(words);
  expect(start).toBeGreaterThanOrEqual(0);
  return createAnchor(text, start, start + words.length, ytext);
}

const now = (anchor: Anchor, ytext: Y.Text): Placement =>
  resolveAnchor(ytext.toString(), anchor, createAnchorIndex(ytext.toString(), ytext));

/** The text at a placement. */
const at = (text: string, placement: Placement): string | null =>
  placement.state === "orphaned" ? null : text.slice(placement.start, placement.end);

describe("AN-1 an anchor holds relative positions, quote with context, offsets", () => {
  test("AN-1 quote and context are what stands there", () => {
    const anchor = anchorOn(TEXT, "only as strong as", articleOf(TEXT));
    const { start, end } = anchor.position;
    expect(anchor.quote.exact).toBe("only as strong as");
    expect(anchor.quote.prefix).toBe(TEXT.slice(start - CONTEXT, start));
    expect(anchor.quote.suffix).toBe(TEXT.slice(end, end + CONTEXT));
    expect(JSON.parse(JSON.stringify(anchor))).toEqual(anchor);
  });

  test("AN-1 the start clings to the character after it, the end to the one before it", () => {
    const ytext = articleOf("abcdef");
    const anchor = createAnchor("abcdef", 2, 4, ytext);
    const read = (base64 = "") => Y.decodeRelativePosition(Uint8Array.from(Buffer.from(base64, "base64")));
    expect(read(anchor.start).assoc).toBeGreaterThanOrEqual(0);
    expect(read(anchor.end).assoc).toBeLessThan(0);
  });

  test("AN-1 without a Y.Text there are no relative positions", () => {
    const anchor = anchorOn(TEXT, "slow reading");
    expect("start" in anchor || "end" in anchor).toBe(false);
  });

  test("AN-2 no surrogate pair is ever cut, neither by the passage nor by its context", () => {
    const text = "😀".repeat(200);
    for (const [start, end] of [
      [101, 103],
      [100, 103],
      [101, 104],
      [97, 301],
    ] as const) {
      const { quote } = createAnchor(text, start, end);
      for (const part of [quote.exact, quote.prefix, quote.suffix]) expect(uncut(part)).toBe(true);
      expect(quote.exact.length).toBeGreaterThanOrEqual(end - start);
    }
  });

  test("AN-2 no placement cuts one, also when another program's quote does", () => {
    const text = `${TEXT} Some laugh 😀 and some weep 😢 over it. ${TEXT}`;
    const [start, end] = [text.indexOf("😀") + 1, text.indexOf("😢") + 1];
    const ytext = articleOf(text);
    const position = (offset: number, assoc: number) =>
      Buffer.from(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(ytext, offset, assoc))).toString(
        "base64",
      );
    const quote = {
      exact: text.slice(start, end),
      prefix: text.slice(start - 20, start),
      suffix: text.slice(end, end + 20),
    };
    const foreign: Anchor = { quote, position: { start, end } };
    const live: Anchor = { ...foreign, start: position(start, 0), end: position(end, -1) };
    expect(at(text, resolveAnchor(text, foreign))).toBe("😀 and some weep 😢");
    expect(at(text, now(live, ytext))).toBe("😀 and some weep 😢");
    const moved = `New. ${text}`;
    expect(at(moved, resolveAnchor(moved, foreign))).toMatch(/^(?:😀 )?and some weep(?: 😢)?$/u);
    ytext.delete(start - 1, end - start + 2);
    ytext.insert(start - 1, "😀 and some weep 😢");
    expect(at(text, now(live, ytext))).toBe("😀 and some weep 😢");
  });

  test("AN-1 an empty or impossible range is a bug of the caller", () => {
    for (const [start, end] of [
      [3, 3],
      [5, 2],
      [-1, 4],
      [0, TEXT.length + 1],
      [Number.NaN, 4],
    ] as const) {
      expect(() => createAnchor(TEXT, start, end)).toThrow(RangeError);
    }
  });
});

describe("AN-3 in the live text the relative positions lead", () => {
  test("AN-3 a passage keeps its place when text comes in before it, also when the same words stand nearer to the old place", () => {
    const text = "one two three. one two three. one two three. one two three.";
    const ytext = articleOf(text);
    const anchor = createAnchor(text, 30, 43, ytext);
    ytext.insert(0, "one two three. one two three. ");
    expect(now(anchor, ytext)).toEqual({ state: "placed", start: 60, end: 73 });
  });

  test("AN-4 text typed at either border stays outside", () => {
    const ytext = articleOf(TEXT);
    const anchor = anchorOn(TEXT, "the evidence that carries it", ytext);
    ytext.insert(anchor.position.end, " and nothing else");
    ytext.insert(anchor.position.start, "all ");
    const placement = now(anchor, ytext);
    expect(placement.state).toBe("placed");
    expect(at(ytext.toString(), placement)).toBe("the evidence that carries it");
  });

  test("AN-5 an edited passage is changed, and reaches from its first to its last word", () => {
    const ytext = articleOf(TEXT);
    const anchor = anchorOn(TEXT, "Scholars of the twelfth century wrote between the lines", ytext);
    const word = TEXT.indexOf("twelfth");
    ytext.delete(word, 7);
    ytext.insert(word, "early thirteenth");
    const placement = now(anchor, ytext);
    expect(placement.state).toBe("changed");
    expect(at(ytext.toString(), placement)).toBe("Scholars of the early thirteenth century wrote between the lines");
  });

  test("AN-5 a word written in the place of the first one belongs to the passage", () => {
    const ytext = articleOf(TEXT);
    const anchor = anchorOn(TEXT, "Margins were always where readers answered", ytext);
    const word = TEXT.indexOf("Margins");
    ytext.delete(word, 7);
    ytext.insert(word, "Borders");
    expect(at(ytext.toString(), now(anchor, ytext))).toBe("Borders were always where readers answered");
  });

  test("AN-6 a deleted passage is orphaned", () => {
    const ytext = articleOf(TEXT);
    const anchor = anchorOn(TEXT, "The reader stays with a passage until it gives up what it holds.", ytext);
    ytext.delete(anchor.position.start, anchor.quote.exact.length);
    expect(now(anchor, ytext)).toEqual({ state: "orphaned" });
  });

  test("AN-6 a deleted short phrase is not put on another place where the same words stand", () => {
    const text =
      "We trained a model on the data set. Later we tested a model on the data set of others. The end came soon after.";
    const ytext = articleOf(text);
    const anchor = anchorOn(text, "a model", ytext);
    ytext.delete(anchor.position.start, 8);
    expect(now(anchor, ytext)).toEqual({ state: "orphaned" });
  });

  test("AN-7 after undo of a deletion it is placed again, for the one who undid and for the others", () => {
    const ytext = articleOf(TEXT);
    const other = new Y.Doc();
    const undo = new Y.UndoManager(ytext);
    for (const words of [
      "A claim",
      "evidence",
      "Their glosses outlived the books that they explained.",
      "Close reading is slow",
    ]) {
      const anchor = anchorOn(TEXT, words, ytext);
      ytext.delete(anchor.position.start, words.length);
      expect(now(anchor, ytext).state).toBe("orphaned");
      undo.undo();
      undo.clear();
      const placed = { state: "placed", start: anchor.position.start, end: anchor.position.end };
      expect(now(anchor, ytext)).toEqual(placed);
      Y.applyUpdate(other, Y.encodeStateAsUpdate(ytext.doc as Y.Doc));
      expect(now(anchor, other.getText("text"))).toEqual(placed);
    }
  });

  test("AN-7 after undo of a deletion of a part the whole is placed again", () => {
    const ytext = articleOf(TEXT);
    const undo = new Y.UndoManager(ytext);
    const anchor = anchorOn(TEXT, "Margins were always where readers answered", ytext);
    ytext.delete(anchor.position.start, 20);
    undo.undo();
    expect(now(anchor, ytext)).toEqual({ state: "placed", ...anchor.position });
  });

  test("AN-8 a sentence that was cut out and put elsewhere is found there", () => {
    const ytext = articleOf(TEXT);
    const words = "Scholars of the twelfth century wrote between the lines.";
    const anchor = anchorOn(TEXT, words, ytext);
    ytext.delete(anchor.position.start, words.length);
    ytext.insert(0, `${words} `);
    expect(now(anchor, ytext)).toEqual({ state: "placed", start: 0, end: words.length });
  });

  test("AN-9 positions of another document are not believed: the quote decides", () => {
    const ytext = articleOf(TEXT);
    const anchor = anchorOn(TEXT, "glosses outlived the books", ytext);
    const copy = articleOf(`A new foreword. ${TEXT}`);
    const placement = now(anchor, copy);
    expect(placement.state).toBe("placed");
    expect(at(copy.toString(), placement)).toBe("glosses outlived the books");
  });

  test("AN-9 positions that are rubbish do no harm", () => {
    const ytext = articleOf(TEXT);
    const anchor = anchorOn(TEXT, "slow reading", ytext);
    for (const rubbish of ["", "====", "no base64!", "AAAA", "/////////////", "é", "A".repeat(5000)]) {
      expect(now({ ...anchor, start: rubbish, end: rubbish }, ytext)).toEqual({ state: "placed", ...anchor.position });
    }
  });
});

describe("AN-12 many anchors", () => {
  test("AN-12 all at once, one by one and in slices are the same, in the order of the anchors", () => {
    const ytext = articleOf(TEXT);
    const words = ["slow reading", "A claim", "Margins were always", "the twelfth century", "outlived the books"];
    const anchors = words.map((each) => anchorOn(TEXT, each, ytext));
    ytext.delete(TEXT.indexOf("A claim"), "A claim is only as strong as the evidence that carries it. ".length);
    ytext.insert(10, "very ");
    const text = ytext.toString();
    const index = createAnchorIndex(text, ytext);
    const all = resolveAll(index, anchors);
    expect(all.map((placement) => placement.state)).toEqual(["placed", "orphaned", "placed", "placed", "placed"]);
    expect(anchors.map((anchor) => resolveAnchor(text, anchor, index))).toEqual(all);
    const resolver = createSlicedResolver(index, anchors);
    let time = 0;
    let steps = 0;
    while (!resolver.step(1, () => time++)) steps++;
    expect(steps).toBeGreaterThan(1);
    expect(resolver.placements).toEqual(all);
  });

  test("AN-12 no anchors, an empty text, an empty quote", () => {
    expect(createSlicedResolver(createAnchorIndex(TEXT), []).step(1, () => 0)).toBe(true);
    const anchor = anchorOn(TEXT, "slow reading");
    expect(resolveAnchor("", anchor)).toEqual({ state: "orphaned" });
    expect(resolveAnchor(TEXT, { ...anchor, quote: { ...anchor.quote, exact: "" } })).toEqual({ state: "orphaned" });
  });
});

import { describe, expect, it } from "vitest";
import { KINDS } from "../../src/core/model/kinds.ts";
import type { ThreadMessage } from "../../src/protocol/reader.ts";
import { countThreads, createMatcher, isFiltering, NO_FILTER, pressKind } from "../../src/webview/model/filter.ts";
import { cardLabel, initials, plainText, shorten } from "../../src/webview/model/words.ts";
import { sentencesAt } from "../../src/webview/model/passages.ts";
import { deedOf } from "../../src/webview/keyboard.ts";
import { readRemembered } from "../../src/webview/view-state.ts";

function thread(ref: string, more: Partial<ThreadMessage> = {}): ThreadMessage {
  return {
    ref,
    author: ref.split("/")[0]!,
    motivation: "commenting",
    body: "",
    quote: "a passage",
    created: 0,
    touched: 0,
    deleted: false,
    hidden: false,
    status: "open",
    placement: { state: "placed", start: 0, end: 9 },
    replies: [],
    reactions: [],
    mine: false,
    unread: false,
    ...more,
  };
}

const nameOf = (id: string) => ({ ada: "Ada Lovelace", ben: "Ben Ökri" })[id] ?? "Somebody";
const matches = (filter: Partial<typeof NO_FILTER>, one: ThreadMessage) =>
  createMatcher({ ...NO_FILTER, ...filter }, nameOf)(one);

describe("filter", () => {
  it("RV-48: the first press shows a kind only, the next take in and out, the last takes everything in", () => {
    const offered = ["claim", "evidence", "comment"] as const;
    const only = pressKind([], "claim", offered);
    expect(KINDS.filter((kind) => !only.includes(kind))).toEqual(["claim"]);
    const two = pressKind(only, "comment", offered);
    expect(KINDS.filter((kind) => !two.includes(kind))).toEqual(["claim", "comment"]);
    expect(pressKind(two, "comment", offered)).toEqual(expect.arrayContaining(only));
    expect(pressKind(two, "evidence", offered)).toEqual([]);
    expect(pressKind(only, "claim", offered)).toEqual([]);
  });

  it("RV-49: what was written since the filter was set stays, unless it is resolved or somebody else's", () => {
    const filter = { without: ["comment" as const], text: "nowhere", author: "ben", since: 100 };
    const mine = { mine: true, created: 100 };
    expect(matches(filter, thread("ada/1", mine))).toBe(true);
    expect(matches(filter, thread("ada/1", { ...mine, created: 99 }))).toBe(false);
    expect(matches(filter, thread("ada/1", { ...mine, mine: false }))).toBe(false);
    expect(matches(filter, thread("ada/1", { ...mine, status: "resolved" }))).toBe(false);
    expect(matches({ since: 100 }, thread("ada/1", { ...mine, status: "resolved" }))).toBe(false);
  });

  it("RV-56: the filter finds what mentions the reader", () => {
    const mention = { by: "ben", at: 1, unread: false };
    expect(matches({ mentioned: true }, thread("ben/1"))).toBe(false);
    expect(matches({ mentioned: true }, thread("ben/1", { mention }))).toBe(true);
    expect(isFiltering({ ...NO_FILTER, mentioned: true })).toBe(true);
    expect(countThreads([thread("ben/1", { mention }), thread("ben/2")]).mentioned).toBe(1);
    expect(cardLabel(thread("ben/1", { mention }), nameOf)).toContain("mentions you");
  });

  it("RV-26: Arabic and Persian spellings of a letter, with or without joiners, are one", () => {
    const found = (text: string, body: string) => matches({ text }, thread("ada/1", { body }));
    expect(found("كتاب علي", "کتاب علی را می‌خوانیم")).toBe(true);
    expect(found("میخوانیم", "کتاب علی را می‌خوانیم")).toBe(true);
    expect(found("می خوانیم", "کتاب علی را می‌خوانیم")).toBe(true);
  });

  it("RV-9, RV-26: by default what is open is shown, and that is no filter", () => {
    expect(matches({}, thread("ada/1"))).toBe(true);
    expect(matches({}, thread("ada/1", { status: "resolved" }))).toBe(false);
    expect(isFiltering(NO_FILTER)).toBe(false);
    expect(isFiltering({ ...NO_FILTER, status: "all" })).toBe(true);
  });

  it("RV-26: by kind and by author, of the note or of a reply that stands", () => {
    const reply = {
      ref: "ben/2",
      author: "ben",
      body: "No.",
      created: 1,
      deleted: false,
      hidden: false,
      reactions: [],
      mine: false,
      unread: false,
    };
    const one = thread("ada/1", { class: "claim", replies: [reply] });
    expect(matches({ without: ["claim"] }, one)).toBe(false);
    expect(matches({ without: ["evidence"] }, one)).toBe(true);
    expect(matches({ author: "ben" }, one)).toBe(true);
    expect(matches({ author: "ben" }, { ...one, replies: [{ ...reply, deleted: true }] })).toBe(false);
    expect(matches({ author: "chiara" }, one)).toBe(false);
    // who only answers can be chosen as well, and the number is that of what is then shown
    const gone = { ...reply, ref: "eve/1", author: "eve", deleted: true };
    const { authors } = countThreads([one, thread("ben/3", { replies: [reply, reply, gone] }), thread("ada/4")]);
    expect(authors).toEqual(
      new Map([
        ["ada", 2],
        ["ben", 2],
      ]),
    );
  });

  it("RV-26: words are found without case and accents, all of them, wherever they stand", () => {
    const one = thread("ben/1", { quote: "Zürich in spring", body: "A *doubt*" });
    expect(matches({ text: "zurich DOUBT" }, one)).toBe(true);
    expect(matches({ text: "okri" }, one)).toBe(true);
    expect(matches({ text: "doubt summer" }, one)).toBe(false);
    for (const [text, quote] of [
      ["strasse", "Straße"],
      ["λογος", "ΛΌΓΟΙ ΚΑΙ ΛΌΓΟΣ"],
      ["λόγοσ", "ὁ λόγος"],
      ["ışık", "IŞIK"],
      ["istanbul", "İSTANBUL"],
      ["کتابخانه", "کِتابخانه"],
    ] as const) {
      expect(matches({ text }, thread("ben/1", { quote })), text).toBe(true);
    }
  });

  it("RV-21, RV-26: people who are mentioned are found as they are shown, by no other name they had", () => {
    const one = thread("chiara/1", { body: "Ask @[Benjamin](ben)." });
    expect(matches({ text: "@ben okri" }, one)).toBe(true);
    expect(matches({ text: "benjamin" }, one)).toBe(false);
    const reply = { ...one, ref: "chiara/2", body: "@[Benjamin](ben)?" };
    expect(matches({ text: "@ben" }, thread("chiara/1", { replies: [reply] }))).toBe(true);
  });

  it("RV-26: what was new when it was switched on stays shown after it was read", () => {
    expect(matches({ fresh: ["ada/1"] }, thread("ada/1"))).toBe(true);
    expect(matches({ fresh: [] }, thread("ada/1"))).toBe(false);
    expect(matches({ fresh: [] }, thread("ada/1", { unread: true }))).toBe(true);
  });

  it("RV-26: each choice says how many it is about", () => {
    const counts = countThreads([
      thread("ada/1", { class: "claim", unread: true }),
      thread("ada/2", { status: "resolved" }),
      thread("ben/3", { placement: { state: "orphaned" } }),
    ]);
    expect(counts).toMatchObject({ open: 2, resolved: 1, unread: 1, orphaned: 1, kinds: { claim: 1, comment: 2 } });
    expect(counts.authors.get("ada")).toBe(2);
  });
});

describe("words", () => {
  it("RV-25: a card's label says kind, author, passage, state and replies", () => {
    const one = thread("ada/1", { class: "claim", status: "resolved", unread: true, quote: "the margin" });
    expect(cardLabel(one, nameOf)).toBe("Claim by Ada Lovelace on “the margin”, resolved, new");
  });

  it("cuts at a word and never inside a character", () => {
    expect(shorten("one two three four", 11)).toBe("one two…");
    expect(shorten("incomprehensibilities", 9)).toBe("incompreh…");
    expect(shorten("ab😀cd", 3)).toBe("ab…");
    expect(shorten(" short  text ", 40)).toBe("short text");
  });

  it("RV-21: makes initials and plain lines of what people write, mentions by the names that the room knows", () => {
    expect(["Ada Lovelace", "plato", "  ", "Ana María de Soto"].map(initials)).toEqual(["AL", "P", "?", "AS"]);
    expect(plainText("`p_value` of 2*3 in __all__ *of* x_i", nameOf)).toBe("p_value of 2*3 in all of x_i");
    expect(plainText("**No**, @[Ben](ben): see [this](https://x.y)\n> or `that`", nameOf)).toBe(
      "No, @Ben Ökri: see this or that",
    );
  });
});

describe("passages", () => {
  it("RV-22: the sentence cursor finds the sentences of a selection, and the next one from between two", () => {
    const sentences = [
      [0, 10],
      [12, 20],
      [21, 30],
    ] as const;
    expect(sentencesAt(sentences, { start: 5, end: 15 })).toEqual({ first: 0, last: 1 });
    expect(sentencesAt(sentences, { start: 11, end: 11 })).toEqual({ first: 1, last: 1 });
    expect(sentencesAt(sentences, { start: 99, end: 99 })).toEqual({ first: 2, last: 2 });
    const withFootnotes = [...sentences, [34, 36], [31, 33]] as const;
    expect(sentencesAt(withFootnotes, { start: 34, end: 36 })).toEqual({ first: 3, last: 3 });
    expect(sentencesAt(withFootnotes, { start: 31, end: 33 })).toEqual({ first: 4, last: 4 });
  });
});

describe("keys", () => {
  const press = (key: string, more = {}) =>
    deedOf({ key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, ...more });

  it("RV-22: letters walk and annotate, and leave the editor's own keys alone", () => {
    expect([press("j"), press("J", { shiftKey: true }), press("ArrowUp", { altKey: true }), press("2")]).toEqual([
      "nextSentence",
      "extendSentence",
      "previousSentence",
      "evidence",
    ]);
    expect([
      press("c", { ctrlKey: true }),
      press("p", { metaKey: true }),
      press("C", { shiftKey: true }),
      press("x"),
    ]).toEqual([undefined, undefined, undefined, undefined]);
    expect(press("?", { shiftKey: true })).toBe("keys");
  });
});

describe("keyboards for other scripts", () => {
  const press = (key: string, code: string, shiftKey = false) =>
    deedOf({ key, code, shiftKey, altKey: false, ctrlKey: false, metaKey: false });

  it("RV-22: a key counts by its place where its sign is of another script, and by its sign elsewhere", () => {
    expect([press("ت", "KeyJ"), press("О", "KeyJ", true), press("ا", "KeyH"), press("۱", "Digit1")]).toEqual([
      "nextSentence",
      "extendSentence",
      "highlight",
      "claim",
    ]);
    // Dvorak: the sign that is printed on the key
    expect([press("j", "KeyC"), press("c", "KeyI"), press("é", "Digit2")]).toEqual([
      "nextSentence",
      "comment",
      "evidence",
    ]);
    expect([press("ش", "Quote"), press("Dead", "KeyN"), press("Process", "KeyJ")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("what is remembered", () => {
  it("RV-19: whatever does not fit is as if it had not been there", () => {
    expect(readRemembered(null)).toMatchObject({ filter: NO_FILTER, outline: null, articles: new Map() });
    expect(
      readRemembered({
        filter: { without: ["claim", "nonsense"], status: "odd", text: 3 },
        outline: "x",
        articles: { r: { position: 12, drafts: { a: 1 } }, s: 3 },
      }),
    ).toMatchObject({
      filter: { ...NO_FILTER, without: ["claim"] },
      outline: null,
      articles: new Map([
        ["r", { position: 12, drafts: { a: 1 }, unsent: undefined }],
        ["s", { position: null, drafts: undefined, unsent: undefined }],
      ]),
    });
  });
});

import { describe, expect, it } from "vitest";
import { parseArticle, type Article } from "../../../src/core/text/article.ts";
import { renderedRanges, selectionToSource, toRendered, toSource } from "../../../src/core/text/source-map.ts";
import { checkArticle } from "../../support/article-check.ts";

function parsed(source: string): Article {
  const article = parseArticle(source);
  checkArticle(article);
  return article;
}

/** The source behind the `nth` occurrence of `text` in what is rendered. */
function sourceOf(source: string, text: string): string {
  const article = parsed(source);
  const block = article.blocks.findIndex((one) => one.text.includes(text));
  const offset = article.blocks[block]?.text.indexOf(text) ?? -1;
  const range = selectionToSource(article, { block, offset }, { block, offset: offset + text.length });
  return range === null ? "" : source.slice(range.start, range.end);
}

const texts = (source: string): string[] => parsed(source).blocks.map(({ text }) => text);

describe("TX-3 characters know their source", () => {
  it.each([
    ["character references", "Caf&eacute; &amp; bar &#x1F600;.", "é & b", "&eacute; &amp; b"],
    ["a reference to two code units, whole", "a &#x1F600; b", "😀", "&#x1F600;"],
    ["escapes, with their backslash", "a \\*b\\* c", "*b*", "\\*b\\*"],
    ["references in code, literally", "`a &amp; b`", "&amp;", "&amp;"],
    ["an emoji", "one 👩‍👩‍👧 two", "👩‍👩‍👧 two", "👩‍👩‍👧 two"],
    ["combining marks", "cafe\u0301 x", "e\u0301", "e\u0301"],
    [
      "Arabic and Persian inside English",
      "the term “مقاومت” and يقاوم، قاوم (qawama)",
      "مقاومت” and يقاوم",
      "مقاومت” and يقاوم",
    ],
    ["nested lists", "- a\n  - b *c*\n    1. d", "b c\nd", "b *c*\n    1. d"],
    ["block quotes with lazy continuation", "> one\ntwo\n> three", "one\ntwo\nthree", "one\ntwo\n> three"],
    ["lists in quotes", "> - a\n> - b\n>   c", "b\nc", "b\n>   c"],
    ["hard breaks", "one  \ntwo\\\nthree", "one\ntwo\nthree", "one  \ntwo\\\nthree"],
    ["tabs", "-\t\tcode\tx", "  code\tx", "code\tx"],
    ["setext headings", "Two\nlines\n=====\n\nText", "Two\nlines", "Two\nlines"],
    ["closing sequences of headings", "## A *b* ##", "A b", "A *b"],
    ["link titles", 'see [the *text*](/u "a title") here', "the text here", 'the *text*](/u "a title") here'],
    ["reference links", "see [the text][Ref] now\n\n[ref]: http://x.y", "text now", "text][Ref] now"],
    [
      "autolinks",
      "at <https://x.y/z> and https://a.b/c_d_e.",
      "x.y/z and https://a.b/c_d_e",
      "x.y/z> and https://a.b/c_d_e",
    ],
    ["code spans of several backticks", "x `` a`b `` y", "a`b", "a`b"],
    ["code spans over lines", "> `a\n> b`", "a b", "a\n> b"],
    ["code in list items", "- x\n\n      code\n       more", "code\n more", "code\n       more"],
    ["fenced code", "```js\nlet a;\n\nlet b;\n```", "a;\n\nlet b", "a;\n\nlet b"],
    ["math", "so $a_1 \\alpha$ and\n\n$$\nx^2\n$$", "_1 \\alpha", "_1 \\alpha"],
    ["strikethrough", "a ~~b c~~ d", "b c d", "b c~~ d"],
    ["task lists", "- [ ] one\n- [x] two", "one\ntwo", "one\n- [x] two"],
    ["table cells", "| a | b |\n|---|---|\n| *c* d | e |", "c d", "c* d"],
    ["table cells with escaped pipes", "| a |\n|---|\n| b \\| c `d\\|e` |", "b | c d|e", "b \\| c `d\\|e"],
    ["links in table cells", "| a | b |\n|---|---|\n| [c](/d) | e |", "c\te", "c](/d) | e"],
    ["footnote references", "text[^1] more\n\n[^1]: note", "t1 m", "t[^1] m"],
    ["footnotes", "text[^1]\n\n[^1]: the *note*\n    goes on", "note\ngoes", "note*\n    goes"],
    ["NUL", "a\0b", "a\uFFFDb", "a\0b"],
    ["raw tags that are honoured", "H<sub>2</sub>O", "2O", "2</sub>O"],
    ["raw tags that are not", "a <sh> b", "a <sh> b", "a <sh> b"],
    ["front matter", "---\ntitle: x\n---\n\nText & more", "Text &", "Text &"],
    ["a byte order mark", "\uFEFFText", "Text", "Text"],
  ])("%s", (_, source, rendered, expected) => {
    expect(sourceOf(source, rendered)).toBe(expected);
  });

  it("takes lone surrogates as the characters that they are", () => {
    expect(texts("a \uD800 b \uDC00")).toEqual(["a \uD800 b \uDC00"]);
  });
});

describe("TX-4 selections", () => {
  const source =
    "First *para* here.\n\n- item **one**\n- item two\n\n| a | b |\n|---|---|\n| c d | e |\n\nLast [link](/u).\n";
  const article = parsed(source);
  const select = (a: [number, string | number], b: [number, string | number]): string | null => {
    const place = ([block, at]: [number, string | number], behind: boolean): { block: number; offset: number } => {
      if (typeof at === "number") return { block, offset: at };
      const found = article.blocks[block]?.text.indexOf(at) ?? -1;
      return { block, offset: behind ? found + at.length : found };
    };
    const range = selectionToSource(article, place(a, false), place(b, true));
    return range === null ? null : source.slice(range.start, range.end);
  };

  it("across blocks and into a list", () => {
    expect(select([0, "here"], [1, "item one"])).toBe("here.\n\n- item **one");
    expect(select([0, "para"], [0, "para"])).toBe("para");
  });
  it("over a link and inside one", () => {
    expect(select([3, "Last"], [3, "link"])).toBe("Last [link");
    expect(select([3, "in"], [3, "in"])).toBe("in");
    expect(select([3, "Last"], [3, "link."])).toBe("Last [link](/u).");
  });
  it("inside a table cell and over two", () => {
    expect(select([2, "d"], [2, "d"])).toBe("d");
    expect(select([2, "c d"], [2, "c d\te"])).toBe("c d | e");
  });
  it("either way round", () => {
    expect(selectionToSource(article, { block: 1, offset: 3 }, { block: 0, offset: 6 })).toEqual(
      selectionToSource(article, { block: 0, offset: 6 }, { block: 1, offset: 3 }),
    );
  });
  it("without white space at the ends", () => {
    expect(select([0, " para "], [0, " para "])).toBe("para");
    expect(selectionToSource(article, { block: 0, offset: 18 }, { block: 1, offset: 4 })).toEqual(
      selectionToSource(article, { block: 1, offset: 0 }, { block: 1, offset: 4 }),
    );
    expect(selectionToSource(article, { block: 1, offset: 8 }, { block: 1, offset: 9 })).toBeNull();
  });
  it("that are empty or hold only white space are none", () => {
    expect(selectionToSource(article, { block: 0, offset: 3 }, { block: 0, offset: 3 })).toBeNull();
    expect(selectionToSource(article, { block: 0, offset: 5 }, { block: 0, offset: 6 })).toBeNull();
    expect(selectionToSource(article, { block: 0, offset: 99 }, { block: 1, offset: -4 })).toBeNull();
  });
  it("among footnotes that are numbered in another order than written", () => {
    const text = "One[^b] two[^a].\n\n[^a]: alpha\n[^b]: beta\n";
    const notes = parsed(text);
    expect(notes.blocks.at(-1)?.text).toBe("beta\nalpha");
    const range = selectionToSource(notes, { block: 1, offset: 0 }, { block: 1, offset: 10 });
    expect(text.slice(range?.start, range?.end)).toBe("alpha\n[^b]: beta");
  });
});

describe("TX-3 from source to rendered", () => {
  const source = "A **b** &amp; c.\n\n- [x](/u) d\n";
  const article = parsed(source);

  it("finds the place of a character, and none in markup", () => {
    expect(toRendered(article, 0)).toEqual({ block: 0, offset: 0 });
    expect(toRendered(article, 4)).toEqual({ block: 0, offset: 2 });
    expect(toRendered(article, 3)).toBeNull();
    expect(toRendered(article, source.indexOf("/u"))).toBeNull();
  });
  it("finds the nearest place on request", () => {
    expect(toRendered(article, 3, "after")).toEqual({ block: 0, offset: 2 });
    expect(toRendered(article, 3, "before")).toEqual({ block: 0, offset: 2 });
    const inUrl = source.indexOf("/u");
    expect(toRendered(article, inUrl, "before")).toEqual({ block: 1, offset: 1 });
    expect(toRendered(article, inUrl, "after")).toEqual({ block: 1, offset: 1 });
    expect(toRendered(article, source.length, "after")).toBeNull();
    expect(toRendered(article, source.indexOf("mp;"), "after")).toEqual({ block: 0, offset: 5 });
  });
  it("covers a source range with rendered pieces by block", () => {
    expect(renderedRanges(article, 0, source.length)).toEqual([
      { block: 0, start: 0, end: 8 },
      { block: 1, start: 0, end: 3 },
    ]);
    expect(renderedRanges(article, 4, 5)).toEqual([{ block: 0, start: 2, end: 3 }]);
    expect(renderedRanges(article, source.indexOf("amp"), source.indexOf("mp;"))).toEqual([
      { block: 0, start: 4, end: 5 },
    ]);
    expect(renderedRanges(article, 2, 4)).toEqual([]);
    expect(renderedRanges(article, 5, 5)).toEqual([]);
  });
  it("clamps offsets and refuses blocks that are not there", () => {
    expect(toSource(article, 0, -5, "start")).toBe(0);
    expect(toSource(article, 0, 999, "end")).toBe(16);
    expect(() => toSource(article, 9, 0, "start")).toThrow(RangeError);
    expect(toSource(parseArticle("---\n"), 0, 0, "end")).toBe(3);
  });
});

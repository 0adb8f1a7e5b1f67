import { describe, expect, it } from "vitest";
import { parseArticle, type Article } from "../../../src/core/text/article.ts";
import { toSource } from "../../../src/core/text/source-map.ts";
import { type Run, toSource as sourceOfText } from "../../../src/webview/model/source-map.ts";
import { checkArticle } from "../../support/article-check.ts";

function parsed(source: string): Article {
  const article = parseArticle(source);
  checkArticle(article);
  return article;
}

/** The source behind the first occurrence of `text` in what is rendered, as the reading view finds it. */
function sourceOf(source: string, text: string): string {
  const block = parsed(source).blocks.find((one) => one.text.includes(text))!;
  const runs = block.runs.map(({ text, source, length, sourceLength }): Run => [text, source, length, sourceLength]);
  const start = block.text.indexOf(text);
  const range = sourceOfText(runs, { start, end: start + text.length });
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
    ["tabs, whole where a part is content", "-\t\tcode\tx", "  code\tx", "\tcode\tx"],
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

describe("TX-3 a place in a block", () => {
  const article = parsed("A **b** &amp; c.\n\n- [x](/u) d\n");

  it("clamps offsets and refuses blocks that are not there", () => {
    expect(toSource(article, 0, -5, "start")).toBe(0);
    expect(toSource(article, 0, 999, "end")).toBe(16);
    expect(() => toSource(article, 9, 0, "start")).toThrow(RangeError);
    expect(toSource(parseArticle("---\n"), 0, 0, "end")).toBe(3);
  });
});

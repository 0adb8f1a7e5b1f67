import * as fc from "fast-check";
import { tests as examples } from "commonmark-spec";
import { expect, it } from "vitest";
import { createArticleParser, parseArticle } from "../../../src/core/text/article.ts";
import { checkArticle } from "../../support/article-check.ts";

const seed = Number(process.env["SEED"] ?? 20_260_801);
const runs = Number(process.env["RUNS"] ?? 300);

/** Pieces that open, close, continue and interrupt each other in every way that we know of. */
const pieces = [
  "word", "two words", "  indented", "    code", "\tcode", "\n", "\n\n", "\n\n\n", "\n \n", "- item", "* item", "+ ", "1. one", "2) two", "10. ten",
  "> quote", "> > deep", ">", "> - in quote", "- > in list", "  - nested", "    - deeper", "   continued", "```", "````", "~~~", "  ```", "```js", "> ```",
  "- ```", "$$", "$x$", "$5", "> $$", "# Heading", "## Two #", "Setext\n===", "Setext\n---", "---", "***", "[ref]: /url \"t\"", "[ref]: <other>", "[ref]", "[a][ref]",
  "![i][ref]", "[text](/url)", "[^n]", "[^n]: note", "[^m]: other", "    more note", "[^m]", "<!--", "-->", "<!-- c -->", "<div>", "</div>", "<pre>", "</pre>",
  "<script>", "</script>", "<?php", "?>", "<![CDATA[", "]]>", "<!X", ">", "<b>x</b>", "<sup>2</sup>", "<br>", "| a | b |\n|---|---|", "| c | d |", "| `x\\|y` | z |",
  "*em*", "**st**", "*", "**", "_", "`", "`code`", "~~del~~", "\\*", "&amp;", "&#10;", "&ouml;", "http://a.b/c", "www.a.b", "a@b.cd", "- [ ] task", "- [x] done",
  "😀", "e\u0301", "متن فارسی", "\u200F", "\0", "\uD800", "hard  \nbreak", "hard\\\nbreak", " ", "title: x", "...", "\r", "\r\n", "\uFEFF", "[", "]", "(", ")", "!", "|",
]; // prettier-ignore

const source = fc
  .array(fc.tuple(fc.constantFrom(...pieces), fc.constantFrom("\n", "\n\n", "\n\n", "", " ", "\n> ", "\n  ")), {
    maxLength: 30,
  })
  .map((parts) => parts.flat().join(""));

it("TX-10 a source cut into pieces parses as the whole does", () => {
  fc.assert(
    fc.property(source, (text) => {
      expect(parseArticle(text)).toEqual(createArticleParser({ whole: true }).parse(text));
    }),
    { seed, numRuns: runs },
  );
});

it("TX-3 every character of any source maps to its source and back", () => {
  fc.assert(
    fc.property(source, (text) => checkArticle(parseArticle(text))),
    { seed: seed + 1, numRuns: runs },
  );
});

it("TX-10 successive edits parse as from scratch", () => {
  const edit = fc.record({ at: fc.nat(1000), remove: fc.nat(12), insert: fc.constantFrom(...pieces, "", "x", "\n\n") });
  const base = fc.constantFrom(...examples.map(({ markdown }) => markdown));
  const start = fc.tuple(source, fc.array(base, { maxLength: 6 })).map(([own, more]) => [own, ...more].join("\n\n"));
  fc.assert(
    fc.property(start, fc.array(edit, { maxLength: 12 }), (first, edits) => {
      const parser = createArticleParser();
      let text = first;
      expect(parser.parse(text)).toEqual(parseArticle(text));
      for (const { at, remove, insert } of edits) {
        const from = text.length === 0 ? 0 : (at * 31) % (text.length + 1);
        text = text.slice(0, from) + insert + text.slice(from + remove);
        expect(parser.parse(text)).toEqual(parseArticle(text));
      }
    }),
    { seed: seed + 2, numRuns: Math.ceil(runs / 4) },
  );
});

it("TX-9 a block keeps its key while others change", () => {
  const parser = createArticleParser();
  const before = parser.parse("# One\n\nFirst.\n\nSecond.\n\n- list\n\nSecond.\n");
  const after = parser.parse("# One\n\nNew.\n\nFirst, changed.\n\nSecond.\n\n- list\n\nSecond.\n");
  const keys = (article: typeof before): string[] => article.blocks.map(({ key }) => key);
  expect(keys(after)).toEqual([keys(before)[0], expect.any(String), expect.any(String), ...keys(before).slice(2)]);
  expect(new Set(keys(after)).size).toBe(after.blocks.length);
});

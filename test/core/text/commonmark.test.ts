import { fromMarkdown } from "mdast-util-from-markdown";
import { describe, expect, it } from "vitest";
import { tests as examples } from "commonmark-spec";
import { createArticleParser, parseArticle } from "../../../src/core/text/article.ts";
import { checkArticle } from "../../support/article-check.ts";
import { segments } from "../../support/segments.ts";

const all = examples.map((example) => ({
  ...example,
  markdown: example.markdown.replaceAll("→", "\t"),
  html: example.html.replaceAll("→", "\t"),
}));
const bare = (text: string): string => text.replaceAll(/\s+/g, "");

/** The visible text of the specification's own HTML. */
function visible(html: string): string {
  const entities: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"' };
  return html.replaceAll(/<[^>]+>/g, "").replaceAll(/&(?:lt|gt|amp|quot);/g, (entity) => entities[entity] as string);
}

/** Each visible character with its offset, by a parser that was written by others. */
function oracle(markdown: string): { character: string; offset: number | undefined }[] {
  const found: { character: string; offset: number | undefined }[] = [];
  const visit = (node: ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>["children"][number]): void => {
    if (node.type === "text" && node.position !== undefined) {
      const { start, end } = node.position;
      const exact = markdown.slice(start.offset, end.offset) === node.value;
      for (let i = 0; i < node.value.length; i++) {
        found.push({ character: node.value.charAt(i), offset: exact ? (start.offset as number) + i : undefined });
      }
    } else if ("value" in node && node.type !== "html") {
      for (const character of node.value) found.push({ character, offset: undefined });
    }
    if ("children" in node) for (const child of node.children) visit(child);
  };
  visit(fromMarkdown(markdown));
  return found.filter(({ character }) => /\S/.test(character));
}

it("TX-3 the examples are those of the specification", () => {
  expect(all.length).toBeGreaterThan(640);
});

describe.each([...new Set(all.map(({ section }) => section))])("TX-3 CommonMark, %s", (section) => {
  const own = all.filter((example) => example.section === section);

  it("TX-2: runs cover the text without gaps, and map every rendered character to its source and back", () => {
    for (const { markdown } of own) checkArticle(parseArticle(markdown));
  });

  it("parses in pieces as in whole", () => {
    for (const { markdown } of own) {
      expect(parseArticle(markdown)).toEqual(createArticleParser({ whole: true }).parse(markdown));
    }
  });

  it("shows the text that the specification shows", () => {
    for (const { markdown, html, number } of own) {
      if (
        /^(?:HTML blocks|Raw HTML)$/.test(section) ||
        /<(?!\/?(?:p|h[1-6]|ul|ol|li|pre|code|em|strong|a|img|br|hr|blockquote)\b)/.test(html)
      )
        continue;
      expect([
        number,
        bare(
          segments(parseArticle(markdown))
            .map(({ text }) => text)
            .join(""),
        ),
      ]).toEqual([number, bare(visible(html))]);
    }
  });

  it("places characters where another parser places them", () => {
    for (const { markdown, number } of own) {
      const ours = segments(parseArticle(markdown)).flatMap(({ text, start, end }) =>
        [...text.matchAll(/\S/g)].map(({ 0: character, index }) => ({
          character,
          offset: text.length === end - start ? start + index : undefined,
        })),
      );
      const theirs = oracle(markdown);
      if (ours.length !== theirs.length) continue;
      ours.forEach(({ character, offset }, i) => {
        const other = theirs[i];
        if (other?.character !== character || other.offset === undefined || offset === undefined) return;
        expect([number, i, offset]).toEqual([number, i, other.offset]);
      });
    }
  });
});

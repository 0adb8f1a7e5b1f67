import { describe, expect, it } from "vitest";
import { parseArticle, type Article } from "../../../src/core/text/article.ts";
import { checkArticle } from "../../support/article-check.ts";

function text(source: string): Article {
  const article = parseArticle(source, { format: "text" });
  checkArticle(article);
  return article;
}
const headings = (source: string): [string, number][] =>
  text(source).sections.map(({ title, level }) => [title, level]);
const body =
  "This is a paragraph of some length that ends as prose does, with a full stop. It has a second sentence, so that nobody takes it for a heading.";

describe("TX-12 plain text", () => {
  it("is paragraphs between empty lines, every character as it stands", () => {
    const source = "\n\nA title & more\n\nOne *not* <b>markup</b>\n   \n  Two  \n";
    const article = text(source);
    expect(article.blocks.map(({ text }) => text)).toEqual(["A title & more", "One *not* <b>markup</b>", "Two"]);
    expect(article.blocks.map(({ start, end }) => source.slice(start, end))).toEqual([
      "A title & more",
      "One *not* <b>markup</b>",
      "Two",
    ]);
  });
  it("joins lines that an editor broke, keeps those that were ended", () => {
    const wrapped =
      "The first line of a paragraph that goes on\nfor three lines of about the same length,\nand ends here.\n\n";
    expect(text(wrapped.repeat(3)).blocks.map(({ html }) => html.includes("<br>"))).toEqual([false, false, false]);
    expect(text(wrapped + "Roses are red\nviolets are blue\n\n" + wrapped).blocks[1]?.html).toContain(
      "red<br>\nviolets",
    );
  });
  it("takes single lines for paragraphs where no line is empty", () => {
    expect(text(`Title here\n${body}\n${body}\n`).blocks.map(({ kind }) => kind)).toEqual([
      "heading",
      "paragraph",
      "paragraph",
    ]);
  });
  it("begins a paragraph at a list item", () => {
    expect(text("a\n\n- one\n- two\n1. three\n\nb").blocks.map(({ text }) => text)).toEqual([
      "a",
      "- one",
      "- two",
      "1. three",
      "b",
    ]);
  });
});

describe("TX-12 headings of plain text", () => {
  it("are told by name, number, capitals or by standing alone", () => {
    const source = [
      "On Reading Closely", "Ada Lovelace, University of Somewhere", "Abstract", body, "1. Introduction", body, "1.1 Scope", body, "2. METHOD", body,
      "The Way We Read Now", body, "FURTHER REMARKS", body, "Conclusion:", body, "References", "Holy Quran", body, "Appendix A", body,
    ].join("\n\n"); // prettier-ignore
    expect(headings(source)).toEqual([
      ["On Reading Closely", 1], ["Abstract", 2], ["1. Introduction", 2], ["1.1 Scope", 3], ["2. METHOD", 2], ["The Way We Read Now", 2],
      ["FURTHER REMARKS", 2], ["Conclusion:", 2], ["References", 2], ["Appendix A", 2],
    ]); // prettier-ignore
  });
  it("are no items of a list, though numbered", () => {
    const source = ["Title", body, "1. First part", body, "The reasons are:", "1. A lack of things", "2. The presence of others", "3. More", body, "2. Second part", body].join("\n\n"); // prettier-ignore
    expect(headings(source)).toEqual([["Title", 1], ["1. First part", 2], ["2. Second part", 2]]); // prettier-ignore
  });
  it("may be numbered with hyphens, roman numerals, in Persian", () => {
    expect(headings(["Title", body, "1. A thing", body, "1-1. Another thing", body, "1-2. A third", body].join("\n\n")).slice(1)).toEqual([["1. A thing", 2], ["1-1. Another thing", 3], ["1-2. A third", 3]]); // prettier-ignore
    expect(headings(["Title", body, "I. One", body, "II. Two", body, "V. Five", body].join("\n\n")).slice(1)).toEqual([["I. One", 2], ["II. Two", 2]]); // prettier-ignore
    expect(headings(["عنوان مقاله", "چکیده", body, "مقدمه", body, "نتیجه‌گیری", body, "منابع"].join("\n\n")).map(([title]) => title)).toEqual(["عنوان مقاله", "چکیده", "مقدمه", "نتیجه‌گیری", "منابع"]); // prettier-ignore
  });
  it("are no addresses, authors, captions or broken sentences", () => {
    const source = ["Title", "a.b@c.de", "Jane Doe", body, "Introduction", body.replace(/\.$/, ""), "Across the page", body, "A Figure", "(Doe, 1999: 20)", body].join("\n\n"); // prettier-ignore
    expect(headings(source)).toEqual([["Title", 1], ["Introduction", 2]]); // prettier-ignore
  });
});

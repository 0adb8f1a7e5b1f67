import { describe, expect, it } from "vitest";
import { parseArticle } from "../../../src/core/text/article.ts";
import { sentenceRanges, sentences } from "../../../src/core/text/sentences.ts";

const split = (source: string): string[] =>
  sentences(parseArticle(source)).map(({ start, end }) => source.slice(start, end));

describe("TX-13 sentences", () => {
  it.each([
    ["One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]],
    ["As Smith et al. (2004) say. Next.", ["As Smith et al. (2004) say.", "Next."]],
    ["See Fig. 2 and Eq. 3, e.g. Alpha, i.e. Beta. Next.", ["See Fig. 2 and Eq. 3, e.g. Alpha, i.e. Beta.", "Next."]],
    ["It is so (cf. Adams, p. 12). Next.", ["It is so (cf. Adams, p. 12).", "Next."]],
    ["J. R. Smith and J.-P. Sartre met Dr. Who. Next.", ["J. R. Smith and J.-P. Sartre met Dr. Who.", "Next."]],
    [
      "We had pens, paper, etc. Then we wrote, etc. and so on.",
      ["We had pens, paper, etc.", "Then we wrote, etc. and so on."],
    ],
    ["It holds. (Nye, 2005: 12). Next.", ["It holds. (Nye, 2005: 12).", "Next."]],
    ['He asked "Why?" and left. "So." Next.', ['He asked "Why?" and left.', '"So."', "Next."]],
    ["Line one\ngoes on. Line *two.\nThree* here.", ["Line one\ngoes on.", "Line *two.", "Three* here."]],
    ["> Quoted\n> text. More.\n\nAfter", ["Quoted\n> text.", "More.", "After"]],
    ["# A heading. With point\n\nText.", ["A heading. With point", "Text."]],
    ["- one. two\n- Three. Four\n\n  Five", ["one. two", "Three.", "Four", "Five"]],
    ["| it. B | c |\n|---|---|\n| d | |", ["it.", "B", "c", "d"]],
    ["```\na. B. C\n```", ["a. B. C"]],
    ["Text[^1]. More.\n\n[^1]: Note. Two.", ["Text[^1].", "More.", "Note.", "Two."]],
    ["این یک جمله است. این دیگری است؟ بله.", ["این یک جمله است.", "این دیگری است؟", "بله."]],
    [
      "3.5 percent in the U.S. today. The U.S. Congress. 1. Item.",
      ["3.5 percent in the U.S. today.", "The U.S. Congress.", "1. Item."],
    ],
    ["***\n\n \n", []],
  ])("%j", (source, expected) => {
    expect(split(source)).toEqual(expected);
  });

  it("lie in order, apart from each other, each in its block", () => {
    const article = parseArticle("# A\n\nB cat. D\n\n- e\n- fat. G\n");
    const found = sentences(article);
    expect(found.map(({ block }) => block)).toEqual([0, 1, 1, 2, 2, 2]);
    for (let i = 1; i < found.length; i++) expect(found[i]?.start).toBeGreaterThanOrEqual(found[i - 1]?.end ?? 0);
  });

  it("one that goes on for longer than is looked at is one", () => {
    const text = "Dr. ".repeat(20_000);
    expect(sentenceRanges(text)).toEqual([[0, text.length]]);
  });
});

import { describe, expect, it } from "vitest";
import { parseArticle } from "../../../src/core/text/article.ts";
import { checkArticle } from "../../support/article-check.ts";
import { segments } from "../../support/segments.ts";

describe("TX-8 front matter", () => {
  it("gives scalars and lists, and is a block without text", () => {
    const source =
      '---\ntitle: "A \\"b\\": c"\nauthor:\n  - Ada Lovelace\n  - Ben\ndate: 2024-05-06 # day\nkeywords: [x, "y"]\nabstract: >\n  one\n  two\nnote: \'it\'\'s\'\n---\n# Heading\n';
    const article = parseArticle(source);
    expect(article.meta).toEqual({
      title: 'A "b": c',
      author: "Ada Lovelace, Ben",
      date: "2024-05-06",
      keywords: "x, y",
      abstract: "one two",
      note: "it's",
    });
    expect(article.title).toBe('A "b": c');
    expect(article.blocks[0]).toMatchObject({
      kind: "frontmatter",
      start: 0,
      end: source.indexOf("# H"),
      html: "",
      text: "",
    });
    expect(article.blocks[1]).toMatchObject({ kind: "heading", start: source.indexOf("# H") });
    checkArticle(article);
  });
  it("is none when it does not look like YAML", () => {
    expect(parseArticle("---\nFoo\n---\nBar\n").blocks.map(({ kind }) => kind)).toEqual([
      "rule",
      "heading",
      "paragraph",
    ]);
    expect(parseArticle("---\na: b\n\ntext").meta).toEqual({});
    expect(parseArticle("---\n---\ntext").blocks.map(({ kind }) => kind)).toEqual(["rule", "rule", "paragraph"]);
    expect(parseArticle("x\n\n---\na: b\n---\n").meta).toEqual({});
  });
  it("keeps the commas of what stands in quotes", () => {
    const listed = (list: string) => parseArticle(`---\nauthor: [${list}]\n---\n`).meta["author"];
    expect(listed(`"Ellis, Jr.", 'O''Neill, P.' , D'Arcy, O'Brien`)).toBe("Ellis, Jr., O'Neill, P., D'Arcy, O'Brien");
    expect(listed(`"Ada" of L, "Ben, C`)).toBe(`"Ada" of L, "Ben, C`);
    expect(listed("")).toBe("");
    expect(listed("a,, b,")).toBe("a, b");
    const began = performance.now();
    for (const signs of [`"a, `, `'`, `" `, `"\\`, `'' `, `"",`]) listed(signs.repeat(50_000));
    expect(performance.now() - began).toBeLessThan(3_000);
  });
  it("TX-11 of any length and depth is read in time that grows with it", () => {
    const deep = `${"[".repeat(50_000)}x${"]".repeat(50_000)}`;
    expect(parseArticle(`---\ntitle: ${deep}\n---\n`).meta["title"]).toContain("x");
    // the square of it takes minutes
    const wide = `a${" ".repeat(400_000)}b`;
    expect(parseArticle(`---\ntitle: ${wide} # c\n---\n`).meta["title"]).toBe(wide);
  });
  it("cannot reach the prototype", () => {
    const { meta } = parseArticle("---\n__proto__: x\nconstructor: y\n---\n");
    expect(Object.getPrototypeOf(meta)).toBe(Object.prototype);
    expect(Object.hasOwn(meta, "__proto__")).toBe(false);
  });
});

describe("TX-18 blocks and sections", () => {
  const source = "# Title\n\nText.\n\n## One\n\nMore.\n\n### Deep *x*\n\n## Two\n\nEnd.\n";
  const article = parseArticle(source);
  it("a section reaches to the next heading of its level or a higher one", () => {
    expect(article.sections.map(({ title, level, start, end }) => [title, level, source.slice(start, end)])).toEqual([
      ["Title", 1, source],
      ["One", 2, "## One\n\nMore.\n\n### Deep *x*\n\n"],
      ["Deep x", 3, "### Deep *x*\n\n"],
      ["Two", 2, "## Two\n\nEnd.\n"],
    ]);
    for (const { headingBlock, id } of article.sections) expect(article.blocks[headingBlock]?.headingId).toBe(id);
  });
  it("has a title", () => {
    expect(article.title).toBe("Title");
    expect(parseArticle("## A\n\n# B").title).toBe("B");
    expect(parseArticle("text").title).toBeUndefined();
  });
  it("blocks cover their source", () => {
    expect(article.blocks.map(({ start, end }) => source.slice(start, end))).toEqual([
      "# Title", "Text.", "## One", "More.", "### Deep *x*", "## Two", "End.",
    ]); // prettier-ignore
  });
  it("every kind is told", () => {
    const kinds = parseArticle(
      "# h\n\np\n\n- l\n\n> q\n\n```\nc\n```\n\n    c\n\n$$\nm\n$$\n\n| t |\n|---|\n\n***\n\n<div>\nx\n</div>\n\nf[^1]\n\n[^1]: n\n",
    ).blocks.map(({ kind }) => kind);
    expect(kinds).toEqual([
      "heading", "paragraph", "list", "quote", "code", "code", "math", "table", "rule", "html", "paragraph", "footnotes",
    ]); // prettier-ignore
  });
  it("an empty source is an empty article", () => {
    expect(parseArticle("")).toEqual({ source: "", blocks: [], sections: [], meta: {}, dir: "ltr" });
    expect(parseArticle("\n \n").blocks).toEqual([]);
    expect(parseArticle("", { format: "text" }).blocks).toEqual([]);
  });
});

describe("TX-15 direction", () => {
  it("is that of most letters", () => {
    expect(parseArticle("# مقاله\n\nاین متن فارسی است، with a little English.\n\n- بله").dir).toBe("rtl");
    expect(parseArticle("An English text with مقاومت in it.").dir).toBe("ltr");
    expect(parseArticle("שלום עולם").dir).toBe("rtl");
    expect(parseArticle("123 !").dir).toBe("ltr");
    expect(parseArticle("```\nlong english code here\n```\n\nمتن").dir).toBe("rtl");
  });
});

describe("TX-16 math", () => {
  const shown = (source: string): string => parseArticle(source).blocks[0]?.html ?? "";
  it("is not taken from prices", () => {
    expect(shown("from $5 to $10, or $20")).not.toContain("math");
    expect(shown("US$ 5 and *US$ 6*")).toContain("<em>");
    expect(shown("\\$a$ and $b")).not.toContain("math");
  });
  it("is told by its dollars", () => {
    expect(shown("so $x$, $a + b$.")).toMatch(/data-tex="x".*data-tex="a \+ b"/);
    expect(shown("$`a*b*`$")).not.toContain("<em>");
  });
});

describe("TX-11 what is made to break a parser is shown", () => {
  const deep = 5000;
  it.each([
    ["quotes in quotes", ">".repeat(deep) + " x"],
    ["lists in lists", "- ".repeat(deep) + "x"],
    ["lists by indentation", Array.from({ length: 400 }, (_, i) => `${"  ".repeat(i)}- x`).join("\n")],
    ["open brackets", "[".repeat(deep) + "x"],
    ["brackets in brackets", "[".repeat(deep) + "x" + "](u)".repeat(deep)],
    ["images in images", "![".repeat(deep) + "x" + "](u)".repeat(deep)],
    ["emphasis in emphasis", "*a _b ".repeat(deep) + "x" + "_ *".repeat(deep)],
    ["emphasis, properly nested", "*_".repeat(900) + "x" + "_*".repeat(900)],
    ["tags in tags", "<sub>".repeat(390) + "x" + "</sub>".repeat(390)],
    ["comments that nothing closes", "x <!-- ".repeat(deep)],
    ["fences that nothing closes", "```\nx\n\n".repeat(501)],
    ["backticks", Array.from({ length: 300 }, (_, i) => "`".repeat(i) + "x").join(" ")],
    ["many definitions", Array.from({ length: 2000 }, (_, i) => `[x${i}]: /u\n\n[x${i}]`).join("\n\n")],
    ["many footnotes", Array.from({ length: 1000 }, (_, i) => `x[^${i}]\n\n[^${i}]: y`).join("\n\n")],
    ["a line of a million characters", "wörd ".repeat(200_000) + "x"],
    ["a million spaces", " ".repeat(1_000_000) + "x" + " ".repeat(1_000_000)],
    ["NUL and controls", "\0\u0001\u0008 x \u007F\u0085\u2028"],
  ])("%s", (_, source) => {
    const article = parseArticle(source);
    const text = article.blocks.map((block) => block.text).join("");
    expect(text).toContain("x");
    if (source.length < 100_000) checkArticle(article);
  });

  it("loses nothing where markup is not honoured", () => {
    const source = `${"> ".repeat(50)}one *two*\n\n${"*a ".repeat(3000)}end`;
    expect(segments(parseArticle(source)).map(({ text }) => text)).toEqual(source.split("\n\n"));
  });
});

import { readFileSync } from "node:fs";
import type { Nodes } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { frontmatterFromMarkdown } from "mdast-util-frontmatter";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { mathFromMarkdown } from "mdast-util-math";
import { frontmatter } from "micromark-extension-frontmatter";
import { gfm } from "micromark-extension-gfm";
import { math } from "micromark-extension-math";
import { describe, expect, it } from "vitest";

/*
 * The sample article has two slips on purpose, so that whoever tries the citation audit on it sees it find something:
 *   - one citation whose year disagrees with the reference list (Grafton 1999; the list has 1997, as the book does);
 *   - one reference that nothing in the text cites (Manguel 1996).
 * Every other citation has its reference, and every other reference its citation.
 */
const wrongYear = "Grafton 1999";
const neverCited = "Manguel 1996";

const source = readFileSync(new URL("../../media/sample/reading-in-the-margin.md", import.meta.url), "utf8");

const tree = fromMarkdown(source, {
  extensions: [frontmatter(["yaml"]), gfm(), math()],
  mdastExtensions: [frontmatterFromMarkdown(["yaml"]), gfmFromMarkdown(), mathFromMarkdown()],
});

/** The node and everything below it, in document order. */
function walk(node: Nodes): Nodes[] {
  return "children" in node ? [node, ...node.children.flatMap(walk)] : [node];
}

function ofType<Type extends Nodes["type"]>(type: Type, within: Nodes = tree): Extract<Nodes, { type: Type }>[] {
  return walk(within).filter((node): node is Extract<Nodes, { type: Type }> => node.type === type);
}

function textOf(node: Nodes): string {
  return walk(node)
    .map((inner) => (inner.type === "text" || inner.type === "inlineCode" ? inner.value : ""))
    .join("");
}

const headings = ofType("heading").map((heading) => ({ depth: heading.depth, text: textOf(heading) }));
const atReferences = tree.children.findIndex((node) => node.type === "heading" && textOf(node) === "References");
const bodyBlocks = tree.children.slice(0, atReferences);
const body = bodyBlocks.map((block) => (block.type === "code" ? "" : textOf(block))).join("\n");
const referenceBlocks = tree.children.slice(atReferences + 1);
const entries = referenceBlocks.flatMap((block) => ofType("listItem", block)).map(textOf);

const surname = String.raw`(?:De )?\p{Lu}[\p{L}\-]+`;
const names = String.raw`${surname}(?:(?:, ${surname})* and ${surname})?`;

/** Author-year citations of a text as "Surname Surname 1990", in the order of the text; narrative and in brackets. */
function citationsIn(text: string): string[] {
  const narrative = new RegExp(String.raw`(${names})(?:’s)? \((\d{4})\)`, "gu");
  const bracketed = new RegExp(String.raw`[(;] ?(${names}) (\d{4})(?=[);,])`, "gu");
  return [...text.matchAll(narrative), ...text.matchAll(bracketed)]
    .sort((one, other) => one.index - other.index)
    .map(([, who = "", year = ""]) => `${who.split(/, | and /u).join(" ")} ${year}`);
}

/** The key of an entry "Surname, Given, Given Surname, and Given Surname. 1990. Title", in the form of `citationsIn`. */
function keyOf(entry: string): string {
  const [, authors = "", year = ""] = /^(.+?)\.? (\d{4})\. /u.exec(entry) ?? [];
  const [first = "", , ...others] = authors.split(/, and |, /u);
  return [first, ...others.map((other) => other.split(" ").at(-1)), year].join(" ");
}

/** The cells of the table after the caption that begins with `caption`, row by row. */
function tableUnder(caption: string): string[][] {
  const at = tree.children.findIndex((block) => block.type === "paragraph" && textOf(block).startsWith(caption));
  const table = tree.children[at + 1];
  if (at < 0 || table?.type !== "table") throw new Error(`no table under ${caption}`);
  return table.children.map((row) => row.children.map(textOf));
}

describe("the sample article", () => {
  it("is of a length that a seminar can read and discuss in one session", () => {
    const words = body.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}’'-]*/gu) ?? [];
    expect(words.length).toBeGreaterThanOrEqual(3000);
    expect(words.length).toBeLessThanOrEqual(5600);
  });

  it("has front matter with title, author, date and abstract, and its title as the only heading of depth 1", () => {
    const [yaml] = tree.children;
    expect(yaml?.type).toBe("yaml");
    const fields = yaml?.type === "yaml" ? yaml.value : "";
    for (const field of ["title", "author", "date", "abstract"])
      expect(fields).toMatch(new RegExp(`^${field}: \\S`, "mu"));
    const title = /^title: "(.+)"$/mu.exec(fields)?.[1];
    expect(headings.filter(({ depth }) => depth === 1).map(({ text }) => text)).toEqual([title]);
  });

  it("numbers its headings without a gap, the references excepted", () => {
    const numbered = headings.filter(({ depth, text }) => depth > 1 && text !== "References");
    let section = 0;
    let subsection = 0;
    const expected = numbered.map(({ depth }) => {
      if (depth === 2) {
        section += 1;
        subsection = 0;
        return `${section}.`;
      }
      subsection += 1;
      return `${section}.${subsection}`;
    });
    expect(numbered.map(({ text }) => text.split(" ")[0])).toEqual(expected);
    expect(section).toBeGreaterThanOrEqual(6);
    expect(headings.at(-1)?.text).toBe("References");
  });

  it("cites only what it lists and lists only what it cites, but for the two slips", () => {
    const cited = citationsIn(body);
    const listed = entries.map(keyOf);
    expect(listed.length).toBeGreaterThanOrEqual(20);
    expect(new Set(listed).size).toBe(listed.length);
    expect(cited.filter((key) => !listed.includes(key))).toEqual([wrongYear]);
    expect(listed.filter((key) => !cited.includes(key))).toEqual([neverCited]);
    expect(cited).toContain("Grafton 1997");
  });

  it("leaves no bracketed year that the test's own reading of citations overlooks", () => {
    const years = [...body.matchAll(/\((?:[^()]*\s)?(\d{4})\)/gu)].map(([, year = ""]) => year).sort();
    const read = citationsIn(body).map((key) => key.slice(-4));
    expect(read.sort()).toEqual(years);
  });

  it("keeps its reference list in the order of the alphabet", () => {
    expect(entries).toEqual([...entries].sort((one, other) => one.localeCompare(other, "en")));
  });

  it("defines every footnote once and refers to it", () => {
    const defined = ofType("footnoteDefinition").map(({ identifier }) => identifier);
    const referred = ofType("footnoteReference").map(({ identifier }) => identifier);
    expect(defined.length).toBeGreaterThanOrEqual(4);
    expect(new Set(defined).size).toBe(defined.length);
    expect([...new Set(referred)].sort()).toEqual([...defined].sort());
    expect(source.match(/\[\^[^\]]+\](?!:)/gu)).toHaveLength(referred.length);
  });

  it("has captioned tables with rows of one length", () => {
    expect(ofType("table")).toHaveLength(2);
    for (const caption of ["Table 1.", "Table 2."]) {
      const rows = tableUnder(caption);
      expect(rows.length).toBeGreaterThan(4);
      expect(new Set(rows.map((row) => row.length)).size).toBe(1);
      expect(body).toContain(`${caption.slice(0, -1)} `);
    }
  });

  it("computes the agreement of Table 2 correctly", () => {
    const counts = tableUnder("Table 2.")
      .slice(1)
      .map((row) => row.slice(1).map(Number));
    const cells = counts.slice(0, 3).map((row) => row.slice(0, 3));
    const rowTotals = cells.map((row) => row.reduce((sum, n) => sum + n, 0));
    const columnTotals = [0, 1, 2].map((column) => cells.reduce((sum, row) => sum + (row[column] ?? Number.NaN), 0));
    const all = rowTotals.reduce((sum, n) => sum + n, 0);
    expect(counts.map((row) => row[3])).toEqual([...rowTotals, all]);
    expect(counts[3]).toEqual([...columnTotals, all]);

    const observed = cells.reduce((sum, row, i) => sum + (row[i] ?? Number.NaN), 0) / all;
    const expected = rowTotals.reduce((sum, n, i) => sum + n * (columnTotals[i] ?? Number.NaN), 0) / all ** 2;
    const formulas = [...ofType("inlineMath"), ...ofType("math")].map(({ value }) => value).join("\n");
    expect(formulas).toContain(`p_o = ${observed.toFixed(2)}`);
    expect(formulas).toContain(`\\approx ${expected.toFixed(3)}`);
    expect(formulas).toContain(`\\approx ${((observed - expected) / (1 - expected)).toFixed(2)}`);
    expect(ofType("math")).toHaveLength(1);
  });

  it("shows an annotation whose quote is found in the article at exactly one place", () => {
    const [code] = ofType("code");
    expect(code?.lang).toBe("json");
    const { target, motivation } = JSON.parse(code?.value ?? "") as {
      motivation: string;
      target: { selector: { type: string; exact: string; prefix: string; suffix: string } };
    };
    expect(motivation).toBe("questioning");
    expect(target.selector.type).toBe("TextQuoteSelector");
    const { prefix, exact, suffix } = target.selector;
    expect(body.split(prefix + exact + suffix)).toHaveLength(2);
  });

  it("has right-to-left paragraphs of their own, and right-to-left words inside English ones", () => {
    const rightToLeft = /\p{Script=Arabic}/u;
    const quoted = ofType("blockquote").flatMap((quote) => quote.children.map(textOf));
    const whole = quoted.filter((text) => rightToLeft.test(text) && !/\p{Script=Latin}/u.test(text));
    expect(whole.length).toBeGreaterThanOrEqual(3);
    // Persian writes its own yeh and kaf; the Arabic letters would be a slip of the keyboard
    const persian = whole.filter((text) => /[یکگپچ]/u.test(text));
    expect(persian).toHaveLength(2);
    for (const text of persian) expect(text).not.toMatch(/[يك]/u);
    const mixed = bodyBlocks.filter((block) => block.type === "paragraph").map(textOf);
    expect(mixed.filter((text) => rightToLeft.test(text)).length).toBeGreaterThanOrEqual(3);
  });

  it("exercises quotations, nested and numbered lists, emphasis and links", () => {
    expect(ofType("blockquote").length).toBeGreaterThanOrEqual(6);
    expect(ofType("list").filter(({ ordered }) => ordered === true)).toHaveLength(2);
    const nested = ofType("list").filter((list) => ofType("list", list).length > 1);
    expect(nested.length).toBeGreaterThanOrEqual(2);
    expect(ofType("emphasis").length).toBeGreaterThan(20);
    expect(ofType("strong").length).toBeGreaterThan(5);
    expect(ofType("link").length).toBeGreaterThanOrEqual(3);
  });

  it("links to https addresses only, and has neither HTML nor images", () => {
    for (const { url } of ofType("link")) expect(new URL(url).protocol).toBe("https:");
    expect(ofType("html")).toEqual([]);
    expect(ofType("image")).toEqual([]);
  });

  it("is plain, composed text: NFC, LF line ends, no invisible controls but the Persian joiner", () => {
    expect(source).toBe(source.normalize("NFC"));
    expect(source).not.toMatch(/[\r\t]/u);
    expect(source.replaceAll("\u200C", "")).not.toMatch(/[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/u);
    expect(source.endsWith("\n") && !source.endsWith("\n\n")).toBe(true);
  });
});

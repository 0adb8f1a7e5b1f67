import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeMarkdownReport } from "../../../src/core/export/markdown-report.ts";
import { annotationLink } from "../../../src/extension/reader/links.ts";
import { reaction, reply, status, type Change } from "../model/samples.ts";
import { dangers, hostile, nodesIn, parse } from "./hostile-markdown.ts";
import { modelOf, noteOn, smallRoom, T0, TEXT } from "./sample-room.ts";

const headingsIn = (markdown: string) =>
  nodesIn(parse(markdown))
    .filter((node) => node.type === "heading")
    .map((node) =>
      nodesIn(node)
        .map((each) => each.value ?? "")
        .join(""),
    );

const OURS = [
  "Annotations: On Margins",
  "Annotations by section",
  "Before the first heading",
  "1. Highlight",
  "Reading",
  "2. Claim, comment",
  "Evidence",
  "3. Evidence",
  "4. Source, comment",
  "Ends",
  "5. Question (resolved by Ben)",
  "Claims",
  "Evidence",
  "Sources",
  "Orphaned notes",
];

describe("EX-7 the report", () => {
  it("reads as it should", async () => {
    const report = writeMarkdownReport(modelOf(TEXT, smallRoom()));
    expect(headingsIn(report)).toEqual(OURS);
    await expect(report).toMatchFileSnapshot("small-room.report.md");
    expect(writeMarkdownReport(modelOf(TEXT, smallRoom().toReversed()))).toBe(report);
  });

  it("shows orphans last, and of a changed passage both readings", () => {
    const model = modelOf(TEXT, smallRoom(), {
      placements: new Map([["ada/1", { state: "changed", start: 0, end: 7 }]]),
    });
    const report = writeMarkdownReport(model);
    expect(report).toContain(
      "> Preface\n\nWhen it was annotated, the passage read:\n\n> Margins are where readers answer.\n",
    );
    expect(headingsIn(report).slice(-5)).toEqual([
      "Orphaned notes",
      "2. Evidence",
      "3. Highlight",
      "4. Question (resolved by Ben)",
      "5. Source, comment",
    ]);
  });

  it("has no line ends that an editor would ask about", () => {
    const report = writeMarkdownReport(
      modelOf(TEXT, [["ada/1", noteOn(TEXT, "Margins", { body: "one\u2028two\u2029three" })]]),
    );
    expect(report).toContain("one two three");
  });

  it("calls a highlight with words a comment, as its card does", () => {
    const report = writeMarkdownReport(
      modelOf(TEXT, [
        ["ada/1", noteOn(TEXT, "Margins", { motivation: "highlighting", body: "" })],
        ["ada/2", noteOn(TEXT, "Notes", { motivation: "highlighting", body: "Do they?" })],
      ]),
    );
    expect(report).toContain("#### 1. Highlight\n");
    expect(report).toContain("#### 2. Comment\n");
    expect(report).toContain("1 comment, 1 highlight\n");
  });

  it("says in one line what is read, without the signs of Markdown", () => {
    const text = "# A\n\nShe wrote *two* notes[^1], see [the source](https://example.org).\n\n- [ ] Read `it` again.\n";
    const report = writeMarkdownReport(
      modelOf(text, [
        ["ada/1", noteOn(text, "two* notes", { class: "claim", body: "Not **three**?" })],
        ["ada/2", noteOn(text, "again")],
      ]),
    );
    expect(report).toContain("\nIn: “She wrote two notes, see the source.”\n");
    expect(report).toContain("\nIn: “Read it again.”\n");
    const numbered = "# 1. Reading slowly\n\nShe came. 1848. was her year.\n";
    const heading = writeMarkdownReport(
      modelOf(numbered, [
        ["ada/1", noteOn(numbered, "1. Reading slowly", { class: "claim" })],
        ["ada/2", noteOn(numbered, "1848. was her")],
      ]),
    );
    expect(heading).toContain("- 1. “1. Reading slowly” (");
    expect(heading).toContain("\nIn: “1848. was her year.”\n");
    expect(report).toContain("- 1. “two notes” (Ada Lovelace, A): “Not three?”\n");
  });

  it("quotes plain text sign by sign", () => {
    const text = "A title\n\nIt *has* stars, _lines_, <b>tags</b> and 2 * 3.\n\n1. not a list\n- nor this\n+ or this";
    const note = noteOn(text, text.slice(text.indexOf("It")), { class: "claim" });
    const placed = { ...modelOf(text, [["ada/1", note]], { format: "text" }) };
    const report = writeMarkdownReport(placed);
    const [quote] = nodesIn(parse(report)).filter((node) => node.type === "blockquote");
    const words = nodesIn(quote!).flatMap((node) => node.value ?? []);
    expect(words).toEqual(["It *has* stars, _lines_, <b>tags</b> and 2 * 3.", "1. not a list\n- nor this\n+ or this"]);
    expect(report).toContain("- 1. “It \\*has\\* stars, ");
  });

  it("calls an annotation that a note links to by its number", () => {
    const link = (ref: string) => annotationLink("vscode", "room", ref);
    const body = `See ${link("ada/1")}, [his answer](${link("ben/2")}) and [one that is gone](<${link("ada/9")}>).`;
    const report = writeMarkdownReport(
      modelOf(TEXT, [
        ["ada/1", noteOn(TEXT, "Margins")],
        ["ben/2", reply("ada/1")],
        ["ada/3", noteOn(TEXT, "Nothing", { body })],
      ]),
    );
    expect(report).toContain("> See annotation 1, his answer (a reply in 1) and one that is gone.");
  });

  it("has exactly our headings and nothing active, whatever people write", () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, hostile, (one, two, name, other, title) => {
        const changes: Change[] = [
          ...smallRoom().filter(([ref]) => ref !== "ada/1" && ref !== "ben/3"),
          ["ada/1", noteOn(TEXT, "Margins are where readers answer.", { class: "claim", body: one })],
          ["ben/3", reply("ada/1", { body: two, created: T0 })],
        ];
        const model = modelOf(TEXT, changes, {
          nameOf: (who) => (who === "ada" ? `A${name}` : `B${other}`),
          meta: { title: `T${title}`, fileName: `f${title}` },
        });
        const report = writeMarkdownReport(model);
        const root = parse(report);
        expect(dangers(root).filter((each) => !each.startsWith("heading") && !each.startsWith("link xmpp:"))).toEqual(
          [],
        );
        const shape = headingsIn(report).map((each) =>
          each.replace(/^Annotations: T.*$/s, OURS[0]!).replace(/resolved by B.*\)$/s, "resolved by Ben)"),
        );
        expect(shape).toEqual(OURS);
        // the structure is ours at the top level too: nothing that people wrote began or ended a list or a quote
        expect(root.children?.map((node) => node.type)).toEqual(SKELETON);
      }),
      { numRuns: 80 },
    );
  });

  it("contains passages of the article and titles of its sections", () => {
    fc.assert(
      fc.property(hostile, fc.nat(), fc.nat(), fc.constantFrom("markdown", "text"), (piece, a, b, format) => {
        const text = `# S ${piece.replace(/[\r\ud800]/g, "")}\n\n${piece.replace(/[\r\ud800]/g, "")} end`;
        const start = a % text.length;
        const end = start + 1 + (b % (text.length - start));
        const note = noteOn(text, "end", {
          target: { quote: { exact: text.slice(start, end), prefix: "", suffix: "" }, position: { start, end } },
        });
        const root = parse(writeMarkdownReport(modelOf(text, [["ada/1", note]], { format })));
        expect(dangers(root).filter((each) => !each.startsWith("heading") && !each.startsWith("link xmpp:"))).toEqual(
          [],
        );
        expect(nodesIn(root).filter((node) => node.type === "heading")).toHaveLength(8);
      }),
      { numRuns: 80 },
    );
  });

  it("cannot be made to attribute words to somebody else", () => {
    const body = "fine\n\n- **Ben**, 2026-03-01 10:01 UTC\n\n  > I agree\n\n</blockquote>\n\n#### 9. Claim";
    const report = writeMarkdownReport(modelOf(TEXT, [["ada/1", noteOn(TEXT, "Margins", { body })]]));
    const lines = report.split("\n").filter((line) => line.includes("Ben"));
    expect(lines).toEqual(["  > - **Ben**, 2026-03-01 10:01 UTC"]);
  });

  it("stands a chain of replies of any depth", () => {
    const changes: Change[] = [["ada/0", noteOn(TEXT, "Margins")]];
    for (let i = 1; i <= 3000; i++)
      changes.push([`ben/${i}`, reply(i === 1 ? "ada/0" : `ben/${i - 1}`, { created: T0 + i, body: `no. ${i}` })]);
    const report = writeMarkdownReport(modelOf(TEXT, changes));
    expect(report.match(/> no\\?\. \d+/g)).toHaveLength(3000);
    expect(report).toContain("          - **Ben** to Ben, ");
    expect(report).not.toMatch(/^ {12,}- /m);
  });

  it("shows what was deleted or hidden as far as the model has it", () => {
    const changes: Change[] = [
      ["ada/1", noteOn(TEXT, "Margins", { deleted: true, body: "gone" })],
      ["ben/1", reply("ada/1", { body: "still here" })],
      ["ben/2", reaction("ben/1")],
      ["olga/1", status("ada/1", "hidden")],
    ];
    expect(writeMarkdownReport(modelOf(TEXT, changes))).not.toContain("still here");
    const all = writeMarkdownReport(modelOf(TEXT, changes, { options: { includeHidden: true } }));
    expect(all).toContain("(hidden)\n\n> Margins\n\n- *Deleted*\n\n  - **Ben**");
    expect(all).not.toContain("gone");
  });
});

const SKELETON = parse(writeMarkdownReport(modelOf(TEXT, smallRoom()))).children?.map((node) => node.type);

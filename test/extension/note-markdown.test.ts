import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeMarkdown, noteMarkdown } from "../../src/extension/native/note-markdown.ts";
import { parseFlow } from "../../src/core/text/syntax.ts";
import { buildTree, plainText, type MarkdownNode } from "../../src/core/text/tree.ts";

const names: Record<string, string> = { ada: "Ada", mal: "[x](command:evil)" };
const note = (body: string) => noteMarkdown(body, { nameOf: (id) => names[id] ?? `Reader ${id}` });

function nodesOf(markdown: string): MarkdownNode[] {
  const flow = parseFlow(markdown, { footnotes: false });
  const nodes: MarkdownNode[] = [];
  const todo = [...buildTree(flow.finish(flow.labels), markdown, flow.parsed).children];
  for (let node = todo.pop(); node; node = todo.pop()) {
    nodes.push(node);
    todo.push(...node.children);
  }
  return nodes;
}

const hostile = [
  "[click](command:workbench.action.terminal.new)",
  "[click](  command:evil?%5B%5D )",
  "[click](comm&#97;nd:evil)",
  "[click](command\\:evil)",
  "[a]\n\n[a]: command:evil",
  "<command:evil>",
  "[x](vscode://file/etc/passwd)",
  "[x](file:///etc/passwd)",
  "[x](javascript:alert(1))",
  "[x](data:text/html,boo)",
  "<a href='command:evil'>x</a>",
  "<img src=https://spy.example/p.png>",
  "![p](command:evil)",
  "[x](//host/share)",
  "[x](\\\\host\\share)",
  "`` ` `` [x](command:evil)",
  "[![p](https://a.example/b.png)](command:evil)",
];

describe("ED notes of peers in the editor", () => {
  test("ED-6 a link to an annotation is its words, or the word for what it is", () => {
    const link = "vscode://marginalia.marginalia/annotation?room=r&ref=ada%2F1";
    expect(note(`As [said above](${link}), <${link}> and ${link}.`)).toBe("As said above, annotation and annotation.");
  });
  test.each(hostile)("ED-6 %s gives no link, picture or HTML", (body) => {
    for (const node of nodesOf(note(body))) {
      expect(["html", "inlineHtml", "image", "definition"]).not.toContain(node.type);
      if (node.type === "link") expect(node.url).toMatch(/^(https?:\/\/|mailto:)/);
    }
  });

  test("ED-6 whatever is written, nothing but web and mail links comes out", () => {
    const piece = fc.constantFrom(
      ..."[]()<>!`\\\n&:#*_~|$@^ \t-+>=.'\"/?1a".split(""),
      "command:", "http://a.example/", "[a]: ", "&#58;", "&lt;", "www.a.example", "```", "[ ] ", "mailto:", "\r\n", "<b>", "](", "@[Ada](ada)",
    ); // prettier-ignore
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const node of nodesOf(note(pieces.join("")))) {
          expect(["html", "inlineHtml", "image", "definition", "heading"]).not.toContain(node.type);
          if (node.type === "link") expect(node.url).toMatch(/^(https?:\/\/|mailto:)/);
        }
      }),
      { numRuns: 2000, seed: 20_260_714 },
    );
  });

  test("ED-6 escaped text renders as that very text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 60 }), (text) => {
        const line = text.replaceAll(/\s+/g, " ").trim();
        const read = nodesOf(escapeMarkdown(line));
        expect(read.filter((node) => node.type === "link")).toEqual([]);
        const flow = parseFlow(escapeMarkdown(line), { footnotes: false });
        const root = buildTree(flow.finish(flow.labels), escapeMarkdown(line), flow.parsed);
        expect(plainText(root)).toBe(line);
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  test("ED-6 a picture, which would tell its server who reads, becomes a link", () => {
    expect(note("![a map](https://maps.example/m.png)")).toBe("[a map](<https://maps.example/m.png>)");
  });

  test("ED-6 good Markdown stays what it is", () => {
    expect(note("*Why* **so**, see [Lee](https://lee.example/a?b=1)")).toBe(
      "*Why* **so**, see [Lee](<https://lee.example/a?b=1>)",
    );
    expect(note("- one\n- two\n  - three")).toBe("- one\n- two\n  - three");
    expect(note("> said\n> she")).toBe("> said  \n> she");
    expect(note("```js\na[0] < b\n```")).toBe("```\na[0] < b\n```");
    expect(note("use `a[0]` here")).toBe("use ` a[0] ` here");
    expect(note("# Big")).toBe("**Big**");
    expect(note("one\n\ntwo")).toBe("one\n\ntwo");
  });

  test("ED-7 a mention is the name that the room knows, whatever its text says", () => {
    expect(note("@[Professor Real Name](ada), see here")).toBe("**@Ada**, see here");
    expect(note("@[Mallory](mal)")).toBe("**@\\[x\\](command:evil)**");
    expect(nodesOf(note("@[Mallory](mal)")).some((node) => node.type === "link")).toBe(false);
  });

  test("ED-6 deep nesting ends as text, quickly", () => {
    expect(note(`${"> ".repeat(3000)}deep`)).toContain("deep");
    expect(note("*a ".repeat(2000)).length).toBeLessThan(50_000);
  });

  test("ED-6 Arabic and Persian, emoji and combining marks pass unchanged", () => {
    expect(note("می‌خواهم 👩‍🔬 e\u0301")).toBe("می‌خواهم 👩‍🔬 e\u0301");
  });
});

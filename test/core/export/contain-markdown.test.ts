import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containMarkdown } from "../../../src/core/export/contain-markdown.ts";
import { escapeInline } from "../../../src/core/export/escape-inline.ts";
import { dangers, hostile, nodesIn, parse } from "./hostile-markdown.ts";

describe("EX-6 words of people keep their Markdown and are contained", () => {
  it("finds nothing dangerous in what it made, alone or in a quote in a list", () => {
    fc.assert(
      fc.property(hostile, fc.boolean(), (body, breaks) => {
        const safe = containMarkdown(body, { breaks });
        for (const sign of ["\t", "\r", "\u0000"]) expect(safe).not.toContain(sign);
        expect(dangers(parse(safe))).toEqual([]);
        const set = safe
          .split("\n")
          .map((line) => `  > ${line}`)
          .join("\n");
        const root = parse(`- x\n\n${set}\n\n  end\n\n# After\n`);
        expect(dangers(root)).toEqual(["heading "]);
        expect(root.children?.map((node) => node.type)).toEqual(["list", "heading"]);
        expect(root.children?.[0]?.children?.[0]?.children?.map((node) => node.type)).toEqual(
          safe ? ["paragraph", "blockquote", "paragraph"] : expect.anything(),
        );
      }),
      { numRuns: 600 },
    );
  });

  it.each([
    ["*fine* **bold** `code` [w](https://x.org)", "*fine* **bold** `code` [w](https://x.org)"],
    ["# Title\ntext", "**Title**  \ntext"],
    ["Title\n===\ntext", "**Title**  \ntext"],
    ["#", "\\#"],
    ["a <b>c</b>", "a &lt;b>c&lt;/b>"],
    ["[x](javascript:alert(1))", "\\[x](javascript:alert(1))"],
    ["![i](https://x/y.png)", "\\![i](https://x/y.png)"],
    ["[r]\n\n[r]: https://x", "\\[r]\n\n\\[r]: https://x"],
    ["one\ntwo", "one\ntwo"],
    ["\n\n- a\n- b\n\n", "- a\n- b"],
    ["a $x_1 < y$", "a $x_1 < y$"],
  ])("%j becomes %j", (given, wanted) => expect(containMarkdown(given)).toBe(wanted));

  it("keeps the line ends of a note", () => {
    expect(containMarkdown("one\ntwo\n\n- a\n  b", { breaks: true })).toBe("one  \ntwo\n\n- a  \n  b");
  });

  it("does not stall on nesting or on long runs of signs", () => {
    for (const piece of [
      ">",
      "- ",
      "[",
      "![",
      "*a_",
      "<",
      "`",
      "|",
      "[^a]: ",
      "# \n",
      "a\n===\n",
      "<b>",
      "![a](b) ",
      "&",
    ]) {
      const safe = containMarkdown(piece.repeat(20_000 / piece.length), { breaks: true });
      expect(dangers(parse(safe.slice(0, 2000)))).not.toContain("html");
    }
  });
});

describe("EX-5 names, titles and files are text, on one line", () => {
  it("reads back as what it was", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: "grapheme" })), (text) => {
        const root = parse(`x ${escapeInline(text)} y`);
        expect(root.children).toHaveLength(1);
        for (const { type } of nodesIn(root)) expect(["root", "paragraph", "text", "link"]).toContain(type);
        expect(dangers(root).filter((each) => !each.startsWith("link xmpp:"))).toEqual([]);
        const plain = text
          .replace(/\p{Surrogate}/gu, "\uFFFD")
          .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
          .replace(/[\s\p{Cc}]+/gu, " ")
          .trim();
        expect(
          nodesIn(root)
            .map((node) => node.value ?? "")
            .join("")
            .trim(),
        ).toBe(`x ${plain} y`);
      }),
      { numRuns: 800 },
    );
  });
});

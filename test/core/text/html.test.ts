import { describe, expect, it } from "vitest";
import { parseArticle } from "../../../src/core/text/article.ts";
import { renderBody } from "../../../src/core/text/comment-body.ts";
import { safeImage, safeLink } from "../../../src/core/text/safe-url.ts";
import { checkArticle } from "../../support/article-check.ts";
import { textOfHtml } from "../../support/html-text.ts";

function html(source: string): string {
  const article = parseArticle(source);
  checkArticle(article);
  return article.blocks.map((block) => block.html).join("");
}

describe("TX-1 the HTML of a block", () => {
  it.each([
    [
      "Text *em* **st** ~~del~~ `code`",
      '<p dir="auto">Text <em>em</em> <strong>st</strong> <del>del</del> <code>code</code></p>',
    ],
    ["# Über Öl & *mehr*", '<h1 id="h-über-öl--mehr" dir="auto">Über Öl &amp; <em>mehr</em></h1>'],
    ["> a", '<blockquote dir="auto"><p dir="auto">a</p></blockquote>'],
    ["3. a\n4. b", '<ol start="3"><li dir="auto">a</li>\n<li dir="auto">b</li></ol>'],
    ["- a\n\n- b", '<ul><li dir="auto"><p dir="auto">a</p></li>\n<li dir="auto"><p dir="auto">b</p></li></ul>'],
    [
      "- [x] a\n- [ ] b",
      '<ul><li class="task" data-checked="true" dir="auto">a</li>\n<li class="task" data-checked="false" dir="auto">b</li></ul>',
    ],
    ["```js\na<b\n```", '<pre dir="ltr"><code class="language-js">a&lt;b</code></pre>'],
    ["a  \nb", '<p dir="auto">a<br>\nb</p>'],
    ["$a<b$", '<p dir="auto"><span class="math math-inline" dir="ltr" data-tex="a&lt;b">a&lt;b</span></p>'],
    ["$$\na\n$$", '<div class="math math-display" dir="ltr" data-tex="a">a</div>'],
    ["$$a$$", '<div class="math math-display" dir="ltr" data-tex="a">a</div>'],
    ['![alt *x*](a.png "t")', '<p dir="auto"><img alt="alt x" data-src="a.png" title="t"></p>'],
    ["---", "<hr>"],
    [
      "| a | b |\n|:-:|---|\n| c |",
      '<div class="table" tabindex="0"><table><thead><tr><th class="align-center" dir="auto">a</th>\t<th dir="auto">b</th></tr>\n' +
        '</thead><tbody><tr><td class="align-center" dir="auto">c</td><td dir="auto"></td></tr></tbody></table></div>',
    ],
  ])("%j", (source, expected) => {
    expect(html(source)).toBe(expected);
  });

  it("has no two headings of one id", () => {
    const ids = parseArticle("# A\n\n# A\n\n# A-1\n\n# !\n\n# ?").blocks.map(({ headingId }) => headingId);
    expect(new Set(ids).size).toBe(5);
    expect(ids.slice(0, 2)).toEqual(["h-a", "h-a-1"]);
  });

  it("leads fragments to headings", () => {
    expect(html("[x](#Two-Words)")).toContain('href="#h-two-words"');
  });

  it("names a heading of any length by an id that is not long, and leads to it", () => {
    const long = "𝒜".repeat(300);
    const article = parseArticle(`# ${long}\n\n# ${long}\n\n[x](#${long})`);
    const ids = article.sections.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^h-(?:\P{Surrogate}){1,110}$/u);
    expect(article.blocks[2]?.html).toContain(`href="#${ids[0]}"`);
  });
});

describe("TX-14 footnotes", () => {
  const source =
    "One[^b], two[^a], again[^b].\n\n[^a]: Alpha.\n\nBetween.\n\n[^b]: Beta, see[^c].\n[^c]: Gamma.\n[^d]: Delta.\n";
  const article = parseArticle(source);
  it("are numbered by first reference and shown in one last block, the unused ones at its end", () => {
    checkArticle(article);
    expect(article.blocks.map(({ kind }) => kind)).toEqual(["paragraph", "paragraph", "footnotes"]);
    expect(article.blocks[0]?.text).toBe("One1, two2, again1.");
    expect(article.blocks[2]?.text).toBe("Beta, see3.\nAlpha.\nGamma.\nDelta.");
  });
  it("link there and back", () => {
    expect(article.blocks[0]?.html).toContain('<sup><a class="footnote-ref" id="fnref-b" href="#fn-b">1</a></sup>');
    expect(article.blocks[0]?.html).toContain('id="fnref-b-2" href="#fn-b"');
    expect(article.blocks[2]?.html).toContain('<li id="fn-b" dir="auto"><p dir="auto">Beta');
    expect(article.blocks[2]?.html).toContain('<a class="footnote-back" href="#fnref-a"></a></p></li>');
  });
  it("stand for the whole reference in the source", () => {
    expect(article.blocks[0]?.runs[1]).toEqual({ text: 3, source: 3, length: 1, sourceLength: 4, generated: true });
  });
  it("are no part of a heading's title", () => {
    const noted = parseArticle("# Head[^1] *two*\n\n[^1]: x");
    expect(noted.sections[0]).toMatchObject({ title: "Head two", id: "h-head-two" });
    expect(noted.blocks[0]?.text).toBe("Head1 two");
  });
  it("keep ids apart when a label is defined twice or looks like a second reference", () => {
    const twice = parseArticle("a[^x] b[^x] c[^x-2]\n\n[^x]: one\n[^x]: two\n[^x-2]: three");
    const ids = twice.blocks.flatMap(({ html }) => html.match(/id="[^"]*"/g) ?? []);
    expect(new Set(ids).size).toBe(6);
    expect(twice.blocks.at(-1)?.text).toBe("one\nthree\ntwo");
  });
  it("keep ids apart whatever their labels are", () => {
    const odd = parseArticle('a[^"><b] b[^é] c[^n1]\n\n[^"><b]: x\n[^é]: y\n[^n1]: z');
    checkArticle(odd);
    expect(odd.blocks.at(-1)?.html.match(/id="[^"]*"/g)).toEqual(['id="fn-n1"', 'id="fn-n2"', 'id="fn-n3"']);
  });
});

describe("TX-5 nothing of a hostile article runs", () => {
  it.each([
    "<script>alert(1)</script>",
    "x <script>alert(1)</script> y",
    '<img src=x onerror="alert(1)">',
    'a <b onclick="alert(1)">b</b> <i\nonload=x>c</i>',
    "<svg><animate onbegin=alert(1)></svg>",
    '<iframe srcdoc="<script>"></iframe>',
    "<style>*{background:url(//x)}</style>",
    "<sup><script></sup></script>",
    "<!-- --><script>--><img>",
    "<b><i>x</b></i>",
    "</p></div><b>x",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript&colon;alert(1))",
    "[a](\u0001javascript:alert(1))",
    "[a](<java\u200Bscript:x>)",
    "[a](vbscript:x) [b](data:text/html,x) [c](command:workbench.action) [d](file:///etc) [e](//evil.example) [f](/\\evil.example)",
    "<javascript:alert(1)> <command:x>",
    "![a](javascript:x) ![b](http://tracker.example/x.png) ![c](data:image/svg+xml,x) ![d](//x/y)",
    '[a](/u "x\\" onmouseover=\\"alert(1)")',
    '![x" onerror="alert(1)](a.png)',
    '```"><script>\nx\n```',
    '$"><script>$',
    "[x]: javascript:alert(1)\n\n[x] ![x]",
    '# "><img onerror=x>',
    '[^"><script>]: x\n\na[^"><script>]',
    "| <script> |\n|---|\n| <td onclick=x> |",
  ])("%j", (source) => {
    // The reader of our HTML refuses every tag and attribute that we do not write.
    const shown = html(source);
    expect(shown).not.toMatch(/<script|\son[a-z]+="|javascript:[^<]*"|href="(?:command|file|data|vbscript|\/\/)/i);
    expect(() => textOfHtml(renderBody(source))).not.toThrow();
  });

  it("drops comments and tags of HTML, keeps what only looks like one", () => {
    expect(parseArticle("a <!-- b --> c <span class=x>d</span> <sh> <a>e</a> <p> f").blocks[0]?.text).toBe(
      "a  c d <sh> e <p> f",
    );
    expect(parseArticle("<!-- b\n\nc -->").blocks).toEqual([]);
    expect(parseArticle('<div align="center">\n<h1>Title</h1>\n</div>').blocks[0]?.text.trim()).toBe("Title");
  });

  it("keeps apart what tags of HTML that it drops kept apart", () => {
    expect(html("<details><summary>More</summary>hidden <b>text</b></details>")).toBe(
      '<div class="html" dir="auto">More\n<br>hidden <b>text</b></div>',
    );
    const list = parseArticle("<table><tr><td>a</td><td>b</td></tr>\n<tr><td>c</td></tr></table>").blocks[0]!;
    expect(list.text).toBe("a\tb\nc");
    const lines = "<table>\n<tr>\n<td>a</td>\n<td>b</td>\n</tr>\n<tr>\n<td>c</td>\n</tr>\n</table>";
    checkArticle(parseArticle(lines));
    expect(parseArticle(lines).blocks[0]!.text.trim()).toBe("a\tb\nc");
    expect(html("<p>one</p>\n\n</div>\n")).toBe('<div class="html" dir="auto">one</div>');
  });

  it("honours a few bare tags in proper pairs", () => {
    expect(html("H<sub>2</sub>O<br>x<sup>y")).toBe('<p dir="auto">H<sub>2</sub>O<br>x&lt;sup&gt;y</p>');
    expect(html("<sub>a *b</sub> c*")).toBe('<p dir="auto">&lt;sub&gt;a <em>b c</em></p>');
  });
});

describe("TX-6 addresses", () => {
  it.each(["http://a.b/c?d=e&f#g", "https://a.b", "mailto:a@b.c", "other.md", "./a/b.md#c", "/a", "?q=a:b", "a/b:c"])(
    "%j may be linked",
    (url) => {
      expect(safeLink(url)).toBe(url);
    },
  );
  it.each([
    "javascript:x",
    " javascript:x",
    "data:,",
    "file:///a",
    "command:x",
    "vscode://a",
    "//a.b",
    "\\\\a.b",
    "/\\a",
    "x:y",
    "blob:x",
  ])("%j may not", (url) => {
    expect(safeLink(url)).toBeUndefined();
  });
  it("images: https and relative only", () => {
    expect([safeImage("https://a.b/c.png"), safeImage("c d.png")]).toEqual(["https://a.b/c.png", "c%20d.png"]);
    expect(["http://a.b/c.png", "data:image/png,x", "//a.b/c", "mailto:x", "", "#x:y"].map(safeImage)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      "#x:y",
    ]);
  });
  it("are percent-encoded, once", () => {
    expect(safeLink('a b"<>%20%zz\uD800é')).toBe("a%20b%22%3C%3E%20%25zz%EF%BF%BD%C3%A9");
  });
});

describe("TX-17 comment bodies", () => {
  it("keep line ends, have no ids and no footnotes", () => {
    expect(renderBody("# A\n\none\ntwo[^1]  \nthree")).toBe(
      '<h1 dir="auto">A</h1>\n<p dir="auto">one<br>\ntwo[^1]<br>\nthree</p>',
    );
  });
  it("name participants, the longest name first, never inside a word", () => {
    const mentions = [
      { name: "Ada", id: "p1" },
      { name: "Ada Lovelace", id: 'p"2' },
    ];
    expect(renderBody("@Ada Lovelace and *@Ada*, not a@Ada or @Adam or `@Ada`", { mentions })).toBe(
      '<p dir="auto"><span class="mention" data-participant="p&quot;2">@Ada Lovelace</span> and ' +
        '<em><span class="mention" data-participant="p1">@Ada</span></em>, not a@Ada or @Adam or <code>@Ada</code></p>',
    );
  });
  it("may be hostile in depth", () => {
    expect(textOfHtml(renderBody(`${">".repeat(5000)} x`))).toContain("x");
    expect(textOfHtml(renderBody("[".repeat(50_000)))).toHaveLength(50_000);
  });
  it("have links and quotes", () => {
    expect(renderBody("> q\n\n[x](https://a.b) https://c.d")).toBe(
      '<blockquote dir="auto"><p dir="auto">q</p></blockquote>\n<p dir="auto"><a href="https://a.b" rel="noopener noreferrer">x</a> ' +
        '<a href="https://c.d" rel="noopener noreferrer">https://c.d</a></p>',
    );
  });
});

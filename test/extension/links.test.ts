import { describe, expect, test } from "vitest";
import { linkedFile, openableLink } from "../../src/extension/reader/links.ts";

describe("RV-5 links that the host opens", () => {
  test("only the web and mail by address", () => {
    expect(openableLink("https://example.org/a")).toBe("https://example.org/a");
    for (const href of ["command:x", "file:///etc/passwd", "vscode://x", "javascript:1", "notes.md"])
      expect(openableLink(href)).toBeNull();
  });

  test("a relative one leads to a file in the article's folder or workspace, and nowhere else", () => {
    const to = (href: string) => linkedFile(href, "/home/ada/essays/one/a.md", "/home/ada/essays");
    expect(to("b.md")).toBe("/home/ada/essays/one/b.md");
    expect(to("./b%20c.md?x#part")).toBe("/home/ada/essays/one/b c.md");
    expect(to("../two/c.txt")).toBe("/home/ada/essays/two/c.txt");
    expect(to("100%.md")).toBe("/home/ada/essays/one/100%.md");
    for (const href of [
      "../../secret.md",
      "%2e%2e/%2e%2e/secret.md",
      "/etc/passwd",
      "//host/x",
      "file:b.md",
      "C:/b.md",
      "..\\..\\b.md",
      "b.md%00",
      "#part",
      "?x",
      "",
      "../../essays-of-others/a.md",
    ])
      expect(to(href), href).toBeNull();
  });
});

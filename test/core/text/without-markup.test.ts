import { describe, expect, it } from "vitest";
import { passageWords, withoutMarkup } from "../../../src/core/text/without-markup.ts";

describe("Markdown without its signs", () => {
  it.each([
    ["a **b** and _c_, p_value, 2*3", "a b and c, p_value, 2*3"],
    ["see [the *text*](https://a.b/c_(d)) and ![a picture](x.png)", "see the text and a picture"],
    ["## Heading\n> quoted\n- item\n3. third", "Heading\nquoted\nitem\nthird"],
    ["```ts\ncode\n```", "\ncode\n"],
    // a word alone on the line below a rule is what was written
    ["Title\n===\nAgreed", "Title\n\nAgreed"],
    ["---\nYes", "\nYes"],
    ["- [x] two[^1] `three`", "two three"],
    ["2 * 3", "2 * 3"],
  ])("%j", (markdown, expected) => {
    expect(withoutMarkup(markdown)).toBe(expected);
  });

  it.each(["[", "[^", "[](", "\n", " ", "`", "![", "[a](b", "*_", "-\n", "# "])(
    "RV-73: a text of nothing but %j is read, however long it is",
    (sign) => {
      // the square of it takes minutes
      expect(withoutMarkup(sign.repeat(500_000)).length).toBeLessThanOrEqual(500_000 * sign.length);
    },
  );

  it("EX-7, ED-28: a passage may begin and end anywhere in a line", () => {
    expect(passageWords("Arithmetica* of Diophantus")).toBe("Arithmetica of Diophantus");
    expect(passageWords("With *emphasis")).toBe("With emphasis");
    // no sign of a list: that would stand before the passage
    expect(passageWords("1. The note that did not fit")).toBe("1. The note that did not fit");
    expect(passageWords("> 2 is more\n> than 1")).toBe("> 2 is more\nthan 1");
  });
});

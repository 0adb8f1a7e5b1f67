import { expect, test } from "vitest";
import * as Y from "yjs";
import { anchorNow } from "../../src/extension/article/anchor-now.ts";
import type { OpenArticle } from "../../src/extension/article/open-article.ts";

/** An article whose published text is `behind` characters behind on the left. */
function articleOf(text: Y.Text, behind = 0): Pick<OpenArticle, "carryToNow" | "room"> {
  return {
    carryToNow: (epoch, start, end) => (epoch === 1 ? { start: start + behind, end: end + behind } : null),
    room: { text } as OpenArticle["room"],
  };
}

test("SY-48 what other programs put into the text before a passage does not displace a note on it", () => {
  const text = new Y.Doc().getText("text");
  text.insert(0, "one two three");
  text.insertEmbed(4, { image: "x" });
  const anchor = anchorNow(articleOf(text), 1, 9, 14);
  expect(anchor?.quote.exact).toBe("three");
  expect(anchor?.position).toEqual({ start: 9, end: 14 });
});

test("RV-20 a passage of an older text is carried to the newest, or is none", () => {
  const text = new Y.Doc().getText("text");
  text.insert(0, "now one two");
  expect(anchorNow(articleOf(text, 4), 1, 0, 3)?.quote.exact).toBe("one");
  expect(anchorNow(articleOf(text), 0, 0, 3)).toBeNull();
  expect(anchorNow(articleOf(text, 4), 1, 5, 99)).toBeNull();
});

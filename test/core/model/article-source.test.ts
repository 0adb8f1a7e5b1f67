import { expect, test } from "vitest";
import * as Y from "yjs";
import { createAnchor } from "../../../src/core/anchor/anchor.ts";
import { createAnchorIndex, resolveAnchor } from "../../../src/core/anchor/resolve.ts";
import { articleSource } from "../../../src/core/model/article-source.ts";

test("SY-48 a note stands on its words whatever other programs put into the text before them", () => {
  const text = new Y.Doc().getText("text");
  text.insert(0, "one\r\ntwo three");
  text.insertEmbed(4, { image: "x" });
  text.format(0, 3, { bold: true });
  const source = articleSource(text);
  expect(source).toBe("one \ufffc\ntwo three");
  const anchor = createAnchor(source, 10, 15, text);
  expect(anchor.quote.exact).toBe("three");
  text.insert(6, "and ");
  const now = articleSource(text);
  const placement = resolveAnchor(now, anchor, createAnchorIndex(now, text));
  expect(placement).toMatchObject({ state: "placed", start: 14, end: 19 });
  expect(now.slice(14, 19)).toBe("three");
});

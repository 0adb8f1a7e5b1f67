import { expect, test } from "vitest";
import { annotationLink } from "../../src/extension/reader/links.ts";
import { renderBody } from "../../src/core/text/comment-body.ts";
import { cardOf, standInForCards } from "../../src/webview/model/card-links.ts";
import { plainText } from "../../src/webview/model/words.ts";

const link = annotationLink("vscode", "room-1", "ada/n1");
const hrefs = (markdown: string) =>
  [...renderBody(standInForCards(markdown)).matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)/g)].map((found) => [
    cardOf(found[1]!),
    found[2],
  ]);

test("RV-55 a copied link leads to its annotation, bare or under words of one's own", () => {
  expect(hrefs(`See ${link}.`)).toEqual([["ada/n1", "annotation"]]);
  expect(hrefs(`As [said above](${link}), and <${link}>`)).toEqual([
    ["ada/n1", "said above"],
    ["ada/n1", "annotation"],
  ]);
  expect(hrefs(`${annotationLink("vscode-insiders", "r", "b/2")} https://example.org/`).map(([ref]) => ref)).toEqual([
    "b/2",
    null,
  ]);
});

test("RV-55 in a line of a note its words stand for the link", () => {
  const line = (markdown: string) => plainText(markdown, () => "Somebody");
  expect(line(`See ${link}, as [said *above*](${link}).`)).toBe("See annotation, as said above.");
});

test("RV-55 other addresses stay what they are", () => {
  for (const text of [
    "vscode://other.extension/annotation?room=r&ref=a/1",
    "command:x",
    "[x](vscode://marginalia.marginalia/join?link=x)",
  ])
    expect(standInForCards(text)).toBe(text);
  expect(cardOf("https://card.marginalia.invalid/room")).toBeNull();
});

/**
 * The floor: the same text with the same highlights in a plain page of the same browser, made in one go by the shortest script
 * that does it. No extension, no messages, no margin.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createArticleParser } from "../../../src/core/text/article.ts";
import { toText } from "../../../src/webview/model/source-map.ts";
import type { Passage } from "./article.ts";

export interface FloorPage {
  url: string;
  remove(): Promise<void>;
}

/** A page that sets `performance.mark("painted")` when all its highlights are on the screen. */
export async function makeFloorPage(text: string, passages: readonly Passage[]): Promise<FloorPage> {
  const { blocks } = createArticleParser({ format: "markdown" }).parse(text);
  const shown = blocks.filter((block) => block.html !== "");
  const spans = shown.map((block) => {
    const runs = block.runs.map((run) => [run.text, run.source, run.length, run.sourceLength] as const);
    return passages.flatMap((passage) => {
      if (passage.start >= block.end || passage.end <= block.start) return [];
      const span = toText(runs, passage);
      return span ? [[span.start, span.end]] : [];
    });
  });
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-floor-"));
  const file = path.join(folder, "floor.html");
  await writeFile(
    file,
    `<!DOCTYPE html><meta charset="utf-8"><title>Floor</title>
<style>main { max-width: 70ch; margin: auto; font: 17px/1.6 serif } ::highlight(all) { background: #fe08 }
.card { position: absolute; top: 80px; right: 8px; width: 240px }</style>
<main>${shown.map((block) => `<div>${block.html}</div>`).join("")}</main>
<script>
const highlight = new Highlight();
const spans = ${JSON.stringify(spans)};
[...document.querySelector("main").children].forEach((block, i) => {
  const leaves = [];
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let length = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    leaves.push([node, length]);
    length += node.data.length;
  }
  const point = (at) => leaves.findLast((leaf) => leaf[1] <= at) ?? leaves[0];
  for (const [start, end] of spans[i]) {
    const [first, a] = point(start), [last, b] = point(end - 1);
    highlight.add(new StaticRange({ startContainer: first, startOffset: start - a, endContainer: last, endOffset: end - b }));
  }
});
CSS.highlights.set("all", highlight);
addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const note = document.createElement("p");
  note.className = "card";
  note.textContent = "A comment.";
  document.body.append(note);
});
requestAnimationFrame(() => {
  const after = new MessageChannel();
  after.port1.onmessage = () => performance.mark("painted");
  after.port2.postMessage(null);
});
</script>
`,
  );
  return { url: pathToFileURL(file).href, remove: () => rm(folder, { recursive: true, force: true }) };
}

import { expect } from "vitest";
import type { Article } from "../../src/core/text/article.ts";
import { toSource } from "../../src/core/text/source-map.ts";
import { type Run, toText, toTextUnordered } from "../../src/webview/model/source-map.ts";
import { textOfHtml } from "./html-text.ts";

/** Holds an article to what every article must be: text is what the HTML reads, and every character knows its source, and the source its character. */
export function checkArticle(article: Article): void {
  const { source } = article;
  const keys = new Set<string>();
  article.blocks.forEach((block, index) => {
    const { text, runs } = block;
    expect(textOfHtml(block.html)).toBe(text);
    expect(keys.has(block.key)).toBe(false);
    keys.add(block.key);
    const shown = runs.map(({ text, source, length, sourceLength }): Run => [text, source, length, sourceLength]);
    const toView = block.kind === "footnotes" ? toTextUnordered : toText;
    let at = 0;
    let behind = -1;
    for (const run of runs) {
      expect(run.text).toBe(at);
      expect(run.length).toBeGreaterThan(0);
      at += run.length;
      expect(run.source).toBeGreaterThanOrEqual(0);
      expect(run.source + run.sourceLength).toBeLessThanOrEqual(source.length);
      if (block.kind !== "footnotes") {
        expect(run.source).toBeGreaterThanOrEqual(Math.max(behind, block.start - 1));
        expect(run.source + run.sourceLength).toBeLessThanOrEqual(block.end);
        behind = run.source + run.sourceLength;
      }
      const rendered = text.slice(run.text, run.text + run.length);
      const written = source.slice(run.source, run.source + run.sourceLength);
      if (run.generated === true) continue;
      if (run.length !== run.sourceLength) expect(isUnit(written, rendered)).toBe(true);
      else if (rendered !== written && !block.breaks.includes(run.text)) {
        // A line end (a lone CR is one too) may be shown as a space, NUL as the replacement character.
        const line = (_: string, i: number): string => (rendered[i] === " " ? " " : "\n");
        expect(rendered).toBe(written.replaceAll(/[\r\n]/g, line).replaceAll("\0", "\uFFFD"));
      }
      const steps = run.length === run.sourceLength ? run.length : 1;
      for (let i = 0; i < steps; i++) {
        // Compared by hand: there are very many characters.
        const there = toSource(article, index, run.text + i, "start");
        if (there !== run.source + i) expect(there).toBe(run.source + i);
        if (block.breaks.includes(run.text)) continue;
        // and back, as the reading view goes; a unit stands or falls as a whole
        const exact = run.length === run.sourceLength;
        const from = { start: run.source + i, end: run.source + (exact ? i + 1 : run.sourceLength) };
        const wanted = { start: run.text + i, end: run.text + (exact ? i + 1 : run.length) };
        const back = toView(shown, from);
        if (back?.start !== wanted.start || back.end !== wanted.end) expect(back).toEqual(wanted);
      }
      expect(toSource(article, index, run.text + run.length, "end")).toBe(run.source + run.sourceLength);
    }
    expect(at).toBe(text.length);
  });
}

/** Whether `written` is a way to write `rendered` in Markdown. */
function isUnit(written: string, rendered: string): boolean {
  if (/^\\[!-/:-@[-`{-~]$/.test(written)) return rendered === written[1];
  if (/^&#?[a-zA-Z0-9]+;$/.test(written)) return rendered.length <= 2;
  if (written === "\t") return /^ {1,3}$/.test(rendered);
  return written === "\r\n" && rendered === "\n";
}

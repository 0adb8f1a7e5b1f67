// The way from rendered text to the source. Offsets are UTF-16 code units, ends exclusive; an offset stands between two characters.
import type { Article } from "./article.ts";
import type { TextRun } from "./writer.ts";

/** Index of the last run that begins at or before `offset`, or -1. */
function lastRunAt(runs: readonly TextRun[], offset: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle] as TextRun).text <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The source offset of a place in a block's rendered text. `start`: just before the character that follows it there, `end`: just
 * behind the one that precedes it, so that markup between the two stays outside a passage. A character that the source
 * writes as a unit (an entity, an escape) is taken whole. Offsets out of range are clamped.
 * @throws RangeError when there is no such block
 */
export function toSource(
  article: Article,
  blockIndex: number,
  renderedOffset: number,
  affinity: "start" | "end",
): number {
  const block = article.blocks[blockIndex];
  if (block === undefined) throw new RangeError(`no block ${blockIndex}`);
  const { runs, text } = block;
  if (runs.length === 0) return affinity === "start" ? block.start : block.end;
  const offset = Math.min(Math.max(renderedOffset, 0), text.length);
  if (affinity === "start") {
    const run = runs[lastRunAt(runs, offset)] as TextRun;
    const into = offset - run.text;
    if (into >= run.length) return run.source + run.sourceLength;
    return run.length === run.sourceLength ? run.source + into : run.source;
  }
  if (offset === 0) return (runs[0] as TextRun).source;
  const run = runs[lastRunAt(runs, offset - 1)] as TextRun;
  return run.length === run.sourceLength ? run.source + offset - run.text : run.source + run.sourceLength;
}

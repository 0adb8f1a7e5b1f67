// The way from rendered text to the source and back. Offsets are UTF-16 code units, ends exclusive; an offset stands
// between two characters.
import { parseArticle, type Article, type Block, type Section } from "./article.ts";
import type { TextRun } from "./writer.ts";

/** A place in the rendered text: index of the block in the article, offset in the block's `text`. */
export interface RenderedPoint {
  block: number;
  offset: number;
}

export interface RenderedRange {
  block: number;
  start: number;
  end: number;
}

/** Index of the last run that begins at or before `offset`, or -1. */
function lastRunAt(runs: readonly { text: number }[], offset: number): number {
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
 * behind the one that precedes it, so that markup between the two stays outside a selection. A character that the source
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

interface Place extends TextRun {
  block: number;
}

const indexes = new WeakMap<Article, Place[]>();

/** All runs of the article in the order of the source. */
function indexOf(article: Article): Place[] {
  const known = indexes.get(article);
  if (known !== undefined) return known;
  const places = article.blocks.flatMap(({ runs }, block) => runs.map((run) => ({ ...run, block })));
  places.sort((a, b) => a.source - b.source);
  indexes.set(article, places);
  return places;
}

/** Number of places that begin at or before `offset`. */
function placesBefore(places: readonly Place[], offset: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] as Place).source <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The place of a source offset in the rendered text. In markup, which is not rendered: null, or with `nearest` the place
 * where the text goes on (`after`) or left off (`before`); null when there is none in that direction.
 */
export function toRendered(article: Article, sourceOffset: number, nearest?: "before" | "after"): RenderedPoint | null {
  const places = indexOf(article);
  const next = placesBefore(places, sourceOffset);
  const place = places[next - 1];
  if (place !== undefined) {
    const into = sourceOffset - place.source;
    if (into < place.sourceLength || (into === place.sourceLength && place.sourceLength > 0)) {
      const { block, text, length, sourceLength } = place;
      if (length === sourceLength) return { block, offset: text + into };
      if (into === 0 || into === sourceLength) return { block, offset: into === 0 ? text : text + length };
      return { block, offset: nearest === "after" ? text + length : text };
    }
    if (nearest === "before") return { block: place.block, offset: place.text + place.length };
  }
  const following = places[next];
  return nearest === "after" && following !== undefined ? { block: following.block, offset: following.text } : null;
}

/**
 * The pieces of rendered text that the source range covers, by block; pieces that touch are one. A unit that the range
 * touches is covered whole. Empty for a range within markup and for an empty range.
 */
export function renderedRanges(article: Article, start: number, end: number): RenderedRange[] {
  const places = indexOf(article);
  const found: RenderedRange[] = [];
  for (let i = Math.max(0, placesBefore(places, start) - 1); i < places.length; i++) {
    const place = places[i] as Place;
    if (place.source >= end) break;
    const from = Math.max(start, place.source);
    const to = Math.min(end, place.source + place.sourceLength);
    if (from >= to) continue;
    const exact = place.length === place.sourceLength;
    found.push({
      block: place.block,
      start: exact ? place.text + from - place.source : place.text,
      end: exact ? place.text + to - place.source : place.text + place.length,
    });
  }
  found.sort((a, b) => a.block - b.block || a.start - b.start);
  const joined: RenderedRange[] = [];
  for (const range of found) {
    const last = joined[joined.length - 1];
    if (last !== undefined && last.block === range.block && last.end === range.start) last.end = range.end;
    else joined.push(range);
  }
  return joined;
}

const SPACE = /\s/;

/**
 * The source range of a selection between two rendered places, in either order: without white space at its ends, and
 * without the markup around them. Null when nothing but white space is selected.
 */
export function selectionToSource(
  article: Article,
  a: RenderedPoint,
  b: RenderedPoint,
): { start: number; end: number } | null {
  const forward = a.block < b.block || (a.block === b.block && a.offset <= b.offset);
  const first = { ...(forward ? a : b) };
  const last = { ...(forward ? b : a) };
  const before = (): boolean => first.block < last.block || (first.block === last.block && first.offset < last.offset);
  const text = (block: number): string => article.blocks[block]?.text ?? "";
  while (before()) {
    if (first.offset >= text(first.block).length) {
      first.block++;
      first.offset = 0;
    } else if (SPACE.test(text(first.block).charAt(first.offset))) first.offset++;
    else break;
  }
  while (before()) {
    if (last.offset <= 0) {
      last.block--;
      last.offset = text(last.block).length;
    } else if (SPACE.test(text(last.block).charAt(last.offset - 1))) last.offset--;
    else break;
  }
  if (!before()) return null;
  const start = toSource(article, first.block, first.offset, "start");
  const end = toSource(article, last.block, last.offset, "end");
  const ordered = (block: number): boolean => article.blocks[block]?.kind !== "footnotes";
  if (ordered(last.block)) return { start, end };
  // Footnotes are shown in the order of their numbers: the range is what holds all that was selected.
  const span = { start, end };
  for (let block = first.block; block <= last.block; block++) {
    const { runs, text, breaks } = article.blocks[block] as Block;
    const from = block === first.block ? first.offset : 0;
    const to = block === last.block ? last.offset : text.length;
    for (const run of runs) {
      if (run.text >= to || run.text + run.length <= from || breaks.includes(run.text)) continue;
      const exact = run.length === run.sourceLength;
      span.start = Math.min(span.start, exact ? run.source + Math.max(0, from - run.text) : run.source);
      span.end = Math.max(
        span.end,
        exact ? run.source + Math.min(run.length, to - run.text) : run.source + run.sourceLength,
      );
    }
  }
  return span;
}

/** The rendered text of the whole article, blocks kept apart by an empty line. */
export function plainText(article: Article): string {
  return article.blocks
    .map(({ text }) => text)
    .filter((text) => text !== "")
    .join("\n\n");
}

/** The written text of a Markdown source in its order, with the place of each stretch; generated text is left out. */
export function segments(source: string): { text: string; start: number; end: number }[] {
  const article = parseArticle(source);
  const found: { text: string; start: number; end: number }[] = [];
  for (const place of indexOf(article)) {
    const { text, breaks } = article.blocks[place.block] as Block;
    if (place.generated === true || breaks.includes(place.text)) continue;
    const { source: start, sourceLength } = place;
    found.push({ text: text.slice(place.text, place.text + place.length), start, end: start + sourceLength });
  }
  return found;
}

/** The innermost section that holds a source offset; undefined before the first heading. */
export function sectionAt(article: Article, sourceOffset: number): Section | undefined {
  return article.sections.findLast(({ start, end }) => start <= sourceOffset && sourceOffset < end);
}

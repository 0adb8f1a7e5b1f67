// Sentences of an article, for moving through it by keyboard and for looking at it sentence by sentence.
import type { Article } from "./article.ts";
import { toSource } from "./source-map.ts";

/** A sentence, heading, cell, code block or formula. Offsets are UTF-16 code units in the source, end exclusive. */
export interface Sentence {
  start: number;
  end: number;
  block: number;
}

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** Abbreviations after which a sentence goes on, whatever follows, lower case without the final point. */
const ALWAYS = new Set(
  (
    "e.g i.e cf vs viz approx ca c resp esp incl viz prof dr mr mrs ms mx st rev gen col lt sgt capt hon fig figs tab eq eqs sec " +
    "secs ch chap chaps vol vols no nos nr art arts p pp para paras ed eds trans ref refs n fn ff fol l ll ms mss s.v sc v op loc " +
    "ibid hrsg bd bzw vgl z.b d.h u.a u.s u.k u.n e.u"
  ).split(" "),
);
/** Abbreviations that end a sentence when a capital letter follows. */
const SOMETIMES = new Set("etc al ibid jr sr inc ltd co corp a.m p.m b.c a.d ph.d m.a b.a seq passim cit".split(" "));

/** The sentences of `article` in the order it is shown. White space at their ends is left out. */
export function sentences(article: Article): Sentence[] {
  const found: Sentence[] = [];
  article.blocks.forEach((block, index) => {
    const whole = block.kind === "code" || block.kind === "math" || block.kind === "heading";
    let from = 0;
    for (const at of [...block.breaks, block.text.length]) {
      const unit = block.text.slice(from, at);
      for (const [start, end] of whole ? [[0, unit.length] as const] : sentenceRanges(unit)) {
        const lead = /^\s*/.exec(unit.slice(start, end))?.[0].length ?? 0;
        const size = unit.slice(start, end).trimEnd().length;
        if (lead >= size) continue;
        found.push({
          start: toSource(article, index, from + start + lead, "start"),
          end: toSource(article, index, from + start + size, "end"),
          block: index,
        });
      }
      from = at + 1;
    }
  });
  return found;
}

/** Start and end of each sentence in a stretch of prose; together they cover it. Line ends count as spaces. */
export function sentenceRanges(text: string): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  const flat = text.replaceAll(/[\n\r\u0085\u2028\u2029]/g, " ");
  let start = 0;
  for (const { segment, index } of segmenter.segment(flat)) {
    const end = index + segment.length;
    const from = Math.max(start, end - LOOKED_AT);
    if (end < flat.length && goesOn(flat.slice(from, end), from === start, flat.slice(end, end + LOOKED_AT))) continue;
    ranges.push([start, end]);
    start = end;
  }
  return ranges;
}

/** Code units on either side that tell whether a sentence goes on: a look at all of it each time would cost its square. */
const LOOKED_AT = 120;

/** `whole`: `before` is all of the sentence so far, and not its end only. */
function goesOn(before: string, whole: boolean, after: string): boolean {
  const said = before.trimEnd();
  // A lower-case letter goes on with the sentence, unless that has asked or shouted; a quotation in it may have.
  if (/^\p{Ll}/u.test(after) && !/[!?\u061F]$/.test(said)) return true;
  // A reference behind the point belongs to what it supports: "... as said. (Nye, 2005: 12)." and "Nye, J. (2005)."
  if (/^\([^()]{0,60}\d[^()]{0,30}\)\s*(?:[.;,]|$)/.test(after) || /^[([]\d{4}[a-z]?[)\]]/.test(after)) return true;
  // The number of an item.
  if (whole && /^\s*[([]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)\]]+$/.test(said)) return true;
  if (!/\.["'”’)\]]?$/.test(said)) return false;
  const word = /([\p{L}\p{M}.-]+)\.$/u.exec(said)?.[1];
  if (word === undefined) return false;
  const lower = word.toLowerCase();
  const capital = /^["'“‘([]?\p{Lu}/u.test(after);
  if (ALWAYS.has(lower)) return true;
  if (SOMETIMES.has(lower)) return !capital;
  // Initials: "J. Smith", "J.-P. Sartre", "A. B. Cee".
  return (
    /^(?:\p{Lu}\p{M}*[.-]*)+$/u.test(word) &&
    word.replaceAll(/[.-]/g, "").length <= 3 &&
    (capital || /^[(\d]/.test(after))
  );
}

import { isNearWord } from "./near-words.ts";
import { searchPassage } from "./quote-search.ts";
import type { AnchorIndex } from "./resolve.ts";
import { cutWords, wordAfter, wordFrom } from "./words.ts";

/** A quote made by another tool: perhaps without surroundings, perhaps typed by hand. */
export interface ForeignQuote {
  exact: string;
  prefix?: string;
  suffix?: string;
  /** UTF-16 offset where it is said to stand. */
  hint?: number;
}

// How much the parts of a quote say about which of several places is meant: the surroundings before and after alike, the
// offset only where they leave it open. The proportions are those Hypothesis found to serve.
const CONTEXT_SAYS = 20;
const OFFSET_SAYS = 2;
/** Code units of a given prefix or suffix that are compared. */
const COMPARED = 32;
/** A quote of so many words or more is looked for by its runs; a shorter one may be misspelt in every run. */
const FEW_WORDS = 12;
/** Places are counted up to here; a quote that stands more often says nothing about where it belongs. */
const MANY = 1_000;

/**
 * Where a quote of another tool stands in a text, for an import: more trusting than resolving an anchor of ours, since such a
 * quote may lack surroundings, and whoever imports sees the outcome. The quote as it is, else much of it, else with every
 * word nearly right; of several places the one with the most alike surroundings, then the nearest to the hint, then the
 * first. Null if there is none. Offsets are UTF-16, end exclusive.
 */
export function placeForeignQuote(index: AnchorIndex, quote: ForeignQuote): { start: number; end: number } | null {
  const { text } = index;
  if (quote.exact.trim() === "" || text === "") return null;
  return (
    best(text, quote, verbatim(text, quote.exact)) ??
    searched(index, quote) ??
    best(text, quote, misspelt(index, quote.exact))
  );
}

interface Range {
  start: number;
  end: number;
}

function verbatim(text: string, exact: string): Range[] {
  const found: Range[] = [];
  for (let at = text.indexOf(exact); at >= 0 && found.length < MANY; at = text.indexOf(exact, at + 1)) {
    found.push({ start: at, end: at + exact.length });
  }
  return found;
}

function searched(index: AnchorIndex, { exact, prefix = "", suffix = "", hint = 0 }: ForeignQuote): Range | null {
  const search = index.search();
  const words = cutWords(prefix + exact + suffix, search.lexicon);
  const q0 = wordFrom(words, prefix.length);
  const q1 = wordAfter(words, prefix.length + exact.length);
  const found = searchPassage(search, { words, q0, q1, hint });
  if (!found) return null;
  return { start: search.words.start[found.first] as number, end: search.words.end[found.last] as number };
}

/** Places where every word of a short quote stands or one nearly equal; one word alone proves nothing. */
function misspelt(index: AnchorIndex, exact: string): Range[] {
  const { words, lexicon } = index.search();
  const quote = cutWords(exact, lexicon);
  if (quote.count < 2 || quote.count > FEW_WORDS) return [];
  const near = Array.from(quote.id, (id) => {
    const form = lexicon.forms[id] as string;
    const alike = new Uint8Array(lexicon.forms.length);
    for (const [k, other] of lexicon.forms.entries()) if (k === id || isNearWord(form, other)) alike[k] = 1;
    return alike;
  });
  const found: Range[] = [];
  for (let y = 0; y + quote.count <= words.count && found.length < MANY; y++) {
    let n = 0;
    while (n < quote.count && near[n]?.[words.id[y + n] as number] === 1) n++;
    if (n === quote.count) found.push({ start: words.start[y] as number, end: words.end[y + n - 1] as number });
  }
  return found;
}

function best(text: string, quote: ForeignQuote, ranges: readonly Range[]): Range | null {
  const { prefix = "", suffix = "", hint } = quote;
  const before = prefix.trimEnd().slice(-COMPARED);
  const after = suffix.trimStart().slice(0, COMPARED);
  let chosen: Range | null = null;
  let most = -1;
  for (const range of ranges) {
    const left = text.slice(Math.max(0, range.start - 2 * COMPARED), range.start).trimEnd();
    const right = text.slice(range.end, range.end + 2 * COMPARED).trimStart();
    const far = hint === undefined ? 0 : Math.abs(range.start - hint) / text.length;
    const score =
      CONTEXT_SAYS *
        (likeness(reversed(before), reversed(left.slice(-before.length || left.length))) +
          likeness(after, right.slice(0, after.length))) +
      OFFSET_SAYS * (1 - far);
    if (score > most) [chosen, most] = [range, score];
  }
  return chosen;
}

const reversed = (text: string): string => Array.from(text).toReversed().join("");

/** 1 for equal, 0 for wholly different: edit distance over length, 0 where there is nothing to compare. */
function likeness(wanted: string, there: string): number {
  if (wanted === "") return 0;
  let row = Array.from({ length: there.length + 1 }, (_, k) => k);
  for (let i = 1; i <= wanted.length; i++) {
    const next = [i];
    for (let j = 1; j <= there.length; j++) {
      const swap = (row[j - 1] as number) + (wanted[i - 1] === there[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return 1 - Math.min(1, Math.min(...row) / wanted.length);
}

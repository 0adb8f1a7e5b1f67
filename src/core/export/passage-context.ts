/** What stands around a short passage, for a reader who does not have the article at hand. */

/** A quote of at least so many UTF-16 code units speaks for itself. */
const ENOUGH = 60;
/** Code units shown on each side at the most. */
const SIDE = 90;

/**
 * The sentence that a passage stands in, on one line, with `…` where it is cut; null for a passage that is long enough or has
 * nothing around it in its paragraph. Offsets are UTF-16 code units of `source`, end exclusive; `wordsOf` makes of a piece of
 * the source, which begins with a line or within one, what is read of it.
 */
export function sentenceAround(
  source: string,
  start: number,
  end: number,
  wordsOf: (piece: string, withLine: boolean) => string = (piece) => piece,
): string | null {
  if (end - start >= ENOUGH) return null;
  const before = /[^\n]*(?:\n(?!\s*\n)[^\n]*)*$/.exec(source.slice(Math.max(0, start - SIDE), start))?.[0] ?? "";
  const after = /^[^\n]*(?:\n(?!\s*\n)[^\n]*)*/.exec(source.slice(end, end + SIDE))?.[0] ?? "";
  const opening = lastSentenceEnd(before);
  const ended = /[.!?…؟。！？][)\]”’"'»）」』]*\s*$/u.test(source.slice(start, end));
  const closing = /[.!?…؟](?=[)\]”’"'»]*(?:\s|$))[)\]”’"'»]*|[。！？][”’）」』]*/u.exec(after);
  const isCut = start - before.length > 0 && before.length >= SIDE;
  const head = opening === null ? cutFront(before, isCut) : before.slice(opening);
  const tail = ended
    ? ""
    : closing
      ? after.slice(0, closing.index + closing[0].length)
      : cutBack(after, end + after.length < source.length && after.length >= SIDE);
  const onOneLine = (piece: string, withLine: boolean) => wordsOf(piece, withLine).replace(/\s+/g, " ").trim();
  const passage = source.slice(start, end);
  const line = onOneLine(head + passage + tail, opening === null && !isCut);
  return line === onOneLine(passage, before === "") ? null : line;
}

/** Where the sentence after the last end of one begins, or null. In scripts without spaces none follows the end. */
function lastSentenceEnd(text: string): number | null {
  let at: number | null = null;
  for (const found of text.matchAll(/[.!?…؟][)\]”’"'»]*\s+|[。！？][”’）」』]*\s*/gu))
    at = found.index + found[0].length;
  return at;
}

/** From the first whole word on; where there are no spaces, from the first whole character. */
function cutFront(text: string, isCut: boolean): string {
  return isCut ? `… ${text.replace(/\s/.test(text) ? /^\S*\s+/ : /^[\uDC00-\uDFFF]/, "")}` : text;
}

function cutBack(text: string, isCut: boolean): string {
  return isCut ? `${text.replace(/\s/.test(text) ? /\s+\S*$/ : /[\uD800-\uDBFF]$/, "")} …` : text;
}

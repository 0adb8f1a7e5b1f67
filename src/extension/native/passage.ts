/** Which passage a person means who comments from the text editor, where a click on the gutter chooses a line, not words. */
export interface Span {
  start: number;
  end: number;
}

/** What Markdown puts before the words of a line: a quotation's, list item's, heading's or footnote's sign. */
const LINE_SIGNS = /^(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])|#{1,6}(?=[ \t])|\[\^[^\]\n]+\]:))*[ \t]*/;

/**
 * The words inside a chosen range of `source` (UTF-16 code units, end exclusive), without the white space around them. A
 * caret, or a choice of nothing but white space, stands for the words of its line. Null where there are none.
 */
export function passageAt(source: string, start: number, end: number): Span | null {
  const from = Math.max(0, Math.min(start, end, source.length));
  const to = Math.min(source.length, Math.max(start, end));
  const chosen = trimmed(source, from, to);
  if (chosen) return chosen;
  const lineStart = source.lastIndexOf("\n", from - 1) + 1;
  const newline = source.indexOf("\n", from);
  const lineEnd = newline < 0 ? source.length : newline;
  const signs = LINE_SIGNS.exec(source.slice(lineStart, lineEnd))?.[0].length ?? 0;
  return trimmed(source, lineStart + signs, lineEnd);
}

function trimmed(source: string, start: number, end: number): Span | null {
  const text = source.slice(start, end);
  const words = text.trim();
  if (!words) return null;
  const lead = text.length - text.trimStart().length;
  return { start: start + lead, end: start + lead + words.length };
}

/**
 * Where a range of the editor's text stands in the published one. The two differ while somebody types: a range before or
 * after the difference is carried, one inside it is found only if its words stand in the published text exactly once.
 */
export function carryBetween(editorText: string, published: string, span: Span): Span | null {
  if (editorText === published) return span;
  const shorter = Math.min(editorText.length, published.length);
  let before = 0;
  while (before < shorter && editorText.charCodeAt(before) === published.charCodeAt(before)) before++;
  if (span.end <= before) return span;
  const difference = published.length - editorText.length;
  let after = 0;
  while (
    after < shorter - before &&
    editorText.charCodeAt(editorText.length - 1 - after) === published.charCodeAt(published.length - 1 - after)
  ) {
    after++;
  }
  if (span.start >= editorText.length - after) return { start: span.start + difference, end: span.end + difference };
  const words = editorText.slice(span.start, span.end);
  const at = published.indexOf(words);
  if (at < 0 || published.indexOf(words, at + 1) >= 0) return null;
  return { start: at, end: at + words.length };
}

/** Finding a passage again in another text of the article, by its words. */

/**
 * Where `quote` stands in the blocks' texts (blocks joined by a line end), nearest to `hint` blocks into the text: index of
 * block and character of both ends. Null when it is nowhere.
 */
export function findQuote(
  texts: readonly string[],
  quote: string,
  hint: number,
): { from: { block: number; at: number }; to: { block: number; at: number } } | null {
  if (quote.trim() === "") return null;
  const starts: number[] = [];
  let length = 0;
  for (const text of texts) {
    starts.push(length);
    length += text.length + 1;
  }
  const whole = texts.join("\n");
  const wanted = starts[Math.max(0, Math.min(starts.length - 1, hint))] ?? 0;
  let best = -1;
  for (let at = whole.indexOf(quote); at >= 0; at = whole.indexOf(quote, at + 1)) {
    if (best < 0 || Math.abs(at - wanted) < Math.abs(best - wanted)) best = at;
  }
  if (best < 0) return null;
  const locate = (offset: number) => {
    let block = starts.length - 1;
    while (block > 0 && starts[block]! > offset) block--;
    return { block, at: offset - starts[block]! };
  };
  const last = locate(best + quote.length - 1);
  return { from: locate(best), to: { block: last.block, at: last.at + 1 } };
}

/** The sentences that a selection touches, as indices; the nearest following one for a mere place in the text. */
export function sentencesAt(
  sentences: readonly (readonly [number, number])[],
  span: { start: number; end: number },
): { first: number; last: number } {
  let first = sentences.findIndex(([, end]) => end > span.start);
  if (first < 0) first = sentences.length - 1;
  let last = first;
  while (last + 1 < sentences.length && sentences[last + 1]![0] < span.end) last++;
  return { first, last };
}

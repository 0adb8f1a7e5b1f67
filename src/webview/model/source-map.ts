/**
 * Rendered characters of a block <-> offsets in the Markdown source, by the block's runs.
 *
 * A run of equal lengths maps character by character; any other (an entity, an escape, a formula) stands or falls as a
 * whole. All offsets are UTF-16 code units, ends exclusive.
 */

/** `[text, source, length, sourceLength]`: `length` rendered characters from `text` come from the source at `source`. */
export type Run = readonly [text: number, source: number, length: number, sourceLength: number];

export interface Span {
  start: number;
  end: number;
}

/** First index at which `test` holds; `test` must be false, then true. */
export function firstIndex(length: number, test: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The rendered characters of a source range, or null when none of them is in this block. Partly covered wholes count. */
export function toText(runs: readonly Run[], source: Span): Span | null {
  const first = firstIndex(runs.length, (i) => runs[i]![1] + runs[i]![3] > source.start);
  const last = firstIndex(runs.length, (i) => runs[i]![1] >= source.end) - 1;
  const from = runs[first];
  const to = runs[last];
  if (!from || !to || last < first) return null;
  const start = from[2] === from[3] ? from[0] + Math.max(0, source.start - from[1]) : from[0];
  const end = to[2] === to[3] ? to[0] + Math.min(to[2], source.end - to[1]) : to[0] + to[2];
  return end > start ? { start, end } : null;
}

/** As `toText`, for runs that do not ascend in the source (footnotes stand in the order of their references). */
export function toTextUnordered(runs: readonly Run[], source: Span): Span | null {
  let out: Span | null = null;
  for (const run of runs) {
    if (run[1] >= source.end || run[1] + run[3] <= source.start) continue;
    const span = toText([run], source);
    if (!span) continue;
    out = out ? { start: Math.min(out.start, span.start), end: Math.max(out.end, span.end) } : span;
  }
  return out;
}

/** The source range of rendered characters, or null when none of them has a source. */
export function toSource(runs: readonly Run[], text: Span): Span | null {
  const first = firstIndex(runs.length, (i) => runs[i]![0] + runs[i]![2] > text.start);
  const last = firstIndex(runs.length, (i) => runs[i]![0] >= text.end) - 1;
  const from = runs[first];
  const to = runs[last];
  if (!from || !to || last < first) return null;
  const start = from[2] === from[3] ? from[1] + Math.max(0, text.start - from[0]) : from[1];
  const end = to[2] === to[3] ? to[1] + Math.min(to[3], text.end - to[0]) : to[1] + to[3];
  if (end > start) return { start, end };
  // between two footnotes whose order in the source is another one: both, and what lies between
  return first === last ? null : { start: Math.min(from[1], to[1]), end: Math.max(from[1] + from[3], to[1] + to[3]) };
}

/**
 * As `toSource`, for footnotes, which are written anywhere: what the first of them covers, and the next as long as no text of the
 * body lies between.
 * @param isBody whether any of the body comes from a source range
 */
export function toSourceOfNotes(runs: readonly Run[], text: Span, isBody: (between: Span) => boolean): Span | null {
  let out: Span | null = null;
  for (let i = firstIndex(runs.length, (at) => runs[at]![0] + runs[at]![2] > text.start); i < runs.length; i++) {
    const run = runs[i]!;
    if (run[0] >= text.end) break;
    const span = toSource([run], text);
    if (!span) continue;
    if (out && span.start > out.end && isBody({ start: out.end, end: span.start })) break;
    if (out && span.end < out.start && isBody({ start: span.end, end: out.start })) break;
    out = out ? { start: Math.min(out.start, span.start), end: Math.max(out.end, span.end) } : span;
  }
  return out;
}

/** The source offset of the rendered character at `text`, or of the next one that has a source; null past the last. */
export function sourceAt(runs: readonly Run[], text: number): number | null {
  const run = runs[firstIndex(runs.length, (i) => runs[i]![0] + runs[i]![2] > text)];
  if (!run) return null;
  return run[2] === run[3] ? run[1] + Math.max(0, text - run[0]) : run[1];
}

/** Runs of a block that moved as a whole by `by` characters. */
export function shiftRuns(runs: readonly Run[], by: number): Run[] {
  return runs.map(([text, source, length, sourceLength]) => [text, source + by, length, sourceLength]);
}

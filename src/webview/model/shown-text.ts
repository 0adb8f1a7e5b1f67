/** The rendered text of an article, block after block, and its passages in the source. Pure. */
import { firstIndex, type Run, type Span, toSource, toText, toTextUnordered } from "./source-map.ts";

/** A block as it is shown; `text` may be costly to read. */
export interface ShownBlock extends Span {
  key: string;
  kind: string;
  runs: readonly Run[];
  text(): string;
}

/** What a source range covers of one block: the block's index, and its rendered characters. */
export interface Part extends Span {
  block: number;
}

export function textIn(block: Pick<ShownBlock, "kind" | "runs">, source: Span): Span | null {
  return block.kind === "footnotes" ? toTextUnordered(block.runs, source) : toText(block.runs, source);
}

/** What a source range covers, in order. Footnotes stand last, wherever their source is: they count when nothing else does. */
export function partsOf(blocks: readonly ShownBlock[], source: Span): Part[] {
  const parts: Part[] = [];
  const last = blocks.at(-1);
  const ordered = last?.kind === "footnotes" ? blocks.length - 1 : blocks.length;
  for (let i = firstIndex(ordered, (at) => blocks[at]!.end > source.start); i < ordered; i++) {
    if (blocks[i]!.start >= source.end) break;
    const text = textIn(blocks[i]!, source);
    if (text) parts.push({ block: i, ...text });
  }
  if (parts.length === 0 && last && ordered < blocks.length) {
    const text = textIn(last, source);
    if (text) parts.push({ block: ordered, ...text });
  }
  return parts;
}

/** Blocks joined by a line end. */
export interface JoinedText {
  readonly text: string;
  /** Where each block's text begins. */
  readonly starts: readonly number[];
  /** The source of joined characters; null when none of them has one. */
  sourceOf(span: Span): Span | null;
}

export function joinBlocks(blocks: readonly ShownBlock[]): JoinedText {
  const starts: number[] = [];
  let text = "";
  for (const [i, block] of blocks.entries()) {
    if (i > 0) text += "\n";
    starts.push(text.length);
    text += block.text();
  }
  return {
    text,
    starts,
    sourceOf(span) {
      let found: Span | null = null;
      const from = Math.max(0, firstIndex(starts.length, (i) => starts[i]! > span.start) - 1);
      for (let i = from; i < blocks.length && starts[i]! < span.end; i++) {
        const within = { start: Math.max(0, span.start - starts[i]!), end: span.end - starts[i]! };
        const source = within.end > within.start ? toSource(blocks[i]!.runs, within) : null;
        if (!source) continue;
        found = found ? { start: Math.min(found.start, source.start), end: Math.max(found.end, source.end) } : source;
      }
      return found;
    },
  };
}

/** Rendered characters kept on each side of a passage. */
const CONTEXT = 64;

/** The words of a passage and what stands around it: enough to find it again in a text of which the old one is not known. */
export interface PassageWords {
  quote: string;
  prefix: string;
  suffix: string;
}

export function wordsOf(blocks: readonly ShownBlock[], source: Span): PassageWords {
  const parts = partsOf(blocks, source);
  const first = parts[0];
  const last = parts.at(-1);
  if (!first || !last) return { quote: "", prefix: "", suffix: "" };
  const quote = parts.map((part) => blocks[part.block]!.text().slice(part.start, part.end)).join("\n");
  let prefix = blocks[first.block]!.text().slice(0, first.start);
  for (let i = first.block - 1; i >= 0 && prefix.length < CONTEXT; i--) prefix = `${blocks[i]!.text()}\n${prefix}`;
  let suffix = blocks[last.block]!.text().slice(last.end);
  for (let i = last.block + 1; i < blocks.length && suffix.length < CONTEXT; i++) suffix += `\n${blocks[i]!.text()}`;
  return { quote, prefix: prefix.slice(-CONTEXT), suffix: suffix.slice(0, CONTEXT) };
}

// Plain text files: paragraphs and headings, told by their looks.
import type { Chunk } from "./chunks.ts";
import { findHeadings, type PlainParagraph } from "./text-headings.ts";
import { branch, textNode, type MarkdownNode } from "./tree.ts";

interface Line {
  start: number;
  end: number;
  text: string;
}

/** Lines up to this length may have been broken by an editor or a mail program; longer ones are paragraphs of their own. */
const WRAPPED = 100;

/** A line this much shorter than the file's width was ended on purpose. */
const FULL = 0.6;

const ITEM = /^(?:[-*•–—]|\d{1,3}[.)-]|\(?[a-zA-Z\d]{1,3}\)|\[\d{1,3}\])\s/;

/** The blocks of a `.txt` source as one chunk, every character of them as it stands. */
export function textChunks(source: string): Chunk[] {
  const from = source.startsWith("\uFEFF") ? 1 : 0;
  const groups = groupsOf(source, from);
  const lines = groups.flat();
  const lengths = lines.map(({ text }) => text.length).sort((a, b) => a - b);
  const width = lengths[Math.floor(lengths.length * 0.95)] ?? 0;
  const wrapped = width <= WRAPPED && lines.length > 1;
  const loose = groups.length > 1 && lines.length / groups.length < 20;

  const paragraphs: Line[][] = [];
  for (const group of groups) {
    let open: Line[] | undefined;
    for (const line of group) {
      const last = open?.[open.length - 1];
      // Without empty lines between paragraphs, a short line is the last of its own.
      const ended = last !== undefined && !loose && last.text.length < width * FULL;
      if (open === undefined || !wrapped || ended || ITEM.test(line.text)) paragraphs.push((open = [line]));
      else open.push(line);
    }
  }
  const plain = paragraphs.map((own): PlainParagraph => ({
    text: own.map(({ text }) => text).join(" "),
    lines: own.length,
  }));
  const levels = findHeadings(plain);
  const children = paragraphs.map((own, i) => nodeOf(own, levels[i] ?? 0, width, source));
  return [{ start: 0, source, children }];
}

/** Lines without the white space around them, by the empty lines between. */
function groupsOf(source: string, from: number): Line[][] {
  const groups: Line[][] = [];
  let open: Line[] | undefined;
  for (let start = from; start <= source.length;) {
    const lineEnd = source.indexOf("\n", start);
    const end = lineEnd < 0 ? source.length : lineEnd;
    const line = source.slice(start, end);
    const text = line.trim();
    if (text === "") open = undefined;
    else {
      if (open === undefined) groups.push((open = []));
      const lead = line.length - line.trimStart().length;
      open.push({ start: start + lead, end: start + lead + text.length, text });
    }
    start = end + 1;
  }
  return groups;
}

function nodeOf(lines: readonly Line[], level: number, width: number, source: string): MarkdownNode {
  const first = lines[0] as Line;
  const last = lines[lines.length - 1] as Line;
  const children: MarkdownNode[] = [];
  for (const line of lines) {
    const before = children[children.length - 1];
    if (before !== undefined) {
      const at = source.indexOf("\n", before.end);
      if (before.value.length < width * FULL) children.push(branch("break", at, at, []));
      children.push(textNode("\n", at, at + 1));
    }
    children.push(textNode(line.text.replaceAll("\0", "\uFFFD"), line.start, line.end));
  }
  const node = branch(level > 0 ? "heading" : "paragraph", first.start, last.end, children);
  node.depth = level;
  return node;
}

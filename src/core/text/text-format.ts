// Plain text files: paragraphs and headings, told by their looks.
import type { Chunk } from "./chunks.ts";
import { branch, textNode, type MarkdownNode } from "./tree.ts";

/** The blocks of a `.txt` source as one chunk, every character of them as it stands. */
export function textChunks(source: string): Chunk[] {
  return [{ start: 0, source, children: paragraphs(source) }];
}

function paragraphs(source: string): MarkdownNode[] {
  const out: MarkdownNode[] = [];
  for (const match of source.matchAll(/\S[^\n]*(?:\n[ \t]*\S[^\n]*)*/g)) {
    const end = match.index + match[0].length;
    out.push(branch("paragraph", match.index, end, [textNode(match[0].replaceAll("\0", "\uFFFD"), match.index, end)]));
  }
  return out;
}

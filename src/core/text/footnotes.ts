// Numbers for footnotes in the order of their first reference, and the block that shows them.
import type { Chunk } from "./chunks.ts";
import { renderFootnote, type RenderContext } from "./html.ts";
import type { MarkdownNode } from "./tree.ts";
import { createWriter, type Written } from "./writer.ts";

interface Note {
  node: MarkdownNode;
  chunk: Chunk;
  id: string;
  number: number;
  references: number;
}

export interface Footnotes {
  /** The first definition of a label is the one that references lead to; later ones are shown after all others. */
  define(node: MarkdownNode, chunk: Chunk): void;
  reference(label: string): ReturnType<RenderContext["footnote"]>;
  /** The block of all footnotes, once the text has been written; undefined when there are none. */
  write(definition: RenderContext["definition"]): (Written & { start: number; end: number }) | undefined;
}

export function createFootnotes(): Footnotes {
  const byLabel = new Map<string, Note>();
  const all: Note[] = [];
  const numbered: Note[] = [];
  const number = (note: Note): void => {
    numbered.push(note);
    note.number = numbered.length;
  };
  const reference: Footnotes["reference"] = (label) => {
    const note = byLabel.get(label);
    if (note === undefined) return undefined;
    if (note.number === 0) number(note);
    note.references++;
    const backId = note.references === 1 ? `fnref-${note.id}` : `fnref-${note.id}-${note.references}`;
    return { number: note.number, id: `fn-${note.id}`, backId };
  };
  return {
    define(node, chunk) {
      const label = node.label ?? "";
      const first = !byLabel.has(label);
      const note: Note = { node, chunk, id: idOf(label, first, all.length), number: 0, references: 0 };
      if (first) byLabel.set(label, note);
      all.push(note);
    },
    reference,
    write(definition) {
      if (all.length === 0) return undefined;
      const writer = createWriter();
      writer.tag('<section class="footnotes"><ol>');
      const rest = all[Symbol.iterator]();
      // A footnote may refer to further ones while it is written.
      for (let i = 0; i < all.length; i++) {
        if (i === numbered.length) for (const note of rest) if (note.number === 0) { number(note); break; } // prettier-ignore
        const note = numbered[i];
        if (note === undefined) break;
        writeNote(writer, note, { source: note.chunk.source, definition, footnote: reference });
      }
      writer.tag("</ol></section>");
      const starts = all.map(({ node, chunk }) => node.start + chunk.start);
      const ends = all.map(({ node, chunk }) => node.end + chunk.start);
      return { ...writer.done(), start: Math.min(...starts), end: Math.max(...ends) };
    },
  };
}

function writeNote(writer: ReturnType<typeof createWriter>, note: Note, context: RenderContext): void {
  writer.base = note.chunk.start;
  const back = note.references === 0 ? "" : `<a class="footnote-back" href="#fnref-${note.id}"></a>`;
  renderFootnote(writer, note.node, context, `fn-${note.id}`, back);
}

/** The label where it is plain, so that an id tells what it is for; else the footnote's place in the source. */
function idOf(label: string, first: boolean, index: number): string {
  const plain = label.toLowerCase();
  const clash = /^n\d+$|-\d+$/.test(plain);
  return first && !clash && /^[a-z0-9-]{1,40}$/.test(plain) ? plain : `n${index + 1}`;
}

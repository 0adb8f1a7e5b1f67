// An article's source as blocks of safe HTML, each with the way back from every rendered character to its source.
// All offsets are UTF-16 code units, ends exclusive; line ends are LF by contract.
import { parseChunks, type Chunk, type ChunkCache } from "./chunks.ts";
import { createFootnotes } from "./footnotes.ts";
import { readFrontMatter } from "./front-matter.ts";
import { renderInline, renderNode, type RenderContext } from "./html.ts";
import { directionOf } from "./direction.ts";
import { escapeHtml, headingId } from "./safe-url.ts";
import { textChunks } from "./text-format.ts";
import { definitionsIn, type MarkdownNode } from "./tree.ts";
import { createWriter, type TextRun, type Written } from "./writer.ts";

export type { TextRun } from "./writer.ts";

export type BlockKind =
  | "heading"
  | "paragraph"
  | "list"
  | "table"
  | "quote"
  | "code"
  | "math"
  | "footnotes"
  | "rule"
  | "html"
  | "frontmatter";

/** A top-level block as it is shown. */
export interface Block {
  /** The same as long as kind and html are the same, and unique in the article. Says nothing about offsets. */
  key: string;
  kind: BlockKind;
  /** Headings: 1 to 6. */
  level?: number;
  /** Where the block's source begins. Footnotes: the first definition's; other blocks may lie between definitions. */
  start: number;
  end: number;
  /** Safe to insert as it is. Front matter has none. */
  html: string;
  /** The concatenated text nodes of `html`. */
  text: string;
  /** Cover `text` without gaps, in its order. In the source they ascend too, except in the footnotes. */
  runs: TextRun[];
  /** Offsets in `text` of characters that only keep list items, cells or inner paragraphs apart. */
  breaks: number[];
  headingId?: string;
}

/** A heading and what belongs to it, lower headings included. */
export interface Section {
  title: string;
  level: number;
  start: number;
  end: number;
  /** Index of the heading in the article's blocks. */
  headingBlock: number;
  /** The heading's id in the HTML. */
  id: string;
}

export interface Article {
  source: string;
  blocks: Block[];
  sections: Section[];
  /** From the front matter, else the first heading of level 1, else the first heading. */
  title?: string;
  /** Scalars of the front matter, by key as written. */
  meta: Record<string, string>;
  /** The direction of most of its letters. */
  dir: "ltr" | "rtl";
}

export type ArticleFormat = "markdown" | "text";

/** Parses `source`. Never fails: whatever is not markup is text. */
export function parseArticle(source: string, options: { format?: ArticleFormat } = {}): Article {
  return createArticleParser(options).parse(source);
}

export interface ArticleParser {
  /** Like `parseArticle`, with what the last call left: pieces of the source that did not change are not parsed again. */
  parse(source: string): Article;
}

/** A parser for successive versions of one article. Keeps the trees of the last version. */
export function createArticleParser(options: { format?: ArticleFormat; whole?: boolean } = {}): ArticleParser {
  let cache: ChunkCache = new Map();
  let rendered: RenderCache = new Map();
  return {
    parse(source) {
      const nextRendered: RenderCache = new Map();
      let article: Article;
      if (options.format === "text") {
        article = assemble(source, textChunks(source), undefined, rendered, nextRendered);
      } else {
        const front = readFrontMatter(source);
        const next: ChunkCache = new Map();
        // A byte order mark is not text.
        const from = front?.end ?? (source.startsWith("\uFEFF") ? 1 : 0);
        const chunks = parseChunks(source, from, cache, next, options.whole);
        cache = next;
        article = assemble(source, chunks, front, rendered, nextRendered);
      }
      rendered = nextRendered;
      return article;
    },
  };
}

interface RenderedBlock {
  written: Written;
  hash: string;
}
/** Blocks that depend on nothing outside themselves, by their node (nodes live as long as their piece of the source). */
type RenderCache = Map<MarkdownNode, RenderedBlock>;

const KINDS: Readonly<Record<string, BlockKind>> = {
  heading: "heading",
  paragraph: "paragraph",
  list: "list",
  table: "table",
  blockquote: "quote",
  code: "code",
  math: "math",
  rule: "rule",
  html: "html",
};

function assemble(
  source: string,
  chunks: readonly Chunk[],
  front: ReturnType<typeof readFrontMatter>,
  before: RenderCache,
  after: RenderCache,
): Article {
  const definitions = new Map<string, { url: string; title: string }>();
  const notes = createFootnotes();
  for (const chunk of chunks) {
    if (!chunk.source.includes("]:")) continue;
    for (const node of definitionsIn(chunk.children)) {
      const label = node.label ?? "";
      if (node.type === "footnoteDefinition") notes.define(node, chunk);
      else if (!definitions.has(label)) definitions.set(label, { url: node.url, title: node.title });
    }
  }

  const blocks: Block[] = [];
  const sections: Section[] = [];
  const keys = new Map<string, number>();
  const ids = new Map<string, number>();
  const add = (block: Omit<Block, "key">, hash = hashOf(block.kind + block.html)): void => {
    const count = (keys.get(hash) ?? 0) + 1;
    keys.set(hash, count);
    blocks.push({ key: count === 1 ? hash : `${hash}-${count}`, ...block });
  };
  if (front !== undefined) {
    add({ kind: "frontmatter", start: 0, end: front.end, html: "", text: "", runs: [], breaks: [] });
  }

  for (const chunk of chunks) {
    let outside = false;
    const context: RenderContext = {
      source: chunk.source,
      definition(label) {
        outside = true;
        return definitions.get(label);
      },
      footnote(label) {
        outside = true;
        return notes.reference(label);
      },
    };
    for (const node of chunk.children) {
      const kind = KINDS[node.type];
      if (kind === undefined) continue;
      let entry = before.get(node) ?? after.get(node);
      if (entry === undefined) {
        outside = false;
        const writer = createWriter();
        if (kind === "heading") renderInline(writer, node, context);
        else renderNode(writer, node, context);
        const written = writer.done();
        entry = { written, hash: hashOf(kind + written.html) };
        if (!outside) after.set(node, entry);
      } else after.set(node, entry);
      const { written } = entry;
      if (written.html === "" && kind === "html") continue;
      const runs = shifted(written.runs, chunk.start);
      const last = runs[runs.length - 1];
      const end = Math.max(
        trimmedEnd(chunk.source, node) + chunk.start,
        last === undefined ? 0 : last.source + last.sourceLength,
      );
      const block = { kind, start: node.start + chunk.start, end, text: written.text, breaks: written.breaks };
      if (kind !== "heading") {
        const shown: BlockKind = kind === "paragraph" && written.html.startsWith("<div") ? "math" : kind;
        add({ ...block, kind: shown, html: written.html, runs }, entry.hash);
        continue;
      }
      const title = titleOf(written);
      const id = unique(headingId(title), ids);
      const level = node.depth;
      const html = `<h${level} id="${escapeHtml(id)}" dir="auto">${written.html}</h${level}>`;
      sections.push({
        title,
        level,
        start: block.start,
        end: source.length,
        headingBlock: blocks.length,
        id,
      });
      add({ ...block, level, html, runs, headingId: id });
    }
  }
  const footnotes = notes.write((label) => definitions.get(label));
  if (footnotes !== undefined) add({ kind: "footnotes", ...footnotes });

  closeSections(sections);
  const meta = front?.meta ?? {};
  const heading = sections.find((section) => section.level === 1) ?? sections[0];
  const title = (Object.hasOwn(meta, "title") ? meta["title"] : undefined) ?? heading?.title;
  const article: Article = { source, blocks, sections, meta, dir: directionOf(blocks) };
  if (title !== undefined && title !== "") article.title = title;
  return article;
}

/** What a heading reads, footnote numbers left out. */
function titleOf({ text, runs }: Written): string {
  const written = runs.map((run) => (run.generated === true ? "" : text.slice(run.text, run.text + run.length)));
  return written.join("").replaceAll(/\s+/g, " ").trim();
}

function closeSections(sections: Section[]): void {
  const open: Section[] = [];
  for (const section of sections) {
    while (open.length > 0 && (open[open.length - 1] as Section).level >= section.level) {
      (open.pop() as Section).end = section.start;
    }
    open.push(section);
  }
}

/** Where the node's source ends but for white space: whether line ends after a container belong to it is left open. */
function trimmedEnd(source: string, node: MarkdownNode): number {
  let { end } = node;
  while (end > node.start && /[ \t\r\n]/.test(source.charAt(end - 1))) end--;
  return end;
}

function shifted(runs: readonly TextRun[], by: number): TextRun[] {
  return runs.map((run) => ({ ...run, source: run.source + by }));
}

function unique(id: string, taken: Map<string, number>): string {
  const count = taken.get(id);
  taken.set(id, (count ?? 0) + 1);
  return count === undefined ? id : unique(`${id}-${count}`, taken);
}

/** 53 bits of a multiplicative hash of UTF-16 code units (two lanes of 32, after cyrb53), in base 36. */
function hashOf(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}

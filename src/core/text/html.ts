// The tree as HTML that is safe to insert: every tag and attribute is written here, nothing is passed through.
import { escapeHtml, safeImage, safeLink } from "./safe-url.ts";
import { plainText, type MarkdownNode } from "./tree.ts";
import { createWriter, type Writer } from "./writer.ts";

/** A person that a comment may name. */
export interface Mention {
  /** As written after the @. */
  name: string;
  /** Goes into `data-participant`. */
  id: string;
}

export interface RenderContext {
  /** What the nodes' offsets count in. */
  source: string;
  definition(label: string): { url: string; title: string } | undefined;
  /** Called for each footnote reference in the order of the text; gives its number and the ids of both ends of the link. */
  footnote(label: string): { number: number; id: string; backId: string } | undefined;
  /** Comments: a line end is meant. */
  lineBreaks?: boolean;
  mentions?: readonly Mention[];
}

/** Deeper than this, markup is left out and the text remains: browsers flatten at 512, and no author nests so deep. */
const MAX_DEPTH = 100;

/** Raw HTML tags that are honoured when they come in pairs and bear no attributes. */
const INLINE_TAGS = new Set(
  "sub sup em strong i b u s del ins mark kbd small q cite code var samp dfn abbr".split(" "),
);

/**
 * Other tags of HTML are left out and their content stays. What merely looks like a tag (`<sh>` for a grapheme) is text, and
 * so are scripts, styles and forms, tags included: a reader shall see that they are there.
 */
const DROPPED_TAGS = new Set(
  (
    "a address article aside audio bdi bdo big blockquote caption center col colgroup data dd details div dl dt figcaption figure " +
    "font footer h1 h2 h3 h4 h5 h6 header hgroup hr img li main nav ol p picture pre ruby rb rt rp rtc section source span strike " +
    "summary table tbody td tfoot th thead time tr track tt ul video"
  ).split(" "),
);

/** Those of them that begin a line of their own, and those that begin a cell. */
const LINE_TAGS = new Set(
  (
    "address article aside blockquote caption center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup " +
    "hr li main nav ol p pre section summary table tr ul"
  ).split(" "),
);
const CELL_TAGS = new Set(["td", "th"]);

const DIR = ' dir="auto"';

/** Writes `node` and what it holds; definitions and footnote definitions are left out. */
export function renderNode(writer: Writer, node: MarkdownNode, context: RenderContext): void {
  block(writer, node, context, 0, false);
}

/** Writes the inline content of `node`. */
export function renderInline(writer: Writer, node: MarkdownNode, context: RenderContext): void {
  inline(writer, node.children, context, 0, false);
}

/** Offset of the line end before `offset`; at the very start the one before the chunk, if the chunk is not the first. */
function lineEndBefore(source: string, offset: number, notFirst: boolean): number {
  let at = offset - 1;
  while (at >= 0 && source[at] !== "\n" && source[at] !== "\r") at--;
  return at >= 0 ? at : notFirst ? -1 : offset;
}

/** White space that keeps `node` apart from the text before it, standing for the line end before the node. */
function separateBefore(writer: Writer, node: MarkdownNode, context: RenderContext): void {
  writer.separate("\n", lineEndBefore(context.source, node.start, writer.base > 0));
}

function blocks(w: Writer, nodes: readonly MarkdownNode[], c: RenderContext, depth: number, tight: boolean): void {
  for (const node of nodes) block(w, node, c, depth, tight);
}

/** Writes the blocks of a footnote inside its list item; `end` is written inside its last paragraph, or after its last block. */
export function renderFootnote(w: Writer, node: MarkdownNode, c: RenderContext, id: string, end: string): void {
  separateBefore(w, node, c);
  w.tag(`<li id="${id}"${DIR}>`);
  const last = node.children[node.children.length - 1];
  for (const child of node.children) {
    if (child === last && child.type === "paragraph") {
      separateBefore(w, child, c);
      w.tag(`<p${DIR}>`);
      inline(w, child.children, c, 1, false);
      w.tag(`${end}</p>`);
    } else block(w, child, c, 1, false);
  }
  w.tag(last?.type === "paragraph" ? "</li>" : `${end}</li>`);
}

function block(w: Writer, node: MarkdownNode, c: RenderContext, depth: number, tight: boolean): void {
  if (depth > MAX_DEPTH) return flat(w, node, c);
  switch (node.type) {
    case "definition":
    case "footnoteDefinition":
      return;
    case "paragraph": {
      const only = node.children.length === 1 ? node.children[0] : undefined;
      if (only?.type === "inlineMath" && only.depth > 1) return displayMath(w, only, c);
      separateBefore(w, node, c);
      if (!tight) w.tag(`<p${DIR}>`);
      inline(w, node.children, c, depth + 1, false);
      if (!tight) w.tag("</p>");
      return;
    }
    case "heading":
      separateBefore(w, node, c);
      w.tag(`<h${node.depth}${DIR}>`);
      inline(w, node.children, c, depth + 1, false);
      w.tag(`</h${node.depth}>`);
      return;
    case "blockquote":
      w.tag(`<blockquote${DIR}>`);
      blocks(w, node.children, c, depth + 1, false);
      w.tag("</blockquote>");
      return;
    case "list": {
      const start = node.flag && node.first !== 1 ? ` start="${node.first}"` : "";
      separateBefore(w, node, c);
      w.tag(node.flag ? `<ol${start}>` : "<ul>");
      for (const item of node.children) {
        const task = item.checked === undefined ? "" : ` class="task" data-checked="${item.checked}"`;
        separateBefore(w, item, c);
        w.tag(`<li${task}${DIR}>`);
        blocks(w, item.children, c, depth + 1, !node.loose);
        w.tag("</li>");
      }
      w.tag(node.flag ? "</ol>" : "</ul>");
      return;
    }
    case "code": {
      const language = node.url === "" ? "" : ` class="language-${escapeHtml(node.url)}"`;
      separateBefore(w, node, c);
      w.tag(`<pre dir="ltr"><code${language}>`);
      leaves(w, node.children);
      w.tag("</code></pre>");
      return;
    }
    case "math":
      return displayMath(w, node, c);
    case "html":
      html(w, node, c);
      return;
    case "rule":
      separateBefore(w, node, c);
      w.tag("<hr>");
      return;
    case "table":
      return table(w, node, c, depth);
    default:
      inline(w, [node], c, depth, false);
  }
}

function displayMath(w: Writer, node: MarkdownNode, c: RenderContext): void {
  separateBefore(w, node, c);
  w.tag(`<div class="math math-display" dir="ltr" data-tex="${escapeHtml(plainText(node))}">`);
  leaves(w, node.children);
  w.tag("</div>");
}

function table(w: Writer, node: MarkdownNode, c: RenderContext, depth: number): void {
  separateBefore(w, node, c);
  w.tag('<div class="table" tabindex="0"><table>');
  let part = "";
  for (const row of node.children) {
    const wanted = row.flag ? "thead" : "tbody";
    separateBefore(w, row, c);
    if (wanted !== part) {
      if (part !== "") w.tag(`</${part}>`);
      w.tag(`<${wanted}>`);
      part = wanted;
    }
    w.tag("<tr>");
    for (let i = 0; i < node.align.length; i++) {
      const cell = row.children[i];
      const align = node.align[i] ?? "none";
      const tag = row.flag ? "th" : "td";
      if (cell !== undefined && i > 0) w.separate("\t", cell.start);
      w.tag(`<${tag}${align === "none" ? "" : ` class="align-${align}"`}${DIR}>`);
      if (cell !== undefined) inline(w, cell.children, c, depth + 1, false);
      w.tag(`</${tag}>`);
    }
    w.tag("</tr>");
  }
  if (part !== "") w.tag(`</${part}>`);
  w.tag("</table></div>");
}

/** The text of code or math: leaves only. */
function leaves(w: Writer, nodes: readonly MarkdownNode[]): void {
  for (const node of nodes) w.put(node.value, node.start, node.end, node.unit);
}

/** What is nested too deep to be set: its text. */
function flat(w: Writer, node: MarkdownNode, c: RenderContext): void {
  const todo = [node];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next.type === "paragraph" || next.type === "code") separateBefore(w, next, c);
    if (next.type === "text") w.put(next.value, next.start, next.end, next.unit);
    for (let i = next.children.length - 1; i >= 0; i--) todo.push(next.children[i] as MarkdownNode);
  }
}

function html(w: Writer, node: MarkdownNode, c: RenderContext): void {
  const parts = node.children.flatMap(htmlParts);
  const tags = rawTags(parts);
  if (parts.every((part) => (part.type === "text" ? part.value.trim() === "" : tags?.get(part) === ""))) return;
  separateBefore(w, node, c);
  w.tag(`<div class="html"${DIR}>`);
  // the tags that are left out kept apart what stands between them
  let apart: { between: "\n" | "\t"; at: number } | undefined;
  let said = false;
  for (const part of parts) {
    const tag = tags?.get(part);
    if (tag === undefined) {
      const blank = plainText(part).trim() === "";
      if (apart !== undefined) {
        // white space behind such a tag: what is written in its place stands for both
        if (blank) continue;
        w.separate(apart.between, apart.at);
        if (apart.between === "\n") w.tag("<br>");
        apart = undefined;
      }
      said ||= !blank;
      inline(w, [part], c, 1, false);
    } else if (tag !== "") w.tag(tag);
    else if (said) {
      const name = /^<\/?([a-zA-Z][a-zA-Z0-9]*)/.exec(plainText(part))?.[1]?.toLowerCase() ?? "";
      if (LINE_TAGS.has(name)) apart = { between: "\n", at: part.start };
      else if (CELL_TAGS.has(name)) apart ??= { between: "\t", at: part.start };
    }
  }
  w.tag("</div>");
}

/** Splits a stretch of raw HTML into text and tags, without its comments. */
function htmlParts(node: MarkdownNode): MarkdownNode[] {
  if (node.unit) return [node];
  const parts: MarkdownNode[] = [];
  const text = (from: number, to: number): void => {
    if (from < to)
      parts.push({ ...node, value: node.value.slice(from, to), start: node.start + from, end: node.start + to });
  };
  let at = 0;
  for (const match of node.value.matchAll(/<!--[^]*?(?:-->|$)|<\/?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?\/?>/g)) {
    text(at, match.index);
    at = match.index + match[0].length;
    if (match[0].startsWith("<!--")) continue;
    const tag = { ...node, value: match[0], start: node.start + match.index, end: node.start + at };
    parts.push({ ...node, type: "inlineHtml", value: "", start: tag.start, end: tag.end, children: [tag] });
  }
  text(at, node.value.length);
  return parts;
}

/** What is written for the raw tags among `nodes`; those that are not in the map are text. */
function rawTags(nodes: readonly MarkdownNode[]): ReadonlyMap<MarkdownNode, string> | undefined {
  let tags: Map<MarkdownNode, string> | undefined;
  const open: { name: string; node: MarkdownNode; honoured: boolean }[] = [];
  for (const node of nodes) {
    if (node.type !== "inlineHtml") continue;
    tags ??= new Map();
    const source = plainText(node);
    if (source.startsWith("<!--")) tags.set(node, "");
    const match = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?=[\s/>])([^]*?)(\/?)>$/.exec(source);
    if (match === null) continue;
    const name = (match[2] as string).toLowerCase();
    const bare = (match[3] as string).trim() === "";
    if (name === "br" || name === "wbr") tags.set(node, `<${name}>`);
    else if (!INLINE_TAGS.has(name) && !DROPPED_TAGS.has(name)) continue;
    else if (match[1] === "") {
      // With nothing but its name a tag may be prose (`<a>`, a letter) unless something closes it.
      if (!bare || match[4] === "/") tags.set(node, "");
      open.push({ name, node, honoured: bare && match[4] !== "/" && INLINE_TAGS.has(name) });
    } else {
      tags.set(node, "");
      const at = open.findLastIndex((tag) => tag.name === name);
      const start = open[at];
      if (start === undefined) continue;
      open.length = at;
      tags.set(start.node, start.honoured ? `<${name}>` : "");
      if (start.honoured) tags.set(node, `</${name}>`);
    }
  }
  return tags;
}

function inline(w: Writer, nodes: readonly MarkdownNode[], c: RenderContext, depth: number, inLink: boolean): void {
  const tags = rawTags(nodes);
  for (const node of nodes) {
    if (depth > MAX_DEPTH) {
      flat(w, node, c);
      continue;
    }
    switch (node.type) {
      case "text":
        text(w, node, c);
        break;
      case "emphasis":
      case "strong":
      case "delete": {
        const tag = node.type === "emphasis" ? "em" : node.type === "strong" ? "strong" : "del";
        w.tag(`<${tag}>`);
        inline(w, node.children, c, depth + 1, inLink);
        w.tag(`</${tag}>`);
        break;
      }
      case "inlineCode":
        w.tag("<code>");
        leaves(w, node.children);
        w.tag("</code>");
        break;
      case "inlineMath":
        w.tag(`<span class="math math-inline" dir="ltr" data-tex="${escapeHtml(plainText(node))}">`);
        leaves(w, node.children);
        w.tag("</span>");
        break;
      case "inlineHtml": {
        const tag = tags?.get(node);
        if (tag === undefined) leaves(w, node.children);
        else w.tag(tag);
        break;
      }
      case "break":
        // In a comment the line end that follows is shown as a break itself.
        if (c.lineBreaks !== true) w.tag("<br>");
        break;
      case "link":
        link(w, node, c, depth, inLink);
        break;
      case "image":
        image(w, node, c);
        break;
      case "footnoteCall": {
        const note = c.footnote(node.label ?? "");
        if (note === undefined) break;
        w.tag(inLink ? "<sup>" : `<sup><a class="footnote-ref" id="${note.backId}" href="#${note.id}">`);
        w.generate(String(note.number), node.start, node.end);
        w.tag(inLink ? "</sup>" : "</a></sup>");
        break;
      }
      default:
        inline(w, node.children, c, depth + 1, inLink);
    }
  }
}

function link(w: Writer, node: MarkdownNode, c: RenderContext, depth: number, inLink: boolean): void {
  const target = node.label === undefined ? node : c.definition(node.label);
  const href = inLink || target === undefined ? undefined : safeLink(target.url);
  if (href === undefined) {
    w.tag('<span class="link-off">');
    inline(w, node.children, c, depth + 1, inLink);
    w.tag("</span>");
    return;
  }
  const title = target === undefined || target.title === "" ? "" : ` title="${escapeHtml(target.title)}"`;
  w.tag(`<a href="${escapeHtml(href)}"${title} rel="noopener noreferrer">`);
  inline(w, node.children, c, depth + 1, true);
  w.tag("</a>");
}

/** Nothing is loaded by inserting this: the host that may load the image makes `src` from `data-src`. */
function image(w: Writer, node: MarkdownNode, c: RenderContext): void {
  const target = node.label === undefined ? node : c.definition(node.label);
  const source = target === undefined ? undefined : safeImage(target.url);
  const title = target === undefined || target.title === "" ? "" : ` title="${escapeHtml(target.title)}"`;
  const data = source === undefined ? ' class="image-off"' : ` data-src="${escapeHtml(source)}"`;
  w.tag(`<img alt="${escapeHtml(plainText(node))}"${data}${title}>`);
}

function text(w: Writer, node: MarkdownNode, c: RenderContext): void {
  const people = c.mentions;
  if (c.lineBreaks !== true && (people === undefined || people.length === 0)) {
    w.put(node.value, node.start, node.end, node.unit);
    return;
  }
  if (node.unit) {
    if (node.value === "\n") w.tag("<br>");
    w.put(node.value, node.start, node.end, true);
    return;
  }
  const { value } = node;
  let at = 0;
  const upTo = (to: number): void => {
    w.put(value.slice(at, to), node.start + at, node.start + to, false);
    at = to;
  };
  for (let i = 0; i < value.length; i++) {
    if (value[i] === "\n" && c.lineBreaks === true) {
      upTo(i);
      w.tag("<br>");
    } else if (value[i] === "@" && !/[\p{L}\p{N}]/u.test(value[i - 1] ?? "")) {
      const person = people?.find(({ name }) => names(value, i + 1, name));
      if (person === undefined) continue;
      const end = i + 1 + person.name.length;
      upTo(i);
      w.tag(`<span class="mention" data-participant="${escapeHtml(person.id)}">`);
      upTo(end);
      w.tag("</span>");
      i = end - 1;
    }
  }
  upTo(value.length);
}

function names(value: string, at: number, name: string): boolean {
  return name !== "" && value.startsWith(name, at) && !/[\p{L}\p{N}]/u.test(value[at + name.length] ?? "");
}

/** The whole of `nodes` as HTML, for those who need no positions. */
export function toHtml(nodes: readonly MarkdownNode[], context: RenderContext): string {
  const writer = createWriter();
  for (const node of nodes) renderNode(writer, node, context);
  return writer.done().html;
}

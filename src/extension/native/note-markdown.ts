/**
 * A note's body as Markdown that may stand in a comment or hover of the editor. The body comes from a peer, and the editor
 * reads Markdown with a parser of its own, so the body is never handed over: it is parsed here and written anew, every
 * character that could be markup escaped. Pictures (which would tell a stranger's server who reads) become links, HTML and
 * `command:` addresses become text, and whoever is mentioned gets the name that this room knows them by.
 */
import { withoutCardLinks } from "../../core/model/card-links.ts";
import { isName } from "../../core/model/ids.ts";
import { parseFlow } from "../../core/text/syntax.ts";
import { buildTree, plainText, type MarkdownNode } from "../../core/text/tree.ts";

/** Nested deeper than this, Markdown is no longer a note: shown as plain text. */
const MAX_DEPTH = 12;

export interface NoteOptions {
  nameOf(participant: string): string;
}

interface Context extends NoteOptions {
  definitions: ReadonlyMap<string, string>;
}

/** `written` (Markdown of a peer, at most `MAX_BODY` long) as Markdown that is safe to show; empty for an empty body. */
export function noteMarkdown(written: string, options: NoteOptions): string {
  if (written.trim() === "") return "";
  const body = withoutCardLinks(written);
  const flow = parseFlow(body, { footnotes: false });
  const root = buildTree(flow.finish(flow.labels), body, flow.parsed);
  const definitions = new Map<string, string>();
  for (const node of root.children) {
    if (node.type === "definition" && !definitions.has(node.label ?? "")) definitions.set(node.label ?? "", node.url);
  }
  return blocks(root.children, { ...options, definitions }, 0).trim();
}

/**
 * Any text as Markdown that renders as exactly that text; line ends become line breaks. `atLineStart`: nothing stands before
 * it on its line, so that its first characters could be taken for a list, a heading or the like.
 */
export function escapeMarkdown(text: string, atLineStart = true): string {
  const escaped = text
    .replaceAll(/[\\`*_[\]<>~|#$^]/g, "\\$&")
    .replaceAll(/&(?=[a-zA-Z#])/g, "\\&")
    .replaceAll(/(?<=\w)@(?=\w)/g, "\\@")
    .replaceAll(/:(?=\/)/g, "\\:")
    .replaceAll(/(www)\./gi, "$1\\.")
    // before a link it would make a picture of it
    .replace(/!$/, "\\!");
  const [first = "", ...others] = escaped.split(/[ \t]*\r?\n/);
  return [atLineStart ? lineStart(first) : first, ...others.map(lineStart)].join("  \n");
}

function lineStart(line: string): string {
  return line
    .trimStart()
    .replace(/^(?=[-+=])/, "\\")
    .replace(/^(\d+)(?=[.)])/, "$1\\");
}

function blocks(nodes: readonly MarkdownNode[], context: Context, depth: number, separator = "\n\n"): string {
  return nodes
    .map((node) => block(node, context, depth))
    .filter(Boolean)
    .join(separator);
}

/** What stands between the blocks of an item: no blank line in a list whose items stand together. */
function between(list: MarkdownNode, item: MarkdownNode): string {
  const needsBlank = item.children.some((child) => child.type === "list" && child.flag && child.first !== 1);
  return list.loose || needsBlank ? "\n\n" : "\n";
}

function block(node: MarkdownNode, context: Context, depth: number): string {
  if (depth > MAX_DEPTH) return escapeMarkdown(plainText(node));
  switch (node.type) {
    case "paragraph":
      return inline(node.children, context, depth + 1);
    case "heading":
      return `**${inline(node.children, context, depth + 1)}**`;
    case "blockquote":
      return indent(blocks(node.children, context, depth + 1), "> ", "> ");
    case "list":
      return node.children
        .map((item, i) => {
          const marker = node.flag ? `${node.first + i}. ` : "- ";
          const check = item.checked === undefined ? "" : item.checked ? "☑ " : "☐ ";
          const inside = blocks(item.children, context, depth + 1, between(node, item));
          return indent(check + inside, marker, " ".repeat(marker.length));
        })
        .join("\n");
    case "code":
    case "math":
      return fenced(plainText(node));
    case "rule":
      return "---";
    case "table":
      return node.children
        .map((row) => row.children.map((cell) => inline(cell.children, context, depth + 1)).join(" · "))
        .join("  \n");
    case "definition":
      return "";
    case "html":
      return escapeMarkdown(plainText(node).trim());
    default:
      return inline([node], context, depth);
  }
}

function inline(nodes: readonly MarkdownNode[], context: Context, depth: number): string {
  let text = "";
  /** adjacent leaves are escaped as one, since markup may span them */
  let plain = "";
  const flush = () => {
    text += escapeMarkdown(plain, text === "" || text.endsWith("\n"));
    plain = "";
  };
  nodes.forEach((node) => {
    if (node.type === "text") {
      plain += node.value;
      return;
    }
    const name = mentionName(node, context);
    if (name !== undefined && plain.endsWith("@")) {
      plain = plain.slice(0, -1);
      flush();
      text += `**${escapeMarkdown(`@${name}`)}**`;
      return;
    }
    if (node.type === "inlineHtml" || depth > MAX_DEPTH) {
      plain += plainText(node);
      return;
    }
    flush();
    text += span(node, context, depth);
  });
  flush();
  return text;
}

function span(node: MarkdownNode, context: Context, depth: number): string {
  const inside = () => inline(node.children, context, depth + 1);
  switch (node.type) {
    case "emphasis":
      return `*${inside()}*`;
    case "strong":
      return `**${inside()}**`;
    case "delete":
      return `~~${inside()}~~`;
    case "inlineCode":
    case "inlineMath":
      return codeSpan(plainText(node));
    case "break":
      return "  \n";
    case "link":
    case "image": {
      const label = inside() || (node.type === "image" ? "picture" : "");
      const address = safeAddress(addressOf(node, context));
      return address === undefined ? label : `[${label}](<${address}>)`;
    }
    default:
      return escapeMarkdown(plainText(node));
  }
}

function addressOf(node: MarkdownNode, context: Context): string {
  return node.label === undefined ? node.url : (context.definitions.get(node.label) ?? "");
}

function mentionName(node: MarkdownNode, context: Context): string | undefined {
  return node.type === "link" && node.label === undefined && isName(node.url) ? context.nameOf(node.url) : undefined;
}

/** The address if it is one of the web or a mail address, in a form that cannot end its own brackets. */
function safeAddress(address: string): string | undefined {
  if (!/^(?:https?:\/\/|mailto:)/i.test(address) || !URL.canParse(address)) return undefined;
  return new URL(address).href.replaceAll(/[<>\\\s`]/g, encodeURIComponent);
}

function codeSpan(code: string): string {
  const flat = code.replaceAll("\n", " ");
  const ticks = "`".repeat(longestRun(flat) + 1);
  return flat.trim() === "" ? "" : `${ticks} ${flat} ${ticks}`;
}

function fenced(code: string): string {
  const ticks = "`".repeat(Math.max(3, longestRun(code) + 1));
  return `${ticks}\n${code}\n${ticks}`;
}

function longestRun(code: string): number {
  return Math.max(0, ...[...code.matchAll(/`+/g)].map((match) => match[0].length));
}

function indent(text: string, first: string, rest: string): string {
  return text
    .split("\n")
    .map((line, i) => (i === 0 ? first : line === "" ? rest.trimEnd() : rest) + line)
    .join("\n");
}

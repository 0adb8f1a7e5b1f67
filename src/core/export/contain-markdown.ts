/**
 * Markdown by people and from articles, made fit to stand inside a report of ours: it keeps its emphasis, lists, code and
 * links to the web, but has no headings, no HTML, nothing that is fetched, and no definitions that would reach outside.
 */
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

type Node = ReturnType<typeof fromMarkdown> | ReturnType<typeof fromMarkdown>["children"][number];

interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Rounds of mending before the text is shown as code instead: each round parses it anew. Written notes need one or two. */
const ROUNDS = 8;
/** More places to mend than anybody's note has: mending them would only cost time. */
const MOST_EDITS = 400;
/** Lists and quotes inside each other at the start of one line; nobody writes more, and parsing them costs their square. */
const DEEP = /^ *(?:(?:[>*+-]|\d{1,9}[.)]) *){24}/m;
/** Without one of these no heading, HTML, definition, image or link can be found, and the text need not be parsed. */
const SPECIAL = /[<[#@]|:\/\/|www\.|mailto:|xmpp:|^[ >*+\d.)-]*(?:=+|-+) *$/im;
const EXTENSIONS = { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] };

/**
 * `markdown` with line ends `\n`, without tabs, to be set inside a block quote with a prefix on every line. Parsing the
 * result finds no heading, HTML, image, definition or footnote, and only links to http, https and mailto addresses. What
 * cannot be mended is set as code. With `breaks`, line ends inside a paragraph stay line ends.
 */
export function containMarkdown(markdown: string, options: { breaks?: boolean } = {}): string {
  let text = plainLines(markdown);
  if (DEEP.test(text)) return asCode(text);
  if (!SPECIAL.test(text) && !(options.breaks && text.includes("\n"))) return text;
  for (let round = 0; round < ROUNDS; round++) {
    const edits: Edit[] = [];
    collect(fromMarkdown(text, EXTENSIONS), text, options.breaks === true, edits);
    if (edits.length === 0) return text;
    if (edits.length > MOST_EDITS) break;
    text = apply(text, edits);
  }
  return asCode(text);
}

/** Tabs count by columns, which a prefix shifts: they become the spaces that they stand for. Control characters go. */
function plainLines(markdown: string): string {
  const lines = markdown
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .split("\n");
  const spaced = lines.map((line) => {
    let out = "";
    for (const [i, part] of line.split("\t").entries()) out += i === 0 ? part : " ".repeat(4 - (out.length % 4)) + part;
    return out.trim() === "" ? "" : out;
  });
  return spaced.join("\n").replace(/^\n+|\s+$/g, "");
}

function asCode(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** Later edits that overlap an earlier one wait for the next round. */
function apply(text: string, edits: Edit[]): string {
  let out = "";
  let at = 0;
  for (const edit of edits.sort((a, b) => a.start - b.start)) {
    if (edit.start < at) continue;
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

function collect(node: Node, text: string, breaks: boolean, edits: Edit[]): void {
  const start = node.position?.start.offset ?? 0;
  const end = node.position?.end.offset ?? 0;
  const source = text.slice(start, end);
  /** Puts a backslash before the first `sign`, so that the whole is read as text. */
  const defuse = (sign: string) => {
    const at = source.indexOf(sign);
    edits.push({ start: start + at, end: start + at, text: "\\" });
  };
  switch (node.type) {
    case "html":
      edits.push({ start, end, text: source.replaceAll("<", "&lt;") });
      return;
    case "heading": {
      const from = node.children[0]?.position?.start.offset;
      const to = node.children.at(-1)?.position?.end.offset;
      if (from === undefined || to === undefined)
        edits.push({ start, end, text: source.startsWith("#") ? `\\${source}` : "" });
      // two spaces: what follows stays on a line of its own
      else edits.push({ start, end, text: `**${text.slice(from, to)}**  ` });
      return;
    }
    case "definition":
    case "footnoteDefinition":
    case "footnoteReference":
    case "linkReference":
      defuse("[");
      return;
    case "image":
    case "imageReference":
      defuse("!");
      return;
    case "link":
      if (!/^(?:https?:\/\/|mailto:)/i.test(node.url)) {
        if (source.startsWith("<")) edits.push({ start, end: start + 1, text: "&lt;" });
        else if (source.startsWith("[")) defuse("[");
        else edits.push({ start, end, text: source.replace(":", "\\:") });
        return;
      }
      break;
    case "text":
      if (breaks) {
        for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1))
          edits.push({ start: start + at, end: start + at, text: "  " });
      }
      return;
    default:
  }
  if ("children" in node) for (const child of node.children) collect(child, text, breaks, edits);
}

// Cuts a source at lines where no construct can be open, so that an edit costs the parsing of one piece of it.
import { buildTree, branch, textNode, type MarkdownNode } from "./tree.ts";
import { parseFlow, type Flow, type Labels } from "./syntax.ts";

/** A stretch of source that is parsed alone, its blocks with offsets counted from `start`. */
export interface Chunk {
  start: number;
  source: string;
  /** Never changed once made: chunks of an earlier parse are used again. */
  children: readonly MarkdownNode[];
}

interface Parsed {
  labels: Labels;
  tail: Flow["tail"];
  flow: Flow | undefined;
  /** The tree, and the labels it was parsed under (only a chunk with a bracket can depend on them). */
  tree: MarkdownNode | undefined;
  under: string;
}

/** What a parse leaves for the next one: the pieces by their text. */
export type ChunkCache = Map<string, Parsed>;

const LIST_MARKER = /^(?:[-+*]|\d{1,9}[.)])(?:\s|$)/;

/**
 * Beyond this many containers on a line (or as many levels of indented list) a chunk is shown literally: micromark's time
 * grows with their product with the lines.
 */
const TOO_DEEP = /^(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))){40}|^[ \t]{160,}(?:[-+*>]|\d{1,9}[.)])/m;

/**
 * Parses `source` from `from` on. `before` gives the pieces of the last parse, `after` takes those of this one; the result is
 * the same with any cache.
 * @param whole parses everything as one piece: what cutting must be equal to
 */
export function parseChunks(
  source: string,
  from: number,
  before: ChunkCache,
  after: ChunkCache,
  whole = false,
): Chunk[] {
  const pieces: { start: number; text: string; parsed: Parsed }[] = [];
  const take = (start: number, end: number): Parsed => {
    const text = source.slice(start, end);
    const parsed = after.get(text) ?? before.get(text) ?? parse(text);
    after.set(text, parsed);
    return parsed;
  };
  const cuts = whole ? [] : cutsOf(source, from);
  let start = from;
  let at = 0;
  while (start < source.length) {
    let skip = 1;
    let end = source.length;
    at = hinted(source, start, cuts, at);
    let parsed: Parsed | undefined;
    while (at < cuts.length) {
      end = cuts[at] as number;
      parsed = take(start, end);
      const goesOn =
        parsed.tail === "open" || (parsed.tail === "list" && LIST_MARKER.test(source.slice(end, end + 12)));
      if (!goesOn) break;
      // Doubling keeps the cost of a construct with many blank lines linear.
      parsed = undefined;
      at += skip;
      skip *= 2;
    }
    if (parsed === undefined) end = source.length;
    parsed ??= take(start, end);
    pieces.push({ start, text: source.slice(start, end), parsed });
    start = end;
    at++;
  }

  const definitions = new Set(pieces.flatMap(({ parsed }) => parsed.labels.definitions));
  const footnotes = new Set(pieces.flatMap(({ parsed }) => parsed.labels.footnotes));
  const labels: Labels = { definitions: lookup(definitions), footnotes: lookup(footnotes) };
  const all = `${[...definitions].sort().join("\n")}\n\n${[...footnotes].sort().join("\n")}`;
  return pieces.map(({ start, text, parsed }) => ({
    start,
    source: text,
    children: treeOf(text, parsed, labels, all),
  }));
}

/** micromark asks `includes` for every bracket; thousands of labels would make that a search through all of them. */
function lookup(labels: ReadonlySet<string>): string[] {
  return Object.assign([...labels], { includes: (label: string) => labels.has(label) });
}

/** Parses `source` by itself and as one piece, without footnotes. */
export function parseAlone(source: string): MarkdownNode {
  if (TOO_DEEP.test(source)) return literally(source);
  const flow = parseFlow(source, { footnotes: false });
  return buildTree(flow.finish(flow.labels), source, flow.parsed);
}

function parse(text: string): Parsed {
  if (TOO_DEEP.test(text)) {
    return {
      labels: { definitions: [], footnotes: [] },
      tail: "closed",
      flow: undefined,
      tree: literally(text),
      under: "",
    };
  }
  const flow = parseFlow(text);
  return { labels: flow.labels, tail: flow.tail, flow, tree: undefined, under: "" };
}

function treeOf(text: string, parsed: Parsed, labels: Labels, all: string): readonly MarkdownNode[] {
  const under = text.includes("[") ? all : "";
  if (parsed.tree === undefined || (parsed.under !== under && !TOO_DEEP.test(text))) {
    const flow = parsed.flow ?? parseFlow(text);
    parsed.flow = undefined;
    parsed.tree = buildTree(flow.finish(labels), text, flow.parsed);
    parsed.under = under;
  }
  return parsed.tree.children;
}

/** Starts of lines after a blank line that begin with something other than white space: only these close all containers. */
function cutsOf(source: string, from: number): number[] {
  const cuts: number[] = [];
  const blank = /\n[ \t]*\n(?=[^ \t\r\n])/g;
  blank.lastIndex = from;
  for (let match = blank.exec(source); match !== null; match = blank.exec(source)) cuts.push(blank.lastIndex);
  return cuts;
}

/**
 * Passes over cuts that are surely none, before anything is parsed: inside a fence that the piece begins with, and between
 * items of a list that it begins with. What passes is checked by parsing.
 */
function hinted(source: string, start: number, cuts: readonly number[], at: number): number {
  let next = at;
  const line = source.slice(start, start + 200);
  const fence = /^(`{3,}|~{3,}|\$\$+)/.exec(line)?.[1];
  if (fence !== undefined) {
    const close = new RegExp(`\\n {0,3}\\${fence[0]}{${fence.length},}[ \\t]*(?:\\n|$)`, "g");
    close.lastIndex = start;
    const found = close.exec(source);
    const end = found === null ? source.length : found.index + 1;
    while (next < cuts.length && (cuts[next] as number) <= end) next++;
  } else if (LIST_MARKER.test(line)) {
    while (next < cuts.length && LIST_MARKER.test(source.slice(cuts[next], (cuts[next] as number) + 12))) next++;
  }
  return next;
}

/** A paragraph for each stretch without blank lines, every character of it as it stands. */
function literally(text: string): MarkdownNode {
  const children: MarkdownNode[] = [];
  for (const match of text.matchAll(/\S[^\n]*(?:\n[ \t]*\S[^\n]*)*/g)) {
    const end = match.index + match[0].length;
    const leaf = textNode(match[0].replaceAll("\0", "\uFFFD"), match.index, end);
    children.push(branch("paragraph", match.index, end, [leaf]));
  }
  return branch("root", 0, text.length, children);
}

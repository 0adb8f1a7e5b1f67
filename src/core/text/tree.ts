// micromark's events to a small tree whose leaves know the source characters that they came from.
import { decodeNamedCharacterReference } from "decode-named-character-reference";
import { decodeNumericCharacterReference } from "micromark-util-decode-numeric-character-reference";
import { normalizeIdentifier } from "micromark-util-normalize-identifier";
import type { Event, Token } from "micromark-util-types";

export type NodeType =
  | "root" | "paragraph" | "heading" | "blockquote" | "list" | "listItem" | "code" | "math" | "html" | "rule" | "table" | "row" | "cell"
  | "definition" | "footnoteDefinition"
  | "text" | "emphasis" | "strong" | "delete" | "inlineCode" | "inlineMath" | "inlineHtml" | "break" | "link" | "image" | "footnoteCall"
  | "discarded"; // prettier-ignore

/** A node of the article's tree. Offsets are UTF-16, end exclusive, in the source that the events were made from. */
export interface MarkdownNode {
  type: NodeType;
  start: number;
  end: number;
  children: MarkdownNode[];
  /** text: what is rendered. One character per source character unless `unit` is set. */
  value: string;
  /** text: the value as a whole stands for the source range (an escape, a character reference, a line ending CR LF). */
  unit: boolean;
  /** heading: 1 to 6. Math in dollars: how many. */
  depth: number;
  /** list: ordered. Row: in the table's head. */
  flag: boolean;
  /** list: number of the first item. */
  first: number;
  /** list: items stand apart, so that their paragraphs are shown as paragraphs. */
  loose: boolean;
  checked: boolean | undefined;
  /** table: alignment by column. */
  align: readonly string[];
  /** link, image, definition: the address. Code: the language. */
  url: string;
  title: string;
  /** definition, footnote, and a link or image that names its definition: the label in normal form. */
  label: string | undefined;
}

const EMPTY: readonly string[] = [];

function make(type: NodeType, start: number, end: number): MarkdownNode {
  return {
    type, start, end, children: [], value: "", unit: false, depth: 0, flag: false, first: 1, loose: false, checked: undefined,
    align: EMPTY, url: "", title: "", label: undefined,
  }; // prettier-ignore
}

/** A text leaf that renders `value` for the source range. */
export function textNode(value: string, start: number, end: number, unit = false): MarkdownNode {
  const node = make("text", start, end);
  node.value = value;
  node.unit = unit;
  return node;
}

/** A node around `children`, for sources that are not Markdown. */
export function branch(type: NodeType, start: number, end: number, children: MarkdownNode[]): MarkdownNode {
  const node = make(type, start, end);
  node.children = children;
  return node;
}

/** Enter events that open a node which their exit event closes. */
const OPENS: Readonly<Record<string, NodeType>> = {
  paragraph: "paragraph",
  atxHeading: "heading",
  setextHeading: "heading",
  blockQuote: "blockquote",
  listOrdered: "list",
  listUnordered: "list",
  codeFenced: "code",
  codeIndented: "code",
  mathFlow: "math",
  htmlFlow: "html",
  thematicBreak: "rule",
  definition: "definition",
  gfmFootnoteDefinition: "footnoteDefinition",
  emphasis: "emphasis",
  strong: "strong",
  strikethrough: "delete",
  codeText: "inlineCode",
  mathText: "inlineMath",
  htmlText: "inlineHtml",
  hardBreakEscape: "break",
  hardBreakTrailing: "break",
  link: "link",
  image: "image",
  autolink: "link",
  literalAutolink: "link",
  gfmFootnoteCall: "footnoteCall",
  table: "table",
  tableRow: "row",
  tableHeader: "cell",
  tableData: "cell",
  // Text inside these is wanted as a string, or not at all.
  resourceDestinationString: "discarded",
  resourceTitleString: "discarded",
  definitionDestinationString: "discarded",
  definitionTitleString: "discarded",
  definitionLabelString: "discarded",
  referenceString: "discarded",
  codeFencedFenceInfo: "discarded",
  codeFencedFenceMeta: "discarded",
  mathFlowFenceMeta: "discarded",
  gfmFootnoteCallString: "discarded",
  gfmFootnoteDefinitionLabelString: "discarded",
  tableDelimiterRow: "discarded",
};

const LEAVES = new Set([
  "data", "chunkText", "codeTextData", "codeFlowValue", "mathTextData", "mathFlowValue", "htmlFlowData", "htmlTextData",
  "autolinkProtocol", "autolinkEmail", "literalAutolinkWww", "literalAutolinkHttp", "literalAutolinkEmail",
]); // prettier-ignore

const HOLDS_LINES = new Set<NodeType>([
  "paragraph", "heading", "emphasis", "strong", "delete", "link", "image", "code", "inlineCode", "math", "inlineMath", "html", "inlineHtml", "discarded",
]); // prettier-ignore

interface ListFrame {
  list: MarkdownNode | undefined;
  afterMarker: boolean;
}

/** The definitions of links and footnotes among `nodes` and inside them, in their order. */
export function definitionsIn(nodes: readonly MarkdownNode[]): MarkdownNode[] {
  const found: MarkdownNode[] = [];
  const todo = nodes.toReversed();
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (node.type === "definition" || node.type === "footnoteDefinition") found.push(node);
    if (node.type === "paragraph") continue;
    for (let i = node.children.length - 1; i >= 0; i--) todo.push(node.children[i] as MarkdownNode);
  }
  return found;
}

/** The rendered string of a node, without markup: an image's alternative text, an address. */
export function plainText(node: MarkdownNode): string {
  let text = "";
  const todo = [node];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    text += next.value;
    for (let i = next.children.length - 1; i >= 0; i--) todo.push(next.children[i] as MarkdownNode);
  }
  return text;
}

/**
 * Builds the tree of `events`, whose offsets are in `source`.
 * @param parsed what the events were made from; labels are read there
 */
export function buildTree(events: readonly Event[], source: string, parsed: string): MarkdownNode {
  const root = make("root", 0, source.length);
  const stack: MarkdownNode[] = [root];
  const frames: ListFrame[] = [];
  let top = root;
  let inTable = false;
  let skipLine = false;
  let stripTaskSpace = false;
  const fences: number[] = [];

  const open = (type: NodeType, token: Token): MarkdownNode => {
    const node = make(type, token.start.offset, token.end.offset);
    if (type !== "discarded") top.children.push(node);
    stack.push(node);
    top = node;
    return node;
  };
  const close = (): MarkdownNode => {
    const node = stack.pop() as MarkdownNode;
    top = stack[stack.length - 1] as MarkdownNode;
    return node;
  };
  const put = (value: string, start: number, end: number, unit: boolean): void => {
    const last = top.children[top.children.length - 1];
    if (!unit && last !== undefined && last.type === "text" && !last.unit && last.end === start) {
      last.value += value;
      last.end = end;
    } else top.children.push(textNode(value, start, end, unit));
  };
  const slice = (token: Token): string => source.slice(token.start.offset, token.end.offset);
  const label = (token: Token): string => normalizeIdentifier(parsed.slice(token.start.offset, token.end.offset));
  const closeItem = (): void => {
    if (top.type !== "listItem") return;
    const item = close();
    const last = item.children[item.children.length - 1];
    if (last !== undefined) item.end = Math.max(item.end, last.end);
  };

  /** Characters as they stand, but for NUL, which CommonMark replaces, and a tab of which only a part is content. */
  const putSlice = (event: Event): void => {
    const token = event[1];
    let start = token.start.offset;
    const end = token.end.offset;
    let value = slice(token);
    if (token.type === "codeFlowValue" && source.charCodeAt(start - 1) === 9) {
      const whole = event[2].sliceSerialize(token);
      const spaces = whole.length - value.length;
      if (spaces > 0) put(" ".repeat(spaces), start - 1, start, true);
    }
    if (value.includes("\0")) value = value.replaceAll("\0", "\uFFFD");
    if (stripTaskSpace) {
      stripTaskSpace = false;
      if (/^[ \t]/.test(value)) {
        value = value.slice(1);
        start++;
      }
    }
    if (token.type === "codeTextData" && inTable && value.includes("\\|")) {
      // In a table cell a backslash keeps a pipe from ending the cell, even inside code.
      let at = 0;
      for (const match of value.matchAll(/\\([\\|])/g)) {
        if (match[1] !== "|") continue;
        if (match.index > at) put(value.slice(at, match.index), start + at, start + match.index, false);
        put("|", start + match.index, start + match.index + 2, true);
        at = match.index + 2;
      }
      if (at < value.length) put(value.slice(at), start + at, end, false);
    } else if (value !== "") put(value, start, end, false);
  };

  const enter = (event: Event): void => {
    const token = event[1];
    const type = token.type as string;
    const frame = frames[frames.length - 1];
    if (token._container === true) {
      if (frame !== undefined) frame.afterMarker = false;
      const node = open(OPENS[type] as NodeType, token);
      if (type === "listOrdered") node.flag = true;
      frames.push({ list: node.type === "list" ? node : undefined, afterMarker: false });
      return;
    }
    if (frame !== undefined && type !== "linePrefix") {
      if (type === "lineEndingBlank") {
        if (!frame.afterMarker && frame.list !== undefined) frame.list.loose = true;
        frame.afterMarker = false;
      } else if (!type.startsWith("listItem")) frame.afterMarker = false;
    }
    if (type === "listItemPrefix") {
      closeItem();
      open("listItem", token);
      return;
    }
    const opens = OPENS[type];
    if (opens === undefined) {
      if (type === "tableHead") inTable = true;
      return;
    }
    const node = open(opens, token);
    if (opens === "code" || opens === "math") fences.push(0);
    else if (opens === "table") {
      node.align = (token as Token & { _align?: string[] })._align ?? EMPTY;
      inTable = true;
    } else if (opens === "footnoteCall") node.label = "";
  };

  const exit = (event: Event, inHead: boolean): void => {
    const token = event[1];
    const type = token.type as string;
    if (LEAVES.has(type)) {
      putSlice(event);
      if (type === "autolinkProtocol" || type === "literalAutolinkHttp") top.url = slice(token);
      else if (type === "autolinkEmail" || type === "literalAutolinkEmail") top.url = `mailto:${slice(token)}`;
      else if (type === "literalAutolinkWww") top.url = `http://${slice(token)}`;
      return;
    }
    switch (type) {
      case "lineEnding": {
        stripTaskSpace = false;
        if (skipLine || !HOLDS_LINES.has(top.type)) return;
        const space = top.type === "inlineCode" || top.type === "inlineMath";
        const at = token.start.offset;
        // The token's own end may lie behind the prefix of the next line.
        const long = source.startsWith("\r\n", at);
        put(space ? " " : "\n", at, at + (long ? 2 : 1), long);
        return;
      }
      case "characterEscape":
        put(source.charAt(token.end.offset - 1), token.start.offset, token.end.offset, true);
        return;
      case "characterReference":
        put(decode(slice(token)), token.start.offset, token.end.offset, true);
        return;
      case "listItemPrefix": {
        const frame = frames[frames.length - 1];
        if (frame !== undefined) frame.afterMarker = true;
        return;
      }
      case "listItemValue": {
        const list = stack[stack.length - 2];
        if (list !== undefined && list.children.length === 1) list.first = Number(slice(token));
        return;
      }
      case "taskListCheckValueChecked":
      case "taskListCheckValueUnchecked": {
        const item = stack[stack.length - 2];
        if (item?.type === "listItem") item.checked = type === "taskListCheckValueChecked";
        return;
      }
      case "taskListCheck":
        stripTaskSpace = true;
        return;
      case "atxHeadingSequence":
        if (top.depth === 0) top.depth = token.end.offset - token.start.offset;
        return;
      case "setextHeadingText":
        skipLine = true;
        return;
      case "setextHeadingLineSequence":
        top.depth = source.charCodeAt(token.start.offset) === 61 ? 1 : 2;
        return;
      case "codeFencedFence":
      case "mathFlowFence":
        fences[fences.length - 1] = (fences[fences.length - 1] ?? 0) + 1;
        return;
      case "mathTextSequence":
        top.depth = token.end.offset - token.start.offset;
        return;
      case "labelText":
        if (top.label === undefined) top.label = label(token);
        return;
      case "resource":
        top.label = undefined;
        return;
      case "resourceDestinationString":
      case "definitionDestinationString":
      case "codeFencedFenceInfo": {
        const text = plainText(close());
        top.url = text;
        return;
      }
      case "resourceTitleString":
      case "definitionTitleString": {
        const text = plainText(close());
        top.title = text;
        return;
      }
      case "definitionLabelString":
      case "referenceString":
      case "gfmFootnoteCallString":
      case "gfmFootnoteDefinitionLabelString":
        close();
        top.label = label(token);
        return;
      case "tableHead":
        return;
    }
    const opened = OPENS[type];
    if (opened === undefined) return;
    if (token._container === true) {
      frames.pop();
      closeItem();
    }
    const node = close();
    if (node.type === "row") node.flag = inHead;
    else if (node.type === "table") inTable = false;
    else if (node.type === "heading") skipLine = false;
    else if (node.type === "html") trimEmptyLines(node);
    else if (node.type === "code" || node.type === "math") trimFence(node, fences.pop() ?? 0);
  };

  let head = false;
  for (const event of events) {
    if (event[0] === "enter") {
      if (event[1].type === "tableHead") head = true;
      enter(event);
    } else {
      exit(event, head);
      if (event[1].type === "tableHead") head = false;
    }
  }
  return root;
}

/** The line ends next to the fences are markup. */
function trimFence(node: MarkdownNode, fences: number): void {
  const cut = (child: MarkdownNode | undefined, atStart: boolean): void => {
    if (child === undefined || !(atStart ? child.value.startsWith("\n") : child.value.endsWith("\n"))) return;
    child.value = atStart ? child.value.slice(1) : child.value.slice(0, -1);
    if (child.unit || child.value === "") node.children.splice(atStart ? 0 : node.children.length - 1, 1);
    else if (atStart) child.start++;
    else child.end--;
  };
  if (fences > 0) cut(node.children[0], true);
  if (fences !== 1) return cut(node.children[node.children.length - 1], false);
  trimEmptyLines(node);
}

/** A block that only its container ends: which of the empty lines before that end are its own is left open. */
function trimEmptyLines(node: MarkdownNode): void {
  for (let last = node.children.at(-1); last !== undefined; last = node.children.at(-1)) {
    const kept = last.value.replace(/(?:^|\n)[ \t]*$/, "");
    if (kept === last.value) return;
    last.end -= last.value.length - kept.length;
    last.value = kept;
    if (kept === "" || last.unit) node.children.pop();
  }
}

function decode(reference: string): string {
  const hex = /^&#[xX]([^;]*);$/.exec(reference);
  if (hex !== null) return decodeNumericCharacterReference(hex[1] as string, 16);
  const decimal = /^&#([^;]*);$/.exec(reference);
  if (decimal !== null) return decodeNumericCharacterReference(decimal[1] as string, 10);
  return decodeNamedCharacterReference(reference.slice(1, -1)) || reference;
}

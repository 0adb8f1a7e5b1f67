// The Markdown dialect of an article, as a micromark parser: CommonMark, the parts of GFM that scholars use, and math.
import { parse, preprocess } from "micromark";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmFootnote } from "micromark-extension-gfm-footnote";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { gfmTable } from "micromark-extension-gfm-table";
import { gfmTaskListItem } from "micromark-extension-gfm-task-list-item";
import { math } from "micromark-extension-math";
import { subtokenize } from "micromark-util-subtokenize";
import type { Construct, Event, Extension, ParseContext, Token, TokenizeContext } from "micromark-util-types";

/** What a chunk of Markdown calls by name, in micromark's normal form (upper case, single spaces). */
export interface Labels {
  definitions: string[];
  footnotes: string[];
}

/** A chunk whose block structure is known, but not yet its inline structure. */
export interface Flow {
  /** What micromark was given: `source`, or a stand-in of the same length. Labels are to be read from it. */
  parsed: string;
  /** Labels defined inside this chunk. */
  labels: Labels;
  /** The last construct at the top level: what may go on after the chunk's end. */
  tail: "closed" | "open" | "list";
  /**
   * Parses the inline content and gives the events, once.
   * @param labels those of the whole document, since a reference may precede its definition
   */
  finish(labels: Labels): Event[];
}

/**
 * Limits on one run of inline text. micromark's time grows with the square of the number of delimiters in a
 * paragraph; a paragraph beyond these is shown literally. No paragraph of 22 real articles comes near a tenth of them.
 */
const MAX_DELIMITERS = 2000;
const MAX_ANGLES = 400;

type Parser = ParseContext & { gfmFootnotes?: string[] };

/**
 * A dollar sign opens a formula only before, and closes it only after, something other than white space, and no digit
 * may follow: pandoc's rule (`tex_math_dollars`), so that "from $5 to $10" stays prose.
 */
function carefulMath(): Extension {
  const extension = math();
  const construct = extension.text?.[36] as Construct;
  const tokenize = construct.tokenize;
  const careful: Construct = {
    ...construct,
    tokenize(this: TokenizeContext, effects, ok, nok) {
      return tokenize.call(
        this,
        effects,
        (code) => {
          const token = this.events[this.events.length - 1]?.[1];
          const source = token === undefined ? "" : this.sliceSerialize(token);
          const single = source[1] !== "$";
          const spaced = /^\$\s|\s\$$/.test(source);
          const digit = code !== null && code >= 48 && code <= 57;
          return single && (spaced || digit) ? nok(code) : ok(code);
        },
        nok,
      );
    },
  };
  return { ...extension, text: { 36: careful } };
}

/** Constructs that cost time on every line or letter are left out of chunks that cannot hold them. */
const parsers = new Map<string, Parser>();
function parserFor(source: string, footnotes: boolean): Parser {
  const autolinks = /www\.|https?:\/\/|@/i.test(source);
  // The row under a table's head has dashes next to a pipe or a colon.
  const tables = /[|:][ \t]*-|-[ \t]*[|:]/.test(source);
  const key = `${autolinks} ${tables} ${footnotes}`;
  const known = parsers.get(key);
  if (known !== undefined) return known;
  const extensions = [gfmStrikethrough({ singleTilde: false }), gfmTaskListItem(), carefulMath()];
  if (tables) extensions.unshift(gfmTable());
  if (footnotes) extensions.unshift(gfmFootnote());
  if (autolinks) extensions.unshift(gfmAutolinkLiteral());
  const parser = parse({ extensions }) as Parser;
  parsers.set(key, parser);
  return parser;
}

/**
 * micromark looks at UTF-16 code units one by one, and so takes an emoji next to an asterisk for a letter. The stand-in has a
 * currency sign for each half of such a symbol (section 6.2 treats all symbols alike).
 */
function standIn(source: string): string {
  if (!/[*_~][\uD800-\uDBFF]|[\uDC00-\uDFFF][*_~]/.test(source)) return source;
  return source.replaceAll(/(?<=[*_~])[\p{P}\p{S}]|[\p{P}\p{S}](?=[*_~])/gu, (symbol) =>
    symbol.length === 2 ? "\u00A4\u00A4" : symbol,
  );
}

/**
 * Parses the block structure of `source`, which must begin outside any container or fence.
 * Offsets in the events are UTF-16 offsets in `source`.
 */
export function parseFlow(source: string, options: { footnotes?: boolean } = {}): Flow {
  const parser = parserFor(source, options.footnotes ?? true);
  parser.defined = [];
  parser.gfmFootnotes = [];
  parser.lazy = {};
  const split = preprocess();
  // micromark drops a byte order mark from the first piece it is given, which would shift every offset.
  split("", "utf8", false);
  const parsed = standIn(source);
  const events = parser.document().write(split(parsed, "utf8", true));
  const labels: Labels = { definitions: parser.defined, footnotes: parser.gfmFootnotes };
  return {
    parsed,
    labels,
    tail: tailOf(events, source),
    finish(all) {
      parser.defined = all.definitions;
      parser.gfmFootnotes = all.footnotes;
      // The first pass unfolds blocks, the next ones the text inside them.
      let done = subtokenize(events);
      capText(events, source);
      while (!done) done = subtokenize(events);
      return events;
    },
  };
}

function capText(events: Event[], source: string): void {
  for (const [kind, token] of events) {
    if (kind !== "enter" || token.contentType !== "text" || token.previous !== undefined) continue;
    let delimiters = 0;
    let angles = 0;
    for (let part: Token | undefined = token; part !== undefined; part = part.next) {
      for (let i = part.start.offset; i < part.end.offset; i++) {
        const code = source.charCodeAt(i);
        // * _ ` ~ [ ] ! $ and <
        if (code === 42 || code === 95 || code === 96 || code === 126 || code === 91 || code === 93 || code === 36)
          delimiters++;
        else if (code === 60) angles++;
      }
    }
    if (delimiters <= MAX_DELIMITERS && angles <= MAX_ANGLES) continue;
    for (let part: Token | undefined = token; part !== undefined; part = part.next) part.contentType = undefined;
  }
}

/** Start and end conditions of the HTML blocks that a blank line does not end (CommonMark 0.31, section 4.6). */
const LONG_HTML: readonly [RegExp, RegExp][] = [
  [/^<(?:script|pre|style|textarea)(?=[\s>]|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^<!--/, /-->/],
  [/^<\?/, /\?>/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [/^<![a-z]/i, />/],
];

function tailOf(events: Event[], source: string): Flow["tail"] {
  for (let i = events.length - 1; i >= 0; i--) {
    const token = (events[i] as Event)[1];
    if (token._container === true)
      return token.type === "listOrdered" || token.type === "listUnordered" ? "list" : "closed";
    if (token.type !== "chunkFlow") continue;
    const flow = token._tokenizer?.events ?? [];
    for (let k = flow.length - 1; k >= 0; k--) {
      const last = (flow[k] as Event)[1];
      if (last.type === "lineEnding" || last.type === "lineEndingBlank" || last.type === "linePrefix") continue;
      if (last.type === "codeFenced" || last.type === "mathFlow") {
        const fence = last.type === "codeFenced" ? "codeFencedFence" : "mathFlowFence";
        let fences = 0;
        for (let f = k - 1; f >= 0 && (flow[f] as Event)[1] !== last; f--) {
          const [kind, inner] = flow[f] as Event;
          if (kind === "exit" && (inner.type as string) === fence) fences++;
        }
        return fences === 2 ? "closed" : "open";
      }
      // micromark lets indented code reach over blank lines to what follows, and an empty list item not interrupt it.
      if (last.type === "codeIndented") return "open";
      if (last.type !== "htmlFlow") return "closed";
      const html = source.slice(last.start.offset, last.end.offset).trimStart();
      for (const [start, end] of LONG_HTML) {
        const opening = start.exec(html);
        if (opening !== null) return end.test(html.slice(opening[0].length)) ? "closed" : "open";
      }
      return "closed";
    }
  }
  return "closed";
}

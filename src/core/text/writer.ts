// HTML, the text that a reader sees of it, and where each character of that text stands in the source: written as one.
import { escapeHtml } from "./safe-url.ts";

/** A stretch of rendered text and the source it came from. Offsets are UTF-16 code units. */
export interface TextRun {
  /** Offset in the block's rendered text. */
  text: number;
  /** Offset in the source. */
  source: number;
  /** Code units of rendered text. */
  length: number;
  /** Code units of source covered. Equal to `length`: character by character; else the run is one unit (an entity, an escape). */
  sourceLength: number;
  /** Text that is not written in the source as such: the number of a footnote, which stands for its reference. */
  generated?: true;
}

export interface Written {
  html: string;
  text: string;
  runs: TextRun[];
  /** Offsets in `text` of the characters that stand between two inner blocks (list items, cells): white space to a reader. */
  breaks: number[];
}

export interface Writer {
  /** Added to every source offset. */
  base: number;
  tag(html: string): void;
  /** Text whose characters stand for those of the source one by one, unless `unit`. */
  put(text: string, start: number, end: number, unit: boolean): void;
  /** Text that is not in the source, standing for the range. */
  generate(text: string, start: number, end: number): void;
  /** White space between two inner blocks, if any text precedes: it stands for one character of the source at `at`. */
  separate(character: "\n" | "\t", at: number): void;
  readonly length: number;
  done(): Written;
}

export function createWriter(): Writer {
  const html: string[] = [];
  let text = "";
  const runs: TextRun[] = [];
  const breaks: number[] = [];
  let last: TextRun | undefined;
  const writer: Writer = {
    base: 0,
    tag(tag) {
      html.push(tag);
    },
    put(value, start, end, unit) {
      if (value === "") return;
      // A carriage return can only come from a character reference; HTML would turn it into a line feed.
      const shown = value.includes("\r") ? value.replaceAll("\r", " ") : value;
      const source = start + writer.base;
      html.push(escapeHtml(shown));
      if (
        !unit &&
        last !== undefined &&
        last.length === last.sourceLength &&
        last.source + last.sourceLength === source
      ) {
        last.length += shown.length;
        last.sourceLength += shown.length;
      } else {
        const run: TextRun = { text: text.length, source, length: shown.length, sourceLength: end - start };
        runs.push(run);
        last = unit ? undefined : run;
      }
      text += shown;
    },
    generate(value, start, end) {
      runs.push({
        text: text.length, source: start + writer.base, length: value.length, sourceLength: end - start, generated: true,
      }); // prettier-ignore
      html.push(escapeHtml(value));
      text += value;
      last = undefined;
    },
    separate(character, at) {
      if (text === "" || breaks[breaks.length - 1] === text.length - 1) return;
      breaks.push(text.length);
      runs.push({ text: text.length, source: at + writer.base, length: 1, sourceLength: 1 });
      html.push(character);
      text += character;
      last = undefined;
    },
    get length() {
      return text.length;
    },
    done: () => ({ html: html.join(""), text, runs, breaks }),
  };
  return writer;
}

/** Candidate: the old text is at hand, and both are aligned word by word. */
import { alignTexts, carryRange } from "../../../src/core/anchor/carry.ts";
import { answers, type Answer } from "./answer.ts";

interface Range {
  start: number;
  end: number;
}

export const createDoc = (text: string): { text: string } => ({ text });

export const createAnchor = (_text: string, start: number, end: number): Range => ({ start, end });

export function resolveAll(text: string, ranges: readonly Range[], doc: { text: string }): Answer[] {
  const alignment = alignTexts(doc.text, text);
  return answers(ranges.map(({ start, end }) => carryRange(alignment, start, end)));
}

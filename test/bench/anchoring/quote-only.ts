/** Candidate: nothing is known but the anchor; what serves an import, or an article that was changed while nobody looked. */
import { createAnchor as make, type Anchor } from "../../../src/core/anchor/anchor.ts";
import { createAnchorIndex, resolveAll as resolve } from "../../../src/core/anchor/resolve.ts";
import { answers, type Answer } from "./answer.ts";

export const createAnchor = (text: string, start: number, end: number): Anchor => make(text, start, end);

export const resolveAll = (text: string, anchors: readonly Anchor[]): Answer[] =>
  answers(resolve(createAnchorIndex(text), anchors));

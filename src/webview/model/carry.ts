/** Where a passage of the text that was shown stands in the one that is shown now. Pure. */
import { type Alignment, alignTexts, carryRange } from "../../core/anchor/carry.ts";
import { joinBlocks, type JoinedText, type Part, partsOf, type ShownBlock } from "./shown-text.ts";
import { type Span, toSource } from "./source-map.ts";

export interface Carried extends Span {
  /** Its words are not all the same any more. */
  changed: boolean;
}

/** From source offsets of the old text to those of the new one; null when the passage is gone. */
export type Carry = (passage: Span) => Carried | null;

/**
 * Blocks that stand at the beginning or at the end of both texts carry their passages as they are; what lies between is
 * compared word by word, as it is for annotations, so that words which stand several times are not taken for each other.
 */
export function createCarry(before: readonly ShownBlock[], after: readonly ShownBlock[]): Carry {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head]!.key === after[head]!.key) head++;
  let tail = 0;
  while (tail < least - head && before.at(-1 - tail)!.key === after.at(-1 - tail)!.key) tail++;
  const grown = after.length - before.length;

  /** The same block in the new text. */
  const same = (i: number): ShownBlock | undefined => {
    if (i < head) return after[i];
    return i >= before.length - tail ? after[i + grown] : undefined;
  };

  const untouched = (first: Part, last: Part): Carried | null => {
    const from = toSource(same(first.block)!.runs, first);
    const to = toSource(same(last.block)!.runs, last);
    if (!from || !to) return null;
    // something came between its blocks
    const changed = first.block < head && last.block >= before.length - tail && grown !== 0;
    return { start: Math.min(from.start, to.start), end: Math.max(from.end, to.end), changed };
  };

  const compared = new Map<string, { old: JoinedText; now: JoinedText; alignment: Alignment }>();
  const compare = (from: number, to: number) => {
    const name = `${from} ${to}`;
    let made = compared.get(name);
    if (!made) {
      const old = joinBlocks(before.slice(from, to));
      const now = joinBlocks(after.slice(from, to + grown));
      compared.set(name, (made = { old, now, alignment: alignTexts(old.text, now.text) }));
    }
    return made;
  };

  return (passage) => {
    const parts = partsOf(before, passage);
    const first = parts[0];
    const last = parts.at(-1);
    if (!first || !last) return null;
    if (parts.every((part) => same(part.block))) return untouched(first, last);
    const from = Math.min(first.block, head);
    const { old, now, alignment } = compare(from, Math.max(last.block + 1, before.length - tail));
    if (now.text === "") return null;
    const start = old.starts[first.block - from]! + first.start;
    const end = old.starts[last.block - from]! + last.end;
    const placement = carryRange(alignment, start, end);
    const source = placement.state === "orphaned" ? null : now.sourceOf(placement);
    return source && { ...source, changed: placement.state === "changed" };
  };
}

/**
 * The characters of a block's DOM: text nodes one after the other, and formulas that stand for their source as a whole.
 * What the view itself adds (`data-aside`) does not count.
 */
import { firstIndex, type Span } from "../model/source-map.ts";

export interface Leaf {
  node: Text | Element;
  start: number;
  length: number;
}

/** Elements of the view inside a block: spoken boundaries and the like. */
export const ASIDE = "data-aside";
/** Elements that stand for so many characters, whatever they show. */
export const WHOLE = "data-length";

export function leavesOf(block: Element): Leaf[] {
  const leaves: Leaf[] = [];
  let at = 0;
  const walk = (node: Node) => {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (child.nodeType === Node.TEXT_NODE) {
        const text = child as Text;
        if (text.length === 0) continue;
        leaves.push({ node: text, start: at, length: text.length });
        at += text.length;
      } else if (child.nodeType === Node.ELEMENT_NODE) {
        const element = child as Element;
        if (element.hasAttribute(ASIDE)) continue;
        const whole = element.getAttribute(WHOLE);
        if (whole === null) walk(element);
        else {
          leaves.push({ node: element, start: at, length: Number(whole) });
          at += Number(whole);
        }
      }
    }
  };
  walk(block);
  return leaves;
}

/** A DOM range's ends for rendered characters, or null when they are not there. */
export function toDom(leaves: readonly Leaf[], span: Span): StaticRangeInit | null {
  const first = leaves[firstIndex(leaves.length, (i) => leaves[i]!.start + leaves[i]!.length > span.start)];
  const last = leaves[firstIndex(leaves.length, (i) => leaves[i]!.start >= span.end) - 1];
  if (!first || !last) return null;
  const start = pointIn(first, span.start - first.start, false);
  const end = pointIn(last, span.end - last.start, true);
  return {
    startContainer: start.node,
    startOffset: start.offset,
    endContainer: end.node,
    endOffset: end.offset,
  };
}

/** Whether a character is white space; a formula is none. */
export function isWhiteAt(leaves: readonly Leaf[], at: number): boolean {
  const leaf = leaves[firstIndex(leaves.length, (i) => leaves[i]!.start + leaves[i]!.length > at)];
  if (!leaf || leaf.node.nodeType !== Node.TEXT_NODE) return false;
  return /\s/.test((leaf.node as Text).data.charAt(at - leaf.start));
}

function pointIn(leaf: Leaf, offset: number, isEnd: boolean): { node: Node; offset: number } {
  const clamped = Math.max(0, Math.min(leaf.length, offset));
  if (leaf.node.nodeType === Node.TEXT_NODE) return { node: leaf.node, offset: clamped };
  const parent = leaf.node.parentNode!;
  const index = indexIn(parent, leaf.node);
  return { node: parent, offset: isEnd ? index + 1 : index };
}

/**
 * How many of the block's characters stand before a DOM position. Inside a formula that is its start, or its end when
 * `isEnd`.
 */
export function fromDom(leaves: readonly Leaf[], node: Node, offset: number, isEnd: boolean): number {
  const range = document.createRange();
  range.setStart(node, offset);
  range.collapse(true);
  const after = firstIndex(leaves.length, (i) => {
    const leaf = leaves[i]!;
    if (leaf.node === node) return true;
    if (leaf.node.contains(node)) return true;
    const parent = leaf.node.parentNode!;
    return range.comparePoint(parent, indexIn(parent, leaf.node)) >= 0;
  });
  const leaf = leaves[after];
  const last = leaves.at(-1);
  if (!leaf) return last ? last.start + last.length : 0;
  if (leaf.node === node && node.nodeType === Node.TEXT_NODE) return leaf.start + Math.min(offset, leaf.length);
  if (leaf.node.contains(node)) return isEnd ? leaf.start + leaf.length : leaf.start;
  return leaf.start;
}

function indexIn(parent: Node, child: Node): number {
  let index = 0;
  for (let node = parent.firstChild; node && node !== child; node = node.nextSibling) index++;
  return index;
}

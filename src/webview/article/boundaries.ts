/**
 * Words that only screen readers hear where an annotation begins and ends. They stand in elements that do not count as the
 * article's text, in blocks near the window.
 */
import { KIND_TITLES } from "../../core/model/kinds.ts";
import { overlapping, type PlacedIndex } from "../model/annotations.ts";
import type { ArticleView, BlockView } from "./article-view.ts";
import { ASIDE, toDom } from "./leaves.ts";

export interface Boundaries {
  show(placed: PlacedIndex, authorOf: (ref: string) => string): void;
  clear(): void;
}

export function createBoundaries(article: ArticleView): Boundaries {
  /** What was inserted into each block, and what for. */
  const marked = new Map<BlockView, { signature: string; elements: HTMLElement[] }>();

  const remove = (view: BlockView) => {
    for (const element of marked.get(view)?.elements ?? []) {
      const parent = element.parentNode;
      element.remove();
      // an insertion cut a text node in two: whole again, so that cuts do not add up
      parent?.normalize();
    }
    marked.delete(view);
    article.refresh(view);
  };

  return {
    show(placed, authorOf) {
      const known = new Set(article.blocks);
      for (const view of marked.keys()) {
        if (!known.has(view)) marked.delete(view);
        else if (!view.near) remove(view);
      }
      for (const view of article.blocks) {
        if (!view.near) continue;
        const points: { at: number; text: string; isEnd: boolean }[] = [];
        for (const each of overlapping(placed, view.block)) {
          const span = each.filtered ? null : article.textIn(view, each);
          if (!span) continue;
          const name = `${KIND_TITLES[each.kind]} by ${authorOf(each.ref)}`;
          if (each.start >= view.block.start) points.push({ at: span.start, text: `${name} begins`, isEnd: false });
          if (each.end <= view.block.end) points.push({ at: span.end, text: `${name} ends`, isEnd: true });
        }
        const signature = points.map((point) => `${point.at} ${point.text}`).join("\n");
        if ((marked.get(view)?.signature ?? "") === signature) continue;
        remove(view);
        // from the end, so that earlier places stay where they are
        points.sort((a, b) => b.at - a.at || Number(a.isEnd) - Number(b.isEnd));
        const elements = points.flatMap((point) => insert(view, point) ?? []);
        marked.set(view, { signature, elements });
        article.refresh(view);
      }
    },
    clear() {
      for (const view of Array.from(marked.keys())) remove(view);
    },
  };
}

function insert(view: BlockView, point: { at: number; text: string; isEnd: boolean }): HTMLElement | null {
  const span = point.isEnd ? { start: point.at - 1, end: point.at } : { start: point.at, end: point.at + 1 };
  const dom = toDom(view.leaves, span);
  if (!dom) return null;
  const range = document.createRange();
  if (point.isEnd) range.setStart(dom.endContainer, dom.endOffset);
  else range.setStart(dom.startContainer, dom.startOffset);
  const element = document.createElement("span");
  element.className = "hidden";
  element.setAttribute(ASIDE, "");
  element.lang = "en";
  element.dir = "auto";
  element.textContent = ` (${point.text}) `;
  range.insertNode(element);
  return element;
}

/** How far down the page things stand. Read in batches, kept until the layout changes. */
import type { Span } from "../model/source-map.ts";
import type { ArticleView, BlockView } from "./article-view.ts";
import { toDom } from "./leaves.ts";

export interface Geometry {
  /** Measures all blocks anew: after a resize, a new font, a picture that came. */
  measure(): void;
  /** Pixels from the top of the page to the line where a passage begins: exact near the window, estimated elsewhere. */
  topOf(source: Span): number;
  /** The stretch of the page that is near the window. */
  window(): { top: number; bottom: number };
  /** The block at the top of the window. */
  atTop(): BlockView | undefined;
}

export function createGeometry(page: HTMLElement, article: ArticleView): Geometry {
  const range = document.createRange();
  /** Where the block ends that stands before what is not shown, or the first one begins. */
  const besideOf = (offset: number): number => {
    const shown = article.blocks.filter(({ block, height }) => block.kind !== "footnotes" && height > 0);
    const before = shown.findLast(({ block }) => block.start <= offset);
    return before ? before.top + before.height : (shown[0]?.top ?? 0);
  };
  return {
    measure() {
      const origin = page.getBoundingClientRect().top;
      for (const view of article.blocks) {
        const box = view.element.getBoundingClientRect();
        view.top = box.top - origin;
        view.height = box.height;
        view.tops.clear();
      }
    },
    topOf(source) {
      const view = article.blocksIn(source).find(({ height }) => height > 0);
      if (!view) return besideOf(source.start);
      const span = article.textIn(view, source);
      if (!span) return view.top;
      const known = view.tops.get(span.start);
      if (known !== undefined) return known;
      if (!view.near) return view.top + view.height * (span.start / Math.max(1, view.length));
      const dom = toDom(view.leaves, { start: span.start, end: span.start + 1 });
      if (!dom) return view.top;
      range.setStart(dom.startContainer, dom.startOffset);
      range.setEnd(dom.endContainer, dom.endOffset);
      const box = range.getBoundingClientRect();
      const top = box.height === 0 ? view.top : box.top - view.element.getBoundingClientRect().top + view.top;
      view.tops.set(span.start, top);
      return top;
    },
    window() {
      let top = Number.POSITIVE_INFINITY;
      let bottom = 0;
      for (const view of article.blocks) {
        if (!view.near) continue;
        top = Math.min(top, view.top);
        bottom = Math.max(bottom, view.top + view.height);
      }
      return { top, bottom };
    },
    atTop() {
      const line = -page.getBoundingClientRect().top + 60;
      return article.blocks.find((view) => view.top + view.height > line) ?? article.blocks.at(-1);
    },
  };
}

/** Whether the text at a node runs from right to left. */
export function isReadFromRight(node: Node): boolean {
  const element = node instanceof Element ? node : node.parentElement;
  return element !== null && getComputedStyle(element).direction === "rtl";
}

/** What the reader has selected in the article: the page's own selection is the truth, in source offsets. */
import type { ArticleView } from "./article/article-view.ts";
import type { Span } from "./model/source-map.ts";
import type { Page } from "./page.ts";

export interface TextSelection {
  /** Null when nothing of the article is selected. */
  read(): Span | null;
  /** Selects a passage, or nothing of the article any more; a selection elsewhere in the page is left alone. */
  put(span: Span | null): void;
  /** The mouse is still drawing it. */
  readonly pressing: boolean;
}

export function createTextSelection(page: Page, article: ArticleView, onReleased: () => void): TextSelection {
  let pressing = false;
  page.main.addEventListener("pointerdown", (event) => {
    if (event.button === 0) pressing = true;
  });
  window.addEventListener("pointerup", () => {
    if (!pressing) return;
    pressing = false;
    onReleased();
  });
  window.addEventListener("pointercancel", () => (pressing = false));

  const inside = (): Range | null => {
    const selection = document.getSelection();
    const range = selection && selection.rangeCount > 0 && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    if (!range) return null;
    return page.article.contains(range.startContainer) || page.article.contains(range.endContainer) ? range : null;
  };

  return {
    read() {
      const range = inside();
      return range ? article.sourceOf(range) : null;
    },
    put(span) {
      const selection = document.getSelection();
      const range = span && article.domRange(span);
      if (!selection) return;
      if (!range) {
        if (inside()) selection.removeAllRanges();
        return;
      }
      const { startContainer, startOffset, endContainer, endOffset } = range;
      if (selection.direction === "backward") {
        selection.setBaseAndExtent(endContainer, endOffset, startContainer, startOffset);
      } else selection.setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
    },
    get pressing() {
      return pressing;
    },
  };
}

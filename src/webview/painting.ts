/** When the highlights, the margin and the flags are drawn: with the state, and as blocks come near the window or leave it. */
import { type Actions } from "./actions.ts";
import type { ArticleView } from "./article/article-view.ts";
import { createBoundaries } from "./article/boundaries.ts";
import { createHighlighter } from "./article/highlighter.ts";
import { drawFlags } from "./chrome/flags.ts";
import type { CardContext } from "./margin/card-parts.ts";
import type { MarginView } from "./margin/margin-view.ts";
import type { Page } from "./page.ts";
import { threadIn } from "./reduce.ts";
import type { State } from "./state.ts";

/**
 * Least time between two drawings of what came near, in milliseconds. Whatever is changed in a page, Chromium paints all its
 * highlighted text near the window anew: better seldom and much than often and little.
 */
const NEAR_INTERVAL = 100;

export interface Painting {
  /**
   * Blocks came near or went: their passages, marks and cards are made in the next frame; while the reader scrolls, together
   * with those that come soon after.
   */
  near(): void;
  margin(): void;
  /** Every passage near the window, and those that stand out among them. */
  highlights(): void;
  /** Only those that stand out: the active one, the one pointed at, the one being written about, what others have selected. */
  special(): void;
  flags(): void;
}

export interface PaintingOptions {
  page: Page;
  article: ArticleView;
  margin: Pick<MarginView, "draw">;
  state(): State;
  context(): CardContext;
  nameOf: Actions["nameOf"];
  /** All annotations have arrived. */
  complete(): boolean;
  /** The highlights of all annotations near the window are on the screen for the first time. */
  onComplete(): void;
}

export function createPainting(options: PaintingOptions): Painting {
  const { page, article, margin, state } = options;
  const highlighter = createHighlighter(article);
  const boundaries = createBoundaries(article);
  let waiting = false;
  let drawn = 0;
  let completed = false;

  const painting: Painting = {
    near() {
      if (waiting) return;
      waiting = true;
      const draw = () => {
        waiting = false;
        drawn = performance.now();
        if (!state().article) return;
        painting.highlights();
        painting.margin();
        painting.flags();
      };
      const rest = drawn + NEAR_INTERVAL - performance.now();
      if (rest > 0) setTimeout(() => requestAnimationFrame(draw), rest);
      else requestAnimationFrame(draw);
    },
    margin() {
      if (margin.draw(options.context())) painting.near();
    },
    highlights() {
      const now = state();
      const spoken = now.settings.announceBoundaries || document.body.classList.contains("vscode-using-screen-reader");
      if (spoken) boundaries.show(now.placed, (ref) => options.nameOf(threadIn(now, ref)?.author ?? ""));
      else boundaries.clear();
      highlighter.paint(now.placed);
      painting.special();
      if (completed || !options.complete() || !article.blocks.some((view) => view.near)) return;
      completed = true;
      afterPaint(options.onComplete);
    },
    special() {
      const { active, hovered, newNote, people, placed } = state();
      const spanOf = (ref: string | null) => {
        const at = ref === null ? undefined : placed.position.get(ref);
        return at === undefined ? null : placed.list[at]!;
      };
      highlighter.show("active", spanOf(active));
      highlighter.show("hovered", hovered === active ? null : spanOf(hovered));
      highlighter.show("draft", newNote && newNote.passage.fate !== "lost" ? newNote.passage : null);
      highlighter.showSelections(people.values());
    },
    flags: () => drawFlags(page, article, state().people.values()),
  };
  return painting;
}

/** Runs a task after the frame that is being made is on the screen. */
export function afterPaint(task: () => void): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.addEventListener("message", () => {
      channel.port1.close();
      task();
    });
    channel.port1.start();
    channel.port2.postMessage(null);
  });
}

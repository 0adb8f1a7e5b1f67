/**
 * Passages painted by the CSS Custom Highlight API: the article's DOM stays as it is. Ranges exist only for blocks near the
 * window; a block's passages are merged by paint first (see `coverage`).
 */
import type { Person } from "../../protocol/reader.ts";
import { overlapping, type Placed, type PlacedIndex } from "../model/annotations.ts";
import { apart, coverage, type Paint, PAINTS } from "../model/coverage.ts";
import type { Span } from "../model/source-map.ts";
import type { ArticleView, BlockView } from "./article-view.ts";
import { toDom } from "./leaves.ts";

export interface Highlighter {
  /** Paints the passages of the blocks near the window. */
  paint(placed: PlacedIndex): void;
  /** One passage in a manner of its own, on top of the others. */
  show(name: "active" | "hovered" | "draft" | "found", span: Span | null): void;
  /** What others have selected, each stretch in one colour however many have it. */
  showSelections(people: Iterable<Person>): void;
}

/** Later ones are painted above earlier ones. */
const PRIORITIES: readonly string[] = [...PAINTS, "active", "person", "hovered", "draft", "found"];
/** As many as there are participant colours. */
export const COLOURS = 8;

export function createHighlighter(article: ArticleView): Highlighter {
  const registry = new Map<string, Highlight>();
  const named = (name: string): Highlight => {
    let highlight = registry.get(name);
    if (!highlight) {
      highlight = new Highlight();
      highlight.priority = PRIORITIES.indexOf(name.replace(/-\d$/, ""));
      registry.set(name, highlight);
      CSS.highlights.set(`marginalia-${name}`, highlight);
    }
    return highlight;
  };
  const rangesOf = (view: BlockView, spans: readonly Span[]) =>
    spans.flatMap((span) => {
      const dom = toDom(view.leaves, span);
      return dom ? [new StaticRange(dom)] : [];
    });

  /** The ranges of each block that is near the window, and what they were made from. */
  const painted = new Map<BlockView, { byPaint: Map<Paint, StaticRange[]>; drawn: number; from: readonly Placed[] }>();

  return {
    paint(placed) {
      const isSame = (view: BlockView, from: readonly Placed[]): boolean => {
        const here = overlapping(placed, view.block);
        return here.length === from.length && here.every((each, i) => each === from[i]);
      };
      for (const [view, { byPaint, drawn, from }] of painted) {
        if (view.near && view.element.isConnected && view.drawn === drawn && isSame(view, from)) continue;
        for (const [paint, list] of byPaint) for (const range of list) named(paint).delete(range);
        painted.delete(view);
      }
      for (const view of article.blocks) {
        if (!view.near || painted.has(view)) continue;
        const byPaint = new Map<Paint, StaticRange[]>();
        const from = overlapping(placed, view.block);
        for (const [paint, spans] of coverage(from, (source) => article.textIn(view, source))) {
          const list = rangesOf(view, spans);
          for (const range of list) named(paint).add(range);
          byPaint.set(paint, list);
        }
        painted.set(view, { byPaint, drawn: view.drawn, from });
      }
    },
    show(name, span) {
      replace(
        named(name),
        span === null
          ? []
          : article.blocksIn(span).flatMap((view) => {
              const text = article.textIn(view, span);
              return text ? rangesOf(view, [text]) : [];
            }),
      );
    },
    showSelections(people) {
      const ranges: StaticRange[][] = Array.from({ length: COLOURS }, () => []);
      const selecting = [...people].flatMap(({ me, online, selection, colour }) =>
        !me && online && selection ? { ...selection, colour } : [],
      );
      // washes that lie on each other would leave no contrast to the text
      for (const [i, own] of apart(selecting).entries()) {
        for (const span of own) {
          for (const view of article.blocksIn(span)) {
            const text = article.textIn(view, span);
            if (text) ranges[selecting[i]!.colour % COLOURS]!.push(...rangesOf(view, [text]));
          }
        }
      }
      ranges.forEach((list, colour) => {
        if (list.length > 0 || registry.has(`person-${colour}`)) replace(named(`person-${colour}`), list);
      });
    },
  };
}

function replace(highlight: Highlight, ranges: readonly AbstractRange[]): void {
  if (highlight.size === 0 && ranges.length === 0) return;
  highlight.clear();
  for (const range of ranges) highlight.add(range);
}

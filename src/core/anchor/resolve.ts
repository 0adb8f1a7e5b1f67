import type * as Y from "yjs";
import type { Anchor, Placement } from "./anchor.ts";
import { prepareSearch, searchQuote, bare } from "./quote-search.ts";
import type { SearchText } from "./quote-search.ts";
import { createPositionIndex, decodePosition } from "./relative.ts";
import type { PositionIndex } from "./relative.ts";
import { createLexicon, cutWords } from "./words.ts";

/** One version of the article, made ready to find many anchors in. What is costly is made when first needed. */
export interface AnchorIndex {
  readonly text: string;
  /** Offsets of relative positions; null if the text is not known as a Y.Text. */
  positions(): PositionIndex | null;
  search(): SearchText;
}

/** Built once for each version of the text. `ytext` must hold the very same text; it is read when first needed. */
export function createAnchorIndex(text: string, ytext?: Y.Text): AnchorIndex {
  let positions: PositionIndex | null | undefined = ytext ? undefined : null;
  let search: SearchText | undefined;
  return {
    text,
    positions: () => (positions === undefined ? (positions = createPositionIndex(ytext as Y.Text)) : positions),
    search() {
      if (!search) {
        const lexicon = createLexicon();
        search = prepareSearch(cutWords(text, lexicon), lexicon);
      }
      return search;
    },
  };
}

/**
 * Where an anchor stands in `text`. The relative positions come first, checked by the quote; then the quote alone, with the
 * offsets as a hint. A passage that cannot be found for certain is orphaned. `doc`, if given, is the index of this very text.
 */
export function resolveAnchor(text: string, anchor: Anchor, doc: AnchorIndex = createAnchorIndex(text)): Placement {
  const { exact } = anchor.quote;
  if (exact === "") return { state: "orphaned" };
  const range = relativeRange(doc, anchor);
  if (range && range.end - range.start === exact.length && text.startsWith(exact, range.start))
    return { state: "placed", ...range };
  if (range && range.start < range.end && bare(text.slice(range.start, range.end)) === bare(exact))
    return { state: "placed", ...range };
  const { start, end } = anchor.position;
  const { prefix, suffix } = anchor.quote;
  if (
    !range &&
    text.startsWith(exact, start) &&
    text.startsWith(suffix, start + exact.length) &&
    text.startsWith(prefix, start - prefix.length)
  ) {
    return { state: "placed", start, end };
  }
  const found = searchQuote(doc.search(), anchor, range?.start ?? start);
  return found
    ? { state: found.exact ? "placed" : "changed", start: found.start, end: found.end }
    : { state: "orphaned" };
}

function relativeRange(doc: AnchorIndex, anchor: Anchor): { start: number; end: number } | null {
  if (anchor.start === undefined || anchor.end === undefined) return null;
  const positions = doc.positions();
  if (!positions) return null;
  const from = decodePosition(anchor.start);
  const to = decodePosition(anchor.end);
  if (!from || !to) return null;
  const start = positions.offsetOf(from);
  const end = positions.offsetOf(to);
  return start === null || end === null ? null : { start, end };
}

/** Places all anchors; the answers stand in the order of the anchors. */
export function resolveAll(index: AnchorIndex, anchors: readonly Anchor[]): Placement[] {
  return anchors.map((anchor) => resolveAnchor(index.text, anchor, index));
}

/** Anchors placed bit by bit, so that nothing blocks for long. */
export interface SlicedResolver {
  /** Works for about `budgetMs` by the clock `now` (milliseconds); true once all are placed. */
  step(budgetMs: number, now: () => number): boolean;
  /** The placements so far, in the order of the anchors. */
  readonly placements: readonly Placement[];
}

export function createSlicedResolver(index: AnchorIndex, anchors: readonly Anchor[]): SlicedResolver {
  const placements: Placement[] = [];
  return {
    placements,
    step(budgetMs, now) {
      const until = now() + budgetMs;
      while (placements.length < anchors.length) {
        placements.push(resolveAnchor(index.text, anchors[placements.length] as Anchor, index));
        if (now() >= until) break;
      }
      return placements.length === anchors.length;
    },
  };
}

/** The article's blocks in the page: made once, replaced by key, found again by node, offset or point. */
import type { BlockMessage } from "../../protocol/reader.ts";
import { type Carry, createCarry } from "../model/carry.ts";
import { type PassageWords, type ShownBlock, textIn as textInBlock, wordsOf } from "../model/shown-text.ts";
import { firstIndex, sourceAt, type Span, toSource, toSourceOfNotes } from "../model/source-map.ts";
import type { Article } from "../state.ts";
import { ASIDE, fromDom, isWhiteAt, type Leaf, leavesOf, toDom } from "./leaves.ts";
import { cleanHtml } from "./sanitise.ts";

/** Ids of the article's own elements bear this, so that none can pose as one of the view's. */
export const ARTICLE_IDS = "a-";

/** How far from the window a block is near: a quarter of a second of fast scrolling, and no more text than that is highlighted. */
const NEAR = "80% 0px";

export interface BlockView {
  block: BlockMessage;
  element: HTMLElement;
  leaves: Leaf[];
  /** Length of the rendered text. */
  length: number;
  near: boolean;
  /** Grows whenever the leaves are other ones: ranges made before are void. */
  drawn: number;
  /** Pixels from the top of the page, as last measured; and tops of single characters in it. */
  top: number;
  height: number;
  tops: Map<number, number>;
}

export interface ArticleView {
  readonly blocks: readonly BlockView[];
  /** The blocks as plain text. */
  shown(): ShownBlock[];
  /** Shows another text; answers where passages of the old one stand in it. */
  update(article: Article): Carry;
  /** Says where images of the article come from: see `imageBase` and `remoteImages` in the protocol. */
  setImages(from: ImageSources): void;
  blockOf(node: Node): BlockView | undefined;
  blockByHeading(id: string): BlockView | undefined;
  /** Rendered characters of a source range in one block. */
  textIn(view: BlockView, source: Span): Span | null;
  /** Blocks that show a part of the source range, in order. */
  blocksIn(source: Span): BlockView[];
  /** One DOM range over the whole of a source range. */
  domRange(source: Span): Range | null;
  /**
   * The source range of the characters in a DOM range, from the first to the last that is not white space; null when it touches none
   * of the article.
   */
  sourceOf(range: { startContainer: Node; startOffset: number; endContainer: Node; endOffset: number }): Span | null;
  /** The source offset of the character under a point of the window; null beside the text. */
  sourceAtPoint(x: number, y: number): number | null;
  /** The source offset of the character at a caret: the one after it, or before it at the end of a text. */
  sourceAtCaret(node: Node, offset: number): number | null;
  /** Rendered text of a source range, and what stands around it. */
  wordsOf(source: Span): PassageWords;
  /** Leaves were changed (formulas set): count them again. */
  refresh(view: BlockView): void;
}

export interface ImageSources {
  /** What relative addresses stand under; without it such images show their text. */
  base: string | undefined;
  remote: boolean;
}

export interface ArticleEvents {
  /** Blocks came near the window or went far; both after an update. */
  onNear(): void;
  /** A block was made: set its formulas, pictures and the like. */
  onBlock(view: BlockView): void;
}

export function createArticleView(root: HTMLElement, events: ArticleEvents): ArticleView {
  let views: BlockView[] = [];
  let byElement = new WeakMap<Element, BlockView>();
  let images: ImageSources = { base: undefined, remote: false };
  let firstNear = true;
  const observer = new IntersectionObserver(
    (entries) => {
      let changed = firstNear;
      firstNear = false;
      for (const entry of entries) {
        const view = byElement.get(entry.target);
        if (!view || view.near === entry.isIntersecting) continue;
        view.near = entry.isIntersecting;
        changed = true;
      }
      if (changed) events.onNear();
    },
    { rootMargin: NEAR },
  );

  const make = (block: BlockMessage): BlockView => {
    const element = document.createElement("div");
    element.className = `block ${block.kind.replace(/[^a-z]/g, "")}`;
    element.append(cleanHtml(block.html, ARTICLE_IDS));
    showImages(element, images);
    for (const back of element.querySelectorAll(".footnote-back")) back.setAttribute("aria-label", "Back to the text");
    // what scrolls sideways has to be reachable by keys
    for (const code of element.querySelectorAll("pre")) code.tabIndex = 0;
    const view: BlockView = {
      block,
      element,
      leaves: [],
      length: 0,
      near: false,
      drawn: 0,
      top: 0,
      height: 0,
      tops: new Map(),
    };
    byElement.set(element, view);
    events.onBlock(view);
    count(view);
    return view;
  };

  const count = (view: BlockView) => {
    view.leaves = leavesOf(view.element);
    view.drawn++;
    const last = view.leaves.at(-1);
    view.length = last ? last.start + last.length : 0;
  };

  const textIn = (view: BlockView, source: Span): Span | null => textInBlock(view.block, source);

  const shown = (): ShownBlock[] =>
    views.map((view) => {
      const { key, kind, start, end, runs } = view.block;
      return { key, kind, start, end, runs, text: () => textOf(view) };
    });

  const blockOf = (node: Node): BlockView | undefined => {
    const element = (node instanceof Element ? node : node.parentElement)?.closest(".block");
    return element ? byElement.get(element) : undefined;
  };

  const api: ArticleView = {
    get blocks() {
      return views;
    },
    shown,
    update(article) {
      const before = shown();
      const kept = new Map(views.map((view) => [view.block.key, view]));
      const visible = article.blocks.filter((block) => block.html !== "");
      const next = visible.map((block) => {
        const view = kept.get(block.key);
        if (!view) return make(block);
        kept.delete(block.key);
        view.block = block;
        return view;
      });
      for (const view of kept.values()) {
        observer.unobserve(view.element);
        view.element.remove();
      }
      let at: ChildNode | null = root.firstChild;
      const fresh: BlockView[] = [];
      for (const view of next) {
        if (view.element === at) at = at.nextSibling;
        else {
          if (!view.element.isConnected) fresh.push(view);
          root.insertBefore(view.element, at);
        }
      }
      views = next;
      for (const view of fresh) observer.observe(view.element);
      events.onNear();
      return createCarry(before, shown());
    },
    setImages(from) {
      images = from;
    },
    blockOf,
    blockByHeading: (id) => views.find((view) => view.block.headingId === id),
    textIn,
    blocksIn(source) {
      const found: BlockView[] = [];
      const last = views.at(-1);
      const ordered = last?.block.kind === "footnotes" ? views.length - 1 : views.length;
      const from = firstIndex(ordered, (i) => views[i]!.block.end > source.start);
      for (let i = from; i < ordered && views[i]!.block.start < source.end; i++) found.push(views[i]!);
      if (last && ordered < views.length && last.block.start < source.end && last.block.end > source.start) {
        if (textIn(last, source)) found.push(last);
      }
      return found;
    },
    domRange(source) {
      const parts = api.blocksIn(source).flatMap((view) => {
        const span = textIn(view, source);
        const dom = span ? toDom(view.leaves, span) : null;
        return dom ? [{ view, dom }] : [];
      });
      const first = parts[0]?.dom;
      // a footnote whose source lies between stands far below: it counts when nothing else does
      const last = (parts.findLast(({ view }) => view.block.kind !== "footnotes") ?? parts[0])?.dom;
      if (!first || !last) return null;
      const range = document.createRange();
      range.setStart(first.startContainer, first.startOffset);
      range.setEnd(last.endContainer, last.endOffset);
      return range;
    },
    sourceOf(range) {
      const whole = document.createRange();
      whole.setStart(range.startContainer, range.startOffset);
      whole.setEnd(range.endContainer, range.endOffset);
      const startView = blockOf(range.startContainer);
      const endView = blockOf(range.endContainer);
      let start = Number.POSITIVE_INFINITY;
      let end = -1;
      for (const view of views) {
        if (view !== startView && view !== endView && !whole.intersectsNode(view.element)) continue;
        let from = view === startView ? fromDom(view.leaves, range.startContainer, range.startOffset, false) : 0;
        let to = view === endView ? fromDom(view.leaves, range.endContainer, range.endOffset, true) : view.length;
        while (from < to && isWhiteAt(view.leaves, from)) from++;
        while (from < to && isWhiteAt(view.leaves, to - 1)) to--;
        if (to <= from) continue;
        // the footnotes stand last, wherever their source is: a range that runs into them ends before
        const notes = view.block.kind === "footnotes";
        if (notes && end >= 0) continue;
        const within = { start: from, end: to };
        const span = notes
          ? toSourceOfNotes(view.block.runs, within, (between) => api.blocksIn(between).some((each) => each !== view))
          : toSource(view.block.runs, within);
        if (!span) continue;
        start = Math.min(start, span.start);
        end = Math.max(end, span.end);
      }
      return end > start ? { start, end } : null;
    },
    sourceAtPoint(x, y) {
      const caret = caretAt(x, y);
      const view = caret && blockOf(caret.node);
      if (!caret || !view) return null;
      const text = fromDom(view.leaves, caret.node, caret.offset, false);
      // the caret falls beside a character: look at both neighbours for the one under the point
      for (const at of [text, text - 1]) {
        if (at < 0 || at >= view.length) continue;
        const dom = toDom(view.leaves, { start: at, end: at + 1 });
        if (!dom) continue;
        const range = document.createRange();
        range.setStart(dom.startContainer, dom.startOffset);
        range.setEnd(dom.endContainer, dom.endOffset);
        for (const box of range.getClientRects()) {
          if (x >= box.left - 1 && x <= box.right + 1 && y >= box.top - 3 && y <= box.bottom + 5) {
            return sourceAt(view.block.runs, at);
          }
        }
      }
      return null;
    },
    sourceAtCaret(node, offset) {
      const view = blockOf(node);
      if (!view || view.length === 0) return null;
      const after = fromDom(view.leaves, node, offset, false);
      // the end of a line: what comes next stands on another, and may be another sentence
      const ends = node.nodeType === Node.TEXT_NODE && offset > 0 && offset === (node as Text).length;
      return sourceAt(view.block.runs, Math.min(ends ? after - 1 : after, view.length - 1));
    },
    wordsOf: (source) => wordsOf(shown(), source),
    refresh: count,
  };
  return api;
}

/** Rendered text of a block, formulas as their source. */
export function textOf(view: BlockView): string {
  return view.leaves
    .map(({ node, length }) =>
      node.nodeType === Node.TEXT_NODE
        ? (node as Text).data
        : ((node as Element).getAttribute("data-tex") ?? "").padEnd(length).slice(0, length),
    )
    .join("");
}

function caretAt(x: number, y: number): { node: Node; offset: number } | null {
  if (typeof document.caretPositionFromPoint === "function") {
    const position = document.caretPositionFromPoint(x, y);
    return position ? { node: position.offsetNode, offset: position.offset } : null;
  }
  // Chromium before 128
  const range = (
    document as Document & { caretRangeFromPoint(x: number, y: number): Range | null }
  ).caretRangeFromPoint(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}

function showImages(element: HTMLElement, { base, remote }: ImageSources): void {
  for (const image of element.querySelectorAll("img")) {
    const source = image.getAttribute("data-src");
    if (!source) continue;
    if (/^data:image\//i.test(source)) image.src = source;
    else if (/^https:/i.test(source)) {
      if (remote) image.src = source;
      else image.replaceWith(linkToPicture(source, image.alt));
    } else if (!/^[a-z][a-z0-9+.-]*:/i.test(source) && !source.startsWith("//") && base !== undefined)
      image.src = new URL(source, base).href;
  }
}

/** In place of a picture whose server would learn who reads the article. */
function linkToPicture(source: string, text: string): HTMLElement {
  const link = document.createElement("a");
  link.className = "picture";
  link.href = source;
  link.setAttribute(ASIDE, "");
  link.textContent = `${text.trim() || "Picture"} (${URL.canParse(source) ? new URL(source).hostname : "web"})`;
  link.title = "A picture from the web, which is not loaded by itself. Click to open it in a browser.";
  return link;
}

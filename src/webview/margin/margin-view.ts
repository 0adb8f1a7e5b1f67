/** The margin: cards level with their passages, marks where there is no room, and in a narrow window a sheet. */
import { html, nothing, render } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { repeat } from "lit/directives/repeat.js";
import { icon } from "../chrome/icons.ts";
import type { ArticleView } from "../article/article-view.ts";
import type { Geometry } from "../article/geometry.ts";
import { overlapping, type Placed } from "../model/annotations.ts";
import { type CardPlace, type Layout, layoutMargin, type LayoutItem } from "../model/layout.ts";
import { firstIndex } from "../model/source-map.ts";
import { threadIn } from "../reduce.ts";
import type { State } from "../state.ts";
import type { CardContext } from "./card-parts.ts";
import { type CardEvents, cardTemplate, isBare, markTemplate, NOTE, noteTemplate } from "./margin-cards.ts";

export interface MarginView {
  /**
   * Draws what is near the window; all that is in it, and of what cannot be seen yet a few cards at a time: true when there are
   * more to be drawn soon.
   */
  draw(context: CardContext): boolean;
  /** Heights are no longer what they were (another width, another font). */
  forget(): void;
  /** Marks the card or mark of the annotation that is pointed at. */
  hover(ref: string | null): void;
  /** The card of an annotation, when it is drawn. */
  cardOf(ref: string): HTMLElement | null;
}

export interface MarginParts extends CardEvents {
  /** Holds rail and cards. */
  page: HTMLElement;
  rail: HTMLElement;
  cards: HTMLElement;
  sheet: HTMLElement;
  /** Cards without a place, drawn by others. */
  tray: HTMLElement;
  article: ArticleView;
  geometry: Geometry;
  /** A card grew or shrank after it was drawn (a text being written, a picture): draw again. */
  onResize(): void;
}

const GAP = 6;
const LINE = 26;
const MARK = 24;
const MAX_SHIFT = 120;
/** New cards in one drawing, of those that cannot be seen yet. */
const FRESH = 12;
/** Pixels above and below the window in which cards are drawn at once. */
const REACH = 100;
/** Few whole cards are higher, in pixels. */
const MAX_CARD = 300;
/** Cards move to new places at the pace of `--quick` when the reader did something, and for no other reason. Milliseconds. */
const SETTLING = 250;

export function createMarginView(parts: MarginParts): MarginView {
  /** Measured heights of whole cards; `of` is what they were drawn from. */
  const heights = new Map<string, { of: unknown; active: boolean; height: number }>();

  /** What wants a place near the window, and the open card wherever it is, from top to bottom. */
  const collect = (state: State): LayoutItem[] => {
    const { article, geometry } = parts;
    const window = geometry.window();
    const drawn = article.blocks.filter(({ block }) => block.kind !== "footnotes" && block.kind !== "frontmatter");
    const first = drawn.findIndex((view) => view.near);
    const found: Placed[] = [];
    if (first >= 0) {
      const { list } = state.placed;
      // what is written between two blocks and not shown belongs to the first of them
      const from = first === 0 ? 0 : drawn[first]!.block.start;
      const to = drawn[drawn.findLastIndex((view) => view.near) + 1]?.block.start ?? Number.POSITIVE_INFINITY;
      for (let i = firstIndex(list.length, (at) => list[at]!.start >= from); i < list.length; i++) {
        if (list[i]!.start >= to) break;
        found.push(list[i]!);
      }
    }
    const notes = article.blocks.at(-1);
    if (notes?.near && notes.block.kind === "footnotes") {
      const known = new Set(found);
      for (const each of overlapping(state.placed, notes.block)) {
        if (!known.has(each) && article.textIn(notes, each)) found.push(each);
      }
    }
    // the open card may reach into the window from a passage far above it
    const active = state.active === null ? undefined : state.placed.position.get(state.active);
    const open = active === undefined ? null : state.placed.list[active]!;
    if (open && !found.includes(open)) found.push(open);
    const rows: LayoutItem[] = [];
    for (const placed of found) {
      if (placed.filtered && placed !== open) continue;
      const desired = geometry.topOf(placed);
      const near = desired >= window.top - 10 && desired <= window.bottom + 10;
      if (near || placed === open) rows.push({ key: placed.ref, desired, full: heightOf(placed.ref, state) });
    }
    if (state.newNote) {
      const desired = geometry.topOf(state.newNote.passage);
      rows.push({ key: NOTE, desired, full: heights.get(NOTE)?.height ?? 150 });
    }
    return rows.sort((a, b) => a.desired - b.desired);
  };

  const heightOf = (ref: string, state: State): number => {
    const thread = threadIn(state, ref);
    const known = heights.get(ref);
    if (thread && isBare(thread, state)) return LINE;
    if (known && known.of === thread && known.active === (state.active === ref)) return known.height;
    if (!thread) return LINE;
    const lines = Math.min(4, Math.ceil(thread.body.length / 40));
    const guess = 44 + lines * 19 + (thread.replies.length > 0 ? 22 : 0) + (thread.reactions.length > 0 ? 26 : 0);
    return state.active === ref ? guess + 60 + thread.replies.length * 60 : guess;
  };

  const place = (layout: Layout) => {
    const tops = new Map(layout.cards.map((card) => [card.key, card.top]));
    for (const element of parts.cards.children) {
      const top = tops.get((element as HTMLElement).dataset["key"] ?? "");
      if (top !== undefined) (element as HTMLElement).style.transform = `translateY(${Math.round(top)}px)`;
    }
    for (const element of parts.rail.children) {
      (element as HTMLElement).style.transform = `translateY(${(element as HTMLElement).dataset["top"]}px)`;
    }
  };

  let moved = "";
  let settled: ReturnType<typeof setTimeout> | undefined;
  /** Lets cards glide to their places when another one is open than before. */
  const glide = ({ active, newNote, editing, replying }: State) => {
    const now = [active, newNote !== null, editing, replying].join(" ");
    if (now === moved) return;
    moved = now;
    parts.cards.classList.add("settling");
    clearTimeout(settled);
    settled = setTimeout(() => parts.cards.classList.remove("settling"), SETTLING);
  };

  let drawn = new Set<string>();
  /** The cards to be drawn now, in order. */
  const choose = (cards: readonly CardPlace[], active: string | null, top: number): readonly CardPlace[] => {
    const bottom = top + window.innerHeight;
    const seen = (card: CardPlace) => card.top < bottom + REACH && card.top > top - REACH - MAX_CARD;
    const later = cards.filter((card) => !drawn.has(card.key) && card.key !== active && !seen(card));
    if (later.length <= FRESH) return cards;
    const far = (card: CardPlace) => (card.top > bottom ? card.top - bottom : top - card.top);
    const left = new Set(later.sort((one, other) => far(one) - far(other)).slice(FRESH));
    return cards.filter((card) => !left.has(card));
  };

  const renderCards = (cards: readonly CardPlace[], context: CardContext) => {
    const { state } = context;
    render(
      repeat(
        cards,
        (card) => threadIn(state, card.key)?.intent ?? card.key,
        (card) => {
          if (card.key === NOTE) return noteTemplate(context);
          const thread = threadIn(state, card.key);
          if (!thread) return nothing;
          return cardTemplate(thread, isBare(thread, state) ? "line" : card.mode, context, parts);
        },
      ),
      parts.cards,
    );
  };

  const renderMarks = (layout: Layout, context: CardContext) => {
    render(
      repeat(
        layout.marks,
        (mark) => mark.keys[0]!,
        (mark) => markTemplate(mark, context, parts),
      ),
      parts.rail,
    );
  };

  /** Reads the heights of the whole cards that are drawn; true when one is not what it was thought to be. */
  const measure = (layout: Layout, items: ReadonlyMap<string, LayoutItem>, state: State): boolean => {
    const modes = new Map(layout.cards.map((card) => [card.key, card.mode]));
    let changed = false;
    for (const element of parts.cards.children) {
      const key = (element as HTMLElement).dataset["key"] ?? "";
      if (modes.get(key) !== "full") continue;
      const of = key === NOTE ? NOTE : threadIn(state, key);
      const known = heights.get(key);
      if (known && known.of === of && known.active === (state.active === key)) continue;
      const height = (element as HTMLElement).offsetHeight;
      heights.set(key, { of, active: state.active === key, height });
      const item = items.get(key);
      if (item && Math.abs(item.full - height) > 1) {
        item.full = height;
        changed = true;
      }
    }
    return changed;
  };

  const drawSheet = (context: CardContext) => {
    const { state } = context;
    const thread = state.narrow ? threadIn(state, state.active) : undefined;
    const open = state.narrow && (thread || state.newNote);
    parts.sheet.hidden = !open;
    render(
      !open
        ? nothing
        : html`<button
              type="button"
              class="icon-button sheet-close"
              aria-label="Close"
              title="Close"
              @click=${() => (state.newNote ? context.actions.closeNew() : context.actions.activate(null))}
            >
              ${icon("close")}
            </button>
            ${
              state.newNote
                ? noteTemplate(context)
                : thread
                  ? keyed(thread.intent ?? thread.ref, cardTemplate(thread, "full", context, parts))
                  : nothing
            }`,
      parts.sheet,
    );
  };

  /** In which mark an annotation is, by the mark's key. */
  let markOf = new Map<string, string>();
  const hover = (ref: string | null) => {
    for (const element of parts.page.querySelectorAll(".hovered")) element.classList.remove("hovered");
    if (ref === null) return;
    parts.cards.querySelector(`:scope > [data-key="${CSS.escape(ref)}"]`)?.classList.add("hovered");
    const mark = markOf.get(ref);
    if (mark !== undefined) parts.rail.querySelector(`[data-key="${CSS.escape(mark)}"]`)?.classList.add("hovered");
  };

  const watched = new Set<Element>();
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const known = heights.get((target as HTMLElement).dataset["key"] ?? "");
      if (!known || Math.abs(known.height - (target as HTMLElement).offsetHeight) <= 1) continue;
      heights.delete((target as HTMLElement).dataset["key"] ?? "");
      parts.onResize();
      return;
    }
  });
  const watch = () => {
    const now = new Set([...parts.cards.children].filter((card) => card.classList.contains("full")));
    for (const card of watched) {
      if (now.has(card)) continue;
      sizes.unobserve(card);
      watched.delete(card);
    }
    for (const card of now) {
      if (watched.has(card)) continue;
      sizes.observe(card);
      watched.add(card);
    }
  };

  return {
    draw(context) {
      const { state } = context;
      // read before anything is written
      const windowTop = 60 - parts.cards.getBoundingClientRect().top;
      const items = collect(state);
      const byKey = new Map(items.map((item) => [item.key, item]));
      const active = state.newNote ? NOTE : state.active;
      const options = { active, gap: GAP, line: LINE, mark: MARK, maxShift: MAX_SHIFT, narrow: state.narrow };
      if (state.narrow && state.newNote) items.splice(items.indexOf(byKey.get(NOTE)!), 1);
      glide(state);
      let layout = layoutMargin(items, options);
      let cards: readonly CardPlace[] = [];
      // heights are known only once drawn; a second and third round settle who fits
      for (let round = 0; round < 3; round++) {
        cards = choose(layout.cards, active, windowTop);
        renderCards(cards, context);
        // with them, since each reading of heights after a writing is a layout of its own
        renderMarks(layout, context);
        if (state.narrow || !measure(layout, byKey, state)) break;
        layout = layoutMargin(items, options);
      }
      place(layout);
      drawn = new Set(cards.map((card) => card.key));
      // a feed has articles, or is none
      parts.cards.setAttribute("role", layout.cards.length > 0 ? "feed" : "group");
      markOf = new Map(layout.marks.flatMap((mark) => mark.keys.map((key) => [key, mark.keys[0]!])));
      hover(state.hovered);
      drawSheet(context);
      rove(parts.cards, state.active, cards, windowTop);
      watch();
      return cards.length < layout.cards.length;
    },
    hover,
    forget: () => heights.clear(),
    cardOf(ref) {
      const find = (root: HTMLElement) => root.querySelector<HTMLElement>(`.card[data-key="${CSS.escape(ref)}"]`);
      return find(parts.sheet) ?? find(parts.cards) ?? find(parts.tray);
    },
  };
}

/** One stop for the Tab key in the margin: the active card, or the first in the window. */
function rove(cards: HTMLElement, active: string | null, places: readonly CardPlace[], windowTop: number): void {
  const all = [...cards.children] as HTMLElement[];
  if (all.length === 0 || (active !== null && places.some((card) => card.key === active))) return;
  const visible = places.find((card) => card.top >= windowTop)?.key;
  const stop =
    all.find((card) => card === document.activeElement) ??
    all.find((card) => card.dataset["key"] === visible) ??
    all[0]!;
  for (const card of all) {
    const index = card === stop ? 0 : -1;
    if (card.tabIndex !== index) card.tabIndex = index;
  }
}

/** The margin: cards level with their passages, marks where there is no room, and in a narrow window a sheet. */
import { html, nothing, render, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ThreadMessage } from "../../protocol/reader.ts";
import { NEW } from "../actions.ts";
import { icon } from "../chrome/icons.ts";
import type { ArticleView } from "../article/article-view.ts";
import type { Geometry } from "../article/geometry.ts";
import { KIND_TITLES, kindOf, overlapping, type Placed } from "../model/annotations.ts";
import { type Layout, layoutMargin, type LayoutItem, type MarkPlace } from "../model/layout.ts";
import { firstIndex } from "../model/source-map.ts";
import { cardLabel, nameIn, plural, shorten } from "../model/words.ts";
import { threadIn } from "../reduce.ts";
import type { State } from "../state.ts";
import { type CardContext, cardClasses, cardInside, composerTemplate, lineInside } from "./card.ts";

export interface MarginView {
  /** Draws what is near the window. */
  draw(context: CardContext): void;
  /** Heights are no longer what they were (another width, another font). */
  forget(): void;
  /** Marks the card or mark of the annotation that is pointed at. */
  hover(ref: string | null): void;
  /** The card of an annotation, when it is drawn. */
  cardOf(ref: string): HTMLElement | null;
}

export interface MarginParts {
  /** Holds rail and cards. */
  page: HTMLElement;
  rail: HTMLElement;
  cards: HTMLElement;
  sheet: HTMLElement;
  article: ArticleView;
  geometry: Geometry;
  /** The reader points at a card, or away from all. */
  onHover(ref: string | null): void;
  onChoose(ref: string, focus: boolean): void;
  onList(refs: string[], at: DOMRect): void;
  /** A card grew or shrank after it was drawn (a text being written, a picture): draw again. */
  onResize(): void;
}

const GAP = 6;
const LINE = 26;
const MARK = 24;
const MAX_SHIFT = 120;
/** Key of the composer of a new note among the cards. */
const NOTE = "new-note";

export function createMarginView(parts: MarginParts): MarginView {
  /** Measured heights of whole cards; `of` is what they were drawn from. */
  const heights = new Map<string, { of: unknown; active: boolean; height: number }>();

  const collect = (state: State): { item: LayoutItem; placed: Placed | null }[] => {
    const { article, geometry } = parts;
    const window = geometry.window();
    const near = article.blocks.filter((view) => view.near && view.block.kind !== "footnotes");
    const found: Placed[] = [];
    if (near.length > 0) {
      const { list } = state.placed;
      const from = near[0]!.block.start;
      const to = near.at(-1)!.block.end;
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
    const rows: { item: LayoutItem; placed: Placed | null }[] = [];
    for (const placed of found) {
      if (placed.filtered && placed.ref !== state.active) continue;
      const desired = geometry.topOf(placed);
      if (desired < window.top - 10 || desired > window.bottom + 10) continue;
      rows.push({ item: { key: placed.ref, desired, full: heightOf(placed.ref, state) }, placed });
    }
    if (state.newNote) {
      const desired = geometry.topOf(state.newNote.passage);
      rows.push({ item: { key: NOTE, desired, full: heights.get(NOTE)?.height ?? 150 }, placed: null });
    }
    return rows.sort((a, b) => a.item.desired - b.item.desired);
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

  const cardTemplate = (thread: ThreadMessage, mode: "full" | "line", context: CardContext): TemplateResult => {
    const { state } = context;
    const active = state.active === thread.ref;
    const position = state.placed.position.get(thread.ref);
    return html`<article
      class=${cardClasses(thread, mode, active)}
      data-key=${thread.ref}
      tabindex=${active ? 0 : -1}
      aria-label=${cardLabel(thread, nameIn(state.people))}
      aria-posinset=${position === undefined ? nothing : position + 1}
      aria-setsize=${position === undefined ? nothing : state.placed.list.length}
      @mouseenter=${() => parts.onHover(thread.ref)}
      @mouseleave=${() => parts.onHover(null)}
      @click=${(event: MouseEvent) => {
        if (active || (event.target as Element).closest("a, button, textarea")) return;
        parts.onChoose(thread.ref, true);
      }}
    >
      ${mode === "full" ? cardInside(thread, active, context) : lineInside(thread, context)}
    </article>`;
  };

  const noteTemplate = (context: CardContext): TemplateResult => {
    const { newNote } = context.state;
    const question = newNote?.passage.motivation === "questioning";
    const kind = question ? "question" : "comment";
    return html`<article
      class="card full active draft ${kind}"
      data-key=${NOTE}
      tabindex="-1"
      aria-label=${question ? "New question" : "New comment"}
    >
      <header><span class="kind">${icon(kind)}${KIND_TITLES[kind]}</span></header>
      ${composerTemplate(
        {
          label: `${question ? "Question" : "Comment"} on “${shorten(newNote?.passage.quote ?? "", 80)}”`,
          placeholder: question ? "What do you ask of this passage?" : "What do you think of this passage?",
          send: question ? "Ask" : "Comment",
          error: newNote?.error ?? "",
          initial: context.drafts.get(NEW)?.text ?? "",
        },
        context,
        {
          typed: (text) => newNote && context.drafts.set(NEW, { text, passage: newNote.passage }),
          send: (text) => context.actions.sendNew(text),
          cancel: () => context.actions.closeNew(),
        },
      )}
    </article>`;
  };

  const markTemplate = (mark: MarkPlace, context: CardContext): TemplateResult => {
    const { state } = context;
    const threads = mark.keys.flatMap((key) => threadIn(state, key) ?? []);
    const kinds = [...new Set(threads.map(kindOf))];
    const only = kinds.length === 1 ? kinds[0]! : null;
    const isActive = state.active !== null && mark.keys.includes(state.active);
    const label =
      threads.length === 1
        ? cardLabel(threads[0]!, nameIn(state.people))
        : `${plural(threads.length, "annotation")}: ${kinds.map((kind) => KIND_TITLES[kind]).join(", ")}`;
    const classes = `mark ${only ?? "mixed"} ${isActive ? "active" : ""}`;
    return html`<button
      type="button"
      class=${classes}
      data-key=${mark.keys[0]!}
      data-top=${Math.round(mark.top)}
      aria-label=${label}
      title=${label}
      @mouseenter=${() => parts.onHover(mark.keys[0]!)}
      @mouseleave=${() => parts.onHover(null)}
      @click=${(event: MouseEvent) => {
        if (mark.keys.length === 1) parts.onChoose(mark.keys[0]!, true);
        else parts.onList(mark.keys, (event.currentTarget as Element).getBoundingClientRect());
      }}
    >
      ${threads.length === 1 && only ? icon(only) : html`<span>${threads.length}</span>`}
      ${threads.some((thread) => thread.unread) ? html`<span class="unread"></span>` : nothing}
    </button>`;
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
            ${state.newNote ? noteTemplate(context) : thread ? cardTemplate(thread, "full", context) : nothing}`,
      parts.sheet,
    );
  };

  /** In which mark an annotation is, by the mark's key. */
  let markOf = new Map<string, string>();
  const hover = (ref: string | null) => {
    for (const element of parts.page.querySelectorAll(".card.hovered, .mark.hovered"))
      element.classList.remove("hovered");
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
    const now = new Set(parts.cards.querySelectorAll(":scope > .card.full"));
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
      const rows = collect(state);
      const items = rows.map((row) => row.item);
      const byKey = new Map(items.map((item) => [item.key, item]));
      const options = {
        active: state.newNote ? NOTE : state.active,
        gap: GAP,
        line: LINE,
        mark: MARK,
        maxShift: MAX_SHIFT,
        narrow: state.narrow,
      };
      if (state.narrow && state.newNote) items.splice(items.indexOf(byKey.get(NOTE)!), 1);
      let layout = layoutMargin(items, options);
      // heights are known only once drawn; a second and third round settle who fits
      for (let round = 0; round < 3; round++) {
        render(
          repeat(
            layout.cards,
            (card) => threadIn(state, card.key)?.intent ?? card.key,
            (card) => {
              if (card.key === NOTE) return noteTemplate(context);
              const thread = threadIn(state, card.key);
              if (!thread) return nothing;
              return cardTemplate(thread, isBare(thread, state) ? "line" : card.mode, context);
            },
          ),
          parts.cards,
        );
        if (state.narrow || !measure(layout, byKey, state)) break;
        layout = layoutMargin(items, options);
      }
      render(
        repeat(
          layout.marks,
          (mark) => mark.keys[0]!,
          (mark) => markTemplate(mark, context),
        ),
        parts.rail,
      );
      place(layout);
      // a feed has articles, or is none
      parts.cards.setAttribute("role", layout.cards.length > 0 ? "feed" : "group");
      markOf = new Map(layout.marks.flatMap((mark) => mark.keys.map((key) => [key, mark.keys[0]!])));
      hover(state.hovered);
      drawSheet(context);
      rove(parts.cards, state.active, layout, windowTop);
      watch();
    },
    hover,
    forget: () => heights.clear(),
    cardOf(ref) {
      const find = (root: HTMLElement) => root.querySelector<HTMLElement>(`.card[data-key="${CSS.escape(ref)}"]`);
      return find(parts.sheet) ?? find(parts.cards);
    },
  };
}

/** Nothing was said: one line says it all, until the card is open. */
function isBare(thread: ThreadMessage, state: State): boolean {
  return (
    state.active !== thread.ref &&
    thread.body === "" &&
    !thread.deleted &&
    !thread.hidden &&
    thread.replies.length === 0 &&
    thread.reactions.length === 0 &&
    thread.status === "open" &&
    thread.placement.state === "placed"
  );
}

/** One stop for the Tab key in the margin: the active card, or the first in the window. */
function rove(cards: HTMLElement, active: string | null, layout: Layout, windowTop: number): void {
  const all = [...cards.querySelectorAll<HTMLElement>(":scope > article")];
  if (all.length === 0 || (active !== null && layout.cards.some((card) => card.key === active))) return;
  const visible = layout.cards.find((card) => card.top >= windowTop)?.key;
  const stop =
    all.find((card) => card === document.activeElement) ??
    all.find((card) => card.dataset["key"] === visible) ??
    all[0]!;
  for (const card of all) card.tabIndex = card === stop ? 0 : -1;
}

/** What keys, buttons and the editor's commands do in the view: walking, selecting, revealing. */
import type { Person, SectionMessage } from "../protocol/reader.ts";
import type { Actions } from "./actions.ts";
import type { ArticleView, BlockView } from "./article/article-view.ts";
import { ARTICLE_IDS } from "./article/article-view.ts";
import type { Geometry } from "./article/geometry.ts";
import { isOutlineOpen } from "./chrome/header.ts";
import type { Deed } from "./keyboard.ts";
import type { MarginView } from "./margin/margin-view.ts";
import { neighbour } from "./model/annotations.ts";
import type { Span } from "./model/source-map.ts";
import { cardLabel, cardWords, nameIn } from "./model/words.ts";
import type { Page } from "./page.ts";
import { threadIn } from "./reduce.ts";
import { createSentenceCursor } from "./sentence-cursor.ts";
import type { Store } from "./state.ts";
import type { TextSelection } from "./text-selection.ts";
import { intentOf } from "./unsent.ts";

/** Frames that a card may take to be drawn after a long jump. */
const FOCUS_PATIENCE = 90;

export type Deeds = ReturnType<typeof createDeeds>;

export interface DeedParts {
  store: Store;
  actions: Actions;
  page: Page;
  article: ArticleView;
  geometry: Geometry;
  margin: MarginView;
  selection: TextSelection;
  announce(text: string): void;
}

export function createDeeds(parts: DeedParts) {
  const { store, actions, page, article, geometry, margin, selection, announce } = parts;
  const state = () => store.state;
  /** Where the focus was before keys took it into the margin or a panel, and what was selected then. */
  let cameFrom: { element: Element | null; selection: Span | null } | null = null;
  // who came back, or went elsewhere by the mouse, has nowhere to go back to
  page.main.addEventListener("focusin", () => (cameFrom = null));
  document.addEventListener("pointerdown", () => (cameFrom = null), { capture: true });

  const calm = () =>
    window.matchMedia("(prefers-reduced-motion: reduce)").matches ||
    document.body.classList.contains("vscode-reduce-motion");

  /** Where the part of the window begins in which the article is to be read. */
  const readingTop = () => page.top.getBoundingClientRect().bottom + 16;

  const scrollToBox = (box: DOMRect, always: boolean) => {
    const top = readingTop();
    const bottom = window.innerHeight - (page.sheet.hidden ? 48 : page.sheet.getBoundingClientRect().height + 24);
    if (!always && box.top >= top && box.bottom <= bottom) return;
    const by = box.top - Math.max(top, window.innerHeight * 0.28);
    window.scrollBy({ top: by, behavior: calm() || Math.abs(by) > 3000 ? "instant" : "smooth" });
  };

  const select = (span: Span) => {
    const range = article.domRange(span);
    if (!range) return;
    document.getSelection()?.removeAllRanges();
    selection.put(span);
    store.update({ selection: span });
    scrollToBox(range.getBoundingClientRect(), false);
  };

  const cursor = createSentenceCursor({ store, page, article, geometry, readingTop, announce, select });

  /** The reader went elsewhere in the text: keys walk on from there. */
  const arriveAt = (offset: number) => {
    selection.put(null);
    store.update({ selection: null });
    cursor.pointAt(offset);
  };

  const inMargin = (element: Element | null) =>
    element !== null && (page.margin.contains(element) || page.sheet.contains(element));

  const leaveFor = (element: HTMLElement | null) => {
    if (!element) return;
    const active = document.activeElement;
    // from a card that is no longer there one is still where one came from
    const within = inMargin(active) || (active === document.body && cameFrom !== null);
    if (!within) cameFrom = { element: active, selection: state().selection };
    element.focus({ preventScroll: true });
  };

  /** A card that is not drawn yet is about to have the focus. */
  let entering = false;

  /** Focuses a card, which is drawn a little later when its passage was far away. */
  const focusCard = (ref: string, patience = FOCUS_PATIENCE, from = document.activeElement) => {
    entering = false;
    store.flush();
    const now = document.activeElement;
    // whoever has gone elsewhere meanwhile stays there
    if ((now !== from && now !== document.body) || state().active !== ref) return;
    const card = margin.cardOf(ref);
    if (card?.contains(now)) return;
    if (card) leaveFor(card);
    else if (patience > 0 && state().active === ref) {
      entering = true;
      requestAnimationFrame(() => focusCard(ref, patience - 1, from));
    }
  };

  /** The place to walk on from when nothing is active: the selection, or the top of the window. */
  const here = () => state().selection?.start ?? cursor.start ?? geometry.atTop()?.block.start ?? 0;

  const walkAnnotations = (step: 1 | -1): void => {
    const { placed, active } = state();
    const next = neighbour(placed, { active, offset: here() }, step, () => true);
    if (!next) {
      const told = step === 1 ? "No further annotation" : "No earlier annotation";
      // an offer to undo is worth more
      if (state().toast?.undo) announce(told);
      else actions.toast(told);
      return;
    }
    deeds.choose(next.ref, { focusCard: inMargin(document.activeElement), scroll: true });
  };

  /** The block that was at the top of the window when a tray took the reader from it, and how far below the bar. */
  let left: { view: BlockView; top: number } | null = null;

  const openPanel = (name: "filter" | "tray" | "unsent", open: boolean) => {
    if (name !== "filter") {
      const view = geometry.atTop();
      const { tray, unsent } = state().panel;
      if (open && !tray && !unsent) left = view ? { view, top: view.element.getBoundingClientRect().top } : null;
      // whoever has gone on into the article since stays there
      if (!open && page[name].getBoundingClientRect().bottom <= readingTop()) left = null;
    }
    store.update({ panel: { ...state().panel, [name]: open } });
    store.flush();
    const host = page[name];
    if (!open) {
      if (name !== "filter" && left?.view.element.isConnected) {
        window.scrollBy({ top: left.view.element.getBoundingClientRect().top - left.top, behavior: "instant" });
        left = null;
      }
      return back();
    }
    if (name !== "filter") {
      host.scrollIntoView({ block: "nearest" });
      host.focus();
    } else leaveFor(host.querySelector("input"));
  };

  const back = () => {
    const to = cameFrom;
    cameFrom = null;
    page.main.focus({ preventScroll: true });
    if (to?.selection) select(to.selection);
    if (to?.element instanceof HTMLElement && to.element.isConnected && to.element !== document.body) {
      to.element.focus({ preventScroll: true });
    }
  };

  const deeds = {
    back,

    /** Makes an annotation the active one; its passage comes into view when asked, or when it is a long way off. */
    choose(ref: string, options: { focusCard: boolean; scroll?: boolean }): void {
      const thread = threadIn(state(), ref);
      if (!thread) return;
      if (thread.placement.state === "orphaned") {
        if (!state().panel.tray) openPanel("tray", true);
        actions.activate(ref);
        if (options.focusCard) focusCard(ref);
        return;
      }
      actions.activate(ref);
      store.flush();
      const range = article.domRange(thread.placement);
      if (range) scrollToBox(range.getBoundingClientRect(), false);
      if (options.focusCard) {
        // a card that has the focus says itself what it is
        entering = true;
        const from = document.activeElement;
        requestAnimationFrame(() => focusCard(ref, FOCUS_PATIENCE, from));
        return;
      }
      const nameOf = nameIn(state().people);
      announce([cardLabel(thread, nameOf), cardWords(thread, nameOf)].filter(Boolean).join(": "));
    },

    /** A card will have the focus as soon as it is drawn. */
    isEntering: () => entering,

    /** Lists annotations that stand at one place; the keys go on there. */
    list(refs: string[], at: DOMRect): void {
      const from = document.activeElement;
      store.update({ chooser: { refs, x: at.left, y: at.bottom + 4 } });
      store.flush();
      const first = page.chooser.querySelector<HTMLElement>("[aria-current]") ?? page.chooser.querySelector("button");
      first?.focus({ preventScroll: true });
      cameFrom = { element: from, selection: null };
    },

    reveal(offset: number, focus: boolean): void {
      const range = article.domRange({ start: offset, end: offset + 1 });
      if (range) scrollToBox(range.getBoundingClientRect(), true);
      if (focus) page.main.focus({ preventScroll: true });
    },

    /** Back to where the reader was: that block at the top of the window. */
    scrollTo(offset: number): void {
      const view = article.blocks.findLast((each) => each.block.start <= offset && each.block.kind !== "footnotes");
      if (!view || offset === 0) return;
      const top = view.element.getBoundingClientRect().top - page.header.getBoundingClientRect().height - 12;
      window.scrollBy({ top, behavior: "instant" });
    },

    goToSection(section: SectionMessage): void {
      const view = article.blockByHeading(section.id);
      if (!view) return;
      scrollToBox(view.element.getBoundingClientRect(), true);
      arriveAt(section.start);
      if (!state().wide) store.update({ panel: { ...state().panel, outline: false } });
      const heading = view.element.firstElementChild as HTMLElement | null;
      if (!heading) return;
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    },

    goToPerson(person: Person): void {
      const section = state().article?.sections.find((each) => each.id === person.section);
      if (person.selection) {
        deeds.reveal(person.selection.start, false);
        arriveAt(person.selection.start);
      } else if (section) deeds.goToSection(section);
      else actions.toast(`${person.name} is here, and has not said where.`);
    },

    /** A link inside the article: footnotes and headings. */
    goToId(id: string): void {
      const target = page.article.querySelector<HTMLElement>(`#${CSS.escape(ARTICLE_IDS + id)}`);
      if (!target) return;
      scrollToBox(target.getBoundingClientRect(), true);
      const range = document.createRange();
      range.selectNodeContents(target);
      const span = article.sourceOf(range);
      if (span) arriveAt(span.start);
      if (!target.matches("a[href]")) target.tabIndex = -1;
      target.focus({ preventScroll: true });
    },

    toggle(name: "filter" | "tray" | "unsent"): void {
      openPanel(name, !state().panel[name]);
    },

    toggleOutline(): void {
      const open = !isOutlineOpen(state());
      const inside = page.outline.contains(document.activeElement);
      store.update({ panel: { ...state().panel, outline: open } });
      store.flush();
      if (!open && inside) back();
      if (open) page.outline.querySelector<HTMLElement>("[aria-current], a")?.focus();
    },

    toggleKeys(): void {
      if (page.keys.open) page.keys.close();
      else page.keys.showModal();
    },

    /** Arrow keys on a card: the next one in reading order, or in the tray. */
    walkCards(step: 1 | -1): void {
      const lost = [...page.tray.querySelectorAll<HTMLElement>(".card")];
      const at = lost.findIndex((card) => card === document.activeElement);
      if (at < 0) return walkAnnotations(step);
      lost[at + step]?.focus();
    },

    perform(deed: Deed): void {
      // what was selected since the last frame is what the reader means
      deeds.readSelection();
      switch (deed) {
        case "highlight":
        case "comment":
        case "question":
        case "claim":
        case "evidence":
        case "source":
          cameFrom = { element: page.main, selection: state().selection };
          return actions.annotate(deed, state().selection);
        case "nextSentence":
          return cursor.walk(1, false);
        case "previousSentence":
          return cursor.walk(-1, false);
        case "extendSentence":
          return cursor.walk(1, true);
        case "extendSentenceBack":
          return cursor.walk(-1, true);
        case "nextAnnotation":
          return walkAnnotations(1);
        case "previousAnnotation":
          return walkAnnotations(-1);
        case "showUnread": {
          const unread = (ref: string) => state().threads.get(ref)?.unread ?? false;
          const next = neighbour(state().placed, { active: state().active, offset: here() }, 1, (each) =>
            unread(each.ref),
          );
          // round to the beginning
          const ref = (next ?? state().placed.list.find((each) => !each.filtered && unread(each.ref)))?.ref;
          if (ref === undefined) return actions.toast("Nothing new");
          return deeds.choose(ref, { focusCard: inMargin(document.activeElement), scroll: true });
        }
        case "toggleOutline":
          return deeds.toggleOutline();
        case "toggleFilter":
          return deeds.toggle("filter");
        case "search":
          return openPanel("filter", true);
        case "focusArticle":
          return back();
        case "focusMargin":
        case "enterCard": {
          const { active, placed, selection: selected, reattaching, newNote } = state();
          // the one thing that the toolbar offers
          if (deed === "enterCard" && selected && reattaching !== null)
            return void actions.reattach(reattaching, selected);
          if (deed === "enterCard" && selected && newNote) return actions.placeNew();
          if (active !== null) return focusCard(active);
          const first = placed.list.find((each) => !each.filtered && each.end > here());
          if (first) deeds.choose(first.ref, { focusCard: true });
          return;
        }
        case "reply":
        case "edit": {
          const thread = threadIn(state(), state().active);
          if (!thread || !state().capabilities.annotate) return;
          const unsent = intentOf(thread.ref);
          if (unsent !== null && (deed === "reply" || state().unsent.get(unsent)?.state !== "sending")) {
            if (deed === "edit") actions.editUnsent(unsent);
            return;
          }
          leaveFor(margin.cardOf(thread.ref));
          if (deed === "reply") store.update({ replying: thread.ref, editing: null });
          else if (thread.mine && !thread.deleted) store.update({ editing: thread.ref, replying: null });
          return;
        }
        case "undo":
        case "redo":
          return void actions.step(deed);
        case "keys":
          return deeds.toggleKeys();
        case "escape":
          return deeds.escape();
      }
    },

    /** Closes the topmost thing that is open; from the margin, back to the text. */
    escape(): void {
      const { panel, chooser, reattaching, newNote, active, selection: selected } = state();
      if (panel.menu) return store.update({ panel: { ...panel, menu: null } });
      if (chooser) return store.update({ chooser: null });
      for (const name of ["filter", "tray", "unsent"] as const) {
        if (page[name].contains(document.activeElement)) return openPanel(name, false);
      }
      if (page.header.contains(document.activeElement)) return back();
      if (reattaching !== null) return store.update({ reattaching: null });
      if (newNote) {
        actions.closeNew();
        return back();
      }
      if (page.sheet.contains(document.activeElement)) actions.activate(null);
      if (inMargin(document.activeElement)) return back();
      if (page.outline.contains(document.activeElement)) {
        if (!state().wide) store.update({ panel: { ...panel, outline: false } });
        return back();
      }
      if (selected) {
        document.getSelection()?.removeAllRanges();
        return store.update({ selection: null });
      }
      if (active !== null) return actions.activate(null);
      if (panel.filter) return openPanel("filter", false);
      cursor.forget();
    },

    /** Takes over what is selected, unless the mouse is still selecting. */
    readSelection(): void {
      if (selection.pressing) return;
      const span = selection.read();
      const before = state().selection;
      if (before?.start === span?.start && before?.end === span?.end) return;
      if (span) cursor.follow(span);
      store.update({ selection: span });
    },

    /** The reader clicked at a character of the article: the sentence cursor begins there. */
    pointAt: (offset: number) => cursor.pointAt(offset),

    /** The text is another one: the places to go back to and to walk on from stand elsewhere, or are no more. */
    carry(carry: (span: Span | null) => Span | null): void {
      cursor.carry(carry);
      if (cameFrom) cameFrom = { ...cameFrom, selection: carry(cameFrom.selection) };
    },
  };
  return deeds;
}

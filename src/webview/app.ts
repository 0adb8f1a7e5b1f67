/** The reading view put together: state, what is drawn of it, and what readers do. */
import type { News, Snapshot, ThreadMessage, ViewSettings } from "../protocol/reader.ts";
import { type Actions, createActions } from "./actions.ts";
import { createArrivals } from "./arrivals.ts";
import { createArticleView } from "./article/article-view.ts";
import { listenToCopying } from "./article/copying.ts";
import { createFootnotePreview } from "./article/footnotes.ts";
import { createGeometry } from "./article/geometry.ts";
import { setFormulas } from "./article/formulas.ts";
import { CHOOSE_PASSAGE, drawChrome } from "./chrome/chrome.ts";
import { placeToolbar } from "./chrome/toolbar.ts";
import { countShown } from "./chrome/filter-bar.ts";
import { connect } from "./connection.ts";
import { createDeeds } from "./deeds.ts";
import { editKey, NEW, replyKey } from "./drafts.ts";
import { keepFocus } from "./focus.ts";
import { createKeeping } from "./keeping.ts";
import { isTyping } from "./keyboard.ts";
import { focusComposer, type CardContext } from "./margin/card-parts.ts";
import { createMarginView } from "./margin/margin-view.ts";
import { newsOf } from "./model/words.ts";
import { createPage, setMenu } from "./page.ts";
import { afterPaint, createPainting } from "./painting.ts";
import { carryPassage, carryUnsent, fateOf } from "./places.ts";
import { listenToPointer } from "./pointer.ts";
import { createPresence } from "./presence.ts";
import { derived, reduce, threadIn } from "./reduce.ts";
import { type Article, createStore, START, type State, type StateKey } from "./state.ts";
import { changeText } from "./text-change.ts";
import { createTextSelection } from "./text-selection.ts";
import type { ViewHost } from "./view-host.ts";
import { provisionalRef, readUnsent } from "./unsent.ts";

/** Narrower than this there is no margin beside the text; wider than that the outline has room too. Pixels. */
const NARROW = 880;
const WIDE = 1360;
/** How long a stale intent waits for the newer text before it looks for its passage anyway. */
const NEWER_TEXT_WAIT = 2000;

/** Keys of the state that change what the margin shows. */
const MARGIN_KEYS: readonly StateKey[] = [
  "article",
  "placed",
  "threads",
  "provisional",
  "unsent",
  "active",
  "opened",
  "newNote",
  "editing",
  "replying",
  "panel",
  "expandedReplies",
  "showingChange",
  "narrow",
  "people",
  "capabilities",
  "settings",
];

export function startReader(root: HTMLElement, host: ViewHost): void {
  const page = createPage(root);
  /** The article is on the screen. */
  let shown = false;
  /** What an earlier view left unsent, until all threads are there to show what became of it. */
  let left: Iterable<string> | null = null;

  const keeping = createKeeping({
    host,
    state: () => store.state,
    giveWords: (words) => connection.post({ kind: "keep", words }),
  });
  const { drafts, remember } = keeping;
  const store = createStore(
    {
      ...START,
      filter: keeping.filter,
      panel: { ...START.panel, outline: keeping.outline, filter: keeping.filterOpen },
    },
    (task) => requestAnimationFrame(task),
    (state, before) => {
      // at once: a hidden view is taken away without a word
      if (state.unsent !== before.unsent) remember();
    },
  );

  const arrivals = createArrivals();
  const connection = connect(host.port, (news) => {
    const now = arrivals.take(news);
    if (now) hear(now);
  });
  window.addEventListener("error", (event) => connection.report(event.error ?? event.message));
  window.addEventListener("unhandledrejection", (event) => connection.report(event.reason));

  const announce = (text: string) => {
    // the same words twice are only spoken when the element was empty in between
    page.live.textContent = "";
    requestAnimationFrame(() => (page.live.textContent = text));
  };

  const article = createArticleView(page.article, {
    onNear: () => painting.near(),
    onBlock: (view) => setFormulas(view.element, () => article.refresh(view)),
  });
  const geometry = createGeometry(page.page, article);
  const presence = createPresence(connection);
  createFootnotePreview(page.article, page.footnote);
  listenToCopying();

  const newerTexts = new Set<() => void>();
  const actions: Actions = createActions({
    store,
    connection,
    drafts,
    now: () => Date.now(),
    newIntent: () => crypto.randomUUID(),
    announce,
    wordsOf: (span) => article.wordsOf(span),
    newerText(epoch) {
      return new Promise((resolve) => {
        if (store.state.article?.epoch !== epoch) return resolve();
        const done = () => {
          if (store.state.article?.epoch === epoch && timer !== null) return;
          newerTexts.delete(done);
          resolve();
        };
        let timer: number | null = window.setTimeout(() => {
          timer = null;
          done();
        }, NEWER_TEXT_WAIT);
        newerTexts.add(done);
      });
    },
    clearSelection: () => document.getSelection()?.removeAllRanges(),
    isIdle() {
      store.flush();
      const writing = root.querySelector("m-composer") !== null || isTyping(document.activeElement);
      return !writing && store.state.selection === null && !selection.pressing;
    },
    show: (ref) => deeds.choose(ref, { focusCard: false }),
  });

  const margin = createMarginView({
    page: page.margin,
    rail: page.rail,
    cards: page.cards,
    sheet: page.sheet,
    tray: page.tray,
    article,
    geometry,
    onHover: (hovered) => store.update({ hovered }),
    onChoose: (ref, focus) => deeds.choose(ref, { focusCard: focus }),
    onList: (refs, at) => deeds.list(refs, at),
    onResize: () => painting.margin(),
  });

  const context = (): CardContext => ({
    state: store.state,
    actions,
    drafts,
    now: Date.now(),
    update: (patch) => store.update(patch),
    showPassage: (ref) => deeds.choose(ref, { focusCard: false }),
    focusMenuButton: (menu) => {
      requestAnimationFrame(() => root.querySelector<HTMLElement>(`[data-menu="${CSS.escape(menu)}"]`)?.focus());
    },
  });

  const painting = createPainting({
    page,
    article,
    margin,
    state: () => store.state,
    context,
    nameOf: actions.nameOf,
    complete: () => !arrivals.waiting,
    onComplete: () => connection.mark("highlightsPainted"),
  });

  const selection = createTextSelection(page, article, () => requestAnimationFrame(() => deeds.readSelection()));
  const deeds = createDeeds({ store, actions, page, article, geometry, margin, selection, announce });
  listenToPointer({ store, actions, page, article, deeds, selection });
  const goOnNearby = keepFocus({ page, cardOf: margin.cardOf, isEntering: deeds.isEntering, back: deeds.back });

  function hear(news: News): void {
    if (news.type === "perform") return deeds.perform(news.action);
    if (news.type === "revealThread") return deeds.choose(news.ref, { focusCard: news.focus, scroll: true });
    if (news.type === "revealOffset") return deeds.reveal(news.offset, news.focus);
    if (news.type === "leftWords") return actions.resume(actions.takeOver(news.words, textNow()));
    if (news.type === "snapshot") {
      connection.mark("snapshot");
      const { imageBase: base, remoteImages: remote = false } = news.snapshot;
      article.setImages({ base, remote });
      openArticle(news.snapshot);
      // the text is measured as it will be set
      store.flush();
      applySettings(news.snapshot.settings);
    }
    const before = store.state;
    const patch = reduce(before, news);
    if (!patch) return connection.post({ kind: "ready" });
    const threads = threadsOf(news);
    for (const thread of threads) moveDrafts(before, thread.ref, thread.intent);
    store.update(patch.article ? withText(before, patch, patch.article) : patch);
    if (patch.article) for (const done of Array.from(newerTexts)) done();
    if (news.type === "snapshot") {
      // the first picture should not wait for a frame that a hidden view never gets
      store.flush();
      if (!shown) firstShown();
    }
    if (threads.length > 0) actions.heard(threads);
    if (news.type === "threads") {
      tellDeletion(before, news.removed);
      tellNews(before);
    }
    if (news.type === "snapshot" || news.type === "threads" || news.type === "moreThreads") threadsChanged();
  }

  /** Takes up what is kept of an article, unless it is the one that is shown. */
  function openArticle(snapshot: Snapshot): void {
    const kept = keeping.open(snapshot);
    if (!kept) return;
    shown = false;
    const unsent = readUnsent(kept.unsent);
    left = [...unsent.keys()];
    const closed = { newNote: null, editing: null, replying: null, reattaching: null, active: null, selection: null };
    store.update(derived({ ...store.state, article: null }, { ...closed, article: null, chooser: null, unsent }));
  }

  function threadsChanged(): void {
    if (arrivals.waiting) return;
    if (left) actions.resume(left);
    left = null;
    actions.rescue();
  }

  /** The card that was open is gone from under its reader's eyes. */
  function tellDeletion({ active, threads }: State, removed: readonly string[]): void {
    const thread = active !== null && removed.includes(active) ? threads.get(active) : undefined;
    if (thread && !thread.mine) actions.toast(`${actions.nameOf(thread.author)} deleted the annotation that was open.`);
  }

  /** Others wrote in the card that is open. */
  function tellNews(before: State): void {
    const [old, now] = [before, store.state].map((state) => threadIn(state, before.active));
    const told = old && now && old !== now ? newsOf(old, now, actions.nameOf) : "";
    if (told) announce(told);
  }

  /** What was being written on a provisional card goes on under its real name. */
  function moveDrafts(before: State, ref: string, intent: string | undefined): void {
    if (intent === undefined || !before.provisional.has(intent)) return;
    const old = provisionalRef(intent);
    for (const key of [editKey, replyKey]) {
      const draft = drafts.get(key(old));
      if (!draft) continue;
      drafts.set(key(ref), draft);
      drafts.set(key(old), null);
    }
  }

  function withText(before: State, patch: Partial<State>, text: Article): Partial<State> {
    const next = { ...before, ...patch, article: text };
    const moved = changeText(before, next, { page, article, geometry, selection, deeds, drafts });
    const whole = { ...patch, ...moved, ...whereabouts(text) };
    return moved.unsent ? derived(before, whole) : whole;
  }

  /** The block at the top of the window: where the reader is. */
  function whereabouts(text: Article): Pick<State, "section"> {
    const at = geometry.atTop();
    if (!at) return { section: null };
    if (shown) keeping.position = at.block.start;
    return { section: text.sections.findLast((each) => each.start <= at.block.start)?.id ?? null };
  }

  const textNow = () => ({ epoch: store.state.article?.epoch ?? 0, blocks: article.shown(), carry: null });

  function firstShown(): void {
    shown = true;
    afterPaint(() => connection.mark("blocksPainted"));
    if (keeping.position !== null) deeds.scrollTo(keeping.position);
    const { unsent } = store.state;
    const text = textNow();
    if (unsent.size > 0) store.update(derived(store.state, { unsent: carryUnsent(unsent, text) }));
    const draft = drafts.get(NEW);
    if (draft?.passage && draft.text.trim() !== "") {
      const passage = carryPassage(draft.passage, text);
      drafts.set(NEW, { ...draft, passage });
      actions.reopenNew(passage, fateOf(passage.fate) || (draft.attempt?.error ?? ""));
    }
    if (document.hasFocus()) page.main.focus({ preventScroll: true });
  }

  function applySettings(settings: ViewSettings): void {
    root.style.setProperty("--measure", String(settings.measure));
    root.style.setProperty("--font-size", `${settings.fontSize}px`);
  }

  /** The note that has had the caret. */
  let turn = 0;
  store.subscribe((state, changed) => {
    const any = (...keys: StateKey[]) => keys.some((key) => changed.has(key));
    if (any("settings")) applySettings(state.settings);
    if (any("capabilities")) setMenu(page.main, state.capabilities.annotate);
    if (any("placed", "article", "settings")) painting.highlights();
    else if (any("active", "hovered", "newNote", "people")) painting.special();
    drawChrome(page, state, changed, { actions, deeds, update: (patch) => store.update(patch), context });
    if (MARGIN_KEYS.some((key) => changed.has(key))) painting.margin();
    if (any("newNote") && state.newNote && state.newNote.turn !== turn) {
      turn = state.newNote.turn;
      focusComposer(state.narrow ? page.sheet : page.cards);
    }
    if (any("replying") && state.replying) focusComposer(margin.cardOf(state.replying)?.querySelector(".foot"));
    if (any("editing") && state.editing)
      focusComposer(margin.cardOf(threadIn(state, state.active)?.ref ?? state.editing));
    if (any("filter")) {
      // what others write meanwhile changes the number, too, and interrupts nobody
      const { count, more } = countShown(state, actions);
      announce(count + more);
    }
    if (any("reattaching") && state.reattaching !== null) {
      page.main.focus({ preventScroll: true });
      announce(`${CHOOSE_PASSAGE} Escape gives it up.`);
    }
    if (any("hovered")) margin.hover(state.hovered);
    if (any("newNote", "replying", "editing")) refocus(state, changed);
    if (any("people", "article")) painting.flags();
    if (any("filter", "panel")) remember();
    if (any("selection", "section", "article")) tellPresence();
    goOnNearby();
  });

  /** A composer that closed took the focus with it: back to where it came from. */
  function refocus(state: State, changed: ReadonlySet<StateKey>): void {
    if (document.activeElement !== document.body && document.activeElement !== null) return;
    if (changed.has("newNote") && !state.newNote) {
      if (state.active === null) deeds.back();
      else page.main.focus({ preventScroll: true });
    } else if (!state.replying && !state.editing && !state.newNote && state.active !== null) {
      margin.cardOf(state.active)?.focus({ preventScroll: true });
    }
  }

  function tellPresence(): void {
    const { article: text, selection: selected, section } = store.state;
    if (!text) return;
    presence.tell({ epoch: text.epoch, selection: selected, section, position: keeping.position ?? 0 });
  }

  window.addEventListener(
    "scroll",
    () => {
      // before the frame's own work: nothing has to be laid out for this
      if (!store.state.article) return;
      store.update(whereabouts(store.state.article));
      tellPresence();
      keeping.rememberSoon();
    },
    { passive: true },
  );
  const fit = () => {
    const width = root.clientWidth;
    store.update({ narrow: width < NARROW, wide: width >= WIDE });
  };
  let size = "";
  const layout = new ResizeObserver(() => {
    fit();
    const now = `${page.article.clientWidth} ${page.main.clientHeight} ${page.margin.clientWidth}`;
    if (now === size) return;
    size = now;
    geometry.measure();
    margin.forget();
    placeToolbar(page);
    painting.near();
  });
  layout.observe(page.article);
  // the tray above the article moves it without changing its size
  layout.observe(page.main);
  new ResizeObserver(fit).observe(root);
  fit();
  // what stays at the top, with the filter or without, covers neither the outline nor what is scrolled to
  new ResizeObserver(() => {
    const height = page.top.offsetHeight;
    page.root.style.setProperty("--height", `${height}px`);
    page.outline.style.top = `${height}px`;
    document.documentElement.style.scrollPaddingTop = `${height + 16}px`;
  }).observe(page.top);

  // relative times grow older
  setInterval(() => {
    if (store.state.article) painting.margin();
  }, 60_000);

  connection.post({ kind: "ready" });
}

/** The threads that news bring, whole. */
function threadsOf(news: News): readonly ThreadMessage[] {
  if (news.type === "snapshot") return news.snapshot.threads;
  return news.type === "threads" || news.type === "moreThreads" ? news.threads : [];
}

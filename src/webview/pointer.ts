/** The mouse, the selection and the keyboard of the page. */
import type { Actions } from "./actions.ts";
import type { ArticleView } from "./article/article-view.ts";
import type { Deeds } from "./deeds.ts";
import { deedOf, isTyping } from "./keyboard.ts";
import { CARD } from "./model/card-links.ts";
import { nextAtPoint, standingAt } from "./model/annotations.ts";
import type { Page } from "./page.ts";
import { threadIn } from "./reduce.ts";
import type { Store } from "./state.ts";
import type { TextSelection } from "./text-selection.ts";

export interface PointerParts {
  store: Store;
  actions: Actions;
  page: Page;
  article: ArticleView;
  deeds: Deeds;
  selection: TextSelection;
}

export function listenToPointer({ store, actions, page, article, deeds, selection }: PointerParts): void {
  let waiting = false;
  document.addEventListener("selectionchange", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      deeds.readSelection();
    });
  });

  // the toolbar's buttons must not take the selection away
  page.toolbar.addEventListener("mousedown", (event) => event.preventDefault());

  page.article.addEventListener("click", (event) => {
    if ((event.target as Element).closest("a[href], summary")) return;
    const caret = document.getSelection();
    if (caret && !caret.isCollapsed) return;
    // beside the words too, where no character is under the pointer
    const place = caret?.anchorNode ? article.sourceAtCaret(caret.anchorNode, caret.anchorOffset) : null;
    if (place !== null) deeds.pointAt(place);
    const offset = article.sourceAtPoint(event.clientX, event.clientY);
    const all = offset === null ? [] : standingAt(store.state.placed, offset);
    const live = all.filter((each) => !each.filtered);
    const candidates = live.length > 0 ? live : all;
    const next = nextAtPoint(candidates, store.state.active);
    if (!next) {
      actions.activate(null);
      store.update({ chooser: null });
      return;
    }
    deeds.choose(next.ref, { focusCard: false });
    if (candidates.length > 1) {
      store.update({
        chooser: { refs: candidates.map((each) => each.ref), x: event.clientX + 8, y: event.clientY + 18 },
      });
    }
  });

  let hovering = false;
  page.article.addEventListener("pointermove", (event) => {
    if (hovering || selection.pressing) return;
    hovering = true;
    requestAnimationFrame(() => {
      hovering = false;
      const offset = article.sourceAtPoint(event.clientX, event.clientY);
      const over = offset === null ? undefined : standingAt(store.state.placed, offset).find((each) => !each.filtered);
      page.article.classList.toggle("over", over !== undefined);
      store.update({ hovered: over?.ref ?? null });
    });
  });
  page.article.addEventListener("pointerleave", () => {
    page.article.classList.remove("over");
    store.update({ hovered: null });
  });

  // links: inside the article by the view, others only through the host's own check
  const openLink = (event: Event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || !page.root.contains(link)) return;
    event.preventDefault();
    const href = link.getAttribute("href") ?? "";
    const card = link.getAttribute(CARD);
    if (card !== null) {
      if (threadIn(store.state, card)) deeds.choose(card, { focusCard: true, scroll: true });
      else actions.toast("That annotation is not in this article.");
    } else if (href.startsWith("#")) {
      let id = href.slice(1);
      try {
        id = decodeURIComponent(id);
      } catch {
        // not encoded after all
      }
      deeds.goToId(id);
    } else void actions.request("openLink", { href });
  };
  document.addEventListener("click", openLink);
  document.addEventListener("auxclick", openLink);

  document.addEventListener("pointerdown", (event) => {
    const target = event.target as Element;
    const { chooser, panel } = store.state;
    if (chooser && !target.closest(".chooser")) store.update({ chooser: null });
    if (panel.menu && !target.closest(".menu-place, .share-menu")) store.update({ panel: { ...panel, menu: null } });
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (page.keys.open) return;
    if (isTyping(event.target)) {
      // taking back what was typed belongs to the field, not to the editor around the view
      if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key)) event.stopPropagation();
      if (event.key === "Escape" && !(event.target as Element).closest("m-composer")) {
        event.preventDefault();
        deeds.escape();
      }
      return;
    }
    const onButton = event.target instanceof Element && event.target.closest("button, a[href], summary") !== null;
    const card = event.target instanceof Element ? event.target.closest<HTMLElement>(".card[data-key]") : null;
    if (card && event.target === card) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        return deeds.walkCards(event.key === "ArrowDown" ? 1 : -1);
      }
      if (event.key === "Enter" && card.dataset["key"]) {
        event.preventDefault();
        return deeds.choose(card.dataset["key"], { focusCard: true });
      }
    }
    if (onButton && event.key === "Enter") return;
    const deed = deedOf(event);
    if (!deed) return;
    event.preventDefault();
    deeds.perform(deed);
    // a composer that this key opened has the focus before the next key comes
    store.flush();
  });
}

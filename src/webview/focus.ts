/** The focus, when what had it is taken from the page: it goes on nearby, and not to the page's beginning. */
import type { Page } from "./page.ts";

export interface FocusParts {
  page: Page;
  /** The card of an annotation, when it is drawn. */
  cardOf(ref: string): HTMLElement | null;
  /** A card will have the focus as soon as it is drawn. */
  isEntering(): boolean;
  /** Puts the focus where it was before it came into the margin or a panel. */
  back(): void;
}

/** Answers what is to be called after each drawing. */
export function keepFocus({ page, cardOf, isEntering, back }: FocusParts): () => void {
  /** What has the focus, and what it stands in. */
  let had: { element: Element; card: string | undefined; panel: HTMLElement | undefined } | null = null;
  let waiting = false;

  const isGone = (element: Element) => !element.isConnected || !element.checkVisibility();

  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof Element)) return;
    const card = target.closest<HTMLElement>(".card[data-key]")?.dataset["key"];
    had = { element: target, card, panel: [page.filter, page.tray, page.unsent].find((each) => each.contains(target)) };
  });
  document.addEventListener("focusout", () => {
    // what is being taken away is still in the page as it loses the focus
    queueMicrotask(() => {
      if (had && document.activeElement === document.body && !isGone(had.element)) had = null;
    });
  });

  const goOn = () => {
    waiting = false;
    if (!had || document.activeElement !== document.body || !document.hasFocus() || !isGone(had.element)) return;
    if (isEntering()) return;
    const { card, panel } = had;
    had = null;
    const there = card === undefined ? null : cardOf(card);
    if (there) there.focus({ preventScroll: true });
    else if (panel && !panel.hidden) (panel.querySelector("input") ?? panel).focus({ preventScroll: true });
    else back();
  };
  return () => {
    if (waiting || !had) return;
    waiting = true;
    // whatever wants the focus for itself has it by the next frame
    requestAnimationFrame(goOn);
  };
}

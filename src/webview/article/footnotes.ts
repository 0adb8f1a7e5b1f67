/** Footnotes where they are called: a preview on hover and focus. */
import { ARTICLE_IDS } from "./article-view.ts";

const DELAY = 180;

/** `popup` is an empty element that floats above the page. */
export function createFootnotePreview(root: HTMLElement, popup: HTMLElement): { close(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let shown: Element | null = null;

  const close = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    popup.hidden = true;
  };
  const show = (reference: HTMLAnchorElement) => {
    const note = noteOf(root, reference);
    if (!note || shown === reference) return;
    close();
    shown = reference;
    const copy = note.cloneNode(true) as HTMLElement;
    for (const back of copy.querySelectorAll(".footnote-back, [data-aside]")) back.remove();
    for (const element of copy.querySelectorAll("[id]")) element.removeAttribute("id");
    popup.replaceChildren(...copy.childNodes);
    popup.dir = getComputedStyle(note).direction;
    popup.hidden = false;
    reference.setAttribute("aria-describedby", popup.id);
    const at = reference.getBoundingClientRect();
    const box = popup.getBoundingClientRect();
    const left = Math.max(8, Math.min(document.body.clientWidth - box.width - 8, at.left - 24));
    const above = at.top - box.height - 8;
    popup.style.left = `${left}px`;
    popup.style.top = `${above > 48 ? above : at.bottom + 8}px`;
  };
  const later = (task: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(task, DELAY);
  };

  const callOf = (event: Event) =>
    event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a.footnote-ref") : null;
  root.addEventListener("mouseover", (event) => {
    const reference = callOf(event);
    if (reference) later(() => show(reference));
    else if (shown) later(close);
  });
  root.addEventListener("mouseleave", () => later(close));
  popup.addEventListener("mouseenter", () => clearTimeout(timer));
  popup.addEventListener("mouseleave", () => later(close));
  root.addEventListener("focusin", (event) => {
    const reference = callOf(event);
    if (reference?.matches(":focus-visible")) show(reference);
    else close();
  });
  root.addEventListener("focusout", close);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown) {
      event.stopPropagation();
      close();
    }
  });
  return { close };
}

function noteOf(root: HTMLElement, reference: HTMLAnchorElement): Element | null {
  const id = reference.getAttribute("href")?.slice(1);
  return id ? root.querySelector(`#${CSS.escape(ARTICLE_IDS + id)}`) : null;
}

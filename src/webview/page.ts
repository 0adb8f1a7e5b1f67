/** The view's frame: the elements that everything else is drawn into. */
import { html, render } from "lit";

export interface Page {
  root: HTMLElement;
  /** What stays at the top of the window while the article scrolls: header, filter, notice. */
  top: HTMLElement;
  header: HTMLElement;
  filter: HTMLElement;
  notice: HTMLElement;
  tray: HTMLElement;
  unsent: HTMLElement;
  /** Article and margin stand in it; origin of all vertical places. */
  page: HTMLElement;
  outline: HTMLElement;
  main: HTMLElement;
  head: HTMLElement;
  article: HTMLElement;
  flags: HTMLElement;
  margin: HTMLElement;
  rail: HTMLElement;
  cards: HTMLElement;
  toolbar: HTMLElement;
  sheet: HTMLElement;
  chooser: HTMLElement;
  footnote: HTMLElement;
  toast: HTMLElement;
  keys: HTMLDialogElement;
  share: HTMLElement;
  live: HTMLElement;
}

/** What the editor's menu over the article is told: annotating is offered to who may. */
export function setMenu(main: HTMLElement, mayAnnotate: boolean): void {
  const webviewSection = mayAnnotate ? "article" : "onlyRead";
  main.dataset["vscodeContext"] = JSON.stringify({ webviewSection, preventDefaultContextMenuItems: false });
}

export function createPage(root: HTMLElement): Page {
  render(
    html`
      <div class="top" data-part="top">
        <header class="bar" data-part="header" aria-label="Article and session"></header>
        <section class="filter" data-part="filter" aria-label="Filter" hidden></section>
        <section class="notice" data-part="notice" aria-label="Notice" hidden></section>
      </div>
      <nav class="outline" data-part="outline" aria-label="Outline" hidden></nav>
      <div class="page" data-part="page">
        <main data-part="main" tabindex="-1">
          <section class="tray" data-part="unsent" aria-label="Not sent" tabindex="-1" hidden></section>
          <section
            class="tray"
            data-part="tray"
            aria-label="Annotations whose passage is gone"
            tabindex="-1"
            hidden
          ></section>
          <div class="head" data-part="head"></div>
          <div class="article" data-part="article"></div>
          <div class="toolbar" data-part="toolbar" role="toolbar" aria-label="Annotate the selection" hidden></div>
        </main>
        <aside class="margin" data-part="margin" aria-label="Annotations">
          <div class="rail" data-part="rail" role="group" aria-label="Marks of annotations"></div>
          <div class="cards" data-part="cards" role="feed" aria-label="Annotations in reading order"></div>
        </aside>
        <div class="flags" data-part="flags" aria-hidden="true"></div>
      </div>
      <div class="sheet" data-part="sheet" role="dialog" aria-label="Annotation" hidden></div>
      <div data-part="chooser"></div>
      <section
        class="footnote-preview"
        id="footnote-preview"
        data-part="footnote"
        aria-label="Footnote"
        hidden
      ></section>
      <section class="share-menu" data-part="share" aria-label="Read together"></section>
      <section class="toast" data-part="toast" aria-label="Notification" hidden></section>
      <dialog class="keys" data-part="keys" aria-label="Keys"></dialog>
      <div class="hidden" data-part="live" role="status" aria-live="polite"></div>
    `,
    root,
  );
  const part = (name: string): HTMLElement => root.querySelector(`[data-part=${name}]`)!;
  return {
    root,
    top: part("top"),
    header: part("header"),
    filter: part("filter"),
    notice: part("notice"),
    tray: part("tray"),
    unsent: part("unsent"),
    page: part("page"),
    outline: part("outline"),
    main: part("main"),
    head: part("head"),
    article: part("article"),
    flags: part("flags"),
    margin: part("margin"),
    rail: part("rail"),
    cards: part("cards"),
    toolbar: part("toolbar"),
    sheet: part("sheet"),
    chooser: part("chooser"),
    footnote: part("footnote"),
    toast: part("toast"),
    keys: part("keys") as HTMLDialogElement,
    share: part("share"),
    live: part("live"),
  };
}

/** Puts a text of the article on the page in place of the one before, and takes along what stands in it. */
import { html, nothing, render } from "lit";
import type { ArticleView } from "./article/article-view.ts";
import type { Geometry } from "./article/geometry.ts";
import type { Deeds } from "./deeds.ts";
import { type Drafts, NEW } from "./drafts.ts";
import { carryPassage, carryPeople, carryUnsent, carryWhole, CHANGED, fateOf, LOST, type NewText } from "./places.ts";
import type { Page } from "./page.ts";
import type { Article, NewNote, State } from "./state.ts";
import type { TextSelection } from "./text-selection.ts";

export interface TextChangeParts {
  page: Page;
  article: ArticleView;
  geometry: Geometry;
  selection: TextSelection;
  deeds: Pick<Deeds, "carry">;
  drafts: Drafts;
}

/**
 * Shows the text of `next` in the place of what `before` shows, at once: a selection, a key or an answer of the host that comes
 * before the next frame must not find offsets of one text beside another. What else depends on the text is the outcome.
 */
export function changeText(before: State, next: State & { article: Article }, parts: TextChangeParts): Partial<State> {
  const { page, article, geometry, selection, deeds, drafts } = parts;
  const anchor = geometry.atTop();
  const top = anchor?.element.getBoundingClientRect().top ?? 0;
  // while the mouse is pressed it has not been taken over into the state
  const selected = selection.pressing ? before.selection : selection.read();
  drawFrame(page, next.article);
  const carry = article.update(next.article);
  geometry.measure();
  // what the reader was looking at stays where it was
  if (anchor?.element.isConnected) {
    const moved = anchor.element.getBoundingClientRect().top - top;
    if (Math.abs(moved) > 1) window.scrollBy({ top: moved, behavior: "instant" });
  }
  if (!before.article) return {};

  const kept = carryWhole(selected, carry);
  if (!selection.pressing && !isSame(selection.read(), kept)) selection.put(kept);
  deeds.carry((span) => carryWhole(span, carry));
  const text: NewText = { epoch: next.article.epoch, blocks: article.shown(), carry };
  const draft = drafts.get(NEW);
  if (draft?.passage) drafts.set(NEW, { ...draft, passage: carryPassage(draft.passage, text) });
  return {
    selection: kept,
    newNote: next.newNote && carryNote(next.newNote, text),
    ...(next.unsent.size > 0 ? { unsent: carryUnsent(next.unsent, text) } : {}),
    people: next.people === before.people ? carryPeople(next.people, carry) : next.people,
  };
}

/** The composer stays with its passage, and says what became of that. */
function carryNote(note: NewNote, text: NewText): NewNote {
  const passage = carryPassage(note.passage, text);
  const told = note.error === LOST || note.error === CHANGED ? "" : note.error;
  return { ...note, passage, error: fateOf(passage.fate) || told };
}

function drawFrame(page: Page, text: Article): void {
  for (const part of [page.page, page.outline, page.sheet]) part.dir = text.dir;
  page.main.setAttribute("aria-label", text.title || "Article");
  // the view's own words beside it are in the view's language
  for (const part of [page.head, page.article]) part.lang = text.meta["lang"] ?? text.meta["language"] ?? "";
  document.title = text.title;
  const own = text.sections.some((section) => section.level === 1);
  const empty = text.blocks.every((block) => block.html === "");
  render(
    html`${
      !own && text.title
        ? html`<h1 dir="auto">${text.title}</h1>
            ${text.meta["author"] ? html`<p class="byline" dir="auto">${text.meta["author"]}</p>` : nothing}`
        : nothing
    }${empty ? html`<p class="empty" dir="ltr" lang="en">This article is empty. What is written into its file appears here.</p>` : nothing}`,
    page.head,
  );
}

function isSame(a: State["selection"], b: State["selection"]): boolean {
  return a?.start === b?.start && a?.end === b?.end;
}

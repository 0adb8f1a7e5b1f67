/** Names at the carets of others who have something selected. */
import { html, render } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Person } from "../../protocol/reader.ts";
import type { ArticleView } from "../article/article-view.ts";

export function drawFlags(host: HTMLElement, page: HTMLElement, article: ArticleView, people: Iterable<Person>): void {
  const shown: { person: Person; x: number; y: number; height: number }[] = [];
  let origin: DOMRect | undefined;
  for (const person of people) {
    if (person.me || !person.online || !person.selection) continue;
    const views = article.blocksIn(person.selection);
    if (!views.some((view) => view.near)) continue;
    const range = article.domRange(person.selection);
    const boxes = range ? [...range.getClientRects()].filter((box) => box.height > 0) : [];
    const last = boxes.at(-1);
    if (!last) continue;
    origin ??= page.getBoundingClientRect();
    shown.push({ person, x: last.right - origin.left, y: last.top - origin.top, height: last.height });
  }
  render(
    repeat(
      shown,
      ({ person }) => person.id,
      ({ person }) =>
        html`<span class="flag colour-${person.colour}" data-id=${person.id}><span>${person.name}</span></span>`,
    ),
    host,
  );
  for (const { person, x, y, height } of shown) {
    const flag = host.querySelector<HTMLElement>(`[data-id="${CSS.escape(person.id)}"]`);
    if (!flag) continue;
    flag.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    flag.style.height = `${Math.round(height)}px`;
  }
}

/** Names at the carets of others who have something selected; where names would lie on each other, one of them and how many more. */
import { html, render } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Person } from "../../protocol/reader.ts";
import type { ArticleView } from "../article/article-view.ts";
import { isReadFromRight } from "../article/geometry.ts";
import type { Page } from "../page.ts";

/** Room around a name, and behind it for the number of those who have no room for theirs, in pixels. */
const NUMBER = 38;

interface Flag {
  person: Person;
  x: number;
  y: number;
  height: number;
}

export function drawFlags(page: Page, article: ArticleView, people: Iterable<Person>): void {
  const shown: Flag[] = [];
  let origin: DOMRect | undefined;
  for (const person of people) {
    if (person.me || !person.online || !person.selection) continue;
    const views = article.blocksIn(person.selection);
    if (!views.some((view) => view.near)) continue;
    const range = article.domRange(person.selection);
    const boxes = range ? [...range.getClientRects()].filter((box) => box.height > 0) : [];
    const last = boxes.at(-1);
    if (!last) continue;
    origin ??= page.page.getBoundingClientRect();
    // where it ends as it is read
    const end = isReadFromRight(range!.endContainer) ? last.left : last.right;
    const [x, y, height] = [end - origin.left, last.top - origin.top, last.height];
    shown.push({ person, x: Math.round(x), y: Math.round(y), height: Math.round(height) });
  }
  shown.sort((one, other) => one.y - other.y || one.x - other.x);
  render(
    repeat(
      shown,
      ({ person }) => person.id,
      ({ person }) =>
        html`<span class="flag colour-${person.colour}"
          ><span class="label"><bdi>${person.name}</bdi><span class="more"></span></span
        ></span>`,
    ),
    page.flags,
  );
  for (const [i, { x, y, height }] of shown.entries()) {
    const { style } = page.flags.children[i] as HTMLElement;
    style.transform = `translate(${x}px, ${y}px)`;
    style.height = `${height}px`;
  }
  placeLabels(page.flags, shown, page.main);
}

/** Keeps labels in the column of the text, and apart from each other. */
function placeLabels(host: HTMLElement, shown: readonly Flag[], column: HTMLElement): void {
  const labels = [...host.querySelectorAll<HTMLElement>(".label")];
  const names = labels.map((label) => label.querySelector("bdi")!.offsetWidth + NUMBER);
  const end = column.offsetLeft + column.offsetWidth;
  /** The label before, which takes in those for whom there is no room. */
  let lead = -1;
  let more = 0;
  labels.forEach((label, i) => {
    const flag = shown[i]!;
    const left = Math.min(flag.x, end - names[i]!);
    const before = shown[lead];
    const beforeEnds = before ? Math.min(before.x, end - names[lead]!) + names[lead]! : 0;
    const taken = before !== undefined && Math.abs(before.y - flag.y) < flag.height / 2 && left < beforeEnds;
    label.classList.toggle("taken", taken);
    label.style.left = `${left - flag.x}px`;
    label.querySelector(".more")!.textContent = "";
    if (taken) labels[lead]!.querySelector(".more")!.textContent = `+${++more}`;
    else [lead, more] = [i, 0];
  });
}

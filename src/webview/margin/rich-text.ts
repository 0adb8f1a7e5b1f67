/** Bodies of notes and replies: Markdown of strangers, as clean DOM. */
import { renderBody } from "../../core/text/comment-body.ts";
import type { Person } from "../../protocol/reader.ts";
import { cleanHtml } from "../article/sanitise.ts";
import { nameIn } from "../model/words.ts";
import { CARD, cardOf, standInForCards } from "../model/card-links.ts";
import { MENTION } from "../../core/model/mentions.ts";

/** Bodies that were rendered, by what they were rendered from. */
const cache = new Map<string, DocumentFragment>();
const CACHED = 400;

/** A fresh copy of a body's DOM. Mentions are written `@[Name](id)` and shown by the person's present name. */
export function bodyDom(markdown: string, people: ReadonlyMap<string, Person>): DocumentFragment {
  /** Names are no Markdown: while it is read a number stands for each. */
  const names: string[] = [];
  const nameOf = nameIn(people);
  const mentions: { name: string; id: string }[] = [];
  const source = standInForCards(markdown.replace(/[\uE000\uE001]/g, "")).replace(
    MENTION,
    (_all, _written, id: string) => {
      const name = `\uE000${names.length}\uE001`;
      names.push(nameOf(id));
      mentions.push({ name, id });
      return `@${name}`;
    },
  );
  const key = JSON.stringify([names, mentions, source]);
  let fragment = cache.get(key);
  if (!fragment) {
    fragment = cleanHtml(renderBody(source, { mentions }), "b-");
    for (const image of fragment.querySelectorAll("img[data-src]")) {
      const at = image.getAttribute("data-src")!;
      // a picture in a note would tell its server who reads it and when: shown as a link
      const link = document.createElement("a");
      link.textContent = image.getAttribute("alt") || at;
      if (/^https:/i.test(at)) link.href = at;
      image.replaceWith(link);
    }
    for (const link of fragment.querySelectorAll("a[href]")) {
      const ref = cardOf(link.getAttribute("href") ?? "");
      if (ref === null) continue;
      link.setAttribute(CARD, ref);
      link.setAttribute("href", "#");
      link.setAttribute("title", "Show this annotation");
    }
    if (names.length > 0) putNames(fragment, names);
    for (const element of fragment.querySelectorAll("[tabindex]")) element.removeAttribute("tabindex");
    if (cache.size >= CACHED) cache.delete(cache.keys().next().value!);
    cache.set(key, fragment);
  }
  return fragment.cloneNode(true) as DocumentFragment;
}

function putNames(fragment: DocumentFragment, names: readonly string[]): void {
  const texts = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode as Text;
    text.data = text.data.replace(/\uE000(\d+)\uE001/g, (_, number: string) => names[Number(number)] ?? "");
  }
}

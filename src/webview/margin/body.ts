import { html, noChange, type TemplateResult } from "lit";
import { AsyncDirective } from "lit/async-directive.js";
import { directive, type ElementPart, type PartInfo, PartType } from "lit/directive.js";
import type { Person } from "../../protocol/reader.ts";
import { setFormulas } from "../article/formulas.ts";
import { bodyDom } from "./rich-text.ts";

/** Fills its element with a rendered body, and leaves it alone until the text is another one. */
class BodyDirective extends AsyncDirective {
  #shown: string | null = null;
  #people: unknown = null;

  constructor(info: PartInfo) {
    super(info);
    if (info.type !== PartType.ELEMENT) throw new Error("A body fills an element.");
  }

  override render(_markdown: string, _people: ReadonlyMap<string, Person>): unknown {
    return noChange;
  }

  override update(part: ElementPart, [markdown, people]: [string, ReadonlyMap<string, Person>]): unknown {
    const mentions = markdown.includes("@[");
    if (this.#shown === markdown && (!mentions || this.#people === people)) return noChange;
    this.#shown = markdown;
    this.#people = people;
    part.element.replaceChildren(bodyDom(markdown, people));
    setFormulas(part.element);
    return noChange;
  }
}

const fill = directive(BodyDirective);

/** A note's or reply's text, in whatever language it is. */
export function bodyTemplate(markdown: string, people: ReadonlyMap<string, Person>): TemplateResult {
  return html`<div class="body" dir="auto" lang="" ${fill(markdown, people)}></div>`;
}

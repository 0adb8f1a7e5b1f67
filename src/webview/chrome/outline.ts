import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { SectionMessage } from "../../protocol/reader.ts";
import { firstIndex } from "../model/source-map.ts";
import { plural } from "../model/words.ts";
import { sentIn } from "../reduce.ts";
import type { State } from "../state.ts";

/** Readers of a section beyond this become a number. */
const SHOWN_READERS = 4;

/** The article's headings, with how many annotations stand under each and who reads there. */
export function outlineTemplate(state: State, goTo: (section: SectionMessage) => void): TemplateResult {
  const sections = state.article?.sections ?? [];
  const list = sentIn(state);
  const at = (offset: number) => firstIndex(list.length, (i) => list[i]!.start >= offset);
  // one count per annotation: a heading counts what stands before the next heading
  const counts = sections.map((section, i) => at(sections[i + 1]?.start ?? section.end) - at(section.start));
  return html`<ul>
    ${repeat(
      sections,
      (section) => section.id,
      (section, i) =>
        html`<li class="level-${Math.min(4, section.level)}">
          <a
            href="#a-${section.id}"
            aria-current=${state.section === section.id ? "location" : nothing}
            @click=${(event: Event) => {
              event.preventDefault();
              event.stopPropagation();
              goTo(section);
            }}
            ><span dir="auto">${section.title || "Untitled"}</span>${readersTemplate(section, state)}${
              counts[i]
                ? html`<span class="number" title=${plural(counts[i], "annotation")}
                    >${counts[i]}<span class="hidden"> ${counts[i] === 1 ? "annotation" : "annotations"}</span></span
                  >`
                : nothing
            }</a
          >
        </li>`,
    )}
  </ul>`;
}

function readersTemplate(section: SectionMessage, state: State): TemplateResult | typeof nothing {
  const here = [...state.people.values()].filter(
    (person) => person.online && !person.me && person.section === section.id,
  );
  if (here.length === 0) return nothing;
  const told = `${here.map((person) => person.name).join(", ")} reading here`;
  return html`<span class="readers" title=${told}
    ><span class="hidden">(${told})</span
    >${here.slice(0, SHOWN_READERS).map((person) => html`<i class="dot colour-${person.colour}"></i>`)}${
      here.length > SHOWN_READERS ? `+${here.length - SHOWN_READERS}` : nothing
    }</span
  >`;
}

import { html, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import type { Actions } from "../actions.ts";
import { KIND_TITLES, KINDS } from "../../core/model/kinds.ts";
import { countThreads, createMatcher, type Filter, pressKind } from "../model/filter.ts";
import { byName } from "../model/words.ts";
import { sentIn, threadIn } from "../reduce.ts";
import type { State } from "../state.ts";
import { icon } from "./icons.ts";

/** Changes the filter; what the reader writes from now on stays shown. */
function set(actions: Actions, change: Partial<Filter>): void {
  actions.setFilter({ ...change, since: Date.now() });
}

/** Switches "new since I last looked" on or off. */
export function toggleFresh(state: State, actions: Actions): void {
  set(actions, {});
  actions.showFresh(state.filter.fresh === null);
}

/** How much of the annotations the filter shows, in words. */
export function countShown(state: State, actions: Actions): { shown: number; count: string; more: string } {
  const list = sentIn(state);
  const since = state.filter.since ?? Number.POSITIVE_INFINITY;
  const shown = list.reduce((sum, each) => sum + (each.filtered ? 0 : 1), 0);
  const fits = createMatcher({ ...state.filter, since: null }, actions.nameOf);
  const kept = list.some((each) => each.created >= since && !each.filtered && !fits(threadIn(state, each.ref)!));
  return {
    shown,
    count: `${shown} of ${list.length}`,
    more: ` shown${kept ? ", what you wrote since among them" : ""}`,
  };
}

export interface FilterDeeds {
  /** Goes to the annotation before or after the place where the reader is. */
  walk(deed: "previousAnnotation" | "nextAnnotation"): void;
  close(): void;
}

export function filterTemplate(state: State, actions: Actions, deeds: FilterDeeds): TemplateResult {
  const { filter } = state;
  const counts = countThreads(state.threads.values());
  // whoever is chosen stays in the list, with nothing of theirs left too
  if (filter.author !== null && !counts.authors.has(filter.author)) counts.authors.set(filter.author, 0);
  // by name: by number they would change places under the pointer while others write
  const authors = [...counts.authors].map(([id, count]) => ({ id, name: actions.nameOf(id), count })).sort(byName);
  const all = filter.without.length === 0;
  const kinds = KINDS.filter((kind) => counts.kinds[kind] > 0 || (!all && !filter.without.includes(kind)));
  const { shown, count, more } = countShown(state, actions);
  return html`
    <div class="kinds" role="group" aria-label="Kinds that are shown">
      <button type="button" class="chip" aria-pressed=${all} @click=${() => set(actions, { without: [] })}>All</button>
      ${kinds.map(
        (kind) =>
          html`<button
            type="button"
            class="chip ${kind}"
            title=${all ? `Show only: ${KIND_TITLES[kind]}` : KIND_TITLES[kind]}
            aria-pressed=${!all && !filter.without.includes(kind)}
            @click=${() => set(actions, { without: pressKind(filter.without, kind, kinds) })}
          >
            ${icon(kind)}<span class="word">${KIND_TITLES[kind]}</span><span class="number">${counts.kinds[kind]}</span>
          </button>`,
      )}
    </div>
    <label
      ><span class="spare">By</span>
      <select
        title="By"
        @change=${(event: Event) => set(actions, { author: (event.target as HTMLSelectElement).value || null })}
      >
        <option value="" .selected=${live(filter.author === null)}>everybody</option>
        ${repeat(
          authors,
          ({ id }) => id,
          ({ id, name, count }) =>
            html`<option value=${id} .selected=${live(filter.author === id)}>${name} (${count})</option>`,
        )}
      </select></label
    >
    <label
      ><span class="spare">Status</span>
      <select
        title="Status"
        @change=${(event: Event) =>
          set(actions, { status: (event.target as HTMLSelectElement).value as State["filter"]["status"] })}
      >
        <option value="open" .selected=${live(filter.status === "open")}>open (${counts.open})</option>
        <option value="resolved" .selected=${live(filter.status === "resolved")}>resolved (${counts.resolved})</option>
        <option value="all" .selected=${live(filter.status === "all")}>all</option>
      </select></label
    >
    <button
      type="button"
      class="chip"
      title="New since I last looked"
      aria-pressed=${filter.fresh !== null}
      @click=${() => toggleFresh(state, actions)}
    >
      <span class="unread"></span><span>New<span class="spare"> since I last looked</span></span
      ><span class="number">${counts.unread}</span>
    </button>
    ${
      counts.mentioned > 0 || filter.mentioned
        ? html`<button
            type="button"
            class="chip"
            title="Mentions me"
            aria-pressed=${filter.mentioned}
            @click=${() => set(actions, { mentioned: !filter.mentioned, status: filter.mentioned ? "open" : "all" })}
          >
            ${icon("mention")}<span class="spare">Mentions me</span><span class="number">${counts.mentioned}</span>
          </button>`
        : nothing
    }
    <input
      type="search"
      dir="auto"
      placeholder="Search notes and passages"
      aria-label="Search notes and passages"
      .value=${filter.text}
      @input=${(event: Event) => set(actions, { text: (event.target as HTMLInputElement).value })}
    />
    <span class="shown" title=${count + more}>${count}<span class="spare">${more}</span></span>
    ${
      shown > 0
        ? html`<span class="walk">
            ${walkButton("previous", "Previous annotation (P)", () => deeds.walk("previousAnnotation"))}
            ${walkButton("next", "Next annotation (N)", () => deeds.walk("nextAnnotation"))}
          </span>`
        : nothing
    }
    <span class="end">
      ${
        actions.isFiltering()
          ? html`<button type="button" class="quiet" @click=${() => actions.clearFilter()}>Show all open</button>`
          : nothing
      }
      <button type="button" class="icon-button" aria-label="Close the filter" title="Close" @click=${deeds.close}>
        ${icon("close")}
      </button>
    </span>
  `;
}

function walkButton(sign: "previous" | "next", label: string, walk: () => void): TemplateResult {
  return html`<button type="button" class="icon-button" aria-label=${label} title=${label} @click=${walk}>
    ${icon(sign)}
  </button>`;
}

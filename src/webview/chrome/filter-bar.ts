import { html, nothing, type TemplateResult } from "lit";
import type { Actions } from "../actions.ts";
import { type Kind, KIND_TITLES, KINDS } from "../../core/model/kinds.ts";
import { countThreads } from "../model/filter.ts";
import type { State } from "../state.ts";
import { icon } from "./icons.ts";

export function filterTemplate(state: State, actions: Actions, close: () => void): TemplateResult {
  const { filter } = state;
  const counts = countThreads(state.threads.values());
  const shown = state.placed.list.reduce((sum, each) => sum + (each.filtered ? 0 : 1), 0);
  const authors = [...counts.authors].sort((a, b) => b[1] - a[1]);
  const toggle = (kind: Kind) => {
    const without = filter.without.includes(kind)
      ? filter.without.filter((each) => each !== kind)
      : [...filter.without, kind];
    actions.setFilter({ without });
  };
  return html`
    <div class="kinds" role="group" aria-label="Kinds">
      ${KINDS.filter((kind) => counts.kinds[kind] > 0 || filter.without.includes(kind)).map(
        (kind) =>
          html`<button
            type="button"
            class="chip ${kind}"
            aria-pressed=${!filter.without.includes(kind)}
            @click=${() => toggle(kind)}
          >
            ${icon(kind)}${KIND_TITLES[kind]}<span class="number">${counts.kinds[kind]}</span>
          </button>`,
      )}
    </div>
    <label
      >By
      <select
        @change=${(event: Event) => actions.setFilter({ author: (event.target as HTMLSelectElement).value || null })}
      >
        <option value="" ?selected=${filter.author === null}>everybody</option>
        ${authors.map(
          ([id, count]) =>
            html`<option value=${id} ?selected=${filter.author === id}>${actions.nameOf(id)} (${count})</option>`,
        )}
      </select></label
    >
    <label
      >Status
      <select
        @change=${(event: Event) =>
          actions.setFilter({ status: (event.target as HTMLSelectElement).value as State["filter"]["status"] })}
      >
        <option value="open" ?selected=${filter.status === "open"}>open (${counts.open})</option>
        <option value="resolved" ?selected=${filter.status === "resolved"}>resolved (${counts.resolved})</option>
        <option value="all" ?selected=${filter.status === "all"}>all</option>
      </select></label
    >
    <button
      type="button"
      class="chip"
      aria-pressed=${filter.fresh !== null}
      @click=${() => actions.showFresh(filter.fresh === null)}
    >
      <span class="unread"></span>New since I last looked<span class="number">${counts.unread}</span>
    </button>
    <input
      type="search"
      dir="auto"
      placeholder="Search notes and passages"
      aria-label="Search notes and passages"
      .value=${filter.text}
      @input=${(event: Event) => actions.setFilter({ text: (event.target as HTMLInputElement).value })}
    />
    <span class="shown" role="status">${shown} of ${state.placed.list.length} shown</span>
    ${
      actions.isFiltering()
        ? html`<button type="button" class="quiet" @click=${() => actions.clearFilter()}>Show all open</button>`
        : nothing
    }
    <button type="button" class="icon-button" aria-label="Close the filter" title="Close" @click=${close}>
      ${icon("close")}
    </button>
  `;
}

/** The line above the article: where one is, who is here, whether it is saved, and a few buttons. */
import { html, nothing, type TemplateResult } from "lit";
import type { Person, StatusMessage } from "../../protocol/reader.ts";
import { ROLE_TITLES } from "../../core/model/roles.ts";
import type { Actions } from "../actions.ts";
import { menuTemplate } from "../margin/menu.ts";
import { countThreads } from "../model/filter.ts";
import { byName, initials, plural } from "../model/words.ts";
import type { State } from "../state.ts";
import { toggleFresh } from "./filter-bar.ts";
import { icon, type IconName } from "./icons.ts";

export interface HeaderDeeds {
  toggleOutline(): void;
  toggleFilter(): void;
  toggleTray(): void;
  toggleUnsent(): void;
  toggleShare(): void;
  togglePeople(): void;
  closePeople(refocus: boolean): void;
  showKeys(): void;
  goTo(person: Person): void;
}

const STATUS: Record<StatusMessage["state"], { icon: IconName; title: string }> = {
  alone: { icon: "alone", title: "Reading alone" },
  offline: { icon: "offline", title: "Offline" },
  connecting: { icon: "syncing", title: "Connecting" },
  syncing: { icon: "syncing", title: "Syncing" },
  saved: { icon: "saved", title: "Saved" },
  full: { icon: "refused", title: "No room" },
  refused: { icon: "refused", title: "Refused" },
};

/** Avatars beyond this become a number. */
const SHOWN_PEOPLE = 5;

export function headerTemplate(state: State, actions: Actions, deeds: HeaderDeeds): TemplateResult {
  const counts = countThreads(state.threads.values());
  const others = [...state.people.values()].filter((person) => person.online && !person.me);
  const waiting = state.status.waiting > 0 ? ` · ${plural(state.status.waiting, "change")} waiting` : "";
  const status = STATUS[state.status.state];
  const filtering = actions.isFiltering();
  const unsent = actions.countUnsent();
  return html`
    <button
      type="button"
      class="icon-button"
      title="Outline"
      aria-label="Outline"
      aria-expanded=${isOutlineOpen(state)}
      @click=${deeds.toggleOutline}
    >
      ${icon("outline")}
    </button>
    <span class="title" dir="auto" title=${state.article?.title ?? ""}>${state.article?.title ?? ""}</span>
    <span class="spring"></span>
    ${
      counts.unread
        ? html`<button
            type="button"
            class="pill"
            aria-pressed=${state.filter.fresh !== null}
            @click=${() => toggleFresh(state, actions)}
          >
            <span class="unread"></span>${counts.unread} new
          </button>`
        : nothing
    }
    ${
      unsent
        ? html`<button
            type="button"
            class="pill warning"
            aria-expanded=${state.panel.unsent}
            title="Written and not sent"
            aria-label="${unsent} not sent"
            @click=${deeds.toggleUnsent}
          >
            ${icon("warning")}${unsent}<span class="wide-only"> not sent</span>
          </button>`
        : nothing
    }
    ${
      state.orphans.length
        ? html`<button
            type="button"
            class="pill"
            aria-expanded=${state.panel.tray}
            title="Annotations whose passage is gone"
            aria-label="${state.orphans.length} without a place"
            @click=${deeds.toggleTray}
          >
            ${icon("lost")}${state.orphans.length}<span class="wide-only"> without a place</span>
          </button>`
        : nothing
    }
    ${
      others.length
        ? html`<ul class="people" aria-label="People here">
            ${others.slice(0, SHOWN_PEOPLE).map(
              (person) =>
                html`<li>
                  <button
                    type="button"
                    class="avatar colour-${person.colour}"
                    title=${whereabouts(person, state)}
                    @click=${() => deeds.goTo(person)}
                  >
                    <span aria-hidden="true">${initials(person.name)}</span
                    ><span class="hidden">${whereabouts(person, state)}</span>
                  </button>
                </li>`,
            )}
            ${others.length > SHOWN_PEOPLE ? html`<li>${everybodyTemplate(others, state, deeds)}</li>` : nothing}
          </ul>`
        : nothing
    }
    <span class="status ${state.status.state}" title=${state.status.detail || status.title}>
      ${icon(status.icon)}<span>${status.title}${waiting}</span>
    </span>
    <button
      type="button"
      class="icon-button ${filtering ? "on" : ""}"
      title="Filter annotations (/)"
      aria-label=${filtering ? "Filter annotations, a filter is on" : "Filter annotations"}
      aria-expanded=${state.panel.filter}
      @click=${deeds.toggleFilter}
    >
      ${icon("filter")}
    </button>
    <span class="menu-place">
      <button
        type="button"
        class="icon-button"
        data-menu="share"
        title="Read together"
        aria-label="Read together"
        aria-haspopup="menu"
        aria-expanded=${state.panel.menu === "share"}
        @click=${deeds.toggleShare}
      >
        ${icon("share")}
      </button>
    </span>
    <button
      type="button"
      class="icon-button"
      title="Export annotations"
      aria-label="Export annotations"
      @click=${() => void actions.request("runCommand", { command: "export" })}
    >
      ${icon("export")}
    </button>
    <button type="button" class="icon-button" title="Keys (?)" aria-label="Keys" @click=${deeds.showKeys}>
      ${icon("keys")}
    </button>
  `;
}

/** Those for whose pictures there is no room are counted; a press lists everybody, by name. */
function everybodyTemplate(others: readonly Person[], state: State, deeds: HeaderDeeds): TemplateResult {
  const open = state.panel.menu === "people";
  return html`<button
      type="button"
      class="more-people"
      data-menu="people"
      title="Everybody here"
      aria-label="Everybody here, ${others.length - SHOWN_PEOPLE} more"
      aria-haspopup="menu"
      aria-expanded=${open}
      @click=${deeds.togglePeople}
    >
      +${others.length - SHOWN_PEOPLE}</button
    >${
      open
        ? menuTemplate(
            "Everybody here",
            others.toSorted(byName).map((person) => ({
              label: whereabouts({ ...person, name: isolated(person.name) }, state),
              takesFocus: person.selection === undefined && person.section !== undefined,
              run: () => deeds.goTo(person),
            })),
            deeds.closePeople,
          )
        : nothing
    }`;
}

/** A name that is read from the right does not turn what stands behind it. */
function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** Open when there is room, unless the reader decided. */
export function isOutlineOpen(state: State): boolean {
  return state.panel.outline ?? state.wide;
}

function whereabouts(person: Person, state: State): string {
  const section = state.article?.sections.find((each) => each.id === person.section);
  const role = ROLE_TITLES[person.role];
  return section ? `${person.name} (${role}), reading “${section.title}”` : `${person.name} (${role})`;
}

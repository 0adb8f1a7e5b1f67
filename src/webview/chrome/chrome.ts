/** Draws everything around article and margin, each part when something it shows has changed. */
import { html, nothing, render } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Actions } from "../actions.ts";
import type { Deeds } from "../deeds.ts";
import { cardClasses, cardInside } from "../margin/card.ts";
import type { CardContext } from "../margin/card-parts.ts";
import { menuTemplate } from "../margin/menu.ts";
import { cardLabel, cardWords, nameIn, plural } from "../model/words.ts";
import type { Page } from "../page.ts";
import { threadIn } from "../reduce.ts";
import type { State, StateKey } from "../state.ts";
import { filterTemplate } from "./filter-bar.ts";
import { headerTemplate, isOutlineOpen } from "./header.ts";
import { icon } from "./icons.ts";
import { outlineTemplate } from "./outline.ts";
import { chooserTemplate, keysTemplate, toastTemplate } from "./overlays.ts";
import { drawToolbar } from "./toolbar.ts";
import { unsentTrayTemplate } from "./unsent-tray.ts";

export interface ChromeDeeds {
  actions: Actions;
  deeds: Deeds;
  update(patch: Partial<State>): void;
  context(): CardContext;
}

export const CHOOSE_PASSAGE =
  "Select the passage that this annotation belongs to, then choose “Attach here” or press Enter.";

/** How long a toast stays; and one of few words and nothing to undo. Milliseconds. */
const TOAST = 8000;
const BRIEF = 4000;
const FEW_LETTERS = 40;
let toastTimer: ReturnType<typeof setTimeout> | undefined;

export function drawChrome(page: Page, state: State, changed: ReadonlySet<StateKey>, around: ChromeDeeds): void {
  const { actions, deeds, update, context } = around;
  const any = (...keys: StateKey[]) => keys.some((key) => changed.has(key));
  const close = (part: Partial<State["panel"]>) => update({ panel: { ...state.panel, ...part } });

  if (any("article", "threads", "people", "status", "filter", "panel", "orphans", "unsent", "wide")) {
    render(
      headerTemplate(state, actions, {
        toggleOutline: deeds.toggleOutline,
        toggleFilter: () => deeds.toggle("filter"),
        toggleTray: () => deeds.toggle("tray"),
        toggleUnsent: () => deeds.toggle("unsent"),
        toggleShare: () => close({ menu: state.panel.menu === "share" ? null : "share" }),
        togglePeople: () => close({ menu: state.panel.menu === "people" ? null : "people" }),
        closePeople(refocus) {
          close({ menu: null });
          if (refocus) context().focusMenuButton("people");
        },
        showKeys: deeds.toggleKeys,
        goTo: deeds.goToPerson,
      }),
      page.header,
    );
  }
  if (any("panel")) drawShare(page, state, around);
  if (any("panel", "filter", "threads", "placed", "people")) {
    page.filter.hidden = !state.panel.filter;
    const filterDeeds = { walk: deeds.perform, close: () => deeds.toggle("filter") };
    render(state.panel.filter ? filterTemplate(state, actions, filterDeeds) : nothing, page.filter);
  }
  if (any("article", "placed", "section", "people", "panel", "wide")) {
    const open = isOutlineOpen(state) && (state.article?.sections.length ?? 0) > 0;
    page.outline.hidden = !open;
    page.root.classList.toggle("with-outline", open && state.wide);
    page.root.classList.toggle("outline-over", open && !state.wide);
    render(open ? outlineTemplate(state, deeds.goToSection) : nothing, page.outline);
    if (open && changed.has("section")) {
      page.outline.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    }
  }
  if (any("narrow")) page.root.classList.toggle("narrow", state.narrow);
  if (any("reattaching", "threads", "selection")) drawNotice(page, state, around);
  if (
    any(
      "orphans",
      "panel",
      "active",
      "opened",
      "threads",
      "editing",
      "replying",
      "people",
      "expandedReplies",
      "unsent",
      "showingChange",
    )
  ) {
    drawTray(page, state, around);
  }
  if (any("unsent", "panel", "threads", "people")) drawUnsent(page, state, around);
  if (any("selection", "article", "capabilities", "reattaching", "newNote")) drawToolbar(page, state, actions);
  if (any("chooser", "active")) drawChooser(page, state, around);
  if (any("toast")) {
    page.toast.hidden = !state.toast;
    render(
      toastTemplate(state, actions, () => update({ toast: null })),
      page.toast,
    );
    clearTimeout(toastTimer);
    const shown = state.toast;
    // what the reader points at, or is in, stays; and goes after them
    const go = () => {
      if (page.toast.matches(":hover, :focus-within")) toastTimer = setTimeout(go, BRIEF);
      else update({ toast: null });
    };
    if (shown) toastTimer = setTimeout(go, shown.undo === null && shown.text.length < FEW_LETTERS ? BRIEF : TOAST);
  }
  if (!page.keys.firstElementChild) {
    render(
      keysTemplate(() => page.keys.close()),
      page.keys,
    );
  }
}

function drawShare(page: Page, state: State, { actions, update }: ChromeDeeds): void {
  const run = (command: "hostSession" | "joinSession" | "copyInvite" | "leaveSession" | "setName") => () =>
    void actions.request("runCommand", { command });
  const shared = state.status.state !== "alone";
  const close = (refocus: boolean) => {
    update({ panel: { ...state.panel, menu: null } });
    if (refocus) requestAnimationFrame(() => page.header.querySelector<HTMLElement>("[data-menu=share]")?.focus());
  };
  const open = state.panel.menu === "share";
  render(
    open
      ? menuTemplate(
          "Read together",
          shared
            ? [
                { label: "Copy invite link", icon: "link", run: run("copyInvite") },
                { label: "Change your name…", icon: "edit", run: run("setName") },
                { label: "Leave the session", icon: "close", run: run("leaveSession") },
              ]
            : [
                // who left the session of somebody else can join it again, not host it
                ...(state.me?.role === "owner"
                  ? [{ label: "Host a session…", icon: "share" as const, run: run("hostSession") }]
                  : []),
                { label: "Join a session…", icon: "link", run: run("joinSession") },
                { label: "Change your name…", icon: "edit", run: run("setName") },
              ],
          close,
        )
      : nothing,
    page.share,
  );
  if (!open) return;
  const at = page.header.querySelector("[data-menu=share]")?.getBoundingClientRect();
  if (at) {
    page.share.style.top = `${at.bottom + 4}px`;
    page.share.style.left = `${Math.max(8, at.right - 210)}px`;
  }
}

function drawNotice(page: Page, state: State, { actions, update }: ChromeDeeds): void {
  const thread = threadIn(state, state.reattaching);
  page.notice.hidden = !thread;
  render(
    thread
      ? html`<span>${icon("lost")} ${CHOOSE_PASSAGE}</span>
          <button
            type="button"
            class="primary"
            ?disabled=${!state.selection}
            @mousedown=${(event: Event) => event.preventDefault()}
            @click=${() => state.selection && void actions.reattach(thread.ref, state.selection)}
          >
            Attach here
          </button>
          <button type="button" class="quiet" @click=${() => update({ reattaching: null })}>Cancel</button>`
      : nothing,
    page.notice,
  );
}

function drawTray(page: Page, state: State, around: ChromeDeeds): void {
  const open = state.panel.tray && state.orphans.length > 0;
  page.tray.hidden = !open;
  const context = around.context();
  render(
    !open
      ? nothing
      : html`<header>
            <h2>${plural(state.orphans.length, "annotation")} without a place</h2>
            <button
              type="button"
              class="icon-button"
              aria-label="Close"
              title="Close"
              @click=${() => around.deeds.toggle("tray")}
            >
              ${icon("close")}
            </button>
          </header>
          <p>
            The passages they were about are no longer in the text. Nothing is lost: attach them to another passage, or
            leave them here.
          </p>
          ${repeat(
            state.orphans,
            (thread) => thread.ref,
            (thread) =>
              html`<article
                class=${cardClasses(thread, "full", state)}
                data-key=${thread.ref}
                tabindex="0"
                aria-label=${cardLabel(thread, nameIn(state.people))}
                aria-description=${cardWords(thread, nameIn(state.people)) || nothing}
                @click=${(event: Event) => {
                  if (!(event.target as Element).closest("a, button, textarea")) around.actions.activate(thread.ref);
                }}
              >
                ${cardInside(thread, state.active === thread.ref, context)}
              </article>`,
          )}`,
    page.tray,
  );
}

function drawUnsent(page: Page, state: State, around: ChromeDeeds): void {
  const count = around.actions.countUnsent();
  const open = state.panel.unsent && count > 0;
  page.unsent.hidden = !open;
  render(open ? unsentTrayTemplate(around.context(), () => around.deeds.toggle("unsent")) : nothing, page.unsent);
  // it has nothing to say when something comes in again later
  if (state.panel.unsent && count === 0) around.update({ panel: { ...state.panel, unsent: false } });
}

function drawChooser(page: Page, state: State, { deeds, update }: ChromeDeeds): void {
  render(
    chooserTemplate(
      state,
      (ref) => {
        update({ chooser: null });
        deeds.choose(ref, { focusCard: true });
      },
      (hovered) => update({ hovered }),
      () => {
        update({ chooser: null });
        deeds.back();
      },
    ),
    page.chooser,
  );
  const list = page.chooser.firstElementChild as HTMLElement | null;
  if (!list || !state.chooser) return;
  const box = list.getBoundingClientRect();
  const x = Math.max(8, Math.min(state.chooser.x, page.root.clientWidth - box.width - 8));
  const y =
    state.chooser.y + box.height > window.innerHeight - 8
      ? Math.max(48, state.chooser.y - box.height - 30)
      : state.chooser.y;
  list.style.left = `${x}px`;
  list.style.top = `${y}px`;
}

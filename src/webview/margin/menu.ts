import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { icon, type IconName } from "../chrome/icons.ts";

export interface MenuItem {
  label: string;
  icon?: IconName;
  /** What a label that is a mere sign says. */
  title?: string;
  /** For a choice that can be on. */
  checked?: boolean;
  /** What it opens has the focus afterwards, not the menu's button. */
  takesFocus?: boolean;
  run(): void;
}

/** Pixels that stay free between a menu and the window's edge. */
const EDGE = 4;

/** Below its button, or above it, wholly in the window. */
function placeAtButton(menu: HTMLElement): void {
  const button = menu.parentElement!.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const isReadFromRight = getComputedStyle(menu).direction === "rtl";
  const left = isReadFromRight ? button.left : button.right - width;
  const right = document.documentElement.clientWidth - width - EDGE;
  const below = button.bottom + height <= window.innerHeight - EDGE;
  menu.style.left = `${Math.max(EDGE, Math.min(left, right))}px`;
  menu.style.top = `${below ? button.bottom : Math.max(EDGE, button.top - height)}px`;
}

/** A small menu below its button, its signs in a row when it has titles: arrow keys walk, Escape closes, focus goes back to the button. */
export function menuTemplate(
  label: string,
  items: readonly MenuItem[],
  close: (refocus: boolean) => void,
): TemplateResult {
  const row = items.every((item) => item.title !== undefined);
  const keys = (event: KeyboardEvent) => {
    const menu = event.currentTarget as HTMLElement;
    const all = [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const forward = getComputedStyle(menu).direction === "rtl" ? -1 : 1;
    const along: Record<string, number> = row ? { ArrowRight: forward, ArrowLeft: -forward } : {};
    const step = { ArrowDown: 1, ArrowUp: -1, ...along }[event.key];
    if (step !== undefined) all[(at + step + all.length) % all.length]?.focus();
    else if (event.key === "Home") all[0]?.focus();
    else if (event.key === "End") all.at(-1)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div
    class="menu ${row ? "row" : ""}"
    role="menu"
    aria-label=${label}
    aria-orientation=${row ? "horizontal" : nothing}
    @keydown=${keys}
    @focusout=${(event: FocusEvent) => {
      const menu = event.currentTarget as HTMLElement;
      if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) close(false);
    }}
    ${ref((element) => {
      if (!(element instanceof HTMLElement) || element.dataset["opened"]) return;
      element.dataset["opened"] = "yes";
      // its items come after this
      queueMicrotask(() => {
        if (getComputedStyle(element).position === "fixed") placeAtButton(element);
        else if (element.getBoundingClientRect().bottom > window.innerHeight - EDGE) element.classList.add("upwards");
        element.querySelector<HTMLElement>("[aria-checked=true], [role^=menuitem]")?.focus({ preventScroll: true });
      });
    })}
  >
    ${items.map(
      (item) =>
        html`<button
          type="button"
          role=${item.checked === undefined ? "menuitem" : row ? "menuitemcheckbox" : "menuitemradio"}
          aria-checked=${item.checked ?? nothing}
          aria-label=${item.title ?? nothing}
          title=${item.title ?? nothing}
          tabindex="-1"
          @click=${() => {
            close(!item.takesFocus);
            item.run();
          }}
        >
          ${item.icon ? icon(item.icon) : row ? nothing : html`<span class="icon"></span>`}<span>${item.label}</span>
        </button>`,
    )}
  </div>`;
}

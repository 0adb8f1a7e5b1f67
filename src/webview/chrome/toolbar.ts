/** The toolbar beside what is selected: drawn when that changes, put in its place again when the page is laid out anew. */
import { nothing, render } from "lit";
import type { Actions } from "../actions.ts";
import type { Page } from "../page.ts";
import type { State } from "../state.ts";
import { isReadFromRight } from "../article/geometry.ts";
import { toolbarTemplate } from "./overlays.ts";

export function drawToolbar(page: Page, state: State, actions: Actions): void {
  const show = state.selection !== null && state.capabilities.annotate;
  render(show ? toolbarTemplate(state, actions) : nothing, page.toolbar);
  page.toolbar.hidden = !show;
  placeToolbar(page);
}

/** Beyond the end of the selection that the reader just made; on its other side when there is no room. */
export function placeToolbar(page: Page): void {
  const { toolbar } = page;
  const selection = document.getSelection();
  if (toolbar.hidden || !selection || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
  const first = boxes[0];
  const last = boxes.at(-1);
  if (!first || !last) return;
  const backward = selection.direction === "backward";
  const origin = page.page.getBoundingClientRect();
  const size = toolbar.getBoundingClientRect();
  const room = { top: page.top.getBoundingClientRect().bottom, bottom: window.innerHeight };
  const above = first.top - size.height - 8;
  const below = last.bottom + 8;
  const aboveFits = above > room.top;
  const belowFits = below + size.height < room.bottom;
  const y = backward ? (aboveFits || !belowFits ? above : below) : belowFits || !aboveFits ? below : above;
  const start = isReadFromRight(range.startContainer) ? first.right - size.width : first.left;
  const end = isReadFromRight(range.endContainer) ? last.left : last.right;
  const anchor = y === above ? start : end - size.width / 2;
  // over the text, when it has the room, and not over the cards beside it
  const column = page.main.getBoundingClientRect();
  const left = Math.max(8, column.left);
  const right = Math.min(page.root.clientWidth - 8, column.right) - size.width;
  const x = left <= right ? Math.max(left, Math.min(right, anchor)) : Math.max(8, right);
  toolbar.style.transform = `translate(${Math.round(x - origin.left)}px, ${Math.round(Math.max(y, room.top + 4) - origin.top)}px)`;
}

/**
 * What is copied out of the view: the words that are read. Spoken boundaries are nobody's words, and a formula is what its author
 * wrote: set, it is a heap of signs, each of them twice.
 */
import { ASIDE } from "./leaves.ts";

const FORMULA = "[data-tex]";
const BOUNDARY = `span[${ASIDE}]`;

/** Copies without what the view itself put into the text; anything else is copied by the browser as ever. */
export function listenToCopying(): void {
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    const inField = event.target instanceof Element && event.target.closest("input, textarea") !== null;
    if (!event.clipboardData || inField || !selection || selection.isCollapsed || selection.rangeCount === 0) return;
    const range = withWholeFormulas(selection.getRangeAt(0));
    const copy = range.cloneContents();
    if (!copy.querySelector(`${FORMULA}, ${BOUNDARY}`)) return;
    for (const boundary of copy.querySelectorAll(BOUNDARY)) boundary.remove();
    for (const formula of copy.querySelectorAll<HTMLElement>(FORMULA)) {
      const signs = formula.classList.contains("math-display") ? "$$" : "$";
      formula.replaceChildren(`${signs}${formula.dataset["tex"] ?? ""}${signs}`);
    }
    const isCode = elementAt(range.commonAncestorContainer)?.closest("pre") != null;
    // its text as it is laid out, with the line ends of blocks and the tabs of tables, has only what stands in the page
    const place = document.createElement(isCode ? "pre" : "div");
    place.className = "hidden";
    place.append(copy);
    document.body.append(place);
    event.clipboardData.setData("text/plain", place.innerText);
    event.clipboardData.setData("text/html", isCode ? `<pre>${place.innerHTML}</pre>` : place.innerHTML);
    place.remove();
    event.preventDefault();
  });
}

/** A formula is copied whole or not at all. */
function withWholeFormulas(selected: Range): Range {
  const range = selected.cloneRange();
  const first = elementAt(range.startContainer)?.closest(FORMULA);
  const last = elementAt(range.endContainer)?.closest(FORMULA);
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  return range;
}

function elementAt(node: Node): Element | null {
  return node instanceof Element ? node : node.parentElement;
}

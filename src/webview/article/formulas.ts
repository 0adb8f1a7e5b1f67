/** Formulas: articles and notes arrive with their TeX, which KaTeX sets once it is loaded; what it cannot set stays as TeX. */
import type katexModule from "katex";
import type * as katexBundle from "../katex-bundle.ts";
import { WHOLE } from "./leaves.ts";

type Katex = Pick<typeof katexModule, "render">;

let loading: Promise<Katex> | null = null;

/** A bundle of its own with its own style sheet and fonts, beside the page's others: most readers need none. */
function loadKatex(): Promise<Katex> {
  const base = document.querySelector<HTMLMetaElement>("meta[name=marginalia-bundles]")?.content ?? document.baseURI;
  const bundle = (name: string) => new URL(name, base).href;
  loading ??= (import(bundle("katex.js")) as Promise<typeof katexBundle>).then(({ katex }) => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = bundle("katex.css");
    document.head.append(sheet);
    return katex;
  });
  return loading;
}

/** Longer ones are left as TeX: setting them would hold up the reader. */
const MAX_TEX = 2000;

/** Sets the formulas in an element; `changed` is called when they are set, as its characters have to be counted again. */
export function setFormulas(within: Element, changed?: () => void): void {
  // what cleans the HTML leaves out an attribute that could end in another place, as "[x]>" could: the text is always there
  const formulas = [...within.querySelectorAll<HTMLElement>(".math-inline, .math-display")].map((element) => ({
    element,
    tex: element.textContent,
  }));
  if (formulas.length === 0) return;
  void loadKatex().then((katex) => {
    for (const { element, tex } of formulas) {
      if (tex.length > MAX_TEX || element.hasAttribute(WHOLE)) continue;
      const set = document.createElement("span");
      try {
        // no command that makes links, classes, or loads anything
        katex.render(tex, set, {
          displayMode: element.classList.contains("math-display"),
          throwOnError: true,
          trust: false,
          strict: "ignore",
          errorColor: "currentColor",
          maxExpand: 200,
          maxSize: 20,
        });
      } catch {
        element.classList.add("math-off");
        continue;
      }
      element.setAttribute("data-tex", tex);
      element.setAttribute(WHOLE, String(tex.length));
      element.replaceChildren(set);
    }
    changed?.();
  });
}

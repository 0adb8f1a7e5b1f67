/** HTML of articles and bodies is made by our own renderer out of strangers' Markdown: cleaned again where it enters the page. */
import createDOMPurify from "dompurify";

const purify = createDOMPurify(window);

const OPTIONS = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: [
    "style",
    "form",
    "input",
    "button",
    "textarea",
    "select",
    "option",
    "dialog",
    "template",
    "audio",
    "video",
    "source",
    "base",
    "meta",
    "link",
  ],
  FORBID_ATTR: [
    "style",
    "srcset",
    "action",
    "formaction",
    "autofocus",
    "contenteditable",
    "popover",
    "popovertarget",
    "name",
    "usemap",
    "ping",
  ],
  ALLOWED_URI_REGEXP:
    /^(?:https?:|mailto:|data:image\/(?:png|jpe?g|gif|webp|avif);|#|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
  ALLOW_DATA_ATTR: true,
  ALLOW_ARIA_ATTR: true,
  SANITIZE_NAMED_PROPS: false,
  RETURN_DOM_FRAGMENT: true,
} as const;

/** A fragment that cannot run, load, submit or restyle anything. Ids get a prefix, so that none can pose as the view's own. */
export function cleanHtml(html: string, idPrefix: string): DocumentFragment {
  const fragment = purify.sanitize(html, {
    ...OPTIONS,
    FORBID_TAGS: [...OPTIONS.FORBID_TAGS],
    FORBID_ATTR: [...OPTIONS.FORBID_ATTR],
  });
  for (const element of fragment.querySelectorAll("[id]")) element.id = idPrefix + element.id;
  for (const element of fragment.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    for (const name of ["aria-describedby", "aria-labelledby"]) {
      const value = element.getAttribute(name);
      if (value)
        element.setAttribute(
          name,
          value
            .split(/\s+/)
            .map((id) => idPrefix + id)
            .join(" "),
        );
    }
  }
  for (const element of fragment.querySelectorAll("[data-aside], [data-length]")) {
    element.removeAttribute("data-aside");
    element.removeAttribute("data-length");
  }
  for (const element of fragment.querySelectorAll<HTMLElement>("[dir=auto]:has([dir])")) {
    // `auto` does not look into parts with a direction of their own: an item would stand against its paragraphs
    element.dir = firstDirection(element.textContent);
  }
  for (const link of fragment.querySelectorAll("a[href]")) link.removeAttribute("target");
  for (const image of fragment.querySelectorAll("img")) {
    image.loading = "lazy";
    image.decoding = "async";
    image.referrerPolicy = "no-referrer";
  }
  return fragment;
}

const STRONG = /\p{L}/u;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** The direction of the first letter, as `dir="auto"` would have it. */
export function firstDirection(text: string): "ltr" | "rtl" {
  const letter = STRONG.exec(text)?.[0];
  return letter !== undefined && RIGHT_TO_LEFT.test(letter) ? "rtl" : "ltr";
}

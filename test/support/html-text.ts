/** What a browser would make of HTML that we wrote, read with suspicion: unknown tags, attributes or nesting are errors. */

const VOID = new Set(["br", "wbr", "hr", "img"]);
const ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  dir: /^(?:auto|ltr)$/,
  id: /^(?:h-|fn-|fnref-)/,
  href: /^(?:https?:|mailto:|#|(?![a-z][a-z0-9+.-]*:|\/\/)[^\\]*$)/i,
  rel: /^noopener noreferrer$/,
  title: /^/,
  class:
    /^(?:math math-(?:inline|display)|language-.*|table|task|footnotes|footnote-ref|footnote-back|link-off|image-off|html|mention|align-(?:left|right|center))$/s,
  start: /^\d+$/,
  tabindex: /^0$/,
  alt: /^/,
  "data-src": /^(?:https:|(?![a-z][a-z0-9+.-]*:|\/\/)[^\\]*$)/i,
  "data-tex": /^/,
  "data-checked": /^(?:true|false)$/,
  "data-participant": /^/,
};
const TAGS = new Set(
  (
    "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code div span section table thead tbody tr th td a em strong del sup sub b i u s " +
    "ins mark kbd small q cite var samp dfn abbr br wbr hr img"
  ).split(" "),
);
const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' };

const unescape = (text: string): string => {
  if (/&(?!(?:amp|lt|gt|quot);)/.test(text)) throw new Error(`stray ampersand in ${text}`);
  return text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => ENTITIES[entity] as string);
};

/** The concatenated text nodes of `html`. Throws on anything that the serialiser has no business to write. */
export function textOfHtml(html: string): string {
  let text = "";
  const open: string[] = [];
  let at = 0;
  const token = /<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>|([^<>]+)/gy;
  while (at < html.length) {
    token.lastIndex = at;
    const match = token.exec(html);
    if (match === null) throw new Error(`not ours at ${at}: ${html.slice(at, at + 80)}`);
    at = token.lastIndex;
    const [, slash, name, attributes, characters] = match;
    if (characters !== undefined) {
      text += unescape(characters);
      continue;
    }
    if (name === undefined || !TAGS.has(name)) throw new Error(`tag ${name}`);
    if (slash === "/") {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> closes <${last}>`);
      continue;
    }
    for (const [, key, value] of (attributes ?? "").matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
      const rule = ATTRIBUTES[key as string];
      if (rule === undefined || !rule.test(unescape(value as string))) throw new Error(`attribute ${key}="${value}"`);
    }
    if (name === "a" && open.includes("a")) throw new Error("a link in a link");
    if (!VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(" ")}`);
  return text;
}

// The simple part of YAML that articles carry at their head: title, author, date.

export interface FrontMatter {
  /** End of the block in the source (UTF-16), its closing line's end included. */
  end: number;
  meta: Record<string, string>;
}

/** One item of a list in brackets: in quotes, where commas are its own, or up to the next comma. */
const ITEM = /\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?=,|$)|[^,]+/g;
const KEY = /^([A-Za-z][\w-]*)[ \t]*:(?:[ \t]+(.*))?$/;

/**
 * Reads the block between two `---` lines at the start of `source`: scalars, and lists as one string joined by commas.
 * Undefined when the lines between do not look like YAML: then the first line is a thematic break.
 */
export function readFrontMatter(source: string): FrontMatter | undefined {
  const fence = /^---[ \t]*\n/.exec(source);
  if (fence === null) return undefined;
  const close = /\n(?:---|\.\.\.)[ \t]*(?:\n|$)/g;
  close.lastIndex = fence[0].length - 1;
  const found = close.exec(source);
  if (found === null) return undefined;
  const meta: Record<string, string> = {};
  let key: string | undefined;
  for (const line of source.slice(fence[0].length, Math.max(found.index, fence[0].length)).split("\n")) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const pair = KEY.exec(line);
    if (pair !== null) {
      key = pair[1] as string;
      meta[key] = scalar((pair[2] ?? "").trim());
      continue;
    }
    // A list entry or a continued value belongs to the key above.
    const more = /^(?:[ \t]+(?:-[ \t]+)?|-[ \t]+)(.*)$/.exec(line);
    if (key === undefined || more === null) return undefined;
    const value = scalar((more[1] as string).trim());
    const before = meta[key] ?? "";
    const joint = /^[ \t]*-[ \t]/.test(line) ? ", " : " ";
    meta[key] = before === "" || before === "|" || before === ">" ? value : `${before}${joint}${value}`;
  }
  return key === undefined ? undefined : { end: found.index + found[0].length, meta };
}

function scalar(value: string): string {
  const list = /^\[(.*)\]$/.exec(value);
  // a list in a list stays as it is written: no article has one, and following them in has no end
  if (list !== null) return [...(list[1] as string).matchAll(ITEM)].map(([item]) => single(item.trim())).filter(Boolean).join(", "); // prettier-ignore
  return single(value);
}

function single(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value);
  if (quoted !== null) return (quoted[1] as string).replaceAll(/\\(.)/g, "$1");
  const apostrophes = /^'((?:[^']|'')*)'$/.exec(value);
  if (apostrophes !== null) return (apostrophes[1] as string).replaceAll("''", "'");
  const comment = value.search(/\s#/);
  return comment < 0 ? value : value.slice(0, comment).trimEnd();
}

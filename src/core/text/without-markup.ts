import { withoutCardLinks } from "../model/card-links.ts";

/**
 * Markdown without its signs, line by line, good enough for a label: it is not read, only cleared of what readers of Markdown
 * would not see. Signs inside words (`p_value`, `2*3`) stay. Takes time in proportion to its length, whatever was written.
 */
export function withoutMarkup(markdown: string): string {
  return withoutCardLinks(markdown)
    .replace(/^[ \t]*(?:(?:`{3,}|~{3,})[ \t]*[\w+#-]*|-{3,}|={3,})[ \t]*$/gm, "")
    .replace(/\[\^[^[\]\s]+\]:?/g, "")
    .replace(/!?\[([^[\]]*)\]\((?:[^()]|\([^()]*\))*\)/g, "$1")
    .replace(/(?<![\p{L}\p{N}])[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?![\p{L}\p{N}])|[`~]{1,3}(?=\S)|(?<=\S)[`~]{1,3}/gu, "")
    .replace(/^\s{0,3}(?:#{1,6}|>|[-*+](?:\s+\[[ xX]\])?|\d+[.)])\s+/gm, "");
}

/** The same of a passage, which begins anywhere in a line: what stands there is no sign of a heading, a list or a quote. */
export function passageWords(passage: string): string {
  return withoutMarkup(`\u2060${passage}`).slice(1);
}

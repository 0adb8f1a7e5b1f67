/** Words of people and articles as plain text inside a line of Markdown. */

/** What turns the direction of the text after it. Marks and joiners that scripts need stay. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * `text` on one line, such that Markdown (CommonMark, GFM, math in dollars) shows it as it is wherever in a line it stands.
 * An address of the web may still be shown as a link to where it says. Not for the start of a line.
 */
export function escapeInline(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .replace(TURNS, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .replace(/[\\`*_[\]{}<>&#|~$@!^=]/g, "\\$&")
    .replace(/:(?=\/\/)/g, "\\:")
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}\\.`)
    .replace(/(mailto|xmpp):/gi, "$1\\:");
}

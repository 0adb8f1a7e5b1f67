/** Links to annotations in notes, as "Copy Link" gives them, where nothing can be pressed: in reports, lists and comments. Pure. */

/** `vscode://marginalia.marginalia/annotation?room=…&ref=…` as the source of an expression. Groups: room, reference (escaped). */
export const CARD_ADDRESS = String.raw`[a-z][a-z0-9-]{0,30}:\/\/marginalia\.marginalia\/annotation\?room=([\w-]+)&ref=([\w%-]+)`;

const NAMED = new RegExp(String.raw`\[([^[\]\n]*)\]\(\s*<?${CARD_ADDRESS}>?[^()\n]*\)`, "gi");
const BARE = new RegExp(`<?${CARD_ADDRESS}>?`, "gi");

/**
 * A body with words for its links to annotations: `titleOf` (null for one that is not known) after the writer's own words, or
 * alone.
 */
export function withoutCardLinks(markdown: string, titleOf: (ref: string) => string | null = () => null): string {
  if (!markdown.includes("://marginalia.marginalia/")) return markdown;
  const title = (ref: string) => titleOf(referenceIn(ref) ?? "");
  return markdown
    .replace(NAMED, (_all, words: string, _room, ref: string) => {
      const known = title(ref);
      return known === null ? words : `${words} (${known})`;
    })
    .replace(BARE, (_all, _room, ref: string) => title(ref) ?? "annotation");
}

/** A reference as it stands in an address, or null for one that is not well escaped. */
export function referenceIn(escaped: string): string | null {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return null;
  }
}

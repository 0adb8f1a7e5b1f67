/** Links to annotations, as "Copy Link" gives them, inside notes: in the reading view they can be pressed. */
import { CARD_ADDRESS, referenceIn } from "../../core/model/card-links.ts";

/** Under words of the writer's own, and bare. */
const NAMED = new RegExp(String.raw`(\]\(\s*<?)${CARD_ADDRESS}`, "gi");
const BARE = new RegExp(`<${CARD_ADDRESS}>|${CARD_ADDRESS}`, "gi");
/** On a link in a note: the annotation that it leads to. */
export const CARD = "data-card";
/** Stands for such a link while a note is read as Markdown, which lets only addresses of the web through. */
const STAND_IN = "https://card.marginalia.invalid/";

export function standInForCards(markdown: string): string {
  if (!markdown.includes("://marginalia.marginalia/")) return markdown;
  const standIn = (room: string, ref: string) => `${STAND_IN}${room}/${ref}`;
  return markdown
    .replace(NAMED, (_all, before: string, room: string, ref: string) => before + standIn(room, ref))
    .replace(
      BARE,
      (_all, ...[room, ref, bareRoom, bareRef]: string[]) =>
        `[annotation](${standIn(room ?? bareRoom!, ref ?? bareRef!)})`,
    );
}

/** The annotation that a link in a note leads to once that was read, or null for any other link. */
export function cardOf(href: string): string | null {
  if (!href.startsWith(STAND_IN)) return null;
  const ref = href.slice(STAND_IN.length).split("/")[1];
  return ref ? referenceIn(ref) : null;
}

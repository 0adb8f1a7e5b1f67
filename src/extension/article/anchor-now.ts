/** An anchor on what a person chose in a text that was published, in the room's text as it is by now. */
import { type Anchor, createAnchor } from "../../core/anchor/anchor.ts";
import { articleSource } from "../../core/model/article-source.ts";
import type { OpenArticle } from "./open-article.ts";

/**
 * Offsets are UTF-16 code units of the text of `epoch`, end exclusive. Null when that text is too long ago, or the passage was
 * changed since: whoever chose it must look at the new text and choose again.
 */
export function anchorNow(
  article: Pick<OpenArticle, "carryToNow" | "room">,
  epoch: number,
  start: number,
  end: number,
): Anchor | null {
  const range = article.carryToNow(epoch, start, end);
  if (!range) return null;
  const { text } = article.room;
  const source = articleSource(text);
  if (!(range.start < range.end && range.end <= source.length)) return null;
  return createAnchor(source, range.start, range.end, text);
}

/**
 * The article's source out of its shared text, in which other programs may put what is none of a Markdown source: objects, and line ends
 * of Windows. Each place of the shared text is one UTF-16 code unit of the source, so that an offset means the same in both.
 */
import type * as Y from "yjs";

/** What stands for something that is no text. */
const OBJECT = "\ufffc";

export function articleSource(text: Y.Text): string {
  // oxlint-disable-next-line typescript/no-base-to-string -- a Y.Text's own, which gives its content
  const plain = text.toString();
  return sourceOf(plain.length === text.length ? plain : withObjects(text));
}

/** What an insertion into the shared text adds to the source. */
export function sourceOf(inserted: unknown): string {
  if (typeof inserted !== "string") return OBJECT;
  // an editor would make a line end of it, and two of that of Windows
  return inserted.includes("\r") ? inserted.replaceAll("\r", " ") : inserted;
}

function withObjects(text: Y.Text): string {
  let source = "";
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue;
    source += "str" in item.content ? item.content.str : OBJECT.repeat(item.length);
  }
  return source;
}

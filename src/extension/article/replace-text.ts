/** Brings a text that was changed elsewhere into the room, word by word, so that annotations keep their places. */
import type * as Y from "yjs";
import { articleSource } from "../../core/model/article-source.ts";
import { applyToYText, textChanges } from "../../core/anchor/text-changes.ts";
import { FROM_EDITOR } from "../../sync/origins.ts";

/** Line ends become `\n`. Nothing happens when the text is the same. */
export function replaceText(text: Y.Text, next: string): void {
  const wanted = next.replaceAll(/\r\n?/g, "\n");
  const now = articleSource(text);
  if (now === wanted) return;
  text.doc?.transact(() => applyToYText(text, textChanges(now, wanted)), FROM_EDITOR);
}

/** Brings a text that was changed elsewhere into the room, word by word, so that annotations keep their places. */
import type * as Y from "yjs";
import { applyToYText, textChanges } from "../../core/anchor/text-changes.ts";
import { FROM_EDITOR } from "../../sync/origins.ts";

/** Line ends become `\n`. Nothing happens when the text is the same. */
export function replaceText(text: Y.Text, next: string): void {
  const wanted = next.replaceAll("\r\n", "\n");
  const now = text.toString();
  if (now === wanted) return;
  text.doc?.transact(() => applyToYText(text, textChanges(now, wanted)), FROM_EDITOR);
}

/** Updates of a document, for those who store and send them. */
import type * as Y from "yjs";
import { FROM_STORE } from "./origins.ts";

export type UpdateListener = (update: Uint8Array, origin: unknown, doc: Y.Doc, transaction: Y.Transaction) => void;

/**
 * Tells of every update from the first transaction on that does more than bring in what is stored: Yjs encodes an update of each
 * transaction as soon as anybody listens, and of a log of a thousand annotations that takes a tenth of a second, for nobody.
 * The listener ignores `FROM_STORE` itself when it comes later. Returns what ends it.
 */
export function onUpdate(doc: Y.Doc, listener: UpdateListener): () => void {
  const begin = ({ origin }: Y.Transaction) => {
    if (origin === FROM_STORE) return;
    doc.off("beforeTransaction", begin);
    doc.on("update", listener);
  };
  doc.on("beforeTransaction", begin);
  return () => {
    doc.off("beforeTransaction", begin);
    doc.off("update", listener);
  };
}

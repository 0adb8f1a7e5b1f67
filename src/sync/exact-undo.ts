/**
 * Undo that takes back exactly what it is to. Yjs's own follows a piece of text that was deleted and put back to the item that stands
 * for it now, and deletes that item as a whole: items that were put back beside each other have become one by then, and with
 * one's own words others' are gone; or somebody wrote into the middle, and half of one's own words stay.
 */
import * as Y from "yjs";

/** Steps bear this number in their `meta`: later ones a higher one. What was undone and done again keeps its number. */
const NUMBER = "number";

export class ExactUndo extends Y.UndoManager {
  /** Its transactions are this editor's: see `Origin`. */
  readonly from = "editor";
  #next = 1;
  /** The number of the step that is being undone or done again. */
  #moving: number | null = null;

  /** A step lasts until `stopCapturing`. */
  constructor(text: Y.Text, trackedOrigins: Set<unknown>) {
    super(text, { trackedOrigins, captureTimeout: Number.POSITIVE_INFINITY });
    text.doc!.on("beforeTransaction", this.#align);
    this.on("stack-item-added", ({ stackItem }) => stackItem.meta.set(NUMBER, this.#moving ?? this.#next++));
  }

  override destroy(): void {
    this.doc.off("beforeTransaction", this.#align);
    super.destroy();
  }

  /** The number of the step that would be undone; 0 if there is none. */
  get last(): number {
    return numberOf(this.undoStack.at(-1)) ?? 0;
  }

  /** The number of the step that would be done again; infinite if there is none. */
  get undone(): number {
    return numberOf(this.redoStack.at(-1)) ?? Number.POSITIVE_INFINITY;
  }

  /** Takes one step back. False when that changed nothing, as others had done so before; such a step is gone. */
  undoOne(): boolean {
    return this.#pop(this.undoStack, () => super.undo());
  }

  redoOne(): boolean {
    return this.#pop(this.redoStack, () => super.redo());
  }

  /** Yjs goes on to another step when one changes nothing; it is shown no other. */
  #pop(stack: { meta: Map<unknown, unknown> }[], pop: () => unknown): boolean {
    if (stack.length === 0) return false;
    const others = stack.splice(0, stack.length - 1);
    this.#moving = numberOf(stack[0]);
    try {
      return pop() !== null;
    } finally {
      this.#moving = null;
      stack.unshift(...others);
    }
  }

  /** Before a step is taken back: its pieces and what stands for them now are cut to the same lengths. */
  #align = (transaction: Y.Transaction): void => {
    const step = transaction.origin === this && (this.undoing ? this.undoStack : this.redoStack).at(-1);
    if (!step) return;
    Y.iterateDeletedStructs(transaction, step.insertions, (struct) => {
      if (struct instanceof Y.Item) align(transaction, struct);
    });
  };
}

function numberOf(step: { meta: Map<unknown, unknown> } | undefined): number | null {
  return (step?.meta.get(NUMBER) as number | undefined) ?? null;
}

/**
 * Cuts an item, and the items that it was put back as, so that its beginning has one length in all of them. The rest of it is the
 * item that follows. Gives that length in UTF-16 code units.
 */
function align(transaction: Y.Transaction, item: Y.Item): number {
  if (item.redone === null) return item.length;
  const now = Y.getItemCleanStart(transaction, item.redone);
  if (now.length > item.length) cut(transaction, now, item.length);
  const length = align(transaction, now);
  if (length < item.length) cut(transaction, item, length);
  return length;
}

function cut(transaction: Y.Transaction, { id }: Y.Item, length: number): void {
  Y.getItemCleanStart(transaction, Y.createID(id.client, id.clock + length));
}

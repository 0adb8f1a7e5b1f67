/**
 * What one person did to a shared text in this editor, step by step, for undo and redo that leave the others' words alone. The
 * editor's own undo does not: what others wrote stands on its stack as well.
 */
import type * as Y from "yjs";
import { ExactUndo } from "./exact-undo.ts";
import { FROM_EDITOR } from "./origins.ts";
import type { TextEdit } from "./text-layers.ts";

export interface OwnSteps {
  /** The origin of what undo and redo do to the text. */
  readonly origin: object;
  /** Call before edits of this person are written into the shared text: offsets of it as it is, one after the other. */
  before(edits: readonly TextEdit[]): void;
  /** Call with what others did to the shared text. */
  othersDid(delta: Y.YTextEvent["delta"]): void;
  /** Takes the last step back, or does it again. False when there is none. */
  undo(): boolean;
  redo(): boolean;
  /** The text as it is now is the saved one. */
  saved(): void;
  /**
   * Takes back what was done since the text was saved, and does again what was undone since. What was undone and then written over
   * stays undone. Afterwards there are no steps.
   */
  backToSaved(): void;
  clear(): void;
  destroy(): void;
}

/** The key that was pressed last, if the next may belong to the same step. */
interface LastKey {
  kind: "insert" | "delete";
  /** Where the next key of the step would be, in the shared text. */
  at: number;
  white: boolean;
}

/** The most UTF-16 code units that one key writes or deletes; what is more was pasted, dropped or replaced. */
const KEY = 2;

export function createOwnSteps(text: Y.Text): OwnSteps {
  const steps = new ExactUndo(text, new Set([FROM_EDITOR]));
  let last: LastKey | null = null;
  /** The number of the last step before the text was saved. */
  let savedAt = 0;

  const stop = () => {
    last = null;
    steps.stopCapturing();
  };
  const clear = () => {
    stop();
    steps.clear();
    savedAt = 0;
  };

  return {
    origin: steps,
    before(edits) {
      const key = edits.length === 1 ? keyOf(edits[0]!) : null;
      if (!key || !last || !continues(last, edits[0]!)) steps.stopCapturing();
      last = key;
    },
    othersDid(delta) {
      if (last) last = { ...last, at: shifted(last.at, delta) };
    },
    undo() {
      stop();
      while (steps.last > 0) if (steps.undoOne()) return true;
      return false;
    },
    redo() {
      stop();
      while (steps.undone < Infinity) if (steps.redoOne()) return true;
      return false;
    },
    saved() {
      stop();
      savedAt = steps.last;
    },
    backToSaved() {
      stop();
      while (steps.last > savedAt) steps.undoOne();
      while (steps.undone <= savedAt) steps.redoOne();
      clear();
    },
    clear,
    destroy: () => steps.destroy(),
  };
}

/** A key that was pressed; null for what is more than that. */
function keyOf({ offset, length, text }: TextEdit): LastKey | null {
  if (length === 0 && text.length <= KEY) return { kind: "insert", at: offset + text.length, white: /\s$/.test(text) };
  if (text === "" && length <= KEY) return { kind: "delete", at: offset, white: false };
  return null;
}

/** A step is a word with the white space before it, or a run of deleted characters; a line end begins one. */
function continues(last: LastKey, { offset, length, text }: TextEdit): boolean {
  if (last.kind === "delete") return text === "" && (offset + length === last.at || offset === last.at);
  return length === 0 && offset === last.at && !text.includes("\n") && (last.white || !/^\s/.test(text));
}

/** Where an offset stands after a change; what is inserted there comes before it. */
function shifted(at: number, delta: Y.YTextEvent["delta"]): number {
  let from = 0;
  let now = at;
  for (const { retain = 0, insert, delete: gone = 0 } of delta) {
    if (from > now) break;
    from += retain;
    if (insert !== undefined && from <= now) {
      const length = typeof insert === "string" ? insert.length : 1;
      from += length;
      now += length;
    }
    if (gone > 0 && from < now) now -= Math.min(gone, now - from);
  }
  return now;
}

/** The end of the last change of a delta, in the text after it. */
export function endOfChange(delta: Y.YTextEvent["delta"]): number {
  let at = 0;
  let end = 0;
  for (const { retain = 0, insert } of delta) {
    at += retain;
    if (insert !== undefined) at += typeof insert === "string" ? insert.length : 1;
    if (retain === 0) end = at;
  }
  return end;
}

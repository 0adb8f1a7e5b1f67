/**
 * Unsent texts. Nothing that was typed is lost: a draft is kept from the first key until it was sent or emptied, and
 * survives a reload through the view's own state.
 */
import type { PassageWords } from "./model/shown-text.ts";

/** A note not yet sent, with the passage it is about: its words, to find it again in a newer text. */
export interface PassageDraft extends PassageWords {
  start: number;
  end: number;
  /** Epoch that the offsets count in. */
  epoch: number;
  /**
   * What became of it since the writer chose it. A changed one stands where its words went; a lost one keeps the offsets and the
   * epoch that it had, and nothing is sent about it.
   */
  fate?: "changed" | "lost";
  motivation: "commenting" | "questioning" | "classifying" | "highlighting";
  class?: "claim" | "evidence" | "source";
}

export interface Draft {
  text: string;
  passage?: PassageDraft;
}

/** `new` (one at a time), `reply:<thread>` or `edit:<ref>`. */
export type DraftKey = string;
export const NEW: DraftKey = "new";
export const replyKey = (thread: string): DraftKey => `reply:${thread}`;
export const editKey = (ref: string): DraftKey => `edit:${ref}`;

export interface Drafts {
  get(key: DraftKey): Draft | undefined;
  /** An empty text without a passage removes the draft. */
  set(key: DraftKey, draft: Draft | null): void;
  keys(): DraftKey[];
  /** For the view's state. */
  dump(): Record<string, Draft>;
}

/** `saved` is whatever the state held: anything that is not a draft is left out. `changed` is called after every change. */
export function createDrafts(saved: unknown, changed: () => void): Drafts {
  const drafts = new Map<string, Draft>();
  if (typeof saved === "object" && saved !== null) {
    for (const [key, value] of Object.entries(saved)) {
      const draft = readDraft(value);
      if (draft) drafts.set(key, draft);
    }
  }
  return {
    get: (key) => drafts.get(key),
    set(key, draft) {
      if (!draft || (draft.text === "" && !draft.passage)) drafts.delete(key);
      else drafts.set(key, draft);
      changed();
    },
    keys: () => [...drafts.keys()],
    dump: () => Object.fromEntries(drafts),
  };
}

function readDraft(value: unknown): Draft | null {
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string") return null;
  const passage = "passage" in value ? readPassage(value.passage) : undefined;
  return { text: value.text, ...(passage ? { passage } : {}) };
}

function readPassage(value: unknown): PassageDraft | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const one = value as Partial<PassageDraft>;
  const numbers = [one.start, one.end, one.epoch].every((each) => typeof each === "number" && Number.isFinite(each));
  if (!numbers || typeof one.quote !== "string") return undefined;
  if (!["commenting", "questioning", "classifying", "highlighting"].includes(String(one.motivation))) return undefined;
  const context = (text: unknown) => (typeof text === "string" ? text : "");
  return { ...(one as PassageDraft), prefix: context(one.prefix), suffix: context(one.suffix) };
}

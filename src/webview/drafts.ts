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

/** That a draft was sent before, and came back. */
export interface Attempt {
  /** The name under which it was sent, and will be again. */
  intent: string;
  /** When, in milliseconds since 1970, and with which words. */
  at: number;
  sent: string;
  /** Why it came back: a sentence. */
  error: string;
  /** No answer came: the host may have it all the same. */
  unsure: boolean;
}

export interface Draft {
  text: string;
  passage?: PassageDraft;
  attempt?: Attempt;
}

/** `new` (one at a time), `reply:<thread>` or `edit:<ref>`. */
export type DraftKey = string;
export const NEW: DraftKey = "new";
export const replyKey = (thread: string): DraftKey => `reply:${thread}`;
export const editKey = (ref: string): DraftKey => `edit:${ref}`;
/** The thread or entry that such a key names. */
export const refOf = (key: DraftKey): string => key.slice(key.indexOf(":") + 1);

export interface Drafts {
  get(key: DraftKey): Draft | undefined;
  /** An empty text without a passage removes the draft. */
  set(key: DraftKey, draft: Draft | null): void;
  /** Other words for a draft, or its first ones. */
  type(key: DraftKey, text: string): void;
  keys(): DraftKey[];
  /** For the view's state. */
  dump(): Record<string, Draft>;
  /** Puts those of an earlier view in the place of all: anything that is not a draft is left out. */
  open(saved: unknown): void;
}

/** `changed` is called after every change. */
export function createDrafts(changed: () => void): Drafts {
  const drafts = new Map<string, Draft>();
  const self: Drafts = {
    get: (key) => drafts.get(key),
    set(key, draft) {
      if (!draft || (draft.text === "" && !draft.passage)) drafts.delete(key);
      else drafts.set(key, draft);
      changed();
    },
    type: (key, text) => self.set(key, { ...drafts.get(key), text }),
    keys: () => [...drafts.keys()],
    dump: () => Object.fromEntries(drafts),
    open(saved) {
      drafts.clear();
      if (typeof saved !== "object" || saved === null) return;
      for (const [key, value] of Object.entries(saved)) {
        const draft = readDraft(value);
        if (draft) drafts.set(key, draft);
      }
    },
  };
  return self;
}

function readDraft(value: unknown): Draft | null {
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string") return null;
  const { passage, attempt } = value as { passage?: unknown; attempt?: unknown };
  return {
    text: value.text,
    ...(isPassage(passage) ? { passage: readPassage(passage) } : {}),
    ...(isAttempt(attempt) ? { attempt } : {}),
  };
}

function isAttempt(value: unknown): value is Attempt {
  if (typeof value !== "object" || value === null) return false;
  const { intent, at, sent, error, unsure } = value as Partial<Attempt>;
  const texts = [intent, sent, error].every((each) => typeof each === "string");
  return texts && typeof at === "number" && typeof unsure === "boolean";
}

export function isPassage(value: unknown): value is Omit<PassageDraft, "prefix" | "suffix"> {
  if (typeof value !== "object" || value === null) return false;
  const one = value as Partial<PassageDraft>;
  const numbers = [one.start, one.end, one.epoch].every((each) => typeof each === "number" && Number.isFinite(each));
  if (!numbers || typeof one.quote !== "string") return false;
  return ["commenting", "questioning", "classifying", "highlighting"].includes(String(one.motivation));
}

export function readPassage(passage: Omit<PassageDraft, "prefix" | "suffix">): PassageDraft {
  const { prefix, suffix } = passage as Partial<PassageDraft>;
  const context = (text: unknown) => (typeof text === "string" ? text : "");
  return { ...passage, prefix: context(prefix), suffix: context(suffix) };
}

/** What is being written and was not sent yet: the composer of a new note, and the drafts of replies and changes. */
import type { Drafts, DraftKey, PassageDraft } from "./drafts.ts";
import { createDrafts, type Draft, editKey, NEW, refOf, replyKey } from "./drafts.ts";
import type { PassageWords } from "./model/shown-text.ts";
import type { Span } from "./model/source-map.ts";
import { carryUnsent, type NewText } from "./places.ts";
import { derived, threadIn, threadWith } from "./reduce.ts";
import type { NewNote, State, Store } from "./state.ts";
import { readUnsent, type Unsent, type UnsentNote, waiting } from "./unsent.ts";
import { readKept } from "./view-state.ts";

export interface ComposingParts {
  store: Store;
  drafts: Drafts;
  now(): number;
  newIntent(): string;
  wordsOf(span: Span): PassageWords;
  clearSelection(): void;
  toast(text: string): void;
}

const KEPT = "What you had begun to write is kept: see “not sent” above.";

export type Composing = ReturnType<typeof createComposing>;

export function createComposing(parts: ComposingParts) {
  const { store, drafts } = parts;
  const state = () => store.state;
  let turns = 0;

  const note = (passage: PassageDraft, intent: string, error: string): NewNote => ({
    passage,
    intent,
    error,
    turn: ++turns,
  });

  /** Puts something into what is unsent. */
  const keep = (entry: Unsent, patch: Partial<State> = {}) => {
    store.update(derived(state(), { ...patch, unsent: new Map(state().unsent).set(entry.intent, entry) }));
  };

  /** A draft as something unsent of its own; null when there are no words in it. */
  const asideOf = (key: DraftKey, draft: Draft | undefined, reason = ""): Unsent | null => {
    if (!draft || draft.text.trim() === "") return null;
    const { text, passage, attempt } = draft;
    const written = {
      intent: attempt?.intent ?? parts.newIntent(),
      text,
      created: attempt?.at ?? parts.now(),
      state: reason === "" ? ("aside" as const) : ("refused" as const),
      reason,
      // what was written since was never sent
      unsure: attempt?.unsure === true && attempt.sent === text,
    };
    const ref = refOf(key);
    if (key === NEW) return passage ? { ...written, what: "note", passage } : null;
    return key === replyKey(ref) ? { ...written, what: "reply", thread: ref } : { ...written, what: "edit", of: ref };
  };

  /** A draft becomes something unsent of its own, so that its place is free. True when there were words in it. */
  const setAside = (key: DraftKey, reason = ""): boolean => {
    const entry = asideOf(key, drafts.get(key), reason);
    if (!entry) return false;
    keep(entry);
    drafts.set(key, null);
    return true;
  };

  /** Words about the same passage that were put aside, to go on with; they are unsent no more. */
  const takeUp = (passage: PassageDraft): Draft | undefined => {
    const entry = waiting(state().unsent).findLast(
      (each): each is UnsentNote =>
        each.what === "note" && each.state === "aside" && !each.passage.fate && overlaps(each.passage, passage),
    );
    if (!entry) return undefined;
    const { intent, text, created: at, reason: error, unsure } = entry;
    const unsent = new Map(state().unsent);
    unsent.delete(intent);
    store.update(derived(state(), { unsent }));
    return { text, passage: entry.passage, attempt: { intent, at, sent: text, error, unsure } };
  };

  const placeOf = (span: Span) => ({ ...parts.wordsOf(span), ...span, epoch: state().article?.epoch ?? 0 });

  const isThere = (key: DraftKey): boolean => {
    if (key === NEW) return true;
    const ref = refOf(key);
    return (key === editKey(ref) ? threadWith(state(), ref) : threadIn(state(), ref)) !== undefined;
  };

  return {
    keep,
    setAside,
    placeOf,

    /**
     * Opens the composer on a passage. What was being written about the same words goes on there, and so does what lost its
     * passage; words about another passage stay with that one, put aside.
     */
    openNew(passage: PassageDraft): void {
      const open = drafts.get(NEW);
      const isSame = open?.passage && (open.passage.fate === "lost" || overlaps(open.passage, passage));
      if (!isSame && setAside(NEW)) parts.toast(KEPT);
      const goesOn = isSame ? open : takeUp(passage);
      const intent = state().newNote?.intent ?? goesOn?.attempt?.intent;
      drafts.set(NEW, { ...goesOn, text: goesOn?.text ?? "", passage });
      const opened = note(passage, (goesOn && intent) ?? parts.newIntent(), "");
      store.update({ newNote: opened, active: null, selection: null, chooser: null });
    },

    /** Opens what is in the drafts again; `error` says why. */
    reopenNew(passage: PassageDraft, error: string): void {
      const intent = drafts.get(NEW)?.attempt?.intent ?? parts.newIntent();
      store.update({ newNote: note(passage, intent, error), active: null, selection: null, chooser: null });
    },

    /** Puts the note that is being written on the passage that is selected now. */
    placeNew(): void {
      const { newNote, selection } = state();
      if (!newNote || !selection) return;
      const { fate: _gone, ...before } = newNote.passage;
      const passage = { ...before, ...placeOf(selection) };
      drafts.set(NEW, { ...drafts.get(NEW), text: drafts.get(NEW)?.text ?? "", passage });
      parts.clearSelection();
      store.update({ newNote: note(passage, newNote.intent, ""), selection: null });
    },

    typedNew(text: string): void {
      const passage = state().newNote?.passage;
      if (passage) drafts.set(NEW, { ...drafts.get(NEW), text, passage });
    },

    /** Cancelling closes the composer; what was written waits at its passage. */
    closeNew(): void {
      if (setAside(NEW)) parts.toast(KEPT);
      else drafts.set(NEW, null);
      store.update({ newNote: null });
    },

    /**
     * What another view had that was closed is put among what is unsent here; `text` is the one that is shown. Answers the
     * names of what was sent: it may have arrived.
     */
    takeOver(words: unknown, text: NewText): string[] {
      const { drafts: written, unsent } = readKept(words);
      const sent = readUnsent(unsent);
      const begun = createDrafts(() => {});
      begun.open(written);
      const entries = new Map(sent);
      for (const key of begun.keys()) {
        const entry = asideOf(key, begun.get(key));
        if (entry) entries.set(entry.intent, entry);
      }
      if (entries.size === 0) return [];
      store.update(derived(state(), { unsent: new Map([...carryUnsent(entries, text), ...state().unsent]) }));
      parts.toast(KEPT);
      return [...sent.keys()];
    },

    /** Drafts of replies to, and changes of, what is no longer there are put among what is unsent: their cards are gone. */
    rescue(): void {
      const gone = drafts.keys().filter((key) => !isThere(key));
      const { replying, editing } = state();
      if (replying !== null && !isThere(replyKey(replying))) store.update({ replying: null });
      if (editing !== null && !isThere(editKey(editing))) store.update({ editing: null });
      const kept = gone.filter((key) =>
        setAside(key, key.startsWith(replyKey("")) ? "What it answers was deleted." : "What it changes was deleted."),
      );
      for (const key of gone) drafts.set(key, null);
      if (kept.length > 0) parts.toast(KEPT);
    },
  };
}

function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

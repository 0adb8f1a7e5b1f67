/**
 * Brings what was written to the host. It is kept until the host has answered or its thread has come; what was refused, or got no
 * answer, goes back into its composer, or waits as unsent while its writer is busy with something else.
 */
import type { Failure, RequestParams, ThreadMessage } from "../protocol/reader.ts";
import type { Answer } from "../protocol/rpc.ts";
import type { Composing } from "./composing.ts";
import type { Connection } from "./connection.ts";
import { type Draft, type DraftKey, type Drafts, editKey, NEW, type PassageDraft, refOf, replyKey } from "./drafts.ts";
import { shorten } from "./model/words.ts";
import { fateOf, LOST } from "./places.ts";
import { derived, threadWith } from "./reduce.ts";
import type { State, Store, Toast } from "./state.ts";
import {
  type Came,
  entryIn,
  intentOf,
  isOvertaken,
  namedIn,
  provisionalRef,
  storedAs,
  type Unsent,
  type UnsentEdit,
  type UnsentNote,
} from "./unsent.ts";

export interface SendingParts {
  store: Store;
  connection: Pick<Connection, "request">;
  drafts: Drafts;
  composing: Composing;
  now(): number;
  newIntent(): string;
  /** Says something to screen readers. */
  announce(text: string): void;
  toast(text: string, undo?: Toast["undo"]): void;
  /** Resolves when another text than that of `epoch` is shown, or after a while. */
  newerText(epoch: number): Promise<void>;
  /** Nothing is being written or selected: a composer may open and take the caret. */
  isIdle(): boolean;
  /** Opens the card of an annotation. */
  show(ref: string): void;
}

export function createSending(parts: SendingParts) {
  const { store, connection, drafts, composing, announce, toast } = parts;
  const { keep } = composing;
  const state = () => store.state;
  const get = (intent: string) => state().unsent.get(intent);
  /** What changes that are on their way replaced in the state, by intent. */
  const replaced = new Map<string, { before: ThreadMessage; after: ThreadMessage }>();

  const drop = (intent: string, patch: Partial<State> = {}) => {
    const unsent = new Map(state().unsent);
    unsent.delete(intent);
    store.update(derived(state(), { ...patch, unsent }));
  };

  const threadOf = (ref: string) => threadWith(state(), ref);

  const ask = (entry: Unsent): Promise<Answer<{ ref: string } | undefined>> => {
    const { intent, text } = entry;
    if (entry.what === "note") return connection.request("annotate", annotateParams(entry));
    if (entry.what === "reply") return connection.request("reply", { thread: entry.thread, body: text, intent });
    const { of: ref, motivation } = entry;
    return connection.request("edit", { ref, body: text, ...(motivation ? { motivation } : {}) });
  };

  const deliver = async (intent: string): Promise<void> => {
    const entry = get(intent);
    if (!entry) return;
    if (entry.what === "edit") showEdit(entry);
    let answer = await ask(entry);
    if (!answer.ok && answer.failure.reason === "stale" && entry.what === "note") {
      await parts.newerText(entry.passage.epoch);
      // the passage went along with the text
      const now = get(intent);
      const moved = now?.what === "note" && !now.passage.fate && now.passage.epoch !== entry.passage.epoch;
      if (moved) answer = await ask(now);
    }
    if (answer.ok && entry.what === "edit") announce("Saved");
    // sent again with other words since: their answer is the one that counts
    if (get(intent)?.text !== entry.text) return;
    if (!answer.ok) return refused(intent, answer.failure);
    stored(intent, answer.result?.ref);
  };

  /** The host has it: it goes when its thread is there. */
  const stored = (intent: string, ref: string | undefined) => {
    replaced.delete(intent);
    const entry = get(intent);
    if (!entry) return;
    const provisional = provisionalRef(intent);
    const here = ref !== undefined && entry.what !== "edit" ? threadOf(ref) : undefined;
    if (ref === undefined || entry.what === "edit" || here) {
      return drop(intent, here && state().active === provisional ? { active: here.ref } : {});
    }
    keep({ ...entry, stored: ref });
  };

  const refused = (intent: string, failure: Failure) => {
    const sent = get(intent);
    if (!sent) return;
    if (sent.what === "edit") takeBackEdit(intent);
    const entry = sent.what === "note" ? withAddedNote(sent) : sent;
    if (entry.text === "") {
      toast(failure.message);
      // a mark holds no words to be asked about: it stays until it is known what became of it
      if (failure.reason === "timeout") return void deliver(intent);
      return drop(intent, state().active === provisionalRef(intent) ? { active: null } : {});
    }
    const unsure = failure.reason === "timeout" || failure.reason === "aborted";
    const told = renamed({ ...entry, state: "refused", reason: failure.message, unsure }, failure);
    if (mayReopen(told)) {
      reopen(told);
      return announce(`Not sent: ${failure.message}`);
    }
    keep(told);
    toast(`Your ${nameOf(told)} was not sent. ${failure.message}`);
  };

  /** What was deleted at the host, and is sent again all the same, is another one. */
  const renamed = (entry: Unsent, failure: Failure): Unsent => {
    if (failure.reason !== "notFound" || entry.what === "edit") return entry;
    const again = { ...entry, intent: parts.newIntent() };
    const isActive = state().active === provisionalRef(entry.intent);
    drop(entry.intent);
    keep(again, isActive ? { active: provisionalRef(again.intent) } : {});
    return again;
  };

  /** A bare highlight to which words are being added that has not arrived: the words are what must not go. */
  const withAddedNote = (entry: UnsentNote): UnsentNote => {
    const key = editKey(provisionalRef(entry.intent));
    const added = drafts.get(key)?.text ?? "";
    if (added.trim() === "") return entry;
    drafts.set(key, null);
    return { ...entry, text: added, passage: commented(entry.passage) };
  };

  const showEdit = ({ intent, of: ref, text, motivation }: UnsentEdit) => {
    const before = threadOf(ref);
    if (!before) return;
    const changed = { body: text, modified: parts.now() };
    const after: ThreadMessage =
      before.ref === ref
        ? { ...before, ...changed, ...(motivation ? { motivation } : {}) }
        : { ...before, replies: before.replies.map((each) => (each.ref === ref ? { ...each, ...changed } : each)) };
    replaced.set(intent, { before, after });
    store.update(derived(state(), { threads: new Map(state().threads).set(before.ref, after) }));
  };

  const takeBackEdit = (intent: string) => {
    const edit = replaced.get(intent);
    replaced.delete(intent);
    // only when nothing newer came from the host meanwhile
    if (!edit || state().threads.get(edit.after.ref) !== edit.after) return;
    store.update(derived(state(), { threads: new Map(state().threads).set(edit.before.ref, edit.before) }));
  };

  /** A change on its way that is changed once more: the words that replace it count, whatever becomes of it. */
  const dropSending = (ref: string) => {
    for (const entry of state().unsent.values()) {
      if (entry.what !== "edit" || entry.of !== ref || entry.state !== "sending") continue;
      replaced.delete(entry.intent);
      drop(entry.intent);
    }
  };

  /** The card of the thread in which it was written. */
  const cardOf = (entry: Unsent): string | undefined => {
    if (entry.what === "note") return provisionalRef(entry.intent);
    return entry.what === "reply" ? entry.thread : threadOf(entry.of)?.ref;
  };

  /** Its writer is still where they sent it, and does nothing else. */
  const mayReopen = (entry: Unsent): boolean =>
    state().active === cardOf(entry) && (drafts.get(keyOf(entry))?.text ?? "").trim() === "" && parts.isIdle();

  /** Puts it into its composer again, with what is being written on its card. */
  const reopen = (waiting: Unsent) => {
    const entry = waiting.what === "note" ? withAddedNote(waiting) : waiting;
    const thread = entry.what === "note" ? undefined : threadOf(entry.what === "reply" ? entry.thread : entry.of)?.ref;
    if (entry.what !== "note" && thread === undefined) return keep(entry);
    const { intent, text, created: at, reason: error, unsure } = entry;
    const key = keyOf(entry);
    composing.setAside(key);
    const attempt = { intent, at, sent: waiting.text, error, unsure };
    if (entry.what === "note") {
      const { passage } = entry;
      drafts.set(key, { text, passage, attempt });
      drop(intent, state().editing === provisionalRef(intent) ? { editing: null } : {});
      return composing.reopenNew(passage, fateOf(passage.fate) || error);
    }
    drafts.set(key, { text, attempt });
    drop(intent);
    if (thread !== undefined && state().active !== thread) parts.show(thread);
    const open =
      entry.what === "reply" ? { replying: entry.thread, editing: null } : { editing: entry.of, replying: null };
    store.update(open);
  };

  /** A draft that was sent before arrived after all: it is done, or what was written since is a change of what arrived. */
  const settleDraft = (key: DraftKey, draft: Draft, came: Came) => {
    const same = draft.text === came.body;
    const { newNote, replying, editing } = state();
    const attempt = draft.attempt!.intent;
    const open =
      key === NEW ? newNote?.intent === attempt : key === replyKey(replying ?? "") || key === editKey(editing ?? "");
    if (!same && key !== editKey(came.ref)) {
      composing.setAside(editKey(came.ref));
      drafts.set(editKey(came.ref), { text: draft.text });
    }
    if (same || key !== editKey(came.ref)) drafts.set(key, null);
    if (!open) return;
    const close = { ...(key === NEW ? { newNote: null } : {}), replying: null, editing: same ? null : came.ref };
    store.update({ ...close, active: came.thread });
  };

  const sending = {
    /** Sends a note; its provisional card is on screen with the next frame. An empty text is a bare mark. */
    sendNote(passage: PassageDraft, text: string, intent = parts.newIntent()): void {
      const entry: Unsent = { what: "note", passage, intent, text, ...fresh(drafts.get(NEW)?.attempt?.at) };
      const { newNote } = state();
      const own = newNote?.intent === intent;
      const open = own || !newNote ? { newNote: null, active: provisionalRef(intent) } : {};
      keep(entry, { ...open, selection: null });
      if (own) drafts.set(NEW, null);
      void deliver(intent);
    },

    sendNew(text: string): void {
      const note = state().newNote;
      if (!note || text.trim() === "") return;
      if (note.passage.fate === "lost") {
        store.update({ newNote: { ...note, error: LOST } });
        return announce(LOST);
      }
      const { fate: _seen, ...passage } = note.passage;
      const kind = passage.motivation === "questioning" ? "Question" : "Comment";
      announce(`${kind} added on “${shorten(passage.quote, 80)}”`);
      sending.sendNote(passage, text, note.intent);
    },

    reply(thread: string, text: string): void {
      // a key that is held down asks again before its composer is gone
      if (text.trim() === "" || state().replying !== thread) return;
      const key = replyKey(thread);
      const attempt = drafts.get(key)?.attempt;
      const intent = attempt?.intent ?? parts.newIntent();
      keep({ what: "reply", thread, intent, text, ...fresh(attempt?.at) }, { replying: null });
      drafts.set(key, null);
      announce("Reply added");
      void deliver(intent);
    },

    saveEdit(ref: string, text: string): void {
      if (state().editing !== ref) return;
      const key = editKey(ref);
      const attempt = drafts.get(key)?.attempt;
      const note = get(intentOf(ref) ?? "");
      const thread = threadOf(ref);
      const adding = thread?.ref === ref && thread.motivation === "highlighting" && text.trim() !== "";
      let intent = attempt?.intent ?? parts.newIntent();
      if (note?.what === "note") {
        // not there yet: sent again by its own name, it is changed where it is
        intent = note.intent;
        // the host may have the note by now: not these words
        const { stored: _before, ...rest } = note;
        keep({ ...rest, text, passage: adding ? commented(note.passage) : note.passage }, { editing: null });
      } else {
        dropSending(ref);
        const motivation = adding ? { motivation: "commenting" as const } : {};
        keep({ what: "edit", of: ref, intent, text, ...motivation, ...fresh(attempt?.at) }, { editing: null });
      }
      drafts.set(key, null);
      void deliver(intent);
    },

    /** Sends something unsent again, by the same name. */
    retry(intent: string): void {
      const entry = get(intent);
      if (!entry || entry.state === "sending") return;
      if (entry.what === "note" && entry.passage.fate === "lost") return reopen(entry);
      if (entry.what === "note") {
        const { fate: _seen, ...passage } = entry.passage;
        keep({ ...entry, passage, state: "sending", reason: "" });
      } else keep({ ...entry, state: "sending", reason: "" });
      void deliver(intent);
    },

    /** Opens something unsent in its composer. */
    editUnsent(intent: string): void {
      const entry = get(intent);
      if (entry) reopen(entry);
    },

    discard(intent: string): void {
      const entry = get(intent);
      if (!entry) return;
      drop(intent, state().active === provisionalRef(intent) ? { active: null } : {});
      toast("Discarded.", { discarded: entry });
    },

    /** Threads came: what was sent before and is being written on again may be among them. */
    heard(threads: readonly ThreadMessage[]): void {
      const tried = drafts.keys().filter((key) => drafts.get(key)?.attempt);
      if (tried.length === 0) return;
      const named = namedIn(threads);
      for (const key of tried) {
        const draft = drafts.get(key);
        if (!draft?.attempt) continue;
        const edited = key.startsWith(editKey("")) ? key.slice(editKey("").length) : null;
        const now = edited === null ? undefined : threads.flatMap((thread) => entryIn(thread, edited) ?? [])[0];
        const came = now?.body === draft.text ? now : named.get(draft.attempt.intent);
        if (came) settleDraft(key, draft, came);
      }
    },

    /**
     * All threads of an article are here: of what an earlier view left unsent, under these names, what was on its way has arrived, or
     * goes on its way again.
     */
    resume(left: Iterable<string>): void {
      const taken = new Set<string>();
      for (const key of drafts.keys()) {
        const draft = drafts.get(key);
        if (!draft?.attempt?.unsure) continue;
        const came = storedAs(entryOf(key, draft), state().threads, taken);
        if (!came) continue;
        taken.add(came.ref);
        settleDraft(key, draft, came);
      }
      for (const intent of left) {
        const entry = get(intent);
        if (!entry || entry.state === "aside" || (entry.state === "refused" && !entry.unsure)) continue;
        const came = storedAs(entry, state().threads, taken);
        if (came) {
          taken.add(came.ref);
          drop(entry.intent);
        } else if (entry.what === "note" && entry.passage.fate === "lost") {
          refused(entry.intent, { reason: "stale", message: LOST });
        } else if (entry.what === "edit" && isOvertaken(entry, state().threads)) {
          refused(entry.intent, { reason: "failed", message: "It was changed elsewhere in the meantime." });
        } else if (entry.state === "sending") void deliver(entry.intent);
        else sending.retry(entry.intent);
      }
    },
  };
  return sending;

  function fresh(at: number | undefined) {
    return { created: at ?? parts.now(), state: "sending", reason: "", unsure: false } as const;
  }
}

function keyOf(entry: Unsent): DraftKey {
  if (entry.what === "note") return NEW;
  return entry.what === "reply" ? replyKey(entry.thread) : editKey(entry.of);
}

function entryOf(key: DraftKey, { text, passage, attempt }: Draft): Unsent {
  const { intent = "", at = 0, sent = text, unsure = false } = attempt ?? {};
  const written = { intent, text: sent, created: at, state: "sending" as const, reason: "", unsure };
  if (key === NEW && passage) return { ...written, what: "note", passage };
  const ref = refOf(key);
  return key === replyKey(ref) ? { ...written, what: "reply", thread: ref } : { ...written, what: "edit", of: ref };
}

function commented(passage: PassageDraft): PassageDraft {
  return passage.motivation === "highlighting" ? { ...passage, motivation: "commenting" } : passage;
}

/** What a reader calls it. */
export function nameOf(entry: Unsent): string {
  if (entry.what !== "note") return entry.what === "reply" ? "reply" : "change";
  return entry.passage.motivation === "questioning" ? "question" : "comment";
}

function annotateParams({ passage, text, intent }: UnsentNote): RequestParams<"annotate"> {
  return {
    epoch: passage.epoch,
    start: passage.start,
    end: passage.end,
    motivation: passage.motivation,
    ...(passage.class ? { class: passage.class } : {}),
    body: text,
    intent,
  };
}

/** What a reader can do: each deed shows at once, is asked of the host, and is taken back when the host refuses. */
import type { PassageClass, REACTIONS } from "../core/model/entries.ts";
import type { RequestName, RequestParams, ThreadMessage } from "../protocol/reader.ts";
import type { Answer, ResultOf } from "../protocol/rpc.ts";
import type { Connection } from "./connection.ts";
import { type Drafts, editKey, NEW, type PassageDraft, replyKey } from "./drafts.ts";
import { type Kind, KIND_TITLES } from "../core/model/kinds.ts";
import { isFiltering, type Filter, NO_FILTER } from "./model/filter.ts";
import type { PassageWords } from "./model/shown-text.ts";
import type { Span } from "./model/source-map.ts";
import { nameIn, shorten } from "./model/words.ts";
import { LOST } from "./places.ts";
import { derived, provisionalRef, threadIn } from "./reduce.ts";
import type { NewNote, PendingReply, State, Store } from "./state.ts";

export interface Surroundings {
  store: Store;
  connection: Connection;
  drafts: Drafts;
  now(): number;
  newIntent(): string;
  /** Says something to screen readers. */
  announce(text: string): void;
  wordsOf(span: Span): PassageWords;
  /** Resolves when another text than that of `epoch` is shown, or after a while. */
  newerText(epoch: number): Promise<void>;
  clearSelection(): void;
}

export type Actions = ReturnType<typeof createActions>;

export function createActions(around: Surroundings) {
  const { store, connection, drafts } = around;
  const state = () => store.state;

  const derive = (patch: Partial<State>) => store.update(derived(state(), patch));

  const toast = (text: string, undo: number | null = null) => {
    store.update({ toast: { text, undo } });
    around.announce(text);
  };

  /** Asks the host; a refusal is told. */
  const ask = async <N extends RequestName>(name: N, params: RequestParams<N>): Promise<Answer<ResultOf<N>>> => {
    const answer = await connection.request(name, params);
    if (!answer.ok && answer.failure.reason !== "aborted") toast(answer.failure.message);
    return answer;
  };

  const patchThread = (ref: string, change: (thread: ThreadMessage) => ThreadMessage) => {
    const thread = state().threads.get(ref);
    if (!thread) return;
    derive({ threads: new Map(state().threads).set(ref, change(thread)) });
  };

  /** Shows a change before the host confirms it; puts the old thread back when it refuses. */
  const optimistic = async <N extends RequestName>(
    ref: string,
    change: (thread: ThreadMessage) => ThreadMessage,
    name: N,
    params: RequestParams<N>,
  ): Promise<boolean> => {
    const before = state().threads.get(ref);
    patchThread(ref, change);
    const after = state().threads.get(ref);
    const answer = await ask(name, params);
    // only when nothing newer came from the host meanwhile
    if (!answer.ok && before && state().threads.get(ref) === after) patchThread(ref, () => before);
    return answer.ok;
  };

  const threadOf = (ref: string): ThreadMessage | undefined => {
    const own = threadIn(state(), ref);
    if (own) return own;
    for (const thread of state().threads.values()) {
      if (thread.replies.some((reply) => reply.ref === ref)) return thread;
    }
    return undefined;
  };

  const placeOf = (span: Span) => ({ ...around.wordsOf(span), ...span, epoch: state().article?.epoch ?? 0 });

  const passageOf = (kind: Kind, span: Span): PassageDraft => ({
    ...placeOf(span),
    ...(kind === "claim" || kind === "evidence" || kind === "source"
      ? { motivation: "classifying", class: kind }
      : { motivation: kind === "question" ? "questioning" : kind === "highlight" ? "highlighting" : "commenting" }),
  });

  let turns = 0;
  const opened = (passage: PassageDraft, error = ""): NewNote => ({ passage, error, turn: ++turns });

  /** Sends a note; its provisional card is on screen with the next frame. Answers whether it arrived. */
  const send = async (passage: PassageDraft, body: string): Promise<{ ok: true } | { ok: false; message: string }> => {
    const intent = around.newIntent();
    const now = around.now();
    const provisional: ThreadMessage = {
      ref: provisionalRef(intent),
      author: state().me?.id ?? "",
      motivation: passage.motivation,
      ...(passage.class ? { class: passage.class } : {}),
      body,
      quote: passage.quote,
      created: now,
      touched: now,
      deleted: false,
      hidden: false,
      status: "open",
      placement: { state: "placed", start: passage.start, end: passage.end },
      replies: [],
      reactions: [],
      mine: true,
      unread: false,
      intent,
    };
    derive({
      provisional: new Map(state().provisional).set(intent, provisional),
      active: provisional.ref,
      newNote: null,
      selection: null,
    });
    let answer = await connection.request("annotate", annotateParams(passage, body, intent));
    if (!answer.ok && answer.failure.reason === "stale") {
      await around.newerText(passage.epoch);
      // its card went along with the text
      const placement = state().provisional.get(intent)?.placement;
      const epoch = state().article?.epoch;
      if (placement?.state === "placed" && epoch !== undefined && epoch !== passage.epoch) {
        const { start, end } = placement;
        answer = await connection.request("annotate", annotateParams({ ...passage, start, end, epoch }, body, intent));
      }
    }
    if (answer.ok) return { ok: true };
    const remaining = new Map(state().provisional);
    remaining.delete(intent);
    derive({ provisional: remaining, ...(state().active === provisional.ref ? { active: null } : {}) });
    return { ok: false, message: answer.failure.message };
  };

  const actions = {
    toast,
    request: ask,

    /** Makes an annotation of a kind: comments and questions are written first, the others stand at once. */
    annotate(kind: Kind, span: Span | null = state().selection): void {
      if (!state().capabilities.annotate) return toast("You are looking on: annotating is not open to you here.");
      if (!span) return toast("Select a passage first.");
      const passage = passageOf(kind, span);
      around.clearSelection();
      if (kind === "comment" || kind === "question") {
        actions.openNew(passage);
        return;
      }
      around.announce(`${KIND_TITLES[kind]} added on “${shorten(passage.quote, 80)}”`);
      void send(passage, "").then((answer) => {
        if (!answer.ok) toast(answer.message);
      });
    },

    /** With `error`, the note says why it is open again. */
    openNew(passage: PassageDraft, error = ""): void {
      const kept = drafts.get(NEW);
      // another passage was being written about: its words move over, none is lost
      drafts.set(NEW, { text: kept?.text ?? "", passage });
      store.update({ newNote: opened(passage, error), active: null, selection: null, chooser: null });
    },

    /** Puts the note that is being written on the passage that is selected now. */
    placeNew(): void {
      const { newNote, selection } = state();
      if (!newNote || !selection) return;
      const { fate: _gone, ...before } = newNote.passage;
      const passage = { ...before, ...placeOf(selection) };
      drafts.set(NEW, { text: drafts.get(NEW)?.text ?? "", passage });
      around.clearSelection();
      store.update({ newNote: opened(passage), selection: null });
    },

    typedNew(text: string): void {
      const passage = state().newNote?.passage;
      if (passage) drafts.set(NEW, { text, passage });
    },

    /** Cancelling closes the composer; what was written stays for the next time. */
    closeNew(): void {
      const text = drafts.get(NEW)?.text ?? "";
      const passage = state().newNote?.passage;
      drafts.set(NEW, text.trim() === "" || !passage ? null : { text, passage });
      store.update({ newNote: null });
    },

    sendNew(text: string): void {
      const note = state().newNote;
      if (!note || text.trim() === "") return;
      if (note.passage.fate === "lost") {
        store.update({ newNote: { ...note, error: LOST } });
        return around.announce(LOST);
      }
      drafts.set(NEW, null);
      const kind = note.passage.motivation === "questioning" ? "Question" : "Comment";
      around.announce(`${kind} added on “${shorten(note.passage.quote, 80)}”`);
      void send(note.passage, text).then((answer) => {
        if (answer.ok) return;
        drafts.set(NEW, { text, passage: note.passage });
        store.update({ newNote: opened(note.passage, answer.message) });
        around.announce(`Not sent: ${answer.message}`);
      });
    },

    reply(thread: string, text: string): void {
      if (text.trim() === "") return;
      const pending: PendingReply = { intent: around.newIntent(), thread, body: text, created: around.now() };
      drafts.set(replyKey(thread), null);
      store.update({ pendingReplies: [...state().pendingReplies, pending], replying: null });
      around.announce("Reply added");
      const without = () => state().pendingReplies.filter((each) => each.intent !== pending.intent);
      void connection.request("reply", { thread, body: text, intent: pending.intent }).then((answer) => {
        if (!answer.ok) {
          drafts.set(replyKey(thread), { text });
          store.update({ pendingReplies: without(), replying: thread });
          toast(`The reply was not sent. ${answer.failure.message}`);
          return;
        }
        const arrived = state()
          .threads.get(thread)
          ?.replies.some((reply) => reply.ref === answer.result.ref);
        if (arrived) store.update({ pendingReplies: without() });
        else {
          store.update({
            pendingReplies: state().pendingReplies.map((each) =>
              each.intent === pending.intent ? { ...each, ref: answer.result.ref } : each,
            ),
          });
        }
      });
    },

    saveEdit(ref: string, text: string): void {
      drafts.set(editKey(ref), null);
      store.update({ editing: null });
      const thread = threadOf(ref);
      if (!thread) return;
      const now = around.now();
      const change = (old: ThreadMessage): ThreadMessage =>
        old.ref === ref
          ? { ...old, body: text, modified: now }
          : {
              ...old,
              replies: old.replies.map((each) => (each.ref === ref ? { ...each, body: text, modified: now } : each)),
            };
      const motivation =
        thread.ref === ref && thread.motivation === "highlighting" && text.trim() !== "" ? "commenting" : undefined;
      void optimistic(thread.ref, change, "edit", { ref, body: text, ...(motivation ? { motivation } : {}) }).then(
        (ok) => {
          if (ok) return around.announce("Saved");
          drafts.set(editKey(ref), { text });
          store.update({ editing: ref });
        },
      );
    },

    setClass(ref: string, cls: PassageClass | null): void {
      const change = (old: ThreadMessage): ThreadMessage => {
        const { class: _before, ...rest } = old;
        return cls ? { ...rest, class: cls } : rest;
      };
      around.announce(cls ? `Now a ${cls}` : "Class removed");
      void optimistic(ref, change, "edit", { ref, class: cls });
    },

    async remove(ref: string): Promise<void> {
      const answer = await ask("remove", { ref });
      if (answer.ok) toast("Deleted.", answer.result?.write ?? null);
    },

    /** Takes one write back: the one that the message tells of, whatever was done since. */
    async undo(write: number): Promise<void> {
      store.update({ toast: null });
      const answer = await ask("undo", { write });
      if (answer.ok) around.announce("Undone");
    },

    setStatus(thread: string, status: "open" | "resolved"): void {
      const me = state().me?.id;
      around.announce(status === "resolved" ? "Resolved" : "Reopened");
      void optimistic(thread, (old) => ({ ...old, status, ...(me ? { statusBy: me } : {}) }), "setStatus", {
        thread,
        status,
      });
    },

    setHidden(ref: string, hidden: boolean): void {
      void ask("setHidden", { ref, hidden }).then((answer) => {
        if (answer.ok) around.announce(hidden ? "Hidden from the group" : "Shown to the group");
      });
    },

    react(ref: string, emoji: (typeof REACTIONS)[number], on: boolean): void {
      const thread = threadOf(ref);
      const me = state().me?.id;
      if (!thread || !me) return;
      const toggled = (reactions: ThreadMessage["reactions"]) => {
        const others = reactions.map((each) => ({
          ...each,
          by: each.emoji === emoji ? [...each.by.filter((person) => person !== me), ...(on ? [me] : [])] : each.by,
        }));
        if (on && !others.some((each) => each.emoji === emoji)) others.push({ emoji, by: [me] });
        return others.filter((each) => each.by.length > 0);
      };
      const change = (old: ThreadMessage): ThreadMessage =>
        old.ref === ref
          ? { ...old, reactions: toggled(old.reactions) }
          : {
              ...old,
              replies: old.replies.map((each) =>
                each.ref === ref ? { ...each, reactions: toggled(each.reactions) } : each,
              ),
            };
      void optimistic(thread.ref, change, "react", { ref, emoji, on });
    },

    async reattach(thread: string, span: Span): Promise<void> {
      const epoch = state().article?.epoch;
      if (epoch === undefined) return;
      store.update({ reattaching: null });
      around.clearSelection();
      const answer = await ask("reattach", { epoch, thread, ...span });
      if (!answer.ok) return;
      toast("Attached to the passage.", answer.result?.write ?? null);
      store.update({ active: thread });
    },

    async copyLink(thread: string): Promise<void> {
      const answer = await ask("copyLink", { thread });
      if (answer.ok) toast("Link copied.");
    },

    /** Makes one annotation the active one and marks it as read. */
    activate(ref: string | null): void {
      if (ref === state().active) return;
      store.update({ active: ref, chooser: null, panel: { ...state().panel, menu: null } });
      const thread = ref === null ? undefined : state().threads.get(ref);
      if (thread?.unread) void connection.request("markRead", { threads: [thread.ref] });
    },

    setFilter(change: Partial<Filter>): void {
      const filter = { ...state().filter, ...change };
      derive({ filter });
    },

    clearFilter(): void {
      derive({ filter: NO_FILTER });
      around.announce("All open annotations are shown");
    },

    /** "New since I last looked": remembers what is new now, so that reading it does not take it away. */
    showFresh(on: boolean): void {
      const fresh = on ? [...state().threads.values()].filter((thread) => thread.unread).map((each) => each.ref) : null;
      derive({ filter: { ...state().filter, fresh, status: on ? "all" : "open" } });
      around.announce(on ? `${fresh?.length ?? 0} new annotations are shown` : "All open annotations are shown");
    },

    isFiltering: () => isFiltering(state().filter),
    nameOf: (person: string) => nameIn(state().people)(person),
  };
  return actions;
}

function annotateParams(passage: PassageDraft, body: string, intent: string): RequestParams<"annotate"> {
  return {
    epoch: passage.epoch,
    start: passage.start,
    end: passage.end,
    motivation: passage.motivation,
    ...(passage.class ? { class: passage.class } : {}),
    body,
    intent,
  };
}

/** What a reader can do: each deed shows at once, is asked of the host, and is taken back when the host refuses. */
import type { PassageClass, REACTIONS } from "../core/model/entries.ts";
import { type Kind, KIND_TITLES } from "../core/model/kinds.ts";
import type { RequestName, RequestParams, ThreadMessage } from "../protocol/reader.ts";
import type { Answer, ResultOf } from "../protocol/rpc.ts";
import { createComposing } from "./composing.ts";
import type { Connection } from "./connection.ts";
import type { Drafts, PassageDraft } from "./drafts.ts";
import { isFiltering, type Filter, NO_FILTER } from "./model/filter.ts";
import { openedAs } from "./model/opened.ts";
import type { PassageWords } from "./model/shown-text.ts";
import type { Span } from "./model/source-map.ts";
import { nameIn, shorten } from "./model/words.ts";
import { derived, threadIn, threadWith } from "./reduce.ts";
import { createSending } from "./sending.ts";
import type { State, Store, Toast } from "./state.ts";
import { waiting } from "./unsent.ts";

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
  /** Nothing is being written or selected: a composer may open and take the caret. */
  isIdle(): boolean;
  /** Opens the card of an annotation. */
  show(ref: string): void;
}

export type Actions = ReturnType<typeof createActions>;

export function createActions(around: Surroundings) {
  const { store, connection } = around;
  const state = () => store.state;

  const derive = (patch: Partial<State>) => store.update(derived(state(), patch));

  const toast = (text: string, undo: Toast["undo"] = null) => {
    store.update({ toast: { text, undo } });
    around.announce(text);
  };

  const composing = createComposing({ ...around, toast });
  const sending = createSending({ ...around, composing, toast });
  const undoOf = (write: number | undefined): Toast["undo"] => (write === undefined ? null : { write });

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

  const passageOf = (kind: Kind, span: Span): PassageDraft => ({
    ...composing.placeOf(span),
    ...(kind === "claim" || kind === "evidence" || kind === "source"
      ? { motivation: "classifying", class: kind }
      : { motivation: kind === "question" ? "questioning" : kind === "highlight" ? "highlighting" : "commenting" }),
  });

  const actions = {
    ...sending,
    /** Opens the composer on a passage, in place of the card that is open. */
    openNew(passage: PassageDraft): void {
      actions.activate(null);
      composing.openNew(passage);
    },
    reopenNew: composing.reopenNew,
    placeNew: composing.placeNew,
    typedNew: composing.typedNew,
    closeNew: composing.closeNew,
    rescue: composing.rescue,
    takeOver: composing.takeOver,
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
      sending.sendNote(passage, "");
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
      if (answer.ok) toast("Deleted.", undoOf(answer.result?.write));
    },

    /** Takes back what a message tells of, whatever was done since. */
    async undo(what: NonNullable<Toast["undo"]>): Promise<void> {
      store.update({ toast: null });
      if ("discarded" in what) return composing.keep(what.discarded);
      const answer = await ask("undo", { write: what.write });
      if (answer.ok) around.announce("Undone");
    },

    /** Takes back the last deed, or does it again. */
    async step(direction: "undo" | "redo"): Promise<void> {
      // what a message offers to take back may be what is taken back now
      if (state().toast?.undo) store.update({ toast: null });
      const answer = await ask(direction, {});
      if (answer.ok) around.announce(direction === "undo" ? "Undone" : "Redone");
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
      const thread = threadWith(state(), ref);
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
      toast("Attached to the passage.", undoOf(answer.result?.write));
      store.update({ active: thread });
    },

    async copyLink(thread: string): Promise<void> {
      const answer = await ask("copyLink", { thread });
      if (answer.ok) toast("Link copied.");
    },

    /** Makes one annotation the active one and marks it as read; the one before, too, with what came while it was open. */
    activate(ref: string | null): void {
      const before = state().active;
      if (ref === before) return;
      const thread = threadIn(state(), ref);
      store.update({
        active: ref,
        opened: thread ? openedAs(thread) : null,
        chooser: null,
        panel: { ...state().panel, menu: null },
      });
      const seen = [before, ref].filter((each) => each !== null && state().threads.get(each)?.unread) as string[];
      if (seen.length > 0) void connection.request("markRead", { threads: seen });
    },

    setFilter(change: Partial<Filter>): void {
      const filter = { ...state().filter, ...change };
      derive({ filter });
    },

    clearFilter(): void {
      derive({ filter: NO_FILTER });
    },

    /** "New since I last looked": remembers what is new now, so that reading it does not take it away. */
    showFresh(on: boolean): void {
      const fresh = on ? [...state().threads.values()].filter((thread) => thread.unread).map((each) => each.ref) : null;
      derive({ filter: { ...state().filter, fresh, status: on ? "all" : "open" } });
    },

    /** How much of what was written waits for its writer. */
    countUnsent: () => waiting(state().unsent).length,
    isFiltering: () => isFiltering(state().filter),
    nameOf: (person: string) => nameIn(state().people)(person),
  };
  return actions;
}

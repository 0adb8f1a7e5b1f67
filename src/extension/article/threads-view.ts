/**
 * The threads of a room as this reader sees them in one published text: each with its place. Placing many is done in slices,
 * so that the extension host stays quick.
 */
import { type ChangePiece, describeChange } from "../../core/anchor/text-changes.ts";
import { type AnchorIndex, createSlicedResolver, resolveAnchor } from "../../core/anchor/resolve.ts";
import type { Placement } from "../../core/anchor/anchor.ts";
import type { EntryRef } from "../../core/model/ids.ts";
import type { Thread } from "../../core/model/threads.ts";
import type { ArticleFormat } from "../../core/text/article.ts";
import type { ThreadMessage } from "../../protocol/reader.ts";
import { threadMessage, type Viewer } from "./thread-messages.ts";

/** Longest piece of work before others get a turn, in milliseconds. */
const SLICE = 6;

/** More changed threads than this are sorted with all the others rather than one by one. */
const FEW = 20;

export interface ThreadsView {
  /** Threads in document order, orphans last. */
  all(): readonly ThreadMessage[];
  get(ref: EntryRef): ThreadMessage | undefined;
  /** Places everything in a new text; resolves when it is done, or to false when a later call overtook this one. */
  place(index: AnchorIndex, threads: readonly Thread[]): Promise<boolean>;
  /** Takes changed threads over; returns them as messages. */
  update(threads: readonly Thread[], removed: readonly EntryRef[]): ThreadMessage[];
  /** Makes the messages of these threads anew, for instance because they were read. */
  refresh(threads: readonly Thread[]): ThreadMessage[];
}

export interface ThreadsViewOptions {
  viewer: Viewer;
  format?: ArticleFormat;
  moderator(): boolean;
  /** The view's own name for an annotation or a reply that it made; asked once. */
  takeIntent(ref: EntryRef): string | undefined;
  /** Lets everything else have a turn. */
  pause(): Promise<void>;
  now(): number;
}

export function createThreadsView(options: ThreadsViewOptions): ThreadsView {
  let index: AnchorIndex | undefined;
  let places = new Map<EntryRef, Placement>();
  let messages = new Map<EntryRef, ThreadMessage>();
  let ordered: ThreadMessage[] | undefined;
  /** What changed (null: was removed) since the `place` at work began, to be done again on its result; null when none is at work. */
  let meanwhile: Map<EntryRef, Thread | null> | null = null;

  /** What became of a quote: compared once for each wording, however often the text changes elsewhere. */
  const changes = new Map<EntryRef, { from: string; to: string; change: ChangePiece[] }>();
  const changeOf = (ref: EntryRef, from: string, to: string): ChangePiece[] => {
    const known = changes.get(ref);
    if (known?.from === from && known.to === to) return known.change;
    const change = describeChange(from, to);
    changes.set(ref, { from, to, change });
    return change;
  };

  const make = (thread: Thread, placement: Placement, text: string, moderator: boolean): ThreadMessage => {
    const { exact } = thread.annotation.target.quote;
    const change =
      placement.state === "changed"
        ? changeOf(thread.ref, exact, text.slice(placement.start, placement.end))
        : undefined;
    if (!change) changes.delete(thread.ref);
    return threadMessage(thread, placement, options.viewer, {
      moderator,
      ...(options.format ? { format: options.format } : {}),
      ...(change ? { change } : {}),
    });
  };

  /** Puts `now` into the order where `before` is taken out: a single word written costs no sorting. */
  const reorder = (before: ThreadMessage | undefined, now: ThreadMessage | undefined) => {
    if (!ordered) return;
    const next = [...ordered];
    if (before) next.splice(placeIn(next, before), 1);
    if (now) next.splice(placeIn(next, now), 0, now);
    ordered = next;
  };

  const put = (thread: Thread, placement: Placement): ThreadMessage => {
    const message = make(thread, placement, index?.text ?? "", options.moderator());
    reorder(messages.get(thread.ref), message);
    messages.set(thread.ref, message);
    // the names are told once, with the news that the view is waiting for
    const intent = options.takeIntent(thread.ref);
    const answers = message.replies.map((reply) => ({ reply, intent: options.takeIntent(reply.ref) }));
    if (intent === undefined && answers.every((each) => each.intent === undefined)) return message;
    const replies = answers.map(({ reply, intent: name }) => (name === undefined ? reply : { ...reply, intent: name }));
    return { ...message, replies, ...(intent === undefined ? {} : { intent }) };
  };

  const view: ThreadsView = {
    all: () => (ordered ??= [...messages.values()].sort(inDocumentOrder)),
    get: (ref) => messages.get(ref),
    async place(next, threads) {
      const since = (meanwhile = new Map<EntryRef, Thread | null>());
      try {
        const resolver = createSlicedResolver(
          next,
          threads.map((thread) => thread.annotation.target),
        );
        while (!resolver.step(SLICE, options.now)) {
          await options.pause();
          if (meanwhile !== since) return false;
        }
        const placed = new Map<EntryRef, Placement>();
        const made = new Map<EntryRef, ThreadMessage>();
        const moderator = options.moderator();
        let until = options.now() + SLICE;
        for (const [i, thread] of threads.entries()) {
          const placement = resolver.placements[i]!;
          placed.set(thread.ref, placement);
          made.set(thread.ref, make(thread, placement, next.text, moderator));
          if (options.now() < until) continue;
          await options.pause();
          if (meanwhile !== since) return false;
          until = options.now() + SLICE;
        }
        index = next;
        places = placed;
        messages = made;
        ordered = undefined;
      } finally {
        if (meanwhile === since) meanwhile = null;
      }
      view.update(
        [...since.values()].flatMap((thread) => thread ?? []),
        [...since].flatMap(([ref, thread]) => (thread ? [] : ref)),
      );
      return true;
    },
    update(threads, removed) {
      for (const ref of removed) {
        meanwhile?.set(ref, null);
        reorder(messages.get(ref), undefined);
        messages.delete(ref);
        places.delete(ref);
        changes.delete(ref);
      }
      for (const thread of threads) meanwhile?.set(thread.ref, thread);
      const at = index;
      if (!at) return [];
      if (threads.length > FEW) ordered = undefined;
      return threads.map((thread) => {
        const placement = resolveAnchor(at.text, thread.annotation.target, at);
        places.set(thread.ref, placement);
        return put(thread, placement);
      });
    },
    refresh(threads) {
      if (threads.length > FEW) ordered = undefined;
      return threads.map((thread) => put(thread, places.get(thread.ref) ?? { state: "orphaned" }));
    },
  };
  return view;
}

/** First index whose thread does not stand before `message`. */
function placeIn(list: readonly ThreadMessage[], message: ThreadMessage): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (inDocumentOrder(list[middle]!, message) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By place in the text, wider passages first, then by time of writing; orphans last. */
export function inDocumentOrder(a: ThreadMessage, b: ThreadMessage): number {
  if (a.placement.state === "orphaned" || b.placement.state === "orphaned") {
    if (a.placement.state !== b.placement.state) return a.placement.state === "orphaned" ? 1 : -1;
    return a.created - b.created || (a.ref < b.ref ? -1 : 1);
  }
  return (
    a.placement.start - b.placement.start ||
    b.placement.end - a.placement.end ||
    a.created - b.created ||
    (a.ref < b.ref ? -1 : 1)
  );
}

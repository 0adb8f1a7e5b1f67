/**
 * Words that were written in a reading view and not sent, kept beyond its tab: whoever closes it and opens the article again finds them.
 * Each view keeps its own across a reload; those of a tab that is still open are not given to another, where they would be sent twice.
 */
import type * as vscode from "vscode";
import type { RoomId } from "../../core/model/ids.ts";

export interface KeptWords {
  /** What a new view of the article begins with, if no open one has it. From now on it is `view`'s. */
  take(room: RoomId, view: object): unknown;
  /** The words that a view has now; null for none. */
  keep(room: RoomId, view: object, words: unknown): void;
  /** The view's tab was closed: what it had is for the next view, or `left` to one that is open already. */
  release(view: object): void;
  /** What views had that were closed while another was open. Whoever asks has it from now on. */
  left(room: RoomId): unknown[];
}

/** Opaque JSON of the view's; longer ones stay in the view's own state alone. UTF-16 code units. */
const LONGEST = 500_000;

const key = (room: RoomId) => `marginalia.words:${room}`;
const leftKey = (room: RoomId) => `marginalia.leftWords:${room}`;

export function createKeptWords(state: vscode.Memento): KeptWords {
  /** The open view that has an article's words. */
  const holders = new Map<RoomId, object>();
  /** Every open view, and what it has. */
  const views = new Map<object, { room: RoomId; words: unknown }>();
  const leftIn = (room: RoomId) => state.get<unknown[]>(leftKey(room)) ?? [];
  return {
    take(room, view) {
      if (views.get(view)?.room !== room) views.set(view, { room, words: undefined });
      if (holders.has(room)) return undefined;
      const words = state.get<unknown>(key(room));
      if (words === undefined) return undefined;
      holders.set(room, view);
      views.set(view, { room, words });
      return words;
    },
    keep(room, view, words) {
      views.set(view, { room, words: words ?? undefined });
      if (words === null) {
        // those of another view, or of one that is closed, are not this one's to throw away
        if (holders.get(room) !== view) return;
        holders.delete(room);
        void state.update(key(room), undefined);
        return;
      }
      if (JSON.stringify(words).length > LONGEST) return;
      // of two that write at once the later one is kept: the other has its own as long as its tab is open
      holders.set(room, view);
      void state.update(key(room), words);
    },
    release(view) {
      const closed = views.get(view);
      views.delete(view);
      for (const [room, holder] of holders) if (holder === view) holders.delete(room);
      if (closed?.words === undefined) return;
      const { room, words } = closed;
      // in its place an open view keeps its own, of which the closed one's must not be the price
      if (![...views.values()].some((each) => each.room === room)) return;
      if (!holders.has(room)) void state.update(key(room), undefined);
      void state.update(leftKey(room), [...leftIn(room), words]);
    },
    left(room) {
      const words = leftIn(room);
      if (words.length > 0) void state.update(leftKey(room), undefined);
      return words;
    },
  };
}

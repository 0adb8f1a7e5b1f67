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
  /** The view's tab was closed. */
  release(view: object): void;
}

/** Opaque JSON of the view's; longer ones stay in the view's own state alone. UTF-16 code units. */
const LONGEST = 500_000;

const key = (room: RoomId) => `marginalia.words:${room}`;

export function createKeptWords(state: vscode.Memento): KeptWords {
  /** The open view that has an article's words. */
  const holders = new Map<RoomId, object>();
  return {
    take(room, view) {
      if (holders.has(room)) return undefined;
      const words = state.get<unknown>(key(room));
      if (words !== undefined) holders.set(room, view);
      return words;
    },
    keep(room, view, words) {
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
      for (const [room, holder] of holders) if (holder === view) holders.delete(room);
    },
  };
}

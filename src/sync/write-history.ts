/** What this window wrote, to be taken back and done again: step by step, or one write by its number. */
import type * as Y from "yjs";
import { type Entry, readEntry } from "../core/model/entries.ts";

export type Shelf = Y.Map<unknown>;

/** One undoable write: the values before and after; undefined: there was none. */
interface Step {
  /** Names the write: counts up. */
  write: number;
  shelf: Shelf;
  id: string;
  before: Entry | undefined;
  after: Entry;
}

export interface WriteHistory {
  /** Remembers a write; what could be redone no longer can. Answers its number. */
  add(shelf: Shelf, id: string, before: Entry | undefined, after: Entry): number;
  /**
   * Takes back the last write that still stands, or the one of that number: not when its entry was written since. False when
   * nothing was taken back.
   */
  undo(write?: number): boolean;
  redo(): boolean;
  canUndo(): boolean;
  canRedo(): boolean;
  /** Nothing on this shelf can be taken back any more. */
  forget(shelf: Shelf): void;
}

export interface WriteHistoryOptions {
  mayWrite(shelf: Shelf): boolean;
  put(shelf: Shelf, id: string, entry: Entry): void;
  /** A moment after everything in the entry. */
  later(entry: Entry): number;
}

/** Writes that undo remembers, per window. */
const LONGEST_HISTORY = 500;

export function createWriteHistory({ mayWrite, put, later }: WriteHistoryOptions): WriteHistory {
  let past: Step[] = [];
  let future: Step[] = [];
  let writes = 0;

  /** Puts `to` where `from` stands; not if something else stands there by now, or it may no longer be written. */
  const step = (shelf: Shelf, id: string, from: Entry, to: Entry): Entry | null => {
    const stands = readEntry(shelf.get(id));
    if (!stands || !mayWrite(shelf) || JSON.stringify(stands) !== JSON.stringify(from)) return null;
    // among status entries the latest counts; anything else comes back exactly as it was
    const next = to.kind === "status" ? readEntry({ ...to, modified: later(stands) }) : to;
    if (next) put(shelf, id, next);
    return next;
  };

  /** The last step of that entry in a list. */
  const lastOf = (steps: Step[], { shelf, id }: Step) =>
    steps.findLast((each) => each.shelf === shelf && each.id === id);

  /** Takes back a step that is no longer in `past`. */
  const takeBack = (last: Step): boolean => {
    const done = step(last.shelf, last.id, last.after, last.before ?? takenBack(last.after));
    if (!done) return false;
    // redo, and the undo of what went before, start from what stands now
    const earlier = lastOf(past, last);
    if (earlier) earlier.after = done;
    future.push({ ...last, before: done });
    return true;
  };

  return {
    add(shelf, id, before, after) {
      past.push({ write: ++writes, shelf, id, before, after });
      if (past.length > LONGEST_HISTORY) past.shift();
      future = [];
      return writes;
    },
    undo(write) {
      if (write !== undefined) {
        const wanted = past.find((each) => each.write === write);
        if (!wanted || lastOf(past, wanted) !== wanted) return false;
        const before = past;
        past = past.filter((each) => each !== wanted);
        if (takeBack(wanted)) return true;
        past = before;
        return false;
      }
      for (let last = past.pop(); last; last = past.pop()) if (takeBack(last)) return true;
      return false;
    },
    redo() {
      for (let last = future.pop(); last; last = future.pop()) {
        const undone = last.before!;
        const done = step(last.shelf, last.id, undone, last.after);
        if (!done) continue;
        const next = lastOf(future, last);
        if (next) next.before = done;
        past.push({ ...last, after: done });
        return true;
      }
      return false;
    },
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
    forget(shelf) {
      past = past.filter((each) => each.shelf !== shelf);
      future = future.filter((each) => each.shelf !== shelf);
    },
  };
}

/** What undoing a new entry leaves: as if its author had removed it, for others may have answered already. */
function takenBack(entry: Entry): Entry {
  switch (entry.kind) {
    case "annotation":
    case "reply":
      return { ...entry, body: "", deleted: true };
    case "link":
    case "reaction":
      return { ...entry, deleted: true };
    case "status": {
      const opposite = { open: "resolved", resolved: "open", hidden: "shown", shown: "hidden" } as const;
      return { ...entry, status: opposite[entry.status] };
    }
  }
}

/**
 * Threads: what the entries of all the roots that one may read amount to. Pure, and the same on every replica that holds the
 * same entries: ties are broken by time, then by reference.
 */
import type { AnnotationEntry, Entry, LinkEntry, ReactionEntry, ReplyEntry, StatusEntry } from "./entries.ts";
import { parseEntryRef, type EntryRef, type ParticipantId } from "./ids.ts";
import { buildThread } from "./build-thread.ts";
import type { Word } from "./last-word.ts";
import type { Role } from "./roles.ts";

export interface Reaction {
  emoji: string;
  by: ParticipantId[];
}

export interface ThreadReply {
  ref: EntryRef;
  author: ParticipantId;
  entry: ReplyEntry;
  reactions: Reaction[];
  hidden: boolean;
}

export interface Thread {
  /** The annotation's own reference. */
  ref: EntryRef;
  author: ParticipantId;
  annotation: AnnotationEntry;
  replies: ThreadReply[];
  reactions: Reaction[];
  /** The latest word of anybody; whoever reopens a thread has the last one until somebody resolves it again. */
  status: "open" | "resolved";
  statusBy?: ParticipantId;
  /** A moderator hid the annotation: the last word of those who moderate. */
  hidden: boolean;
  /** Links that start or end here. */
  links: { ref: EntryRef; author: ParticipantId; entry: LinkEntry }[];
  /** The latest moment at which anything in the thread was written. */
  touched: number;
}

/** How the roles of authors are looked up: only a moderator's hiding counts. */
export type RoleOf = (participant: ParticipantId) => Role | undefined;

/** What somebody says of an annotation or a reply without a body of its own. */
export interface Remark {
  ref: EntryRef;
  entry: StatusEntry | ReactionEntry;
}

/** Everything written about one thread; kept by `createThreadIndex`, which builds a thread anew only when it changed. */
export interface Shelf {
  annotation?: AnnotationEntry;
  replies: Map<EntryRef, ReplyEntry>;
  links: Map<EntryRef, LinkEntry>;
  /** status and reaction entries about the annotation or a reply to it */
  remarks: Map<EntryRef, StatusEntry | ReactionEntry>;
}

export interface ThreadIndex {
  /** Takes the new value of an entry (null: gone or unreadable). Returns nothing; ask `changed` for the consequences. */
  set(ref: EntryRef, entry: Entry | null): void;
  /** Threads touched since the last call: those that stand now, and the references of those that are no more. */
  changed(): { threads: Thread[]; removed: EntryRef[] };
  /** The thread of an annotation as of the last `changed`, or undefined. */
  get(ref: EntryRef): Thread | undefined;
  /** The thread that an annotation or a reply belongs to; knows of every `set` at once. */
  threadOf(ref: EntryRef): EntryRef | undefined;
  /** The status entries about an annotation or a reply; knows of every `set` at once. */
  statusesOf(about: EntryRef): Word[];
  /** All threads as of the last `changed`, unordered. */
  all(): Thread[];
  /** Marks every thread as changed, for instance after somebody's role did. */
  invalidate(): void;
}

/**
 * An index that keeps threads up to date entry by entry: the cost of a change is that of its thread, not of the room.
 * A reply to a reply counts as a reply to the annotation; an entry about something unknown waits until that is known, and
 * replies that go round in a circle belong to no thread until one of them points elsewhere.
 */
export function createThreadIndex(roleOf: RoleOf): ThreadIndex {
  const entries = new Map<EntryRef, Entry>();
  /** annotation or reply -> its annotation; a reply that leads nowhere is not in here */
  const rootOf = new Map<EntryRef, EntryRef>();
  /** entry, known or not -> the entries that name it */
  const pointers = new Map<EntryRef, Set<EntryRef>>();
  const shelves = new Map<EntryRef, Shelf>();
  /** the annotations under which an entry is filed, so that it can be taken away again */
  const filedUnder = new Map<EntryRef, EntryRef[]>();
  const dirty = new Set<EntryRef>();
  const threads = new Map<EntryRef, Thread>();

  const unfile = (ref: EntryRef) => {
    for (const root of filedUnder.get(ref) ?? []) {
      dirty.add(root);
      const at = shelves.get(root);
      if (!at) continue;
      if (root === ref) delete at.annotation;
      at.replies.delete(ref);
      at.links.delete(ref);
      at.remarks.delete(ref);
      if (!at.annotation && !at.replies.size && !at.links.size && !at.remarks.size) shelves.delete(root);
    }
    filedUnder.delete(ref);
  };

  const file = (ref: EntryRef, entry: Entry) => {
    const roots = new Set<EntryRef>();
    for (const of of entry.kind === "annotation" || entry.kind === "reply" ? [ref] : targetsOf(entry)) {
      const root = rootOf.get(of);
      if (root !== undefined) roots.add(root);
    }
    for (const root of roots) {
      let at = shelves.get(root);
      if (!at) shelves.set(root, (at = { replies: new Map(), links: new Map(), remarks: new Map() }));
      if (entry.kind === "annotation") at.annotation = entry;
      else if (entry.kind === "reply") at.replies.set(ref, entry);
      else if (entry.kind === "link") at.links.set(ref, entry);
      else at.remarks.set(ref, entry);
      dirty.add(root);
    }
    filedUnder.set(ref, [...roots]);
  };

  /** `ref` and all that hangs on it by replies, and what is said about any of these. */
  const hangingOn = (ref: EntryRef): Set<EntryRef> => {
    const found = new Set([ref]);
    // a set is walked in the order of insertion, what is added on the way included
    for (const at of found) {
      const kind = entries.get(at)?.kind;
      if (at !== ref && kind !== "reply") continue;
      for (const pointer of pointers.get(at) ?? []) found.add(pointer);
    }
    return found;
  };

  const point = (ref: EntryRef, entry: Entry) => {
    for (const target of targetsOf(entry)) {
      let set = pointers.get(target);
      if (!set) pointers.set(target, (set = new Set()));
      set.add(ref);
    }
  };

  const unpoint = (ref: EntryRef, entry: Entry) => {
    for (const target of targetsOf(entry)) {
      const set = pointers.get(target);
      set?.delete(ref);
      if (set?.size === 0) pointers.delete(target);
    }
  };

  return {
    set(ref, entry) {
      const before = entries.get(ref);
      if ((!entry && !before) || !parseEntryRef(ref)) return;
      unfile(ref);
      if (before) unpoint(ref, before);
      if (entry) {
        entries.set(ref, entry);
        point(ref, entry);
      } else entries.delete(ref);

      const rootBefore = rootOf.get(ref);
      let root = entry?.kind === "annotation" ? ref : entry?.kind === "reply" ? rootOf.get(entry.parent) : undefined;
      let hanging: Set<EntryRef> | undefined;
      // the parent may itself hang on this reply: then both are in a circle, and the root found is out of date
      if (entry?.kind === "reply" && root !== undefined && pointers.has(ref)) {
        hanging = hangingOn(ref);
        if (hanging.has(entry.parent)) root = undefined;
      }
      if (root === rootBefore) {
        if (entry) file(ref, entry);
        return;
      }
      hanging ??= hangingOn(ref);
      for (const each of hanging) {
        unfile(each);
        if (each !== ref && entries.get(each)?.kind !== "reply") continue;
        if (root === undefined) rootOf.delete(each);
        else rootOf.set(each, root);
      }
      for (const each of hanging) {
        const value = entries.get(each);
        if (value) file(each, value);
      }
    },
    changed() {
      const out: Thread[] = [];
      const removed: EntryRef[] = [];
      for (const root of dirty) {
        const at = shelves.get(root);
        const thread = at ? buildThread(root, at, roleOf) : null;
        if (thread) {
          threads.set(root, thread);
          out.push(thread);
        } else if (threads.delete(root)) removed.push(root);
      }
      dirty.clear();
      return { threads: out, removed };
    },
    get: (ref) => threads.get(ref),
    threadOf: (ref) => rootOf.get(ref),
    statusesOf(about) {
      return [...(pointers.get(about) ?? [])].flatMap((ref) => {
        const entry = entries.get(ref);
        return entry?.kind === "status" ? [{ ref, entry }] : [];
      });
    },
    all: () => [...threads.values()],
    invalidate() {
      for (const root of shelves.keys()) dirty.add(root);
    },
  };
}

/** The entries that this one names. */
function targetsOf(entry: Entry): EntryRef[] {
  switch (entry.kind) {
    case "annotation":
      return [];
    case "reply":
      return [entry.parent];
    case "link":
      return [entry.from, entry.to];
    case "status":
    case "reaction":
      return [entry.about];
  }
}

/**
 * Threads: what the entries of all the roots that one may read amount to. Pure, and the same on every replica that holds the
 * same entries: ties are broken by time, then by reference.
 */
import type { AnnotationEntry, Entry, LinkEntry, ReactionEntry, ReplyEntry, StatusEntry } from "./entries.ts";
import { parseEntryRef, type EntryRef, type ParticipantId } from "./ids.ts";
import { mayModerate, type Role } from "./roles.ts";

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

/** Everything written about one thread; kept by `createThreadIndex`, which builds a thread anew only when it changed. */
interface Shelf {
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

function authorOf(ref: EntryRef): ParticipantId {
  return ref.slice(0, ref.indexOf("/"));
}

/** Orders by time, then by reference, so that every replica agrees. */
function byTime(
  a: { ref: EntryRef; entry: { created: number } },
  b: { ref: EntryRef; entry: { created: number } },
): number {
  return a.entry.created - b.entry.created || (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0);
}

/** Orders by when the last word was written, then by reference. */
function byLastWord(
  a: { ref: EntryRef; entry: { created: number; modified?: number | undefined } },
  b: { ref: EntryRef; entry: { created: number; modified?: number | undefined } },
): number {
  return written(a.entry) - written(b.entry) || (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0);
}

/** The replies that were not deleted, and those between them and the annotation, deleted or not. */
function keptReplies(replies: ReadonlyMap<EntryRef, ReplyEntry>): Set<EntryRef> {
  const kept = new Set<EntryRef>();
  for (const [ref, entry] of replies) {
    if (entry.deleted) continue;
    for (let at: EntryRef | undefined = ref; at !== undefined && !kept.has(at);) {
      const parent: ReplyEntry | undefined = replies.get(at);
      if (!parent) break;
      kept.add(at);
      at = parent.parent;
    }
  }
  return kept;
}

/** The thread, or null when there is nothing to show: no annotation, or a deleted one that nobody answered. */
function buildThread(root: EntryRef, at: Shelf, roleOf: RoleOf): Thread | null {
  const annotation = at.annotation;
  if (!annotation) return null;
  const remarks = new Map<EntryRef, { ref: EntryRef; entry: StatusEntry | ReactionEntry }[]>();
  for (const [ref, entry] of at.remarks) {
    const list = remarks.get(entry.about);
    if (list) list.push({ ref, entry });
    else remarks.set(entry.about, [{ ref, entry }]);
  }
  for (const list of remarks.values()) list.sort(byLastWord);

  const replies: ThreadReply[] = [];
  const kept = keptReplies(at.replies);
  for (const [ref, entry] of at.replies) {
    if (!kept.has(ref)) continue;
    const own = remarks.get(ref);
    replies.push({ ref, author: authorOf(ref), entry, reactions: reactionsIn(own), hidden: hiddenBy(own, roleOf) });
  }
  replies.sort(byTime);
  if (annotation.deleted && replies.length === 0) return null;

  const own = remarks.get(root);
  const last = own?.findLast(
    ({ entry }) => entry.kind === "status" && (entry.status === "open" || entry.status === "resolved"),
  );
  const links = [...at.links]
    .filter(([, entry]) => !entry.deleted)
    .map(([ref, entry]) => ({ ref, author: authorOf(ref), entry }))
    .sort(byTime);
  let touched = written(annotation);
  for (const each of at.replies.values()) touched = Math.max(touched, written(each));
  for (const each of at.remarks.values()) touched = Math.max(touched, written(each));
  for (const each of at.links.values()) touched = Math.max(touched, written(each));
  const resolved = last?.entry.kind === "status" && last.entry.status === "resolved";
  return {
    ref: root,
    author: authorOf(root),
    annotation,
    replies,
    reactions: reactionsIn(own),
    status: resolved ? "resolved" : "open",
    ...(last ? { statusBy: authorOf(last.ref) } : {}),
    hidden: hiddenBy(own, roleOf),
    links,
    touched,
  };
}

/** When an entry was last written, milliseconds since 1970, by its author's clock. */
export function written(entry: { created: number; modified?: number | undefined }): number {
  return entry.modified ?? entry.created;
}

function reactionsIn(remarks: { ref: EntryRef; entry: StatusEntry | ReactionEntry }[] | undefined): Reaction[] {
  const by = new Map<string, Set<ParticipantId>>();
  for (const { ref, entry } of remarks ?? []) {
    if (entry.kind !== "reaction" || entry.deleted) continue;
    let people = by.get(entry.emoji);
    if (!people) by.set(entry.emoji, (people = new Set()));
    people.add(authorOf(ref));
  }
  return [...by].map(([emoji, people]) => ({ emoji, by: [...people].sort() }));
}

function hiddenBy(
  remarks: { ref: EntryRef; entry: StatusEntry | ReactionEntry }[] | undefined,
  roleOf: RoleOf,
): boolean {
  const last = remarks?.findLast(({ ref, entry }) => {
    if (entry.kind !== "status" || (entry.status !== "hidden" && entry.status !== "shown")) return false;
    const role = roleOf(authorOf(ref));
    return role !== undefined && mayModerate(role);
  });
  return last?.entry.kind === "status" && last.entry.status === "hidden";
}

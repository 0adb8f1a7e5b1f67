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
  /** A moderator hid the annotation. */
  hidden: boolean;
  /** Links that start or end here. */
  links: { ref: EntryRef; author: ParticipantId; entry: LinkEntry }[];
  /** The latest moment at which anything in the thread was written. */
  touched: number;
}

/** How the roles of authors are looked up: only a moderator's hiding counts. */
export type RoleOf = (participant: ParticipantId) => Role | undefined;

/** Everything written about one thread; kept by `createThreadIndex`, which asks for a thread only when it changed. */
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
  /** The thread of an annotation, or undefined. */
  get(ref: EntryRef): Thread | undefined;
  /** The thread that an annotation or a reply belongs to. */
  threadOf(ref: EntryRef): EntryRef | undefined;
  /** All threads, unordered. */
  all(): Thread[];
  /** Marks every thread as changed, for instance after somebody's role did. */
  invalidate(): void;
}

/**
 * An index that keeps threads up to date entry by entry: the cost of a change is that of its thread, not of the room.
 * A reply to a reply counts as a reply to the annotation; a remark about something unknown waits until that is known.
 */
export function createThreadIndex(roleOf: RoleOf): ThreadIndex {
  const entries = new Map<EntryRef, Entry>();
  const shelves = new Map<EntryRef, Shelf>();
  /** what an entry was filed under, so that it can be taken away again */
  const filedUnder = new Map<EntryRef, EntryRef[]>();
  /** target not known yet -> entries waiting for it */
  const waiting = new Map<EntryRef, Set<EntryRef>>();
  const dirty = new Set<EntryRef>();
  const threads = new Map<EntryRef, Thread>();
  const announced = new Set<EntryRef>();

  const shelf = (root: EntryRef): Shelf => {
    let found = shelves.get(root);
    if (!found) shelves.set(root, (found = { replies: new Map(), links: new Map(), remarks: new Map() }));
    return found;
  };

  /** Follows replies up to their annotation; null when a step is unknown, goes round in a circle or leads nowhere. */
  const rootOf = (ref: EntryRef): { root: EntryRef } | { missing: EntryRef } | null => {
    const seen = new Set<EntryRef>();
    for (let at = ref; ;) {
      if (seen.has(at)) return null;
      seen.add(at);
      const entry = entries.get(at);
      if (!entry) return { missing: at };
      if (entry.kind === "annotation") return { root: at };
      if (entry.kind !== "reply") return null;
      at = entry.parent;
    }
  };

  const await_ = (missing: EntryRef, ref: EntryRef) => {
    let set = waiting.get(missing);
    if (!set) waiting.set(missing, (set = new Set()));
    set.add(ref);
  };

  const unfile = (ref: EntryRef) => {
    for (const root of filedUnder.get(ref) ?? []) {
      const at = shelves.get(root);
      at?.replies.delete(ref);
      at?.links.delete(ref);
      at?.remarks.delete(ref);
      dirty.add(root);
    }
    filedUnder.delete(ref);
  };

  const file = (ref: EntryRef, entry: Entry) => {
    if (entry.kind === "annotation") {
      shelf(ref).annotation = entry;
      dirty.add(ref);
      return;
    }
    const targets =
      entry.kind === "reply" ? [entry.parent] : entry.kind === "link" ? [entry.from, entry.to] : [entry.about];
    const roots: EntryRef[] = [];
    for (const target of targets) {
      const found = rootOf(target);
      if (!found) {
        // a circle, or a target of the wrong kind: looked at again when that target changes
        await_(target, ref);
        continue;
      }
      if ("missing" in found) {
        await_(found.missing, ref);
        continue;
      }
      const at = shelf(found.root);
      if (entry.kind === "reply") at.replies.set(ref, entry);
      else if (entry.kind === "link") at.links.set(ref, entry);
      else at.remarks.set(ref, entry);
      roots.push(found.root);
      dirty.add(found.root);
    }
    filedUnder.set(ref, roots);
  };

  const refile = (refs: Iterable<EntryRef>) => {
    const queue = [...refs];
    const done = new Set<EntryRef>();
    for (let ref = queue.shift(); ref !== undefined; ref = queue.shift()) {
      if (done.has(ref)) continue;
      done.add(ref);
      const entry = entries.get(ref);
      unfile(ref);
      if (entry) file(ref, entry);
      const held = waiting.get(ref);
      waiting.delete(ref);
      if (held) queue.push(...held);
    }
  };

  const dependents = (ref: EntryRef): EntryRef[] => {
    const root = shelves.get(ref);
    if (root) return [...root.replies.keys(), ...root.links.keys(), ...root.remarks.keys()];
    const out: EntryRef[] = [];
    for (const under of filedUnder.get(ref) ?? []) {
      const at = shelves.get(under);
      if (at) out.push(...at.replies.keys(), ...at.remarks.keys(), ...at.links.keys());
    }
    return out;
  };

  const index: ThreadIndex = {
    set(ref, entry) {
      const before = entries.get(ref);
      if (!entry && !before) return;
      if (!parseEntryRef(ref)) return;
      const kept =
        before &&
        entry &&
        before.kind === entry.kind &&
        (entry.kind !== "reply" || (before.kind === "reply" && entry.parent === before.parent));
      const affected = kept ? [] : dependents(ref);
      if (entry) entries.set(ref, entry);
      else entries.delete(ref);
      if (before?.kind === "annotation" && entry?.kind !== "annotation") {
        const at = shelves.get(ref);
        if (at) delete at.annotation;
        dirty.add(ref);
      }
      refile([ref, ...affected]);
    },
    changed() {
      const out: Thread[] = [];
      const removed: EntryRef[] = [];
      for (const root of dirty) {
        const at = shelves.get(root);
        const thread = at ? buildThread(root, at, roleOf) : null;
        if (at && !at.annotation && !at.replies.size && !at.links.size && !at.remarks.size) shelves.delete(root);
        if (thread) {
          threads.set(root, thread);
          announced.add(root);
          out.push(thread);
        } else {
          threads.delete(root);
          if (announced.delete(root)) removed.push(root);
        }
      }
      dirty.clear();
      return { threads: out, removed };
    },
    get: (ref) => threads.get(ref),
    threadOf: (ref) => {
      const found = rootOf(ref);
      return found && "root" in found ? found.root : undefined;
    },
    all: () => [...threads.values()],
    invalidate() {
      for (const root of shelves.keys()) dirty.add(root);
    },
  };
  return index;
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
  for (const list of remarks.values()) list.sort(byTime);

  const replies: ThreadReply[] = [];
  const answered = new Set([...at.replies.values()].filter((each) => !each.deleted).map((each) => each.parent));
  for (const [ref, entry] of at.replies) {
    if (entry.deleted && !answered.has(ref)) continue;
    const own = remarks.get(ref);
    replies.push({ ref, author: authorOf(ref), entry, reactions: reactionsIn(own), hidden: hiddenBy(own, roleOf) });
  }
  replies.sort(byTime);
  if (annotation.deleted && replies.length === 0) return null;

  const own = remarks.get(root);
  const statuses = (own ?? []).filter(
    (each) => each.entry.kind === "status" && (each.entry.status === "open" || each.entry.status === "resolved"),
  );
  const last = statuses.sort((a, b) => written(a.entry) - written(b.entry) || (a.ref < b.ref ? -1 : 1)).at(-1);
  const links = [...at.links]
    .filter(([, entry]) => !entry.deleted)
    .map(([ref, entry]) => ({ ref, author: authorOf(ref), entry }))
    .sort(byTime);
  let touched = written(annotation);
  for (const each of at.replies.values()) touched = Math.max(touched, written(each));
  for (const each of at.remarks.values()) touched = Math.max(touched, written(each));
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

function written(entry: { created: number; modified?: number | undefined }): number {
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
  let hidden = false;
  let at = -1;
  for (const { ref, entry } of remarks ?? []) {
    if (entry.kind !== "status" || (entry.status !== "hidden" && entry.status !== "shown")) continue;
    const role = roleOf(authorOf(ref));
    if (!role || !mayModerate(role) || written(entry) < at) continue;
    at = written(entry);
    hidden = entry.status === "hidden";
  }
  return hidden;
}

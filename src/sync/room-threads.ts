/** Feeds a room's thread index from its margin documents, in slices where there is much to do. */
import type * as Y from "yjs";
import { entriesOf, participantOfRoot, participantRoot } from "../core/model/documents.ts";
import { readEntry } from "../core/model/entries.ts";
import { entryRef, type EntryId, type EntryRef, type ParticipantId } from "../core/model/ids.ts";
import type { Word } from "../core/model/last-word.ts";
import { createThreadIndex, type RoleOf, type Thread } from "../core/model/threads.ts";
import { SLICE, type Clock, type Pause } from "./clock.ts";
import { createEmitter, type Listen } from "./emitter.ts";

export interface ThreadsChange {
  /** Threads that changed, whole, unordered. */
  threads: readonly Thread[];
  /** Annotations whose threads are no more. */
  removed: readonly EntryRef[];
}

/** Up to so many changed entries are taken in at once, so that a comment is there in the turn in which it came. */
const AT_ONCE = 64;

export interface RoomThreads {
  all(): Thread[];
  get(ref: EntryRef): Thread | undefined;
  /** The annotation whose thread an annotation or reply belongs to. */
  threadOf(ref: EntryRef): EntryRef | undefined;
  /** The status entries about an annotation or a reply. */
  statusesOf(about: EntryRef): Word[];
  /** Builds all threads anew, after somebody's role changed. */
  invalidate(): void;
  /** Resolves when everything that is in the documents is in the index. */
  settled(): Promise<void>;
  readonly onDidChange: Listen<ThreadsChange>;
  dispose(): void;
}

export interface RoomThreadsOptions {
  margin: Y.Doc;
  /** The private document: `me` stands in it. */
  own: Y.Doc;
  me: ParticipantId;
  roleOf: RoleOf;
  clock: Clock;
  pause: Pause;
  onError: (error: unknown) => void;
}

export function createRoomThreads(options: RoomThreadsOptions): RoomThreads {
  const { margin, own, me, clock, pause } = options;
  const index = createThreadIndex(options.roleOf);
  const changed = createEmitter<ThreadsChange>(options.onError);
  /** entries to look at, in the order in which they changed */
  const queue = new Map<EntryRef, { author: ParticipantId; id: EntryId }>();
  let working: Promise<void> | null = null;
  let disposed = false;

  const valueOf = (author: ParticipantId, id: EntryId): unknown => {
    // what was handed in stands in the margin, and counts before a draft of the same name
    const shared = margin.share.has(participantRoot(author)) ? entriesOf(margin, author).get(id) : undefined;
    return shared ?? (author === me ? entriesOf(own, me).get(id) : undefined);
  };

  const takeIn = (limit: () => boolean) => {
    for (const [ref, { author, id }] of queue) {
      queue.delete(ref);
      index.set(ref, readEntry(valueOf(author, id)));
      if (limit()) break;
    }
  };

  const tell = () => {
    const news = index.changed();
    if (news.threads.length || news.removed.length) changed.fire(news);
  };

  const work = async () => {
    // whoever brought so much has had a turn of its own with it
    for (await pause(); queue.size > 0; await pause()) {
      if (disposed) break;
      // the threads that come of it are built in the other half
      const until = clock.now() + SLICE / 2;
      let count = 0;
      takeIn(() => ++count % 16 === 0 && clock.now() >= until);
      tell();
    }
    working = null;
  };

  const start = () => {
    if (working || disposed) return;
    if (queue.size <= AT_ONCE) {
      takeIn(() => false);
      tell();
    } else working = work();
  };

  const enqueueRoot = (doc: Y.Doc, author: ParticipantId) => {
    for (const id of entriesOf(doc, author).keys()) queue.set(entryRef(author, id), { author, id });
  };

  const onTransaction = (transaction: Y.Transaction) => {
    const { doc } = transaction;
    const authors: [ParticipantId, Set<string | null>][] = [];
    for (const [type, keys] of transaction.changed) {
      for (const [root, shared] of doc.share) {
        if ((shared as unknown) !== type) continue;
        const author = participantOfRoot(root);
        if (author !== null && (doc === margin || author === me)) authors.push([author, keys]);
      }
    }
    for (const [author, keys] of authors) {
      for (const id of keys) if (id !== null) queue.set(entryRef(author, id), { author, id });
    }
    start();
  };

  for (const doc of [margin, own]) {
    for (const root of doc.share.keys()) {
      const author = participantOfRoot(root);
      if (author !== null && (doc === margin || author === me)) enqueueRoot(doc, author);
    }
    doc.on("afterTransaction", onTransaction);
  }
  start();

  return {
    all: () => index.all(),
    get: (ref) => index.get(ref),
    threadOf: (ref) => index.threadOf(ref),
    statusesOf: (about) => index.statusesOf(about),
    invalidate() {
      index.invalidate();
      tell();
    },
    async settled() {
      for (let run = working; run; run = working) await run;
    },
    onDidChange: changed.event,
    dispose() {
      disposed = true;
      for (const doc of [margin, own]) doc.off("afterTransaction", onTransaction);
      changed.clear();
    },
  };
}

/**
 * A room as one window has it: its four documents, kept on disk and in step with a server, the threads they amount to, who is
 * there, and everything this participant may write.
 */
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { access } from "../core/model/access.ts";
import {
  type ArticleMeta,
  articleText,
  DOCUMENT_KINDS,
  type DocumentKind,
  type DocumentName,
  formatDocumentName,
  META_ROOT,
  rosterMap,
  sessionMap,
} from "../core/model/documents.ts";
import type { EntryRef, ParticipantId, RoomId } from "../core/model/ids.ts";
import type { Role } from "../core/model/roles.ts";
import {
  READING_POLICY,
  readPolicy,
  readRoster,
  type Roster,
  type SessionPolicy,
  writePolicy,
} from "../core/model/session.ts";
import { written } from "../core/model/last-word.ts";
import { type Clock, type Pause, type Random, SLICE } from "./clock.ts";
import { createEmitter, type Listen } from "./emitter.ts";
import { countWrites, type Ledger } from "./ledger.ts";
import type { OfflineStore, StoreTrouble } from "./offline-store.ts";
import { FROM_ME, FROM_OTHER_WINDOW, FROM_SEED, FROM_STORE, originOf } from "./origins.ts";
import { onUpdate } from "./on-update.ts";
import { createPace } from "./pace.ts";
import { type OwnPresence, type Presence, readPresence, setOwnPresence } from "./presence.ts";
import { openReadingMarks, type ReadingMarks } from "./reading-marks.ts";
import { createRoomConnections, type RoomDocuments, type SessionAddress } from "./room-connections.ts";
import type { RoomStatus } from "./room-status.ts";
import { createRoomThreads, type RoomThreads } from "./room-threads.ts";
import { createRoomWriter, type RoomWrite, type RoomWriter } from "./room-write.ts";
import { seedUpdate } from "./seed.ts";
import type { OpenSocket } from "./socket.ts";
import { stateInParts } from "./state-parts.ts";
import type { StoredDocument } from "./stored-document.ts";

export interface RoomOptions {
  room: RoomId;
  me: { participant: ParticipantId; role: Role; name: string };
  /** This participant's role where a session knows others and not them; `me`'s, if nothing is said. */
  strangersRole?: Role;
  /** Null: nothing is kept (tests, a page that only looks on). */
  store: OfflineStore | null;
  openSocket: OpenSocket;
  clock: Clock;
  random: Random;
  pause: Pause;
  /** Told of errors of peers, disk and listeners that do not concern anybody's text. */
  onError?: (error: unknown) => void;
}

export interface Room {
  readonly id: RoomId;
  readonly documents: RoomDocuments;
  /** The article's Markdown; changes to it go through a text binding or a transaction with an `Origin`. */
  readonly text: Y.Text;
  /**
   * Resolves when everything stored is in the documents. `whole`: false when the disk could not be read; what is there must not be put
   * in again. `empty`: there never was an article. Never rejects.
   */
  readonly loaded: Promise<{ empty: boolean; whole: boolean }>;
  /** This participant; the role is the roster's as soon as that has one. */
  me(): { participant: ParticipantId; role: Role; name: string };
  /** Changes what this participant is called where the roster does not say: alone, and until the server knows them. */
  rename(name: string): void;
  policy(): SessionPolicy;
  /** Everyone in the room, this participant always among them. */
  roster(): Roster;

  /**
   * Puts the article into a room that has none: at once when alone, in a session when the first sync has shown that there is
   * none. False when there is one, or this participant may not.
   */
  seed(text: string, meta: ArticleMeta): boolean;

  /** After `loaded`, keeps the room in step with a server from now on; replaces an earlier session. */
  connect(session: SessionAddress): void;
  disconnect(): void;
  /** Tries at once what was refused or waits for its next attempt. */
  retry(): void;
  readonly status: RoomStatus;
  readonly onDidChangeStatus: Listen<RoomStatus>;
  /** What is wrong with the disk, or null. */
  readonly trouble: StoreTrouble | null;
  readonly onDidChangeTrouble: Listen<StoreTrouble | null>;

  /** Built in slices after `loaded`: see `threads.settled()`. */
  readonly threads: RoomThreads;
  readonly write: RoomWrite;
  /** Told of each own write just before the thread that it changes. */
  readonly onDidWrite: RoomWriter["onDidWrite"];
  /** Takes back this window's last write, or the one of that number if nothing was written on it since; false when it did not. */
  undo(write?: number): boolean;
  redo(): boolean;
  canUndo(): boolean;
  canRedo(): boolean;

  setPresence(presence: OwnPresence): void;
  /** Everybody who is here, window by window, this window left out (not this person's others). */
  presence(): Presence[];
  /** Told at once, then at most every 100 milliseconds. */
  readonly onDidChangePresence: Listen<void>;
  /** Roster, roles, policy or title changed. */
  readonly onDidChangeSession: Listen<void>;
  /** The article's metadata changed. */
  readonly onDidChangeMeta: Listen<void>;

  /** When the version of an annotation or reply was written that this person has seen, in milliseconds since 1970; 0 for none. */
  lastSeen(entry: EntryRef): number;
  /** This person has seen these threads as they are now. */
  markRead(threads: readonly EntryRef[]): void;

  /** True when everything is on disk. */
  flush(): Promise<boolean>;
  /** Disconnects, writes what is left and lets go of everything. False: the disk refused, and what `flush` would have kept is lost. */
  close(): Promise<boolean>;
}

/**
 * Structs of a document that are stored in one record, those of some ten annotations. A record is taken in as a whole, so that a slice
 * cannot end before it; a process that has just started takes several times as long for it as later.
 */
const PART = 100;

/** Least time between two tellings of where the others are, in milliseconds: thirty people move some two hundred times a second. */
const PRESENCE = 100;

export function openRoom(options: RoomOptions): Room {
  const { room, me, store, clock } = options;
  let ownName = me.name;
  const onError = options.onError ?? (() => {});
  const nameOf = (kind: DocumentKind): DocumentName =>
    kind === "private" ? { room, kind, participant: me.participant } : { room, kind };
  const documents: RoomDocuments = {
    article: new Y.Doc(),
    session: new Y.Doc(),
    margin: new Y.Doc(),
    private: new Y.Doc(),
  };
  const text = articleText(documents.article);
  const awareness = new Awareness(documents.session);
  awareness.setLocalState({ participant: me.participant, section: null, selection: null });

  const presenceChanged = createEmitter<void>(onError);
  const sessionChanged = createEmitter<void>(onError);
  const metaChanged = createEmitter<void>(onError);

  let closed = false;
  let marks: ReadingMarks | null = null;
  const markedEarly = new Map<EntryRef, number>();

  // read once for each change: every name that is shown, and every right, is looked up in it
  let inSession: Roster | null = null;
  let withMe: Roster | null = null;
  const forgetRoster = () => (inSession = withMe = null);
  rosterMap(documents.session).observe(forgetRoster);
  const sessionRoster = () => (inSession ??= readRoster(documents.session));
  const roster = (): Roster => {
    const known = sessionRoster();
    if (known.has(me.participant)) return known;
    return (withMe ??= new Map(known).set(me.participant, { name: ownName, role: roleIn(known), joined: 0 }));
  };
  const roleIn = (known: Roster): Role =>
    known.get(me.participant)?.role ?? (known.size > 0 ? options.strangersRole : undefined) ?? me.role;
  const role = () => roleIn(sessionRoster());
  const policy = () => readPolicy(documents.session);
  /** Until the session's document is here nobody but its owner can know whether what they write would be seen at once. */
  let sessionSynced = false;
  const policyKnown = () => sessionSynced || sessionMap(documents.session).size > 0 || role() === "owner";
  const accessTo = (kind: DocumentKind) =>
    kind === "margin" && !policyKnown() ? "none" : access(role(), me.participant, nameOf(kind), policy());

  // storing: every change is in the log's queue before any other listener hears of it
  const logs = new Map<DocumentKind, StoredDocument>();
  const ledgers = new Map<DocumentKind, Ledger>();
  for (const kind of DOCUMENT_KINDS) {
    const doc = documents[kind];
    if (!store) {
      ledgers.set(kind, countWrites(doc));
      continue;
    }
    let sliceEnds = 0;
    const log = store.open(formatDocumentName(nameOf(kind)), {
      apply: (update, origin) => Y.applyUpdate(doc, update, origin === "mine" ? FROM_OTHER_WINDOW : FROM_STORE),
      snapshot: () => stateInParts(doc, PART),
      together: (_, work) => doc.transact(work, FROM_STORE),
      async pause() {
        if (clock.now() < sliceEnds) return;
        await options.pause();
        sliceEnds = clock.now() + SLICE;
      },
    });
    logs.set(kind, log);
    ledgers.set(kind, log.ledger);
    onUpdate(doc, (update, origin) => {
      const from = originOf(origin)?.from;
      if (from !== "store") log.append(update, from !== "server");
    });
  }

  // syncing
  const connections = createRoomConnections({
    documents,
    participant: me.participant,
    nameOf,
    accessTo,
    ledgers,
    awareness,
    compact: (kind) => void logs.get(kind)?.compact(),
    onChange(kind) {
      if (kind === "session" && connections.isSynced(kind) && !sessionSynced) sessionArrived();
      if (kind === "article") sow();
    },
    openSocket: options.openSocket,
    clock,
    random: options.random,
    onError,
  });

  const sessionArrived = () => {
    sessionSynced = true;
    if (role() === "owner" && sessionMap(documents.session).size === 0) {
      // a room of which nothing was said is an open reading; said by its owner, it can be known offline, too
      documents.session.transact(() => writePolicy(documents.session, READING_POLICY), FROM_ME);
    }
    connections.checkRights();
  };

  // threads
  const threads = createRoomThreads({
    margin: documents.margin,
    own: documents.private,
    me: me.participant,
    roleOf: (participant) => (participant === me.participant ? role() : sessionRoster().get(participant)?.role),
    clock,
    pause: options.pause,
    onError,
  });
  const writer = createRoomWriter({
    room,
    me: me.participant,
    margin: documents.margin,
    own: documents.private,
    role,
    policy,
    policyKnown,
    threadOf: threads.threadOf,
    statusesOf: threads.statusesOf,
    marginWritten: async () => (await logs.get("margin")?.flush()) ?? true,
    clock,
    random: options.random,
    onError,
  });

  let rolesWere = "";
  documents.session.on("afterTransaction", (transaction: Y.Transaction) => {
    if (transaction.changed.size === 0) return;
    const roles = JSON.stringify([...roster()].map(([participant, row]) => [participant, row.role]));
    if (roles !== rolesWere) threads.invalidate();
    rolesWere = roles;
    connections.checkRights();
    sessionChanged.fire();
  });
  documents.article.on("afterTransaction", (transaction: Y.Transaction) => {
    for (const type of transaction.changed.keys()) {
      if ((type as unknown) === documents.article.share.get(META_ROOT)) metaChanged.fire();
    }
  });
  const presencePace = createPace(() => presenceChanged.fire(), PRESENCE, clock);
  awareness.on("change", (changes: Record<"added" | "updated" | "removed", number[]>) => {
    if (Object.values(changes).some((clients) => clients.some((client) => client !== awareness.clientID)))
      presencePace.ask();
  });

  /** An article that waits for the first sync to show that there is none. */
  let unsown: Uint8Array | null = null;
  const sow = () => {
    if (!unsown || (connections.inSession && !connections.isSynced("article"))) return;
    const update = unsown;
    unsown = null;
    if (hasNoArticle()) Y.applyUpdate(documents.article, update, FROM_SEED);
  };
  const hasNoArticle = () => documents.article.store.clients.size === 0;

  let readAll = true;

  const load = async (): Promise<{ empty: boolean; whole: boolean }> => {
    try {
      if (store) {
        const opened = openReadingMarks(store, `${room}/read.${me.participant}`, clock, onError);
        const results = await Promise.allSettled([...logs.values()].map((log) => log.load()));
        for (const result of results) {
          if (result.status === "fulfilled") continue;
          readAll = false;
          onError(result.reason);
        }
        marks = await opened;
        marks.mark(markedEarly);
      }
    } catch (error) {
      onError(error);
    }
    if (!closed) connections.start();
    return { empty: readAll && hasNoArticle(), whole: readAll };
  };

  const loaded = load();

  return {
    id: room,
    documents,
    text,
    loaded,
    me: () => ({ participant: me.participant, role: role(), name: roster().get(me.participant)?.name ?? ownName }),
    rename(name) {
      if (name === ownName) return;
      ownName = name;
      forgetRoster();
      sessionChanged.fire();
    },
    policy,
    roster,
    seed(content, meta) {
      if (accessTo("article") !== "write" || !readAll || !hasNoArticle()) return false;
      unsown = seedUpdate(room, content, meta);
      sow();
      return true;
    },
    connect(next) {
      connections.enter(next);
    },
    disconnect() {
      connections.enter(null);
      sow();
    },
    retry: () => connections.retry(),
    get status() {
      return connections.status;
    },
    onDidChangeStatus: connections.onDidChangeStatus,
    get trouble() {
      return store?.trouble ?? null;
    },
    onDidChangeTrouble: store?.onDidChangeTrouble ?? createEmitter<StoreTrouble | null>().event,
    threads,
    write: writer.write,
    onDidWrite: writer.onDidWrite,
    undo: writer.undo,
    redo: writer.redo,
    canUndo: writer.canUndo,
    canRedo: writer.canRedo,
    setPresence: (presence) => setOwnPresence(awareness, me.participant, text, presence),
    presence: () => readPresence(awareness, text),
    onDidChangePresence: presenceChanged.event,
    onDidChangeSession: sessionChanged.event,
    onDidChangeMeta: metaChanged.event,
    lastSeen: (entry) => marks?.lastSeen(entry) ?? -1,
    markRead(refs) {
      const seen = new Map<EntryRef, number>();
      for (const thread of refs.flatMap((ref) => threads.get(ref) ?? [])) {
        seen.set(thread.ref, written(thread.annotation));
        for (const { ref, entry } of thread.replies) seen.set(ref, written(entry));
      }
      if (marks) marks.mark(seen);
      else for (const [ref, time] of seen) markedEarly.set(ref, time);
    },
    async flush() {
      await marks?.flush();
      const results = await Promise.all([...logs.values()].map((log) => log.flush()));
      return results.every(Boolean);
    },
    async close() {
      if (closed) return true;
      closed = true;
      connections.close();
      presencePace.stop();
      threads.dispose();
      await loaded;
      await marks?.close();
      const closings = await Promise.all([...logs.values()].map((log) => log.close()));
      awareness.destroy();
      for (const kind of DOCUMENT_KINDS) documents[kind].destroy();
      for (const emitter of [presenceChanged, sessionChanged, metaChanged]) emitter.clear();
      return closings.every(Boolean);
    },
  };
}

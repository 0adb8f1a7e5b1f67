/**
 * A room's documents in step with a server: those that this participant may open are connected, and only those; when rights
 * change, so does that. Together they have one status.
 */
import type { Awareness } from "y-protocols/awareness";
import type * as Y from "yjs";
import {
  DOCUMENT_KINDS,
  type DocumentKind,
  type DocumentName,
  formatDocumentName,
  META_ROOT,
  participantRoot,
  SESSION_ROOT,
  TEXT_ROOT,
} from "../core/model/documents.ts";
import type { ParticipantId } from "../core/model/ids.ts";
import type { Access } from "../core/model/access.ts";
import type { Clock, Random } from "./clock.ts";
import { createEmitter, type Listen } from "./emitter.ts";
import { fetchWhole } from "./fetch-whole.ts";
import type { Ledger } from "./ledger.ts";
import { FROM_ME } from "./origins.ts";
import { createProvider, type Provider, type Repair } from "./provider.ts";
import { rewriteRefused } from "./rewrite-refused.ts";
import { roomStatus, type RoomStatus } from "./room-status.ts";
import type { OpenSocket } from "./socket.ts";

export interface SessionAddress {
  /** `ws://` or `wss://` address of the server, without a document's name. */
  url: string;
  /** Asked before each connection, so that it may be renewed. Never logged. */
  token: string | (() => string | Promise<string>);
}

export interface RoomDocuments {
  readonly article: Y.Doc;
  readonly session: Y.Doc;
  readonly margin: Y.Doc;
  readonly private: Y.Doc;
}

export interface RoomConnectionsOptions {
  documents: RoomDocuments;
  participant: ParticipantId;
  nameOf(kind: DocumentKind): DocumentName;
  accessTo(kind: DocumentKind): Access;
  ledgers: ReadonlyMap<DocumentKind, Ledger>;
  /** Who is there; goes with the session's document. */
  awareness: Awareness;
  /** The document's log may hold less than it did. */
  compact(kind: DocumentKind): void;
  /** A document's connection changed; told before the status is. */
  onChange(kind: DocumentKind): void;
  openSocket: OpenSocket;
  clock: Clock;
  random: Random;
  onError: (error: unknown) => void;
}

export interface RoomConnections {
  /** Everything that is kept is in the documents: now they may connect. */
  start(): void;
  /** Another session, or null for none. */
  enter(session: SessionAddress | null): void;
  readonly inSession: boolean;
  /** The document is as the server has it, in this connection. */
  isSynced(kind: DocumentKind): boolean;
  /** Tries at once what was refused or waits for its next attempt. */
  retry(): void;
  /** To be called when role or policy may have changed. */
  checkRights(): void;
  readonly status: RoomStatus;
  readonly onDidChangeStatus: Listen<RoomStatus>;
  close(): void;
}

const STARTING = { state: { kind: "connecting" } } as const;

export function createRoomConnections(options: RoomConnectionsOptions): RoomConnections {
  const { documents, participant, nameOf, accessTo, ledgers, clock } = options;
  const statusChanged = createEmitter<RoomStatus>(options.onError);
  const providers = new Map<DocumentKind, Provider>();
  let session: SessionAddress | null = null;
  let started = false;
  let stopFetching = () => {};

  const address = async (kind: DocumentKind): Promise<string> => {
    // another one may be entered while its token is asked for
    const entered = session;
    if (!entered) throw new Error("no session");
    const token = typeof entered.token === "string" ? entered.token : await entered.token();
    return `${entered.url.replace(/\/+$/, "")}/${formatDocumentName(nameOf(kind))}?token=${encodeURIComponent(token)}`;
  };
  const own = (root: string) => root === participantRoot(participant);
  const roots: Record<DocumentKind, (root: string) => boolean> = {
    article: (root) => root === TEXT_ROOT || root === META_ROOT,
    session: (root) => root === SESSION_ROOT,
    margin: own,
    private: own,
  };

  /** What was written here under a client id that is another's is written anew; then the log need not hold it any more. */
  const putRight = async (kind: DocumentKind, { hear, isWanted }: Repair): Promise<boolean> => {
    const url = await address(kind);
    if (!isWanted()) return false;
    stopFetching();
    const fetching = fetchWhole(url, options.openSocket, clock);
    stopFetching = fetching.cancel;
    const known = await fetching.whole;
    if (!known || !isWanted()) return false;
    const doc = documents[kind];
    const root = participantRoot(participant);
    const write = (work: () => void) => doc.transact(work, FROM_ME);
    if (rewriteRefused({ doc, root, known, random: options.random, hear, write })) options.compact(kind);
    return true;
  };

  for (const kind of DOCUMENT_KINDS) {
    const provider = createProvider({
      doc: documents[kind],
      ...(kind === "session" ? { awareness: options.awareness } : {}),
      url: () => address(kind),
      openSocket: options.openSocket,
      clock,
      random: options.random,
      mine: roots[kind],
      writable: () => accessTo(kind) === "write",
      ledger: ledgers.get(kind)!,
      // elsewhere several may write, and nothing is told apart by who did
      ...(kind === "margin" ? { onForged: (repair) => putRight(kind, repair) } : {}),
      onError: options.onError,
    });
    providers.set(kind, provider);
    provider.onDidChange(() => {
      options.onChange(kind);
      tellStatus();
    });
  }

  const reachable = () => DOCUMENT_KINDS.filter((kind) => accessTo(kind) !== "none");
  const waitingIn = (kinds: readonly DocumentKind[]) =>
    kinds.reduce((sum, kind) => sum + ledgers.get(kind)!.waiting(), 0);
  const status = () => {
    const shown = started ? reachable().map((kind) => providers.get(kind)!) : [STARTING];
    const held = DOCUMENT_KINDS.filter((kind) => accessTo(kind) !== "write");
    return roomStatus(session !== null, shown, waitingIn(DOCUMENT_KINDS), waitingIn(held));
  };
  let lastStatus = "";
  const tellStatus = () => {
    const now = status();
    const key = JSON.stringify(now);
    if (key === lastStatus) return;
    lastStatus = key;
    statusChanged.fire(now);
  };
  // while loading, each record counts: told once, at the end
  for (const ledger of ledgers.values()) ledger.onDidChangeWaiting(() => started && tellStatus());

  const connectReachable = () => {
    const open = new Set<DocumentKind>(started && session ? reachable() : []);
    for (const kind of DOCUMENT_KINDS) {
      if (open.has(kind)) providers.get(kind)!.connect();
      else providers.get(kind)!.disconnect();
    }
    tellStatus();
  };

  let rightsWere = DOCUMENT_KINDS.map(accessTo);

  return {
    start() {
      started = true;
      connectReachable();
    },
    enter(next) {
      session = next;
      if (next) for (const provider of providers.values()) provider.disconnect();
      connectReachable();
    },
    get inSession() {
      return session !== null;
    },
    isSynced: (kind) => providers.get(kind)!.state.kind === "synced",
    retry() {
      for (const provider of providers.values()) provider.retry();
    },
    checkRights() {
      const before = rightsWere;
      rightsWere = DOCUMENT_KINDS.map(accessTo);
      if (rightsWere.some((right, i) => right !== before[i])) connectReachable();
      for (const [i, kind] of DOCUMENT_KINDS.entries()) {
        const provider = providers.get(kind)!;
        // refused by what the server knew earlier than we
        if (rightsWere[i] !== "none" && provider.state.kind === "refused") provider.retry();
        // what was written while it might not be sent is asked for again
        else if (rightsWere[i] === "write" && before[i] === "read" && ledgers.get(kind)!.waiting() > 0)
          provider.resync();
      }
    },
    get status() {
      return status();
    },
    onDidChangeStatus: statusChanged.event,
    close() {
      session = null;
      for (const provider of providers.values()) provider.destroy();
      stopFetching();
      statusChanged.clear();
    },
  };
}

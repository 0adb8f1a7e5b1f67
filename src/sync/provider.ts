/**
 * Keeps one Yjs document in step with its server over y-websocket's wire.
 *
 * One connection at a time. On opening it subscribes to "saved", asks for what it lacks (step 1) and waits for the server's
 * own step 1; the answer carries everything written so far, and only then do updates go out one by one, so that the server
 * never sees an update before what it builds on. Whatever cuts the connection, the next one begins with the same exchange:
 * nothing is kept in a queue, so nothing can be sent twice or fall out of it.
 */
import * as awarenessProtocol from "y-protocols/awareness";
import * as Y from "yjs";
import { CLOSE, closeSentence, isFinalClose } from "../protocol/wire.ts";
import { backoff } from "./backoff.ts";
import type { Clock, Random } from "./clock.ts";
import { createEmitter, type Listen } from "./emitter.ts";
import { createLedger, type Ledger, type LedgerMark } from "./ledger.ts";
import * as messages from "./messages.ts";
import { encodeOffered, type MayWrite } from "./offered.ts";
import { onUpdate } from "./on-update.ts";
import { originOf } from "./origins.ts";
import { createRoomToWrite } from "./room-to-write.ts";
import type { OpenSocket, Socket } from "./socket.ts";

/** A question is asked after this much silence, in milliseconds: half of what y-websocket calls silence. */
const ASK_AFTER = 15_000;
/** Silence after which the connection counts as dead: y-websocket's own 30 seconds. */
const SILENCE = 30_000;
/** The same before the first sync is through: one message may hold a whole document on a slow link. */
const FIRST_SYNC_SILENCE = 120_000;
/** How often, at most, a gap in what the server sent makes us ask for everything again, in milliseconds. */
const ASK_AGAIN_AFTER = 5_000;

/** How often in a row what was refused as another's is put right before that is told. */
const MAX_REPAIRS = 3;

/** An update without structs or deletions. */
const NOTHING = Uint8Array.of(0, 0);
/** The state vector of an empty document. */
const NO_STATE = Uint8Array.of(0);

export type ProviderState =
  /** Not connected: on request, or until the next attempt. */
  | { kind: "offline" }
  | { kind: "connecting" }
  | { kind: "syncing" }
  /** All that the server had on connecting is here. Whether it has all of ours is what `waiting` says. */
  | { kind: "synced" }
  /** The server will not have us; `reason` is a sentence for people. Only `retry()` tries again. */
  | { kind: "refused"; code: number; reason: string };

export interface Repair {
  /** False when it took too long: there is another connection, and nothing must be changed any more. */
  isWanted(): boolean;
  /** Takes in an update that came from the server. */
  hear(update: Uint8Array): void;
}

export interface ProviderOptions {
  doc: Y.Doc;
  /** Who is here; left out for documents that carry no presence. */
  awareness?: awarenessProtocol.Awareness;
  /** Asked before each attempt (a token may be renewed); a failure counts as a failed attempt. */
  url: () => Promise<string> | string;
  openSocket: OpenSocket;
  clock: Clock;
  random: Random;
  /** Roots that this participant may write; nothing else is ever offered. Without it: all. Asked at each sync. */
  mine?: MayWrite;
  /** False while nothing at all may be written: then nothing is sent. Asked before each message. */
  writable?: () => boolean;
  /** Counts what waits; the offline store brings one that outlives the process. */
  ledger?: Ledger;
  /**
   * The server takes a part of what is offered for another's. Resolves to true when whatever is at fault was put right, false to be
   * asked again later. Without it, or after some times in a row, it is refused.
   */
  onForged?: (repair: Repair) => Promise<boolean>;
  /** Told of malformed messages and of listeners' errors; never thrown out of a socket's handler. */
  onError?: (error: unknown) => void;
}

export interface Provider {
  readonly state: ProviderState;
  /** Local transactions that the server has not reported saved (a plain y-websocket server: not been sent while in sync). */
  readonly waiting: number;
  /** Why the server takes nothing of what waits although it may be written, a sentence for people; null when it does. */
  readonly full: string | null;
  /** Wants a connection from now on. */
  connect(): void;
  /** Wants none. */
  disconnect(): void;
  /** Tries at once: after a refusal, on waking up, when the network is back. */
  retry(): void;
  /** Connects anew so that the server asks again what it lacks, for instance after a role changed. */
  resync(): void;
  /** Disconnects for good and lets go of the document. */
  destroy(): void;
  readonly onDidChange: Listen<void>;
}

interface Connection {
  socket: Socket;
  open: boolean;
  /** The server has told what it has, and our answer is out. */
  answered: boolean;
  synced: boolean;
  /** It keeps us told of what is on disk. */
  tellsSaved: boolean;
  /** Step-2 and update messages sent. */
  sent: number;
  inFlight: { message: number; mark: LedgerMark }[];
  heard: number;
  asked: boolean;
  askedAgain: number;
  /** Something was written that might not be sent then, so that what follows would have a gap before it. */
  withheld: boolean;
}

export function createProvider(options: ProviderOptions): Provider {
  const { doc, awareness, clock } = options;
  const mine = options.mine;
  const writable = options.writable ?? (() => true);
  const onError = options.onError ?? (() => {});
  const ownLedger = options.ledger ? null : createLedger();
  const ledger: Ledger = options.ledger ?? ownLedger!;
  const changed = createEmitter<void>(onError);
  const everything = () => true;
  const self = {};
  const fromServer = { from: "server", provider: self } as const;

  let wanted = false;
  let destroyed = false;
  let state: ProviderState = { kind: "offline" };
  let connection: Connection | null = null;
  /** Raised whenever an attempt is given up, so that a late answer to it is recognised. */
  let attempt = 0;
  let failures = 0;
  /** What was written before the right to write was lost has been refused. */
  let declined = false;
  let repairs = 0;
  const roomToWrite = createRoomToWrite(clock, () => resync());
  const mayOffer = () => writable() && !roomToWrite.closed;
  let cancelRetry = () => {};
  let cancelWatch = () => {};

  const setState = (next: ProviderState) => {
    if (state.kind === next.kind && next.kind !== "refused") return;
    state = next;
    changed.fire();
  };

  const start = async () => {
    cancelRetry();
    const id = ++attempt;
    setState({ kind: "connecting" });
    let socket: Socket;
    try {
      const url = await options.url();
      if (id !== attempt) return;
      socket = options.openSocket(url);
    } catch (error) {
      if (id !== attempt) return;
      onError(error);
      fail();
      return;
    }
    const now = clock.now();
    const own: Connection = {
      socket,
      open: false,
      answered: false,
      synced: false,
      tellsSaved: false,
      sent: 0,
      inFlight: [],
      heard: now,
      asked: false,
      askedAgain: now,
      withheld: false,
    };
    connection = own;
    socket.onOpen(() => guarded(own, () => opened(own)));
    socket.onMessage((bytes) => guarded(own, () => received(own, bytes)));
    socket.onClose((code) => guarded(own, () => lost(own, code)));
    watch(own);
  };

  /** Nothing that a peer sends, and no listener's error, gets out of the socket's handler; a late socket is not heard. */
  const guarded = (own: Connection, task: () => void) => {
    if (connection !== own) return;
    try {
      task();
    } catch (error) {
      onError(error);
    }
  };

  const send = (own: Connection, message: Uint8Array) => {
    try {
      own.socket.send(message);
    } catch (error) {
      // the socket has just gone; it will say so, or be found silent
      onError(error);
    }
  };

  const sendChange = (own: Connection, message: Uint8Array) => {
    own.sent++;
    own.inFlight.push({ message: own.sent, mark: ledger.mark() });
    send(own, message);
    settlePlain(own);
  };

  /** A server that never tells what is on disk: sent while in sync is all that can be known. */
  const settlePlain = (own: Connection) => {
    if (own.synced && !own.tellsSaved) settle(own, own.sent);
  };

  const settle = (own: Connection, count: number) => {
    let last: LedgerMark | null = null;
    while (own.inFlight.length && own.inFlight[0]!.message <= count) last = own.inFlight.shift()!.mark;
    if (!last) return;
    ledger.saved(last);
    if (own.inFlight.length > 0) return;
    repairs = 0;
    if (roomToWrite.full === null) return;
    roomToWrite.taken();
    changed.fire();
  };

  const opened = (own: Connection) => {
    own.open = true;
    own.heard = clock.now();
    setState({ kind: "syncing" });
    // first, so that the answer is here before the first sync is through
    send(own, messages.subscribeToSaved());
    send(own, messages.stepOne(Y.encodeStateVector(doc)));
    sendAwareness(own);
    watch(own);
  };

  const sendAwareness = (own: Connection) => {
    if (!awareness || awareness.getLocalState() === null) return;
    send(own, messages.awarenessMessage(awarenessProtocol.encodeAwarenessUpdate(awareness, [awareness.clientID])));
  };

  const received = (own: Connection, bytes: Uint8Array) => {
    own.heard = clock.now();
    own.asked = false;
    const message = messages.readMessage(bytes);
    switch (message.kind) {
      case "step1":
        return answer(own, message.content);
      case "update":
      case "step2":
        Y.applyUpdate(doc, message.content, fromServer);
        if (message.kind === "step2" && !own.synced) {
          own.synced = true;
          failures = 0;
          askAfterLastWords(own);
          settlePlain(own);
          setState({ kind: "synced" });
        }
        return askForGap(own);
      case "awareness":
        if (awareness) awarenessProtocol.applyAwarenessUpdate(awareness, message.content, self);
        return;
      case "query-awareness":
        return sendAwareness(own);
      case "saved":
        own.tellsSaved = true;
        return settle(own, message.count);
      case "denied":
        // the server's own words are not shown: they could say anything
        return refuse(4403);
      case "unknown":
        return;
    }
  };

  const answer = (own: Connection, stateVector: Uint8Array) => {
    own.answered = true;
    own.withheld = !mayOffer();
    if (own.withheld) return;
    declined = false;
    offer(own, stateVector);
  };

  const offer = (own: Connection, stateVector: Uint8Array) => {
    const update = mine
      ? encodeOffered(doc, Y.decodeStateVector(stateVector), mine)
      : Y.encodeStateAsUpdate(doc, stateVector);
    sendChange(own, messages.stepTwo(update));
  };

  /**
   * The right to write was lost while something was on its way. Offering it once more tells: what the server has it calls
   * saved, and what it lacks it refuses, after which it is not offered again.
   */
  const askAfterLastWords = (own: Connection) => {
    if (writable() || declined || ledger.waiting() === 0) return;
    own.withheld = true;
    offer(own, NO_STATE);
  };

  /** Yjs keeps what it cannot apply yet and tells nobody; after a while without the missing part we ask for it. */
  const askForGap = (own: Connection) => {
    if (!own.synced || doc.store.pendingStructs === null) return;
    if (clock.now() - own.askedAgain < ASK_AGAIN_AFTER) return;
    own.askedAgain = clock.now();
    send(own, messages.stepOne(Y.encodeStateVector(doc)));
  };

  const watch = (own: Connection) => {
    cancelWatch();
    cancelWatch = clock.setTimer(() => {
      if (connection !== own) return;
      const now = clock.now();
      // the computer's clock was set back
      own.heard = Math.min(own.heard, now);
      own.askedAgain = Math.min(own.askedAgain, now);
      const silent = now - own.heard;
      if (silent >= (own.open && !own.synced ? FIRST_SYNC_SILENCE : SILENCE)) {
        drop();
        fail();
        return;
      }
      if (
        own.answered &&
        own.synced &&
        own.inFlight.length === 0 &&
        ledger.waiting() > 0 &&
        !own.withheld &&
        mayOffer()
      ) {
        // another window of this person sent it and could not note that it was saved: ask by saying nothing new
        sendChange(own, messages.updateMessage(NOTHING));
      }
      if (own.open && silent >= ASK_AFTER && !own.asked) {
        own.asked = true;
        send(own, own.tellsSaved ? messages.subscribeToSaved() : messages.stepOne(Y.encodeStateVector(doc)));
      }
      watch(own);
    }, ASK_AFTER);
  };

  /** Closes what there is, silently. */
  const drop = () => {
    attempt++;
    cancelRetry();
    cancelWatch();
    const own = connection;
    connection = null;
    if (!own) return;
    try {
      own.socket.close(1000);
    } catch (error) {
      onError(error);
    }
    if (awareness) {
      const others = [...awareness.getStates().keys()].filter((client) => client !== awareness.clientID);
      awarenessProtocol.removeAwarenessStates(awareness, others, self);
    }
  };

  /** After a failed attempt or a lost connection: once more, later. */
  const fail = () => {
    failures++;
    setState({ kind: "offline" });
    if (!wanted) return;
    cancelRetry = clock.setTimer(() => void start(), backoff(failures, options.random));
  };

  const lost = (own: Connection, code: number) => {
    drop();
    // it was not for something sent in this connection if there was nothing
    if (own.sent > 0 && roomToWrite.refused(code)) {
      void start();
      changed.fire();
      return;
    }
    if (code === CLOSE.readOnly && !writable() && !declined) {
      declined = true;
      fail();
    } else if (code === CLOSE.forged && options.onForged && repairs < MAX_REPAIRS) void repair(options.onForged);
    else if (isFinalClose(code)) setState({ kind: "refused", code, reason: closeSentence(code) });
    else fail();
  };

  const repair = async (onForged: NonNullable<ProviderOptions["onForged"]>) => {
    repairs++;
    const id = ++attempt;
    setState({ kind: "connecting" });
    let done = false;
    try {
      done = await onForged({
        isWanted: () => id === attempt,
        hear: (update) => Y.applyUpdate(doc, update, fromServer),
      });
    } catch (error) {
      onError(error);
    }
    if (id !== attempt) return;
    if (done) {
      void start();
      return;
    }
    repairs--;
    fail();
  };

  const refuse = (code: number) => {
    drop();
    setState({ kind: "refused", code, reason: closeSentence(code) });
  };

  const resync = () => {
    if (!wanted) return;
    drop();
    failures = 0;
    void start();
  };

  const hear = (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
    const tagged = originOf(origin);
    if (tagged?.from === "server" && tagged.provider === self) return;
    const stored = tagged?.from === "store";
    if (stored && !tagged.mine) return;
    if (ownLedger && writable()) ownLedger.wrote("", ownLedger.next(""));
    const own = connection;
    if (!own?.answered) return;
    if (roomToWrite.closed) roomToWrite.wrote();
    if (!mayOffer()) own.withheld = true;
    else if (own.withheld) resync();
    if (own.withheld) return;
    if (!stored) {
      sendChange(own, messages.updateMessage(update));
      return;
    }
    // another window's writing: it may have brought along what that window heard from others
    const before = transaction.beforeState;
    const offered = encodeOffered(doc, before, mine ?? everything, transaction.deleteSet);
    sendChange(own, messages.updateMessage(offered));
  };

  const onAwareness = (
    { added, updated, removed }: { added: number[]; updated: number[]; removed: number[] },
    origin: unknown,
  ) => {
    if (!awareness || origin === self || !connection?.open) return;
    if (![...added, ...updated, ...removed].includes(awareness.clientID)) return;
    const bytes = awarenessProtocol.encodeAwarenessUpdate(awareness, [awareness.clientID]);
    send(connection, messages.awarenessMessage(bytes));
  };

  const stopHearing = onUpdate(doc, hear);
  awareness?.on("update", onAwareness);
  const stopListening = ledger.onDidChangeWaiting(() => changed.fire());

  return {
    get state() {
      return state;
    },
    get waiting() {
      return ledger.waiting();
    },
    get full() {
      return roomToWrite.full;
    },
    connect() {
      if (wanted || destroyed) return;
      wanted = true;
      roomToWrite.open();
      failures = 0;
      void start();
    },
    disconnect() {
      if (!wanted) return;
      wanted = false;
      roomToWrite.stop();
      drop();
      setState({ kind: "offline" });
    },
    retry() {
      if (!wanted || (connection?.open && !roomToWrite.closed)) return;
      roomToWrite.open();
      drop();
      failures = 0;
      repairs = 0;
      void start();
    },
    resync,
    destroy() {
      if (destroyed) return;
      destroyed = true;
      wanted = false;
      roomToWrite.stop();
      drop();
      state = { kind: "offline" };
      stopHearing();
      awareness?.off("update", onAwareness);
      stopListening();
      changed.clear();
    },
    onDidChange: changed.event,
  };
}

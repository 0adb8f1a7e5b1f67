/**
 * A document that somebody has open. Its rules:
 *
 * - An update is judged, written to the log and taken in (with a shared log: taken in, and written at the end of the turn),
 *   and only then passed on or shown in an answer: what anyone has seen is in the log.
 * - Everything of one turn goes to each reader as one write of the same bytes.
 * - A step 1 is answered only when all that is taken in is in the log, step 2 last; large answers go piece by piece, at the
 *   reader's pace.
 */
import { parseDocumentName } from "../../src/core/model/documents.ts";
import type { CloseName } from "../../src/protocol/wire.ts";
import { encodeStateVector, type StateVector } from "../document/encode.ts";
import {
  applyUpdate,
  type DocumentState,
  emptyState,
  type Refusal,
  restoreUpdate,
  type Verdict,
  type WriteRule,
} from "../document/state.ts";
import type { Limits } from "../limits.ts";
import { type DocumentLog, StoreUnavailable, type StoredUpdate } from "../store/store.ts";
import { createAnswers } from "./answers.ts";
import { createElsewhere } from "./elsewhere.ts";
import { presenceFrame, QUIET_FRAME, savedFrame, packed, stepOneFrame, updatePieces } from "./frames.ts";
import { createKeeper } from "./keeper.ts";
import type { Peer } from "./peer.ts";
import { createPresence } from "./presence.ts";

/** Messages of one connection that may be dropped while its step 2 is due, and step 1s that gaps may cost. */
const MAX_DROPPED = 2_000;
const MAX_RESYNCS = 20;

/** How often, at most, it is told who is here and where, in milliseconds: every reader's window does something with each telling. */
const PRESENCE_EVERY = 50;

const CLOSE_FOR: Record<Refusal, CloseName> = {
  malformed: "malformed",
  "read-only": "readOnly",
  "foreign-root": "forged",
  "foreign-client": "forged",
  "foreign-reference": "forged",
  "foreign-deletion": "forged",
  "too-big": "documentFull",
  "too-much": "shareFull",
  "too-many-clients": "clientsFull",
  "too-often": "entryFull",
};

export interface DocumentEvents {
  /** After updates are in the log and on their way to the readers. */
  changed?(): void;
  /** The log failed: the document must be loaded again. */
  failed(error: unknown): void;
  accepted?(bytes: number): void;
  delivered?(frames: number): void;
  refused?(reason: Refusal | "dangling"): void;
  compacted?(): void;
}

export interface LiveDocument {
  name: string;
  state: DocumentState;
  peers: ReadonlySet<Peer>;
  join(peer: Peer): void;
  leave(peer: Peer): void;
  /** A state vector: the peer asks for what it lacks. */
  stepOne(peer: Peer, since: StateVector): void;
  /** An update or a step 2; the bytes must not change afterwards. */
  update(peer: Peer, update: Uint8Array, isStepTwo: boolean): void;
  presence(peer: Peer, update: Uint8Array): void;
  queryPresence(peer: Peer): void;
  subscribeSaved(peer: Peer): void;
  /** Writes as the server itself; resolves when it is in the log. */
  write(update: Uint8Array, rule: WriteRule): Promise<void>;
  /** Puts the names that the peers' persons have now. */
  rename(): void;
  /** Lets go of caches that nobody used lately, and keeps quiet connections awake. */
  sweep(): void;
  /** Resolves when nothing is on its way any more and the log is closed. */
  close(): Promise<void>;
}

interface Staged {
  stored: StoredUpdate;
  peer: Peer | null;
}

/** So many messages of the peer may be called saved once the log is durable. */
interface Acknowledgement {
  peer: Peer;
  count: number;
}

export function createLiveDocument(
  name: string,
  log: DocumentLog,
  stored: readonly StoredUpdate[],
  limits: Limits,
  events: DocumentEvents,
): LiveDocument {
  const state = emptyState(parseDocumentName(name) !== null);
  const keeper = createKeeper(state, log, stored, {
    isLogged: () => !failed && (log.immediate || (staged.length === 0 && !flushing)),
    compacted: () => events.compacted?.(),
  });
  const peers = new Set<Peer>();
  const presence = createPresence<Peer>();
  const toAcknowledge = new Set<Peer>();
  const waiters: { resolve(): void; reject(error: unknown): void }[] = [];
  let staged: Staged[] = [];
  let scheduled = false;
  let flushing: Promise<void> | null = null;
  let dead = false;
  let failed = false;
  let presenceTold = -PRESENCE_EVERY;
  let presenceTimer: NodeJS.Timeout | null = null;

  const answers = createAnswers(state, schedule, sendEverybody);

  function schedule(): void {
    if (scheduled || dead) return;
    scheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    if (dead || flushing) return;
    const batch = staged;
    staged = [];
    const acknowledge: Acknowledgement[] = [];
    if (toAcknowledge.size > 0) {
      for (const peer of toAcknowledge) acknowledge.push({ peer, count: ackable(peer) });
      toAcknowledge.clear();
    }
    if (batch.length === 0 || log.immediate) {
      settle(batch, acknowledge);
      return;
    }
    try {
      const written = log.append(batch.map((one) => one.stored));
      if (!written) {
        settle(batch, acknowledge);
        return;
      }
      flushing = written.then(
        () => {
          flushing = null;
          settle(batch, acknowledge);
          schedule();
        },
        (error: unknown) => {
          flushing = null;
          fail(error, batch);
        },
      );
    } catch (error) {
      fail(error, batch);
    }
  }

  /** The batch is in the log: now it may be seen. */
  function settle(batch: readonly Staged[], acknowledge: readonly Acknowledgement[]): void {
    broadcast(batch);
    if (waiters.length > 0) for (const waiter of waiters.splice(0)) waiter.resolve();
    answers.give();
    if (batch.length > 0) {
      events.changed?.();
      keeper.consider();
    }
    if (batch.length > 0 || acknowledge.length > 0) {
      void log
        .durable()
        .then(acknowledge.length > 0 ? () => acknowledgeAll(acknowledge) : undefined, (error: unknown) =>
          fail(error, []),
        );
    }
  }

  function acknowledgeAll(acknowledge: readonly Acknowledgement[]): void {
    for (const { peer, count } of acknowledge) {
      if (peer.closed || count <= peer.saved) continue;
      peer.saved = count;
      peer.outlet.write(savedFrame(count));
    }
  }

  function ackable(peer: Peer): number {
    return Math.min(peer.received, peer.heldFrom - 1);
  }

  /** The log would not take the batch: its writers are told, nobody else saw it, and the document is loaded anew. */
  function fail(error: unknown, batch: readonly Staged[]): void {
    if (dead) return;
    dead = true;
    failed = true;
    const why: CloseName = error instanceof StoreUnavailable ? "cannotSave" : "failed";
    for (const waiter of waiters.splice(0)) waiter.reject(error);
    for (const { peer } of [...batch, ...staged]) if (peer && !peer.closed) peer.outlet.close(why);
    staged = [];
    events.failed(error);
  }

  function broadcast(batch: readonly Staged[]): void {
    const changes = takePresence();
    if (batch.length === 0 && !changes) return;
    const frames = batch.map((one) => updatePieces(one.stored.update));
    const updates = frames.length === 1 ? frames[0]! : packed(frames.flat());
    const news = changes ? presenceFrame(changes) : null;
    const both = news ? packed([...updates, news]) : updates;
    const onlyWriter = batch.length === 1 ? batch[0]!.peer : null;
    const writers = batch.length > 1 ? new Set(batch.map((one) => one.peer)) : null;
    let delivered = 0;
    for (const peer of peers) {
      if (peer.answering || peer.closed) {
        if (news) peer.presenceStale = true;
        continue;
      }
      const waiting = peer.outlet.waiting();
      if (waiting > limits.hardBuffer) {
        peer.outlet.close("slowReader");
        continue;
      }
      const slow = waiting > limits.softBuffer;
      if (news && slow) peer.presenceStale = true;
      if (peer === onlyWriter) {
        if (news && !slow) peer.outlet.write(news);
      } else if (!writers?.has(peer)) {
        for (const piece of slow ? updates : both) peer.outlet.write(piece);
        delivered += frames.length;
      } else {
        const others = frames.filter((_, i) => batch[i]!.peer !== peer);
        delivered += others.length;
        const pieces = others.flat();
        if (news && !slow) pieces.push(news);
        for (const piece of packed(pieces)) peer.outlet.write(piece);
      }
      if (peer.presenceStale && !slow) sendEverybody(peer);
    }
    events.delivered?.(delivered);
  }

  /** What changed among those who are here, unless that was told just now: then it is told a little later. */
  function takePresence(): Uint8Array | null {
    if (!presence.hasChanges()) return null;
    const rest = presenceTold + PRESENCE_EVERY - performance.now();
    if (rest > 0) {
      presenceTimer ??= setTimeout(() => {
        presenceTimer = null;
        schedule();
      }, rest);
      return null;
    }
    presenceTold = performance.now();
    const changes = presence.takeChanges();
    elsewhere?.tell();
    return changes;
  }

  function sendEverybody(peer: Peer): void {
    peer.presenceStale = peer.outlet.waiting() > limits.softBuffer;
    if (peer.presenceStale) return;
    const everybody = presence.everybody();
    if (everybody) peer.outlet.write(presenceFrame(everybody));
  }

  function requestStepTwo(peer: Peer): void {
    if (!peer.rule) return;
    peer.stepTwoDue = true;
    peer.outlet.write(stepOneFrame(encodeStateVector(state)));
  }

  /** Before an update is taken in: a log that takes it at once gets it now, so that a full disk concerns its writer alone. */
  const persist = log.immediate ? (stored: StoredUpdate) => void log.append([stored]) : undefined;

  function judge(peer: Peer, update: Uint8Array, isStepTwo: boolean): Verdict {
    const verdict = applyUpdate(state, update, peer.rule, {
      partial: isStepTwo,
      maxBytes: limits.documentBytes,
      maxShare: limits.personBytes,
      maxClients: limits.clientIds,
      maxInPlace: limits.placeStructs,
      persist,
      mayClaim(client) {
        const shown = presence.ownerOf(client)?.person;
        return !shown || shown.participant === peer.person?.participant;
      },
    });
    if (verdict.kind === "accepted") {
      staged.push({ stored: verdict.stored, peer });
      events.accepted?.(verdict.stored.update.length);
      keeper.unpark();
      schedule();
    }
    return verdict;
  }

  function outOfStep(peer: Peer): void {
    events.refused?.("dangling");
    if (peer.stepTwoDue) {
      if (++peer.dropped > MAX_DROPPED) peer.outlet.close("outOfStep");
    } else if (++peer.resyncs > MAX_RESYNCS) {
      peer.outlet.close("outOfStep");
    } else {
      requestStepTwo(peer);
    }
  }

  const document: LiveDocument = {
    name,
    state,
    peers,

    join(peer) {
      peers.add(peer);
      requestStepTwo(peer);
      sendEverybody(peer);
    },

    leave(peer) {
      peers.delete(peer);
      answers.forget(peer);
      toAcknowledge.delete(peer);
      presence.leave(peer);
      if (presence.hasChanges()) schedule();
    },

    stepOne: answers.ask,

    update(peer, update, isStepTwo) {
      if (dead) return;
      peer.received++;
      let verdict: Verdict;
      try {
        verdict = judge(peer, update, isStepTwo);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        peer.outlet.close("cannotSave");
        return;
      }
      if (verdict.kind === "refused") {
        events.refused?.(verdict.reason);
        peer.outlet.close(CLOSE_FOR[verdict.reason]);
        return;
      }
      if (isStepTwo) {
        peer.stepTwoDue = false;
        peer.dropped = 0;
        peer.heldFrom = Infinity;
        if (verdict.kind === "dangling") events.refused?.("dangling");
      } else if (verdict.kind === "dangling") {
        peer.heldFrom = Math.min(peer.heldFrom, peer.received);
        outOfStep(peer);
        return;
      }
      if (peer.wantsSaved) {
        toAcknowledge.add(peer);
        schedule();
      }
    },

    presence(peer, update) {
      const refusal = presence.apply(peer, update);
      if (refusal) peer.outlet.close(refusal);
      if (presence.hasChanges()) schedule();
    },

    queryPresence(peer) {
      if (!peer.answering) sendEverybody(peer);
    },

    subscribeSaved(peer) {
      peer.wantsSaved = true;
      peer.outlet.write(savedFrame(peer.saved));
      if (ackable(peer) > peer.saved) {
        toAcknowledge.add(peer);
        schedule();
      }
    },

    async write(update, rule) {
      if (dead) throw new StoreUnavailable("the document is being loaded again");
      const verdict = applyUpdate(state, update, rule, { partial: false, maxBytes: Infinity, persist });
      if (verdict.kind === "known") return;
      if (verdict.kind !== "accepted") throw new Error(`the server's own update is ${verdict.kind}`);
      staged.push({ stored: verdict.stored, peer: null });
      schedule();
      await new Promise<void>((resolve, reject) => waiters.push({ resolve, reject }));
    },

    rename() {
      presence.rename();
      if (presence.hasChanges()) schedule();
    },

    sweep() {
      answers.sweep();
      for (const peer of peers) if (peer.outlet.waiting() === 0) peer.outlet.write(QUIET_FRAME);
      elsewhere?.sweep();
      if (presence.hasChanges()) schedule();
    },

    async close() {
      // eslint-disable-next-line no-unmodified-loop-condition -- flush() changes all three
      while (!dead && (staged.length > 0 || flushing)) {
        flush();
        await flushing;
      }
      dead = true;
      if (presenceTimer) clearTimeout(presenceTimer);
      // that the last of its readers left
      elsewhere?.tell();
      await keeper.close();
      await log.close();
    },
  };
  /** Presence of those who are connected to other servers. */
  const elsewhere = createElsewhere(log, presence, peers, () => {
    if (!dead) schedule();
  });
  log.follow?.((updates) => {
    if (dead) return;
    const fresh: Staged[] = [];
    for (const stored of updates) {
      const result = restoreUpdate(state, stored.update, stored.owners);
      if (result === "restored") fresh.push({ stored, peer: null });
      else if (result === "dangling") keeper.park(stored);
      else if (result === "conflict") {
        // A client id was taken here whose first use in the log is another's: the log's order decides.
        fail(new StoreUnavailable("the log is ahead"), []);
        return;
      }
    }
    keeper.unpark();
    if (fresh.length === 0) return;
    broadcast(fresh);
    events.changed?.();
  });
  return document;
}

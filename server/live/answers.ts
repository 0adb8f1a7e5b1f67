/**
 * Answers to step 1. They are given at the end of a turn, when all that is taken in is in the log; small ones as one step 2,
 * large ones in pieces at the reader's pace with the step 2 last, so that "synced" is true when a client hears it.
 */
import {
  encodeChunks,
  encodeDeletions,
  encodeSince,
  NOTHING,
  sizeSince,
  type StateVector,
  stateVector,
} from "../document/encode.ts";
import type { DocumentState } from "../document/state.ts";
import { dropDeleted } from "../document/tidying.ts";
import { stepTwoFrame, updateFrame } from "./frames.ts";
import type { Peer } from "./peer.ts";

/** Largest piece of an answer, in bytes. */
export const CHUNK = 256 * 1024;
/** How much of an answer may wait for its reader. */
const AHEAD = 2 * CHUNK;

export interface Answers {
  /** The peer wants what it lacks. While it is being answered its latest question waits, and only that. */
  ask(peer: Peer, since: StateVector): void;
  /** Answers everybody who asked. To be called when everything taken in is in the log. */
  give(): void;
  forget(peer: Peer): void;
  /** Lets go of encodings that nobody used lately. */
  sweep(): void;
}

/** The whole document as pieces, as of `vector`. */
interface Snapshot {
  frames: Buffer[];
  vector: Map<number, number>;
  /** State of the deletions: nobody is to get what was deleted since. */
  deletions: number;
  used: boolean;
}

/** `schedule` is to bring about a call of `give`; `greet` is called when a peer has its answer. */
export function createAnswers(state: DocumentState, schedule: () => void, greet: (peer: Peer) => void): Answers {
  const asking = new Map<Peer, StateVector>();
  let snapshot: Snapshot | null = null;
  let full: { version: number; frame: Buffer } | null = null;
  let empty: { version: number; frame: Buffer } | null = null;

  function ask(peer: Peer, since: StateVector): void {
    if (peer.answering) {
      peer.nextSince = since;
      return;
    }
    peer.answering = true;
    asking.set(peer, since);
    schedule();
  }

  function answer(peer: Peer, since: StateVector): void {
    if (peer.closed) return;
    if (peer.outlet.waiting() > AHEAD) {
      // who asks and does not read gets the next answer when they have read the last one
      peer.outlet.onceDrained(() => {
        asking.set(peer, since);
        schedule();
      });
      return;
    }
    dropDeleted(state);
    const missing = sizeSince(state, since);
    if (missing <= CHUNK) {
      peer.outlet.write(lastPart(since, missing));
      finish(peer);
      return;
    }
    const isNew = ![...since.keys()].some((client) => state.runs.has(client));
    if (isNew) {
      const { frames, vector } = currentSnapshot();
      send(peer, frames, 0, vector);
    } else {
      const frames = encodeChunks(state, since, CHUNK).map((chunk) => updateFrame(chunk.update));
      send(peer, frames, 0, stateVector(state));
    }
  }

  /** The step 2 that ends an answer; the usual ones are encoded once for all. */
  function lastPart(since: StateVector, missing: number): Buffer {
    if (missing === 0) {
      if (empty?.version !== state.version) {
        empty = { version: state.version, frame: stepTwoFrame(encodeDeletions(state)) };
      }
      return empty.frame;
    }
    if (missing < state.bytes) return stepTwoFrame(encodeSince(state, since));
    if (full?.version !== state.version) {
      full = { version: state.version, frame: stepTwoFrame(encodeSince(state, NOTHING)) };
    }
    return full.frame;
  }

  function currentSnapshot(): Snapshot {
    if (snapshot && (snapshot.deletions !== state.deletions || sizeSince(state, snapshot.vector) > CHUNK))
      snapshot = null;
    snapshot ??= {
      frames: encodeChunks(state, NOTHING, CHUNK).map((chunk) => updateFrame(chunk.update)),
      vector: stateVector(state),
      deletions: state.deletions,
      used: true,
    };
    snapshot.used = true;
    return snapshot;
  }

  function send(peer: Peer, frames: readonly Buffer[], from: number, vector: StateVector): void {
    let next = from;
    while (next < frames.length && !peer.closed) {
      peer.outlet.write(frames[next++]!);
      if (peer.outlet.waiting() > AHEAD) {
        peer.outlet.onceDrained(() => send(peer, frames, next, vector));
        return;
      }
    }
    if (peer.closed) return;
    // What came in meanwhile may not be in the log yet: the end of the answer waits for the end of the turn.
    asking.set(peer, vector);
    schedule();
  }

  function finish(peer: Peer): void {
    peer.answering = false;
    greet(peer);
    const next = peer.nextSince;
    peer.nextSince = null;
    if (next) ask(peer, next);
  }

  return {
    ask,
    give() {
      if (asking.size === 0) return;
      const due = [...asking];
      asking.clear();
      for (const [peer, since] of due) answer(peer, since);
    },
    forget: (peer) => void asking.delete(peer),
    sweep() {
      if (snapshot && !snapshot.used) snapshot = null;
      if (snapshot) snapshot.used = false;
      if (full && full.frame.length > CHUNK / 4) full = null;
    },
  };
}

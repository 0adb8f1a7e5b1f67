/** A client's connection as a live document sees it. */
import type { CloseName } from "../../src/protocol/wire.ts";
import type { StateVector } from "../document/encode.ts";
import type { WriteRule } from "../document/state.ts";
import type { PresenceOwner } from "./presence.ts";

/** The sending half of a connection. */
export interface Outlet {
  /** Takes websocket frames; one may come in pieces, written one right after the other. */
  write(frames: Buffer): void;
  /** Bytes written that the system has not taken yet. */
  waiting(): number;
  /** Calls back once when nothing is waiting any more. */
  onceDrained(callback: () => void): void;
  close(why: CloseName): void;
}

export interface Peer extends PresenceOwner {
  outlet: Outlet;
  /** Null for those who may only read. */
  rule: WriteRule | null;
  /** Asked to be told what is saved. */
  wantsSaved: boolean;
  /** Step-2 and update messages received, and how many of them are known to be on disk. */
  received: number;
  saved: number;
  /** The first message that was dropped because its beginning is still to come; nothing from here on counts as saved. */
  heldFrom: number;
  /** A step 1 of ours waits for its answer. */
  stepTwoDue: boolean;
  /** Messages dropped while it was due, and step 1s sent because of gaps. */
  dropped: number;
  resyncs: number;
  /** What the client said it has, while its answer is due or being sent; updates wait until then. */
  answering: boolean;
  /** A step 1 that came in the meantime. */
  nextSince: StateVector | null;
  /** Presence was left out because the reader was slow. */
  presenceStale: boolean;
  closed: boolean;
}

export function createPeer(outlet: Outlet, rule: WriteRule | null, person: PresenceOwner["person"]): Peer {
  return {
    outlet,
    rule,
    person,
    wantsSaved: false,
    received: 0,
    saved: 0,
    heldFrom: Infinity,
    stepTwoDue: false,
    dropped: 0,
    resyncs: 0,
    answering: false,
    nextSince: null,
    presenceStale: false,
    closed: false,
  };
}

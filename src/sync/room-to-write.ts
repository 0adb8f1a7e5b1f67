/**
 * When a server takes nothing more of what is written here, only that waits: it is not offered, the connection goes on without it,
 * and from time to time it is tried again whether there is room by now.
 */
import { CLOSE, closeSentence } from "../protocol/wire.ts";
import type { Clock } from "./clock.ts";

/** When it is tried again the first time, after which the time doubles, and the longest, in milliseconds. */
const FIRST_TRY = 30_000;
const LONGEST = 600_000;

const FULL: ReadonlySet<number> = new Set([
  CLOSE.tooLarge,
  CLOSE.documentFull,
  CLOSE.shareFull,
  CLOSE.clientsFull,
  CLOSE.entryFull,
]);

export interface RoomToWrite {
  /** Why what is written here waits, a sentence for people; null when nothing stands against it. Stays while it is tried again. */
  readonly full: string | null;
  /** Nothing may be offered now. */
  readonly closed: boolean;
  /** Takes notice of a refusal; false for a code that says something else. */
  refused(code: number): boolean;
  /** Something was written while it is full: perhaps it makes room, so there need be no long wait. */
  wrote(): void;
  /** Lets it be offered once more. */
  open(): void;
  /** The server has taken something. */
  taken(): void;
  /** Tries no more. */
  stop(): void;
}

/** `tryAgain` is to connect anew; it may be offered then. */
export function createRoomToWrite(clock: Clock, tryAgain: () => void): RoomToWrite {
  let full: string | null = null;
  let closed = false;
  let wait = FIRST_TRY;
  let cancel = () => {};

  const plan = () => {
    cancel();
    cancel = clock.setTimer(() => {
      closed = false;
      tryAgain();
    }, wait);
  };
  return {
    get full() {
      return full;
    },
    get closed() {
      return closed;
    },
    refused(code) {
      if (!FULL.has(code)) return false;
      if (full !== null) wait = Math.min(LONGEST, wait * 2);
      full = closeSentence(code);
      closed = true;
      plan();
      return true;
    },
    wrote() {
      if (!closed || wait === FIRST_TRY) return;
      wait = FIRST_TRY;
      plan();
    },
    open() {
      cancel();
      closed = false;
    },
    taken() {
      if (closed) return;
      cancel();
      full = null;
      wait = FIRST_TRY;
    },
    stop() {
      cancel();
    },
  };
}

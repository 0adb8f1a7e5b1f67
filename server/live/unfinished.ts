/**
 * What all connections together have sent of messages that are not whole yet. A message may be long, and whoever never ends one
 * costs the server all of it; many who do would cost it everything. Whose message has been long under way for longest goes first.
 */

/** Below this a message under way is not worth counting, in bytes: what comes in four chunks. */
const SMALL = 256 * 1024;

export interface Unfinished {
  /** So many bytes have come of the holder's message. */
  hold(holder: Holder, bytes: number): void;
  /** The holder's message is whole, or the holder is gone. */
  drop(holder: Holder): void;
}

export interface Holder {
  /** There is no more room: let go of what came. */
  makeRoom(): void;
}

export function createUnfinished(limit: number): Unfinished {
  /** In the order in which their messages became long. */
  const holders = new Map<Holder, number>();
  let sum = 0;

  const drop = (holder: Holder) => {
    sum -= holders.get(holder) ?? 0;
    holders.delete(holder);
  };
  return {
    hold(holder, bytes) {
      if (bytes < SMALL) return;
      sum += bytes - (holders.get(holder) ?? 0);
      holders.set(holder, bytes);
      for (const first of holders.keys()) {
        if (sum <= limit) break;
        drop(first);
        first.makeRoom();
      }
    },
    drop,
  };
}

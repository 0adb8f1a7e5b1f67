/** Counts what was written here and is not yet known to be saved at the server. */
import type * as Y from "yjs";
import { createEmitter, type Listen } from "./emitter.ts";
import { originOf } from "./origins.ts";

/** A moment in the ledger: everything written before it. Opaque to everybody but the ledger that made it. */
export type LedgerMark = ReadonlyMap<string, number>;

export interface Ledger {
  /** Local transactions not yet saved at the server. */
  waiting(): number;
  /** Now: everything that was written until this call. */
  mark(): LedgerMark;
  /** The server has everything up to `mark` on disk. */
  saved(mark: LedgerMark): void;
  readonly onDidChangeWaiting: Listen<number>;
}

export interface CountingLedger extends Ledger {
  /** The number that the next transaction of `writer` gets (1 for its first). */
  next(writer: string): number;
  /** `writer` has written its transaction number `count`. */
  wrote(writer: string, count: number): void;
  /** Both maps, as they are stored in a snapshot's head. */
  state(): { written: Record<string, number>; saved: Record<string, number> };
}

/** Counts per writer (a window of this person), so that several windows' counts can be put together in any order. */
export function createLedger(): CountingLedger {
  const written = new Map<string, number>();
  const saved = new Map<string, number>();
  const changed = createEmitter<number>();
  const waiting = () => {
    let sum = 0;
    for (const [writer, count] of written) sum += Math.max(0, count - (saved.get(writer) ?? 0));
    return sum;
  };
  const raise = (map: Map<string, number>, writer: string, count: number) => {
    if (count > (map.get(writer) ?? 0)) map.set(writer, count);
  };
  const telling = (change: () => void) => {
    const before = waiting();
    change();
    const after = waiting();
    if (after !== before) changed.fire(after);
  };
  return {
    waiting,
    next: (writer) => (written.get(writer) ?? 0) + 1,
    wrote: (writer, count) => telling(() => raise(written, writer, count)),
    mark: () => new Map(written),
    saved: (mark) =>
      telling(() => {
        for (const [writer, count] of mark) raise(saved, writer, count);
      }),
    state: () => ({ written: Object.fromEntries(written), saved: Object.fromEntries(saved) }),
    onDidChangeWaiting: changed.event,
  };
}

/** Counts what is written here for a document that is not stored. */
export function countWrites(doc: Y.Doc): Ledger {
  const ledger = createLedger();
  doc.on("update", (_update: Uint8Array, origin: unknown) => {
    if (originOf(origin)?.from !== "server") ledger.wrote("", ledger.next(""));
  });
  return ledger;
}

/**
 * Which version of each annotation and reply this person has seen: kept on this computer, told to nobody. Versions are told apart
 * by when their author says they were written, so that what comes late, or from a clock that is wrong, is new all the same.
 */
import * as z from "zod/mini";
import type { EntryRef } from "../core/model/ids.ts";
import type { Clock } from "./clock.ts";
import type { OfflineStore } from "./offline-store.ts";

export interface ReadingMarks {
  /** When the latest version that was seen was written, milliseconds since 1970; -1 when none was. */
  lastSeen(entry: EntryRef): number;
  /** This person has seen these entries as they were written then. */
  mark(entries: ReadonlyMap<EntryRef, number>): void;
  /** Writes what is not yet written. */
  flush(): Promise<void>;
  /** The same for the last time. */
  close(): Promise<void>;
}

const schema = z.object({ v: z.literal(2), entries: z.record(z.string(), z.number()) });
/** Marks are written together after this time, and what the disk refused is tried again after that, in milliseconds. */
const WRITE_AFTER = 1_000;
const TRY_AGAIN = 10_000;

export async function openReadingMarks(
  store: OfflineStore,
  key: string,
  clock: Clock,
  onError: (error: unknown) => void,
): Promise<ReadingMarks> {
  const read = async () => {
    const parsed = schema.safeParse(await store.readJson(key));
    return new Map(parsed.success ? Object.entries(parsed.data.entries) : []);
  };
  const marks = await read();
  let changed = false;
  let refused = false;
  let closed = false;
  let cancel: (() => void) | null = null;
  let writing = Promise.resolve();

  const raise = (seen: ReadonlyMap<EntryRef, number>) => {
    for (const [entry, time] of seen) if (time > (marks.get(entry) ?? -1)) marks.set(entry, time);
  };
  const write = async () => {
    if (!changed) return;
    changed = false;
    try {
      // what another window has marked meanwhile stays marked
      raise(await read());
      await store.writeJson(key, { v: 2, entries: Object.fromEntries(marks) });
      refused = false;
    } catch (error) {
      changed = true;
      // a full disk is told once
      if (!refused) onError(error);
      refused = true;
      if (!closed) cancel ??= clock.setTimer(() => void flush(), TRY_AGAIN);
    }
  };
  const flush = () => {
    cancel?.();
    cancel = null;
    writing = writing.then(write);
    return writing;
  };

  return {
    lastSeen: (entry) => marks.get(entry) ?? -1,
    mark(entries) {
      raise(entries);
      changed = true;
      cancel ??= clock.setTimer(() => void flush(), WRITE_AFTER);
    },
    flush,
    close() {
      closed = true;
      return flush();
    },
  };
}

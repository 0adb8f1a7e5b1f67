/** When this person last looked at each thread: kept on this computer, told to nobody. */
import * as z from "zod/mini";
import type { EntryRef } from "../core/model/ids.ts";
import type { Clock } from "./clock.ts";
import type { OfflineStore } from "./offline-store.ts";

export interface ReadingMarks {
  /** Milliseconds since 1970, 0 for never. */
  lastLooked(thread: EntryRef): number;
  /** This person has seen these threads as they are now. */
  mark(threads: readonly EntryRef[]): void;
  /** Writes what is not yet written. */
  flush(): Promise<void>;
  /** The same for the last time. */
  close(): Promise<void>;
}

const schema = z.object({ v: z.literal(1), threads: z.record(z.string(), z.number()) });
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
    return new Map(parsed.success ? Object.entries(parsed.data.threads) : []);
  };
  const marks = await read();
  let changed = false;
  let refused = false;
  let closed = false;
  let cancel: (() => void) | null = null;
  let writing = Promise.resolve();

  const write = async () => {
    if (!changed) return;
    changed = false;
    try {
      // what another window has marked meanwhile stays marked
      for (const [thread, time] of await read()) if (time > (marks.get(thread) ?? 0)) marks.set(thread, time);
      await store.writeJson(key, { v: 1, threads: Object.fromEntries(marks) });
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
    lastLooked: (thread) => marks.get(thread) ?? 0,
    mark(threads) {
      const now = clock.now();
      for (const thread of threads) marks.set(thread, Math.max(now, marks.get(thread) ?? 0));
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

/**
 * The growing end of a window's own log. A record is with the system in the turn in which it comes, so that it outlives the
 * process. It gets onto the disk together with all that came meanwhile, and is kept in memory until it is there.
 */
import type { Clock } from "./clock.ts";
import type { Files } from "./files.ts";

/** First and longest wait after the disk refused, in milliseconds. */
const RETRY = 1_000;
const LONGEST_RETRY = 30_000;

export interface LogWriterOptions {
  files: Files;
  clock: Clock;
  /** The file to write to now. */
  name(): string;
  /** Resolves when this window may write: see `StoreContext`. */
  claimed(): Promise<void>;
  /** Called when something waits to get onto the disk: `settle` is to be called soon. */
  onWaiting(): void;
  /** Records in memory only and why, or 0 and null. */
  report(pending: number, error: unknown): void;
  onError(error: unknown): void;
}

export interface LogWriter {
  /** Bytes handed to the system since the file was begun or `startOver` was called. */
  readonly bytes: number;
  /** Records that are not known to be on disk; `startOver` takes this number. */
  readonly pending: number;
  /** The disk refused, and it has not been tried again with success. */
  readonly failing: boolean;
  /** Resolves when records go to the system as they come, or this window may not write for now. */
  begin(): Promise<void>;
  push(record: Uint8Array): void;
  /**
   * Resolves when all that was pushed is on disk, or the disk refused; gone: somebody took the file away, and what stood in it
   * has to be written elsewhere. One call at a time; the name must not change meanwhile.
   */
  settle(): Promise<"settled" | "failing" | "gone">;
  /** The first `count` of what is pending stands in another file by now; the rest is written into the one that `begin` names. */
  startOver(count: number, begin: () => void): Promise<void>;
  /** The disk refused something else that the log needs: told, and tried again, like a write. */
  fail(error: unknown): void;
  /** Tries nothing more by itself. */
  stop(): void;
}

export function createLogWriter(options: LogWriterOptions): LogWriter {
  const { files, clock } = options;
  let records: Uint8Array[] = [];
  /** So many of them, the first, are with the system. */
  let handed = 0;
  let bytes = 0;
  let mayWrite = false;
  /** A write that takes its time; never rejects. */
  let slow: Promise<void> | null = null;
  let failures = 0;
  let failure: unknown = null;
  let stopped = false;
  let cancelRetry = () => {};

  const fail = (error: unknown) => {
    failures++;
    failure = error;
    options.onError(error);
    options.report(records.length - handed, error);
    cancelRetry();
    if (!stopped) cancelRetry = clock.setTimer(options.onWaiting, Math.min(LONGEST_RETRY, RETRY * 2 ** (failures - 1)));
  };

  const succeed = () => {
    failures = 0;
    if (failure === null) return;
    failure = null;
    cancelRetry();
    options.report(0, null);
  };

  /** Hands over what is left in one piece. */
  const hand = (): Promise<void> | null => {
    const count = records.length;
    const piece = concat(records.slice(handed));
    const done = () => {
      handed = count;
      bytes += piece.length;
    };
    try {
      const written = files.write(options.name(), piece);
      if (!written) {
        done();
        return null;
      }
      slow = finish(written, done);
      return slow;
    } catch (error) {
      fail(error);
      return null;
    }
  };

  const finish = async (written: Promise<void>, done: () => void): Promise<void> => {
    try {
      await written;
      done();
    } catch (error) {
      fail(error);
    }
    slow = null;
    if (failure === null && handed < records.length) await hand();
  };

  return {
    get bytes() {
      return bytes;
    },
    get pending() {
      return records.length;
    },
    get failing() {
      return failure !== null;
    },
    async begin() {
      try {
        await options.claimed();
      } catch {
        // whoever writes is told
        return;
      }
      mayWrite = true;
      if (handed < records.length && !slow && failure === null) void hand();
    },
    push(record) {
      records.push(record);
      if (failure !== null) {
        options.report(records.length - handed, failure);
        return;
      }
      if (mayWrite && !slow) void hand();
      options.onWaiting();
    },
    async settle() {
      if (records.length === 0) return "settled";
      const before = failures;
      try {
        await options.claimed();
      } catch (error) {
        fail(error);
        return "failing";
      }
      mayWrite = true;
      while (records.length > 0) {
        while (handed < records.length) {
          await (slow ?? hand());
          if (failures !== before) return "failing";
        }
        const count = handed;
        let there: boolean;
        try {
          there = await files.sync(options.name());
        } catch (error) {
          // what the system took and could not put down may be gone: all of it is written again
          handed = 0;
          fail(error);
          return "failing";
        }
        if (!there) {
          handed = 0;
          return "gone";
        }
        records = records.slice(count);
        handed -= count;
        if (failures !== before) return "failing";
      }
      succeed();
      return "settled";
    },
    async startOver(count, begin) {
      for (let each = slow; each; each = slow) await each;
      begin();
      records = records.slice(count);
      handed = 0;
      bytes = 0;
      if (records.length === 0) succeed();
    },
    fail,
    stop() {
      stopped = true;
      cancelRetry();
    },
  };
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

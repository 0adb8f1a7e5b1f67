/** One document of the offline store: its log files read, tailed, appended to and compacted. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { decodeUtf8, encodeUtf8 } from "lib0/string";
import { type Clock, SLICE } from "./clock.ts";
import type { Emitter } from "./emitter.ts";
import type { Files } from "./files.ts";
import { createLedger, type Ledger, type LedgerMark } from "./ledger.ts";
import { formatLogName, type LogName, parseLogName } from "./log-names.ts";
import { encodeRecord, readRecords, RECORD, type LogRecord } from "./log-records.ts";
import { concat, createLogWriter } from "./log-writer.ts";

/** Something in a log that is not a record; everything else was read. */
export interface Damage {
  file: string;
  /** Byte offsets, end exclusive. */
  start: number;
  end: number;
}

/** What a stored document shares with its store. */
export interface StoreContext {
  files: Files;
  clock: Clock;
  window: string;
  /** Marks this window as running, once; to be awaited before anything is written, for others would take an unclaimed file away. */
  claimed(): Promise<void>;
  /** The same anew: somebody took this window's file away, and perhaps the mark with it. */
  claimAgain(): Promise<void>;
  damage: Emitter<Damage>;
  /** Registers what one document has pending (0 and null when all is well). */
  report(document: object, pending: number, error: unknown): void;
  onError: (error: unknown) => void;
}

/** The document as its log sees it. */
export interface StoredDocumentSink {
  /**
   * Takes an update out of the log. `origin`: "load" while loading, "other" when another window heard it from the server,
   * "mine" when another window wrote it (or its whole state).
   */
  apply(update: Uint8Array, origin: "load" | "other" | "mine"): void;
  /**
   * Everything as updates that build on each other in this order, whatever waits for missing parts included. Others may be
   * applied between two of them.
   */
  snapshot(): Iterable<Uint8Array>;
  /** Runs work that applies several updates of one origin; their effect may be told as one. */
  together(origin: "load", work: () => void): void;
  /** Called between pieces of long work; may take its time. */
  pause?(): Promise<void>;
}

export interface StoredDocument {
  /** What waits for the server, over all windows; goes on counting after a restart. */
  readonly ledger: Ledger;
  /** Reads everything there is; call once, before anything is appended. `empty`: there was nothing. */
  load(): Promise<{ empty: boolean }>;
  /**
   * Appends an update; `written` here (it then waits for the server) or heard from the server. Once loaded, it outlives the
   * process when this returns, unless the disk refuses or it is large. On disk soon: see `flush`.
   */
  append(update: Uint8Array, written: boolean): void;
  /** Another window changed that file. */
  changed(name: string): void;
  /** Writes a snapshot and removes what it makes superfluous. */
  compact(): Promise<void>;
  /** True when everything appended so far is on disk, false when the disk refuses. */
  flush(): Promise<boolean>;
  /** The last try, and what is told of the disk is taken back: false when something was not written and is gone now. */
  close(): Promise<boolean>;
}

/** An update without structs and deletions. */
const NOTHING = Uint8Array.of(0, 0);
/** Own bytes since the last snapshot that make a new one worth while, unless the snapshot itself is larger. */
const COMPACT_BYTES = 256 * 1024;
/** Left-over files of those who are gone, this window's own from earlier among them, that make it worth while. */
const COMPACT_FILES = 4;
/**
 * Other windows' files are also looked at without having been told, in milliseconds: once soon after loading, since a watcher may
 * take a moment to start, and then now and then, since on some disks it tells nothing.
 */
const LOOK_AFTER = 1_000;
const LOOK_EVERY = 15_000;
/** Ends the name of a file that was taken up in another and of which something could not be read. */
const UNREAD = ".unread";
/** How often the folder is read again when files vanish meanwhile; each time another window finished compacting. */
const READ_AGAIN = 50;

export function openStoredDocument(
  context: StoreContext,
  key: string,
  sink: StoredDocumentSink,
  onClosed: () => void,
): StoredDocument {
  const { files, clock, window } = context;
  const ledger = createLedger();
  /** file -> bytes read so far */
  const positions = new Map<string, number>();
  /** Files in which something could not be read. */
  const strange = new Set<string>();
  /** Number of the file that is written to; files of one's own from `firstOwn` on are written here and not read. */
  let generation = 1;
  let firstOwn = 1;
  let snapshotBytes = 0;
  /** Bytes of the log when a snapshot was refused: the next is due when as much again was written. */
  let refusedAt = 0;
  let started = false;
  let loading = true;
  let closed = false;
  let cancelLook = () => {};
  /** All work on files happens in this chain, one piece after the other. */
  let chain: Promise<unknown> = Promise.resolve();
  let writeQueued = false;

  const queued = <T>(task: () => Promise<T>): Promise<T> => {
    const run = chain.then(task);
    chain = run.catch(() => {});
    return run;
  };

  const take = (record: LogRecord, from: string) => {
    const decoder = decoding.createDecoder(record.payload);
    const rest = () => record.payload.subarray(decoder.pos);
    switch (record.type) {
      case RECORD.heard:
        sink.apply(record.payload, loading ? "load" : "other");
        return;
      case RECORD.written: {
        // counted before it is applied: whoever sends it then marks it as sent
        ledger.wrote(from, decoding.readVarUint(decoder));
        sink.apply(rest(), loading ? "load" : "mine");
        return;
      }
      case RECORD.part:
        sink.apply(record.payload, loading ? "load" : "mine");
        return;
      case RECORD.saved:
        ledger.saved(readCounts(JSON.parse(decodeUtf8(record.payload))));
        return;
      case RECORD.snapshot: {
        const head = JSON.parse(decodeUtf8(decoding.readVarUint8Array(decoder))) as Record<string, unknown>;
        ledger.saved(readCounts(head.saved));
        for (const [writer, count] of readCounts(head.written)) ledger.wrote(writer, count);
        sink.apply(rest(), loading ? "load" : "mine");
        snapshotBytes = Math.max(snapshotBytes, record.at + record.payload.length);
        return;
      }
    }
  };

  /** What could not be read in a file is not in any snapshot: a later version may know it. */
  const keepAside = async (name: string) => {
    const bytes = await files.read(name, 0);
    if (bytes) await files.replace(`${name}${UNREAD}`, bytes);
  };

  const isWrittenHere = (log: LogName) => log.window === window && log.generation >= firstOwn;

  /** Reads on in a file that somebody else writes or wrote; false when it is gone. */
  const tail = async (name: string): Promise<boolean> => {
    const log = parseLogName(name);
    if (!log || log.key !== key || isWrittenHere(log)) return true;
    const from = positions.get(name) ?? 0;
    const bytes = await files.read(name, from);
    if (bytes === null) return false;
    const read = readRecords(bytes, log.window);
    positions.set(name, from + read.consumed);
    for (const { start, end } of read.damaged)
      context.damage.fire({ file: name, start: from + start, end: from + end });
    if (read.strange && !strange.has(name))
      context.damage.fire({ file: name, start: from + read.consumed, end: from + bytes.length });
    if (read.strange || read.damaged.length > 0) strange.add(name);
    const takeSafely = (record: LogRecord) => {
      try {
        take(record, log.window);
      } catch (error) {
        context.onError(error);
        strange.add(name);
        context.damage.fire({ file: name, start: from + record.at, end: from + record.at + record.payload.length });
      }
    };
    let next = 0;
    while (next < read.records.length) {
      if (loading) {
        const ends = clock.now() + SLICE;
        sink.together("load", () => {
          do takeSafely(read.records[next++]!);
          while (next < read.records.length && clock.now() < ends);
        });
      } else takeSafely(read.records[next++]!);
      await sink.pause?.();
    }
    return true;
  };

  const tailAll = async (): Promise<string[]> => {
    for (let turn = 0; ; turn++) {
      const names = await files.list(`${key}~`);
      for (const name of names.sort()) await tail(name);
      const after = new Set(await files.list(`${key}~`));
      // a file that vanished may have been taken up into one that was read before that
      if (names.every((name) => after.has(name)) || turn === READ_AGAIN) return names;
    }
  };

  const lookAfter = (ms: number) => {
    if (closed) return;
    cancelLook = clock.setTimer(() => {
      void queued(tailAll)
        .catch(context.onError)
        .then(() => lookAfter(LOOK_EVERY));
    }, ms);
  };

  const ownName = () => formatLogName(key, window, generation);

  const queueWrite = () => {
    if (writeQueued) return;
    writeQueued = true;
    void queued(async () => {
      writeQueued = false;
      await writeOut();
      if (!closed && !writer.failing && writer.bytes - refusedAt > Math.max(COMPACT_BYTES, snapshotBytes))
        await tryToCompact();
    });
  };

  const writer = createLogWriter({
    files,
    clock,
    name: ownName,
    claimed: context.claimed,
    onWaiting: queueWrite,
    report: (pending, error) => context.report(sink, pending, error),
    onError: context.onError,
  });

  const writeOut = async (): Promise<void> => {
    if ((await writer.settle()) !== "gone") return;
    try {
      await context.claimAgain();
      await compactNow();
    } catch (error) {
      writer.fail(error);
    }
  };

  const push = (type: Parameters<typeof encodeRecord>[1], payload: Uint8Array) =>
    writer.push(encodeRecord(window, type, payload));

  const tryToCompact = async (): Promise<void> => {
    try {
      await compactNow();
    } catch (error) {
      // nothing was removed: the old files still hold everything
      context.onError(error);
      refusedAt = writer.bytes;
    }
  };

  /** Rejects when the snapshot cannot be written; then nothing has changed. */
  const compactNow = async (): Promise<void> => {
    // what could not be read would be missing in the snapshot
    if (loading) throw new Error("A document of which not everything was read is not compacted.");
    const old: string[] = [];
    const windows = new Set([window]);
    for (const name of await files.list(`${key}~`)) {
      const log = parseLogName(name);
      if (!log || log.key !== key) continue;
      windows.add(log.window);
      if (log.window === window) old.push(name);
      else if (!(await files.claimed(log.window)) && (await tail(name))) old.push(name);
    }
    // the snapshot holds every record pushed so far, and every file in `old`
    const count = writer.pending;
    const { written, saved } = ledger.state();
    for (const writer of Object.keys(written)) {
      // settled, and no file is left that could bring it up again
      if (!windows.has(writer) && written[writer]! <= (saved[writer] ?? 0)) {
        delete written[writer];
        delete saved[writer];
      }
    }
    const records: Uint8Array[] = [];
    for (const part of sink.snapshot()) {
      records.push(encodeRecord(window, RECORD.part, part));
      await sink.pause?.();
    }
    const encoder = encoding.createEncoder();
    encoding.writeVarUint8Array(encoder, encodeUtf8(JSON.stringify({ written, saved })));
    encoding.writeUint8Array(encoder, NOTHING);
    records.push(encodeRecord(window, RECORD.snapshot, encoding.toUint8Array(encoder)));
    const bytes = concat(records);
    const next = generation + 1;
    await context.claimed();
    await files.replace(formatLogName(key, window, next), bytes);
    await writer.startOver(count, () => (generation = next));
    snapshotBytes = bytes.length;
    refusedAt = 0;
    // what was pushed meanwhile stands in the old file and has to be in the new one first
    if ((await writer.settle()) === "failing") return;
    for (const name of old) {
      try {
        if (strange.has(name)) await keepAside(name);
        await files.remove(name);
        positions.delete(name);
        strange.delete(name);
      } catch (error) {
        context.onError(error);
      }
    }
  };

  return {
    ledger: {
      ...ledger,
      saved(mark: LedgerMark) {
        const before = ledger.waiting();
        ledger.saved(mark);
        if (!closed && ledger.waiting() !== before)
          push(RECORD.saved, encodeUtf8(JSON.stringify(Object.fromEntries(mark))));
      },
    },
    load() {
      started = true;
      const begun = writer.begin();
      return queued(async () => {
        // this window had the document open before: what it wrote then is read like anybody's
        for (const name of await files.list(`${key}~`)) {
          const log = parseLogName(name);
          if (log?.key === key && log.window === window) firstOwn = Math.max(firstOwn, log.generation + 1);
        }
        generation = firstOwn;
        const names = await tailAll();
        await begun;
        loading = false;
        let gone = 0;
        for (const name of names) {
          const log = parseLogName(name);
          if (log && (log.window === window || !(await files.claimed(log.window)))) gone++;
        }
        if (gone >= COMPACT_FILES) void queued(tryToCompact);
        if (files.watch) lookAfter(LOOK_AFTER);
        return { empty: positions.size === 0 };
      });
    },
    append(update, written) {
      if (closed) throw new Error("the log is closed");
      if (!written) {
        push(RECORD.heard, update);
        return;
      }
      const count = ledger.next(window);
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, count);
      encoding.writeUint8Array(encoder, update);
      push(RECORD.written, encoding.toUint8Array(encoder));
      ledger.wrote(window, count);
    },
    changed(name) {
      // what changes before the load is read by the load
      if (!started || closed) return;
      void queued(async () => {
        if (!closed && !(await tail(name))) await tailAll();
      }).catch(context.onError);
    },
    compact: () => queued(tryToCompact),
    async flush() {
      await queued(writeOut);
      return writer.pending === 0;
    },
    async close() {
      if (closed) return true;
      closed = true;
      writer.stop();
      cancelLook();
      await queued(writeOut);
      // nothing is kept in memory any more, and nothing will be tried again
      context.report(sink, 0, null);
      onClosed();
      return writer.pending === 0;
    },
  };
}

/** Counts out of a file: whatever is not a whole number is left out. */
function readCounts(value: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  if (typeof value !== "object" || value === null) return counts;
  for (const [writer, count] of Object.entries(value)) {
    if (typeof count === "number" && Number.isSafeInteger(count)) counts.set(writer, count);
  }
  return counts;
}

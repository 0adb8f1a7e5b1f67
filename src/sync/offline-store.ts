/**
 * Keeps documents on disk: every update is in a log before anything else depends on it, and is there again tomorrow.
 *
 * Several windows of one person may have the same document open. The scheme needs no lock for writing:
 * - Each window appends to a file of its own, `<document>~<window>~<generation>.log`; nobody else ever writes to it.
 * - Reading a document means reading all its files. Updates are CRDT updates and counts are highest-of, so that the same thing
 *   in two files, or read twice, changes nothing.
 * - Compacting writes a snapshot of everything into a new file of one's own, and only when that is on disk removes one's older
 *   files, and the files of windows that are gone: these it has read to their end just before, and they cannot grow.
 * - A file that vanishes while a document is being read has been taken up in another; then the folder is read again.
 *
 * Hence a crash at any point leaves at worst the same thing twice. A file of a window that runs is never touched.
 */
import { decodeUtf8, encodeUtf8 } from "lib0/string";
import { newName } from "../core/model/ids.ts";
import type { Clock, Random } from "./clock.ts";
import { createEmitter, type Listen } from "./emitter.ts";
import type { Files } from "./files.ts";
import { fileKey, parseLogName } from "./log-names.ts";
import {
  openStoredDocument,
  type Damage,
  type StoreContext,
  type StoredDocument,
  type StoredDocumentSink,
} from "./stored-document.ts";

/** What is wrong with the disk at the moment; `pending` changes are in memory only, and are tried again. */
export interface StoreTrouble {
  /** A sentence for people. */
  reason: string;
  pending: number;
}

export interface OfflineStore {
  /** This window's own name among the windows of this computer. */
  readonly window: string;
  /**
   * Opens a document's log; one at a time for each key. `key`: lower-case letters, digits, `-`, `.` and `/`, such as a document's
   * name.
   */
  open(key: string, sink: StoredDocumentSink): StoredDocument;
  /** A small JSON value by name (same alphabet as a key), or undefined when there is none that can be read. */
  readJson(name: string): Promise<unknown>;
  /** Replaces the value; the last window to write wins. */
  writeJson(name: string, value: unknown): Promise<void>;
  /** Keys of all documents that are kept here. */
  keys(): Promise<string[]>;
  /** Removes everything kept about keys and JSON values that begin with `prefix`, except what another running window writes. */
  forget(prefix: string): Promise<void>;
  /** Null while everything is on disk or on its way. */
  readonly trouble: StoreTrouble | null;
  readonly onDidChangeTrouble: Listen<StoreTrouble | null>;
  /** Damaged stretches, once each, as they are met. */
  readonly onDidFindDamage: Listen<Damage>;
  /** True when everything written so far is on disk; false when the disk refuses. */
  flush(): Promise<boolean>;
  /** Writes what is left and gives up the claim. */
  close(): Promise<void>;
}

export interface OfflineStoreOptions {
  files: Files;
  clock: Clock;
  random: Random;
  onError?: (error: unknown) => void;
}

export function createOfflineStore(options: OfflineStoreOptions): OfflineStore {
  const { files, clock } = options;
  const onError = options.onError ?? (() => {});
  const window = newName(options.random);
  const damage = createEmitter<Damage>(onError);
  const troubled = createEmitter<StoreTrouble | null>(onError);
  const open = new Map<string, StoredDocument>();
  const reports = new Map<object, { pending: number; error: unknown }>();
  let trouble: StoreTrouble | null = null;

  let claim: Promise<() => Promise<void>> | null = null;
  const claimed = async () => {
    const attempt = (claim ??= files.claim(window));
    try {
      await attempt;
    } catch (error) {
      if (claim === attempt) claim = null;
      throw error;
    }
  };
  const context: StoreContext = {
    files,
    clock,
    window,
    claimed,
    async claimAgain() {
      claim = null;
      await claimed();
    },
    damage,
    onError,
    report(document, pending, error) {
      if (error === null) reports.delete(document);
      else reports.set(document, { pending, error });
      const next = summary(reports);
      if (next?.pending === trouble?.pending && next?.reason === trouble?.reason) return;
      trouble = next;
      troubled.fire(next);
    },
  };

  const stopWatching = files.watch?.((name) => {
    const log = parseLogName(name);
    if (log && log.window !== window) open.get(log.key)?.changed(name);
  });

  const flush = async () => {
    const results = await Promise.all([...open.values()].map((each) => each.flush()));
    return results.every(Boolean);
  };

  return {
    window,
    open(key, sink) {
      const name = fileKey(key);
      if (open.has(name)) throw new Error(`already open: ${key}`);
      const document = openStoredDocument(context, name, sink, () => open.delete(name));
      open.set(name, document);
      return document;
    },
    async readJson(name) {
      try {
        const bytes = await files.read(`${fileKey(name)}.json`, 0);
        return bytes === null ? undefined : JSON.parse(decodeUtf8(bytes));
      } catch (error) {
        onError(error);
        return undefined;
      }
    },
    writeJson: (name, value) => files.replace(`${fileKey(name)}.json`, encodeUtf8(JSON.stringify(value))),
    async keys() {
      const keys = (await files.list("")).map((name) => parseLogName(name)?.key.replaceAll("+", "/"));
      return [...new Set(keys.filter((key) => key !== undefined))].sort();
    },
    async forget(prefix) {
      const start = fileKey(prefix);
      for (const name of await files.list(start)) {
        const log = parseLogName(name);
        if (log && log.window !== window && (await files.claimed(log.window))) continue;
        if (log && open.has(log.key)) continue;
        await files.remove(name);
      }
    },
    get trouble() {
      return trouble;
    },
    onDidChangeTrouble: troubled.event,
    onDidFindDamage: damage.event,
    flush,
    async close() {
      await Promise.all([...open.values()].map((each) => each.close()));
      stopWatching?.();
      damage.clear();
      try {
        const release = await claim;
        await release?.();
      } catch (error) {
        onError(error);
      }
      troubled.clear();
    },
  };
}

function summary(reports: ReadonlyMap<object, { pending: number; error: unknown }>): StoreTrouble | null {
  let pending = 0;
  let full = false;
  for (const report of reports.values()) {
    pending += report.pending;
    if (codeOf(report.error) === "ENOSPC" || codeOf(report.error) === "EDQUOT") full = true;
  }
  if (reports.size === 0) return null;
  const reason = full
    ? "The disk is full. Changes are kept in memory and written as soon as there is room."
    : "Changes cannot be written to disk. They are kept in memory and tried again.";
  return { reason, pending };
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

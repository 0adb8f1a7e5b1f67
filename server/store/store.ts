/**
 * Where documents and rooms are kept. One contract suite (test/contract) holds every implementation to what is said here.
 */

import type { StoredUpdate } from "../document/state.ts";

export type { StoredUpdate };

/** What is amiss with stored bytes: they were skipped, and everything else was served. */
export interface Damage {
  document: string;
  /** Byte offset in the log. */
  offset: number;
  length: number;
  /** torn: the end of a write that a crash cut off. corrupt: the checksum does not fit. */
  kind: "torn" | "corrupt";
}

/** Thrown by `append` when nothing was written: the disk is full, or the store is out of reach. */
export class StoreUnavailable extends Error {}

/** The log of one document. Its calls come from one live document, one after the other. */
export interface DocumentLog {
  /** `append` never returns a promise: each update can be written before it is even taken into memory. */
  immediate: boolean;
  /**
   * Appends in order. When it returns (or its promise resolves) the updates survive the death of this process; either all
   * of them are in the log or, when it throws, none.
   */
  append(updates: readonly StoredUpdate[]): void | Promise<void>;
  /** Resolves when everything appended before the call survives a power cut too. Rejects when that cannot be said any more. */
  durable(): Promise<void>;
  /** Bytes in the log, snapshot included. */
  size(): number;
  /** Replaces everything appended so far by `snapshot`, which says the same. Appends go on meanwhile. */
  compact(snapshot: readonly StoredUpdate[]): Promise<void>;
  /** Calls back with updates that another server appended, in the log's order. Only stores that servers share have it. */
  follow?(onUpdates: (updates: readonly StoredUpdate[]) => void): void;
  /**
   * Shares presence with the other servers: calls back with what they say, and returns what tells them. Only stores that
   * servers share have it.
   */
  sharePresence?(onPresence: (from: string, update: Uint8Array) => void): (update: Uint8Array) => void;
  close(): Promise<void>;
}

/** Small named JSON values with compare-and-set: rooms, invites, revocations. */
export interface RecordStore {
  read(key: string): Promise<{ value: unknown; version: number } | null>;
  /** Writes if the stored version is still `expected` (0: there is none yet); false when somebody else was quicker. */
  write(key: string, value: unknown, expected: number): Promise<boolean>;
  remove(key: string): Promise<void>;
  keys(): Promise<string[]>;
  /** Calls back with the key of a record that any server changed or removed. Only stores that servers share have it. */
  watch?(onChange: (key: string) => void): void;
}

export interface Store {
  /** Opens a document's log and reads what is in it. A document that was never written is empty. */
  open(document: string): Promise<{ log: DocumentLog; updates: StoredUpdate[]; damage: Damage[] }>;
  /** True when something was ever written. */
  has(document: string): Promise<boolean>;
  /** Every document with a log. */
  documents(): Promise<string[]>;
  /** Forgets a document for good. Its log must be closed. */
  remove(document: string): Promise<void>;
  rooms: RecordStore;
  /** A secret of that name that all servers share, made on first use. Only stores that servers share have it. */
  secret?(name: string): Promise<string>;
  /** True while the store can take writes. */
  healthy(): boolean;
  /** Flushes and lets go of everything. */
  close(): Promise<void>;
}

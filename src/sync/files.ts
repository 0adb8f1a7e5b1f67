/** The files that the offline store needs: one flat folder, brought by whoever has a disk. */
export interface Files {
  /** Names in the folder that begin with `prefix`, in any order; an empty folder or a missing one is an empty list. */
  list(prefix: string): Promise<string[]>;
  /** The bytes from `from` (a byte offset) to the end; null when there is no such file. */
  read(name: string, from: number): Promise<Uint8Array | null>;
  /**
   * Adds to the end, making the file if need be. A little is with the system when this returns, and so outlives this process;
   * much takes its time, and is there when the promise resolves. One caller writes to a file at a time. When it throws or
   * rejects, any part of the bytes may be there.
   */
  write(name: string, bytes: Uint8Array): void | Promise<void>;
  /**
   * Resolves when everything that was written to the file before this call is on disk (fdatasync), and outlives the computer
   * too: true; false when somebody has taken the file away meanwhile. When it rejects, any part may be lost.
   */
  sync(name: string): Promise<boolean>;
  /** Makes or replaces the whole file, on disk when it resolves; at any moment a reader sees all of the old or all of the new. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes the file; no error when it is gone already. */
  remove(name: string): Promise<void>;
  /** Tells of files that other windows of this computer changed (own changes may be told too, and nothing be told twice). */
  watch?(onChange: (name: string) => void): () => void;
  /** Marks `window` as running until the returned function is called or the process ends, whichever way. */
  claim(window: string): Promise<() => Promise<void>>;
  /**
   * True while `window` may still run. May err on that side for a while; must never be false for a window that runs. Once
   * false it stays false: a window's name is random and not used again.
   */
  claimed(window: string): Promise<boolean>;
}

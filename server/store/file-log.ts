/** The log of one document as a file: see log-format.ts for its bytes. */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from "node:fs";
import { open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Flushable, GroupCommit } from "./group-commit.ts";
import { logHead, updateRecord } from "./log-format.ts";
import { type DocumentLog, StoreUnavailable, type StoredUpdate } from "./store.ts";

const datasync = promisify(fdatasync);
/** How much of a snapshot is handed to the system at a time, in bytes. */
const SNAPSHOT_STEP = 1 << 20;

export interface FileLogOptions {
  document: string;
  path: string;
  /** Length of the sound part of the file; 0 when there is none. */
  end: number;
  commit: GroupCommit;
  /** Told when a write failed (true) or worked again (false). */
  onTrouble(trouble: boolean): void;
}

/** Makes the entry of a new or renamed file durable. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function createFileLog(options: FileLogOptions): DocumentLog & Flushable {
  const { document, path, commit } = options;
  let end = options.end;
  let fd = -1;
  let dirty = false;
  /** The file's place in its folder is not durable yet. */
  let folderDirty = false;
  /** An fdatasync failed: what the system still holds of this file can no longer be known. */
  let broken = false;
  /** While a compaction runs, everything appended since its snapshot was taken. */
  let sinceSnapshot: Buffer[] | null = null;
  let compaction: Promise<void> | null = null;
  let flushing: Promise<void> | null = null;

  function writeAll(pieces: readonly Buffer[]): void {
    if (fd < 0 && end === 0) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (fd < 0) fd = openSync(path, end === 0 ? "w" : "r+", 0o600);
    const before = end;
    try {
      if (end === 0) {
        const head = logHead(document);
        writeFully(fd, head, 0);
        end = head.length;
        folderDirty = true;
      }
      for (const piece of pieces) {
        writeFully(fd, piece, end);
        end += piece.length;
      }
    } catch (error) {
      end = before;
      try {
        ftruncateSync(fd, before);
      } catch {
        broken = true;
      }
      throw error;
    }
  }

  const log: DocumentLog & Flushable = {
    immediate: true,

    append(updates) {
      if (broken) throw new StoreUnavailable("the log cannot be trusted since a write to the disk failed");
      const pieces = updates.length === 1 ? updateRecord(updates[0]!) : updates.flatMap(updateRecord);
      try {
        writeAll(pieces);
      } catch (error) {
        options.onTrouble(true);
        throw new StoreUnavailable(`cannot write: ${(error as NodeJS.ErrnoException).code ?? "unknown"}`);
      }
      options.onTrouble(false);
      dirty = true;
      sinceSnapshot?.push(...pieces);
    },

    durable() {
      if (broken) return Promise.reject(new StoreUnavailable("an earlier flush failed"));
      if (dirty || folderDirty) return commit.commit(log);
      return flushing ?? Promise.resolve();
    },

    async flush() {
      dirty = false;
      const folder = folderDirty;
      folderDirty = false;
      const work = async () => {
        if (fd >= 0) await datasync(fd);
        if (folder) {
          await syncFolder(dirname(path));
          await syncFolder(dirname(dirname(path)));
        }
      };
      flushing = work();
      try {
        await flushing;
      } catch (error) {
        broken = true;
        options.onTrouble(true);
        throw new StoreUnavailable(`cannot flush: ${(error as NodeJS.ErrnoException).code ?? "unknown"}`);
      } finally {
        flushing = null;
      }
    },

    size: () => end,

    compact(snapshot) {
      compaction ??= compact(snapshot).finally(() => {
        compaction = null;
        sinceSnapshot = null;
      });
      return compaction;
    },

    async close() {
      await compaction?.catch(() => {});
      if (dirty || folderDirty) await log.durable().catch(() => {});
      await flushing?.catch(() => {});
      if (fd >= 0) closeSync(fd);
      fd = -1;
    },
  };

  /**
   * Writes the snapshot beside the log, then what was appended meanwhile, and only when all of it is on disk takes the log's
   * place: whenever it is interrupted, either the old file or the new one is whole.
   */
  async function compact(snapshot: readonly StoredUpdate[]): Promise<void> {
    sinceSnapshot = [];
    const beside = `${path}.new`;
    const handle = await open(beside, "w", 0o600);
    let length = 0;
    const write = async (pieces: Buffer[]) => {
      const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
      const { bytesWritten } = await handle.writev(pieces, length);
      if (bytesWritten < size) throw new Error("short write");
      length += size;
    };
    let fresh = -1;
    try {
      let step: Buffer[] = [logHead(document)];
      let size = 0;
      for (const update of snapshot) {
        const pieces = updateRecord(update);
        step.push(...pieces);
        for (const piece of pieces) size += piece.length;
        if (size < SNAPSHOT_STEP) continue;
        await write(step);
        step = [];
        size = 0;
      }
      await write(step);
      await handle.datasync();
      while (sinceSnapshot.length > 8) {
        await write(sinceSnapshot.splice(0));
        await handle.datasync();
      }
      await handle.close();
      // From here on nothing else can come in between.
      fresh = openSync(beside, "r+");
      const rest = Buffer.concat(sinceSnapshot.splice(0));
      if (rest.length > 0) {
        writeFully(fresh, rest, length);
        fdatasyncSync(fresh);
        length += rest.length;
      }
      // eslint-disable-next-line no-unmodified-loop-condition -- a flush may begin while one is awaited
      while (flushing) await flushing.catch(() => {});
      if (sinceSnapshot.length > 0) {
        const last = Buffer.concat(sinceSnapshot.splice(0));
        writeFully(fresh, last, length);
        fdatasyncSync(fresh);
        length += last.length;
      }
      // Everything is in the new file; some systems do not rename over an open one.
      if (fd >= 0) closeSync(fd);
      fd = -1;
      renameSync(beside, path);
    } catch (error) {
      await handle.close().catch(() => {});
      if (fresh >= 0) closeSync(fresh);
      await unlink(beside).catch(() => {});
      throw error;
    }
    fd = fresh;
    end = length;
    broken = false;
    folderDirty = true;
    dirty = true;
    await log.durable();
  }

  return log;
}

function writeFully(fd: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

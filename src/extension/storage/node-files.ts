/** A room's folder on disk, as the offline store needs it. */
import * as fs from "node:fs";
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Files } from "../../sync/files.ts";

/**
 * Files with this ending say that a window runs; their text is its process id and its computer. A home folder may be shared, and
 * what runs on another computer, or in another container, cannot be asked for: there a claim counts that is renewed.
 */
const CLAIM = ".claim";
/** How often a claim is renewed, and after how long it has lapsed on other computers, in milliseconds. */
const RENEW_EVERY = 3_600_000;
const LAPSES = 24 * 3_600_000;
/** Files with this ending are being written and count for nothing. */
const PARTIAL = ".part";
/** A file that is still being written after this long is one whose writer died, in milliseconds. */
const STALE = 3_600_000;

/** What is written while the caller waits, in bytes: a twentieth of a millisecond. */
const AT_ONCE = 64 * 1024;

const datasync = promisify(fs.fdatasync);
const writeSome = promisify(fs.write);
const closeFile = promisify(fs.close);

/** A file that is appended to. It is closed when nobody uses it any more. */
interface OpenFile {
  fd: number;
  users: Set<Promise<unknown>>;
  /** Its place in the folder is on disk. */
  placed: boolean;
}

/** Files flat in `folder`, which is made on the first write. */
export function createNodeFiles(folder: string): Files {
  const at = (name: string) => path.join(folder, name);
  const appending = new Map<string, OpenFile>();

  const opened = (name: string): OpenFile => {
    let file = appending.get(name);
    if (!file) {
      fs.mkdirSync(folder, { recursive: true });
      file = { fd: fs.openSync(at(name), "a"), users: new Set(), placed: false };
      appending.set(name, file);
    }
    return file;
  };

  const use = async <T>(file: OpenFile, task: () => Promise<T>): Promise<T> => {
    const run = task();
    file.users.add(run);
    try {
      return await run;
    } finally {
      file.users.delete(run);
    }
  };

  const close = async (name: string) => {
    const file = appending.get(name);
    if (!file) return;
    appending.delete(name);
    await Promise.allSettled(file.users);
    await closeFile(file.fd).catch(() => {});
  };

  const writeSlowly = async (name: string, file: OpenFile, bytes: Uint8Array) => {
    try {
      for (let done = 0; done < bytes.length;) {
        done += (await use(file, () => writeSome(file.fd, bytes, done, bytes.length - done))).bytesWritten;
      }
    } catch (error) {
      void close(name);
      throw error;
    }
  };

  /** Removes what windows that ended left behind: their claims, and files that they were writing. */
  const sweep = async () => {
    for (const name of await readdir(folder)) {
      if (name.endsWith(CLAIM)) {
        if (!(await stands(at(name)))) await rm(at(name), { force: true });
      } else if (name.endsWith(PARTIAL)) {
        const written = (await orNull(stat(at(name))))?.mtimeMs ?? Date.now();
        if (Date.now() - written > STALE) await rm(at(name), { force: true });
      }
    }
  };

  return {
    async list(prefix) {
      const names = await orNull(readdir(folder));
      return (names ?? []).filter(
        (name) => name.startsWith(prefix) && !name.endsWith(PARTIAL) && !name.endsWith(CLAIM),
      );
    },
    async read(name, from) {
      const handle = await orNull(open(at(name), "r"));
      if (!handle) return null;
      try {
        const { size } = await handle.stat();
        const bytes = new Uint8Array(Math.max(0, size - from));
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, from + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      } finally {
        await handle.close();
      }
    },
    write(name, bytes) {
      try {
        const file = opened(name);
        if (bytes.length > AT_ONCE) return writeSlowly(name, file, bytes);
        for (let done = 0; done < bytes.length;) done += fs.writeSync(file.fd, bytes, done);
        return undefined;
      } catch (error) {
        void close(name);
        throw error;
      }
    },
    async sync(name) {
      try {
        const file = opened(name);
        return await use(file, async () => {
          await datasync(file.fd);
          if (!file.placed) await syncFolder(folder);
          file.placed = true;
          return (await orNull(stat(at(name)))) !== null;
        });
      } catch (error) {
        void close(name);
        throw error;
      }
    },
    async replace(name, bytes) {
      await mkdir(folder, { recursive: true });
      await close(name);
      // two windows may replace the same file at once: each writes its own and the last to rename wins
      const partial = at(`${name}.${randomBytes(6).toString("hex")}${PARTIAL}`);
      try {
        const file = await open(partial, "w");
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(partial, at(name));
        await syncFolder(folder);
      } catch (error) {
        await rm(partial, { force: true }).catch(() => {});
        throw error;
      }
    },
    async remove(name) {
      await close(name);
      await rm(at(name), { force: true });
    },
    watch(onChange) {
      let watcher: fs.FSWatcher | undefined;
      let stopped = false;
      mkdir(folder, { recursive: true })
        .then(() => {
          if (stopped) return;
          watcher = fs.watch(folder, (_, name) => {
            if (name && !name.endsWith(PARTIAL) && !name.endsWith(CLAIM)) onChange(name);
          });
          // without a watcher the other window's changes arrive with the next start
          watcher.on("error", () => watcher?.close());
          watcher.unref();
        })
        .catch(() => {});
      return () => {
        stopped = true;
        watcher?.close();
      };
    },
    async claim(window) {
      await mkdir(folder, { recursive: true });
      const file = at(`${window}${CLAIM}`);
      await writeFile(file, `${process.pid} ${hostname()}`);
      const renewing = setInterval(() => {
        const now = new Date();
        void utimes(file, now, now).catch(() => {});
      }, RENEW_EVERY);
      renewing.unref();
      // the first words wait for the claim, not for tidying up
      void sweep().catch(() => {});
      return async () => {
        clearInterval(renewing);
        await Promise.all([...appending.keys()].map(close));
        await rm(file, { force: true });
      };
    },
    claimed: (window) => stands(at(`${window}${CLAIM}`)),
  };
}

/** True while the window that made the claim may run. */
async function stands(claim: string): Promise<boolean> {
  const text = await orNull(readFile(claim, "utf8"));
  if (text === null) return false;
  const [, pid, host] = /^(\d+)(?: (.+))?$/.exec(text) ?? [];
  if (pid === undefined) {
    // it may be just being written; on a full disk, or cut short by a power cut, it stays so
    const made = (await orNull(stat(claim)))?.mtimeMs;
    return made !== undefined && Date.now() - made < STALE;
  }
  if (host === undefined || host === hostname()) return isRunning(Number(pid));
  const renewed = (await orNull(stat(claim)))?.mtimeMs;
  return renewed !== undefined && Date.now() - renewed < LAPSES;
}

/** Makes the names in a folder durable, where the system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The value, or null when the file or folder is not there. */
async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** Keeps a second process off a data folder. The lock names a process, and falls with it: kill -9 leaves nothing to clean up. */
import { link, open, readFile, rename, unlink } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";

/** Thrown when the folder is in use; the message is for people. */
export class FolderInUse extends Error {
  override name = "FolderInUse";
}

export interface FolderLock {
  release(): Promise<void>;
}

/** Folders locked by this very process: its own pid in a lock file otherwise means a former process with the same number. */
const held = new Set<string>();

interface Holder {
  pid: number;
  /** When the process started, in the system's own unit, where that can be known. */
  started: string;
}

function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is a name in brackets that may hold anything; the 20th after it is the start time.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  if (holder.pid === process.pid) return false;
  return holder.started === "" || startOf(holder.pid) === holder.started;
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const holder = JSON.parse(await readFile(path, "utf8")) as Partial<Holder>;
    return typeof holder.pid === "number" ? { pid: holder.pid, started: holder.started ?? "" } : null;
  } catch {
    return null;
  }
}

export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, "lock");
  const inUse = (pid: number) =>
    new FolderInUse(`The data folder ${folder} is in use by another server (process ${pid}).`);
  if (held.has(path)) throw inUse(process.pid);
  held.add(path);
  try {
    await acquire(path, inUse);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return {
    async release() {
      await unlink(path).catch(() => {});
      held.delete(path);
    },
  };
}

async function acquire(path: string, inUse: (pid: number) => FolderInUse): Promise<void> {
  const own = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const file = await open(own, "wx", 0o600);
  await file.writeFile(JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
  await file.close();
  try {
    for (let attempt = 0; attempt < 20; attempt++) {
      try {
        // A hard link appears with its content or not at all, and never over an existing file.
        await link(own, path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = await readHolder(path);
      if (holder && isAlive(holder)) throw inUse(holder.pid);
      await takeAway(path, holder);
    }
    throw inUse(0);
  } finally {
    await unlink(own).catch(() => {});
  }
}

/** Removes a dead process's lock; should it have been replaced by a live one in between, puts that back. */
async function takeAway(path: string, dead: Holder | null): Promise<void> {
  const aside = `${path}.old.${randomBytes(4).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readHolder(aside);
  if (moved && (moved.pid !== dead?.pid || moved.started !== dead.started)) await link(aside, path).catch(() => {});
  await unlink(aside).catch(() => {});
}

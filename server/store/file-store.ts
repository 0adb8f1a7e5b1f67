/** The store that needs no set-up: a folder with one log per document and one small file per room. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, truncate, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createFileLog, syncFolder } from "./file-log.ts";
import { lockFolder } from "./folder-lock.ts";
import { createGroupCommit } from "./group-commit.ts";
import { beginsAsLog, isNewer, readLog } from "./log-format.ts";
import { type RecordStore, type Store, StoreUnavailable } from "./store.ts";

/** Opens the store in `folder`, which is made if need be. Throws `FolderInUse` when another process has it. */
export async function createFileStore(folder: string): Promise<Store> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder);
  const logs = join(folder, "documents");
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const rooms = await createFileRecords(join(folder, "rooms"));
  const commit = createGroupCommit();
  const openLogs = new Set<{ close(): Promise<void> }>();
  let trouble = false;

  /** A name is hashed before it touches the file system: no name can lead out of the folder. */
  const pathOf = (document: string) => {
    const hash = createHash("sha256").update(document).digest("hex");
    return join(logs, hash.slice(0, 2), `${hash}.log`);
  };

  return {
    async open(document) {
      const path = pathOf(document);
      const bytes = await readFile(path).catch(absent);
      // What an interrupted compaction left; the folder itself is made with the first write.
      if (bytes) await unlink(`${path}.new`).catch(absent);
      // never cut, and never written on
      if (bytes && isNewer(bytes))
        throw new Error("The log of a document was written by a newer version of this program.");
      const read = bytes ? readLog(bytes, document) : null;
      // A head that a crash cut short is written again with the first record.
      const end = read && (read.document !== null || read.updates.length > 0) ? read.end : 0;
      if (bytes && end === 0 && !beginsAsLog(bytes))
        await rename(path, `${path}${UNREADABLE}${randomBytes(4).toString("hex")}`);
      else if (bytes && end < bytes.length) await truncate(path, end);
      const log = createFileLog({
        document,
        path,
        end,
        commit,
        onTrouble: (now) => {
          trouble = now;
        },
      });
      openLogs.add(log);
      const close = log.close;
      log.close = () => close().finally(() => openLogs.delete(log));
      return { log, updates: read?.updates ?? [], damage: read?.damage ?? [] };
    },

    async has(document) {
      const bytes = await readFile(pathOf(document)).catch(absent);
      return bytes !== null && readLog(bytes, document).updates.length > 0;
    },

    async documents() {
      const names: string[] = [];
      for (const sub of await readdir(logs)) {
        if (!FOLDER.test(sub)) continue;
        for (const file of await readdir(join(logs, sub))) {
          if (!file.endsWith(".log")) continue;
          const name = await nameIn(join(logs, sub, file));
          if (name !== null) names.push(name);
        }
      }
      return names.sort();
    },

    async remove(document) {
      const path = pathOf(document);
      await unlink(path).catch(absent);
      await unlink(`${path}.new`).catch(absent);
      for (const name of (await readdir(dirname(path)).catch(absent)) ?? []) {
        if (name.startsWith(`${basename(path)}${UNREADABLE}`)) await unlink(join(dirname(path), name)).catch(absent);
      }
      await syncFolder(dirname(path)).catch(absent);
    },

    rooms,
    healthy: () => !trouble,

    async close() {
      await Promise.all([...openLogs].map((log) => log.close()));
      await commit.idle();
      await lock.release();
    },
  };
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}

/** What the disk refused, as the store's word for it. */
function unavailable(error: unknown): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === undefined ? error : new StoreUnavailable(`cannot write: ${code}`);
}

/** The document's name out of the head of its log. */
async function nameIn(path: string): Promise<string | null> {
  const file = await open(path, "r");
  try {
    // The head is the format's line and one record with the name: a websocket path, and so of bounded length.
    const bytes = Buffer.alloc(16_384);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return readLog(bytes.subarray(0, bytesRead), "").document;
  } finally {
    await file.close();
  }
}

/** Where logs stand: the first two letters of their hashed names. */
const FOLDER = /^[0-9a-f]{2}$/;
/** Ends the name, before some random letters, of a file that stood in a log's place and was none. */
const UNREADABLE = ".unreadable-";

const FILE = /^([a-z0-9-]{1,64})\.json$/;

async function createFileRecords(folder: string): Promise<RecordStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  /** Writes of one record come one after the other. */
  const queues = new Map<string, Promise<unknown>>();

  const pathOf = (key: string) => {
    if (!FILE.test(`${key}.json`)) throw new Error("not a record's key");
    return join(folder, `${key}.json`);
  };

  const read = async (key: string) => {
    const text = await readFile(pathOf(key), "utf8").catch(absent);
    if (text === null) return null;
    const { version, value } = JSON.parse(text) as { version: number; value: unknown };
    return { version, value };
  };

  const write = async (key: string, value: unknown, expected: number) => {
    if (((await read(key))?.version ?? 0) !== expected) return false;
    const path = pathOf(key);
    const beside = `${path}.${randomBytes(4).toString("hex")}.new`;
    try {
      const file = await open(beside, "wx", 0o600);
      try {
        await file.writeFile(JSON.stringify({ version: expected + 1, value }));
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
    } catch (error) {
      // a full disk would be filled further by every attempt
      await unlink(beside).catch(() => {});
      throw unavailable(error);
    }
    await syncFolder(folder);
    return true;
  };

  return {
    read,
    write(key, value, expected) {
      const before = queues.get(key) ?? Promise.resolve();
      const done = before.catch(() => {}).then(() => write(key, value, expected));
      queues.set(key, done);
      void done.catch(() => {}).finally(() => queues.get(key) === done && queues.delete(key));
      return done;
    },
    async remove(key) {
      try {
        await unlink(pathOf(key)).catch(absent);
        await syncFolder(folder);
      } catch (error) {
        throw unavailable(error);
      }
    },
    async keys() {
      const names = await readdir(folder);
      return names.flatMap((name) => FILE.exec(name)?.[1] ?? []).sort();
    },
  };
}

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/**
 * Runs `work` while this process alone holds the lock `file` (which names the process that holds it). A lock whose
 * process has died is taken over; for a living one this waits, calling `waiting` twice a second.
 */
export const withLock = async <T>(file: string, waiting: () => void, work: () => Promise<T>): Promise<T> => {
  await mkdir(path.dirname(file), { recursive: true });
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number(await readFile(file, "utf8").catch(() => ""));
    if (holder > 0 && !isAlive(holder)) {
      // Renaming is atomic, so of several that notice the death one takes the dead lock away.
      const aside = `${file}.${process.pid}.dead`;
      await rename(file, aside).then(
        () => rm(aside, { force: true }),
        () => undefined,
      );
      continue;
    }
    waiting();
    await delay(500);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
};

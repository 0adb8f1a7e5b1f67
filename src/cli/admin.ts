/** Talks to the server that has the data folder, or opens the folder itself when none is running. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer } from "../../server/create-server.ts";
import { FolderInUse } from "../../server/store/folder-lock.ts";
import type { HttpFailure } from "../protocol/wire.ts";
import { defaultData, redisUrl, systemSentence, type Terminal } from "./terminal.ts";

export interface Admin {
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  close(): Promise<void>;
}

/** The server refused; the message is for people. */
class Refused extends Error {}

async function findRunning(data: string): Promise<{ url: string; adminKey: string } | null> {
  try {
    const file = JSON.parse(await readFile(join(data, "server.json"), "utf8")) as { url: string; adminKey: string };
    const answer = await fetch(`${file.url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? file : null;
  } catch {
    return null;
  }
}

/**
 * Does `work` with the rooms that the options `--data` and `--redis` name, and resolves with the exit code: 1, after a sentence, when
 * the server refuses, when a process holds the folder that does not answer, or when the system refuses a file or a folder.
 */
export async function withAdmin(
  { data, redis }: { data?: string; redis?: string },
  terminal: Terminal,
  work: (admin: Admin) => Promise<void>,
): Promise<number> {
  let admin: Admin | null = null;
  try {
    admin = await openAdmin(data ?? defaultData(terminal), redisUrl(redis));
    await work(admin);
    return 0;
  } catch (error) {
    const sentence = error instanceof Refused || error instanceof FolderInUse ? error.message : systemSentence(error);
    if (sentence === undefined) throw error;
    terminal.err(`marginalia: ${sentence}\n`);
    return 1;
  } finally {
    await admin?.close();
  }
}

async function openAdmin(data: string, redis?: string): Promise<Admin> {
  const running = await findRunning(data);
  const own = running ? null : await createServer({ data, redis, host: "127.0.0.1", port: 0 });
  const { url, adminKey } = running ?? { url: own!.url, adminKey: own!.adminKey ?? "" };
  return {
    async call<T>(method: string, path: string, body?: unknown) {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${adminKey}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Refused((JSON.parse(text) as HttpFailure).message);
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
    close: async () => own?.close(),
  };
}

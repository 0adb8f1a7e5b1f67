/** Talks to the server that has the data folder, or opens the folder itself when none is running. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer } from "../../server/create-server.ts";
import type { HttpFailure } from "../protocol/wire.ts";

export interface Admin {
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  close(): Promise<void>;
}

/** The server refused; the message is for people. */
export class Refused extends Error {}

async function findRunning(data: string): Promise<{ url: string; adminKey: string } | null> {
  try {
    const file = JSON.parse(await readFile(join(data, "server.json"), "utf8")) as { url: string; adminKey: string };
    const answer = await fetch(`${file.url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok ? file : null;
  } catch {
    return null;
  }
}

/** Opens the way to the rooms in `data`, or in Redis. Throws `FolderInUse` when a process holds the folder that does not answer. */
export async function openAdmin(data: string, redis?: string): Promise<Admin> {
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

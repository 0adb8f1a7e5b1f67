/** A window as far as sessions go: its rooms on a real disk, its way to a server, and what the reader is asked and told. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type * as vscode from "vscode";
import type { OpenArticle } from "../../src/extension/article/open-article.ts";
import { createRooms, type Rooms } from "../../src/extension/article/rooms.ts";
import type { Identity } from "../../src/extension/identity.ts";
import { createCredentials } from "../../src/extension/session/credentials.ts";
import { createSessionFlow, type SessionFlow } from "../../src/extension/session/session-flow.ts";
import type { Room } from "../../src/sync/room.ts";

export const META = { title: "T", fileName: "t.md", format: "markdown" } as const;
export const silent = { info() {}, warn() {}, error() {} };

export interface SessionWindow {
  rooms: Rooms;
  flow: SessionFlow;
  /** Addresses that were opened in a reading view. */
  opened: string[];
  folder: string;
  /** The keychain. */
  secrets: Map<string, string>;
}

export type Cleanup = (task: () => unknown) => void;

export async function tempFolder(cleanup: Cleanup): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-session-"));
  cleanup(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A window of somebody on a computer: with a folder and a keychain that were used before, of who used them. */
export async function openSessionWindow(
  name: string,
  cleanup: Cleanup,
  { folder, secrets = new Map() }: { folder?: string; secrets?: Map<string, string> } = {},
): Promise<SessionWindow> {
  const disk = folder ?? path.join(await tempFolder(cleanup), "rooms");
  const opened: string[] = [];
  const storage = {
    get: async (key: string) => secrets.get(key),
    store: async (key: string, value: string) => void secrets.set(key, value),
    onDidChange: () => ({ dispose() {} }),
  } as unknown as vscode.SecretStorage;
  const credentials = createCredentials(storage);
  const identity = {
    participant: `${name.toLowerCase()}-alone`,
    name: () => name,
    chosen: () => true,
    ask: async () => name,
    onDidChangeName: () => ({ dispose() {} }),
  } as Identity;
  const rooms = createRooms({
    folder: disk,
    identity,
    credentials,
    reviveHosted: async (server) => server,
    log: silent,
  });
  cleanup(() => rooms.dispose());
  const flow = createSessionFlow({
    rooms,
    identity,
    log: silent,
    hosting: { cli: "", data: "", log: silent },
    openReader: async (uri) => void opened.push(uri.toString()),
    fileOf: async () => undefined,
    secretFor: credentials.ownersSecret,
  });
  return { rooms, flow, opened, folder: disk, secrets };
}

/** The article of a room, as commands about sessions know it. */
export function articleOf(room: Room): OpenArticle {
  return { room, ready: Promise.resolve(), title: () => "T" } as Partial<OpenArticle> as OpenArticle;
}

/** Resolves when the room's status is so. */
export function untilStatus(room: Room, state: Room["status"]["state"]): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (room.status.state !== state) return;
      stop();
      resolve();
    };
    const stop = room.onDidChangeStatus(check);
    check();
  });
}

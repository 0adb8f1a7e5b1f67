import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { WebSocket } from "ws";
import type { RunningServer } from "../../server/create-server.ts";
import { formatDocumentName } from "../core/model/documents.ts";
import { MESSAGE_SAVED, MESSAGE_SYNC, SAVED_COUNT, SAVED_SUBSCRIBE, SYNC_UPDATE } from "../protocol/wire.ts";
import {
  type Api,
  type ApiResult,
  createInvite,
  createRoom,
  formatInviteLink,
  websocketAddress,
} from "../sync/invites.ts";
import { seedUpdate } from "../sync/seed.ts";
import { projectRoot } from "./paths.ts";
import { Problem } from "./problem.ts";

const api: Api = { fetch: (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(15_000) }) };

const orProblem = <T>(result: ApiResult<T>): T => {
  if (!result.ok) throw new Problem("server-failed", `The sample session could not be made: ${result.message}`);
  return result.value;
};

const readSample = async (): Promise<{ readonly text: string; readonly fileName: string; readonly title: string }> => {
  const folder = path.join(projectRoot, "media", "sample");
  const fileName = (await readdir(folder)).find((name) => name.endsWith(".md"));
  if (!fileName) throw new Error(`${folder} holds no article.`);
  const text = (await readFile(path.join(folder, fileName), "utf8")).replaceAll("\r\n", "\n");
  return { text, fileName, title: /^# +(.+)$/m.exec(text)?.[1] ?? fileName };
};

/** Sends one update to a document and resolves when the server has it on disk. */
const sendSaved = (url: string, update: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const fail = (): void =>
      reject(new Problem("server-failed", "The sample article could not be put on the sync server."));
    socket.on("error", fail);
    socket.on("close", fail);
    socket.on("open", () => {
      const message = encoding.createEncoder();
      encoding.writeVarUint(message, MESSAGE_SYNC);
      encoding.writeVarUint(message, SYNC_UPDATE);
      encoding.writeVarUint8Array(message, update);
      socket.send(encoding.toUint8Array(message));
      socket.send(Uint8Array.of(MESSAGE_SAVED, SAVED_SUBSCRIBE));
    });
    socket.on("message", (data: ArrayBuffer) => {
      const decoder = decoding.createDecoder(new Uint8Array(data));
      if (decoding.readVarUint(decoder) !== MESSAGE_SAVED || decoding.readVarUint(decoder) !== SAVED_COUNT) return;
      if (decoding.readVarUint(decoder) === 0) return;
      resolve();
      socket.close();
    });
  });

/**
 * A room with the sample article on `server`, the same on every start, and a fresh invite link for each role asked for. The
 * room's name holds a hash of the text, so that another edition of the sample is another room.
 */
export const ensureSampleRoom = async <R extends "author" | "reader">(
  server: RunningServer,
  roles: readonly R[],
): Promise<ReadonlyMap<R, string>> => {
  const { text, fileName, title } = await readSample();
  const room = `sample-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
  const owner = { id: "sample-host", name: "Sample session" };
  const made = orProblem(
    await createRoom(api, server.url, { title, room, participant: owner }, server.adminKey ?? undefined),
  );
  const address = `${websocketAddress(server.url)}/${formatDocumentName({ room, kind: "article" })}?token=${made.token}`;
  // The same room and text give the same update, which changes nothing the second time.
  await sendSaved(address, seedUpdate(room, text, { title, fileName, format: "markdown" }));
  const links = new Map<R, string>();
  for (const role of roles)
    links.set(role, formatInviteLink(orProblem(await createInvite(api, server.url, room, { role }, made.token))));
  return links;
};

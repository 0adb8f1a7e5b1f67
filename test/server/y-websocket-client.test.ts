import { afterEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { createServer, type RunningServer } from "../../server/create-server.ts";
import { createRoom } from "../../src/sync/invites.ts";

/** The published provider, as any other Yjs program uses it. */
let server: RunningServer;
const ends: (() => void)[] = [];

function client(name: string, params: Record<string, string> = {}) {
  const doc = new Y.Doc();
  const provider = new WebsocketProvider(server.url.replace("http", "ws"), name, doc, {
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
    params,
  });
  ends.push(() => {
    provider.destroy();
    doc.destroy();
  });
  const synced = new Promise<void>((resolve) => {
    provider.once("sync", () => resolve());
  });
  return { doc, provider, synced, text: doc.getText("text") };
}

/** Resolves when the document says so, asked again with each of its updates. */
function when(doc: Y.Doc, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      doc.off("update", check);
      resolve();
    };
    doc.on("update", check);
  });
}

afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await server.close();
});

test("SV-6 the published y-websocket provider syncs in an open server, and a late one gets everything", async () => {
  server = await createServer({ mode: "open" });
  const [a, b] = [client("seminar"), client("seminar")];
  await Promise.all([a.synced, b.synced]);
  a.text.insert(0, "marginalia 😀");
  await when(b.doc, () => b.text.toString() === "marginalia 😀");
  b.text.delete(0, 1);
  await when(a.doc, () => a.text.toString() === "arginalia 😀");
  const late = client("seminar");
  await late.synced;
  expect(late.text.toString()).toBe("arginalia 😀");
});

test("SV-6 the published provider joins a guarded room by its token, and is refused without", async () => {
  server = await createServer({ adminKey: "key-of-the-test" });
  const api = { fetch: (url: string, init: object) => fetch(url, init) };
  const person = { id: "ada", name: "Ada" };
  const made = await createRoom(api, server.url, { title: "T", participant: person }, "key-of-the-test");
  if (!made.ok) throw new Error(made.message);
  const name = `${made.value.room}/article`;
  const ada = client(name, { token: made.value.token });
  await ada.synced;
  ada.text.insert(0, "hers");
  const again = client(name, { token: made.value.token });
  await again.synced;
  await when(again.doc, () => again.text.toString() === "hers");

  const stranger = client(name, { token: "nonsense" });
  const refused = new Promise<number>((resolve) => {
    stranger.provider.on("connection-close", (event: CloseEvent | null) => resolve(event?.code ?? 0));
  });
  expect(await refused).toBe(4401);
  expect(stranger.text.toString()).toBe("");
});

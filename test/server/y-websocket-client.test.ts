/** The published provider in each of its major versions, as any other Yjs program uses it. */
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider as Version3 } from "y-websocket";
import { WebsocketProvider as Version1 } from "y-websocket-1";
import { WebsocketProvider as Version2 } from "y-websocket-2";
import * as Y from "yjs";
import { createServer, type RunningServer } from "../../server/create-server.ts";
import { createRoom } from "../../src/sync/invites.ts";

/** What all versions have in common. */
interface Provider {
  awareness: {
    states: Map<number, Record<string, unknown>>;
    setLocalStateField(field: string, value: unknown): void;
    on(event: "change", listener: () => void): void;
    off(event: "change", listener: () => void): void;
  };
  once(event: "sync", listener: () => void): void;
  on(event: "connection-close", listener: (event: CloseEvent | null) => void): void;
  destroy(): void;
}
type ProviderClass = new (
  url: string,
  name: string,
  doc: Y.Doc,
  options: { WebSocketPolyfill: typeof globalThis.WebSocket; disableBc: true; params: Record<string, string> },
) => Provider;

const VERSIONS: readonly [version: string, Provider: ProviderClass, module: string][] = [
  ["1.5", Version1, "y-websocket-1"],
  ["2", Version2, "y-websocket-2"],
  ["3", Version3, "y-websocket"],
];

let server: RunningServer;
const ends: (() => void)[] = [];

function client(Provider: ProviderClass, name: string, params: Record<string, string> = {}) {
  const doc = new Y.Doc();
  const provider = new Provider(server.url.replace("http", "ws"), name, doc, {
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

/** Resolves when the provider hears of a presence of that name under that client id. */
function whenPresent({ awareness }: Provider, id: number, name: string): Promise<void> {
  const holds = () => (awareness.states.get(id)?.["user"] as { name?: string } | undefined)?.name === name;
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      awareness.off("change", check);
      resolve();
    };
    awareness.on("change", check);
  });
}

afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await server.close();
});

describe("an open server", () => {
  beforeEach(async () => {
    server = await createServer({ mode: "open" });
  });

  it.each(VERSIONS)("SV-6 y-websocket %s syncs, and a late one gets everything", async (_version, Provider, module) => {
    const require = createRequire(import.meta.resolve(module));
    expect(require.resolve("yjs"), "all versions use the same yjs").toBe(createRequire(import.meta.url).resolve("yjs"));
    const [a, b] = [client(Provider, "seminar"), client(Provider, "seminar")];
    await Promise.all([a.synced, b.synced]);
    a.text.insert(0, "marginalia 😀");
    await when(b.doc, () => b.text.toString() === "marginalia 😀");
    b.text.delete(0, 1);
    await when(a.doc, () => a.text.toString() === "arginalia 😀");
    const late = client(Provider, "seminar");
    await late.synced;
    expect(late.text.toString()).toBe("arginalia 😀");
  });

  it("SV-6 all versions write and see each other in one document", async () => {
    const all = VERSIONS.map(([, Provider]) => client(Provider, "mixed é/room"));
    await Promise.all(all.map((one) => one.synced));
    for (const [i, one] of all.entries()) {
      one.text.insert(0, `<${i}>`);
      one.provider.awareness.setLocalStateField("user", { name: `reader ${i}` });
    }
    for (const one of all) {
      await when(one.doc, () => one.text.length === 3 * all.length);
      for (const [i, other] of all.entries()) await whenPresent(one.provider, other.doc.clientID, `reader ${i}`);
    }
    expect(new Set(all.map((one) => one.text.toString())).size).toBe(1);
  });
});

describe("a guarded server", () => {
  let name: string;
  let token: string;
  beforeEach(async () => {
    server = await createServer({ adminKey: "key-of-the-test" });
    const api = { fetch: (url: string, init: object) => fetch(url, init) };
    const participant = { id: "ada", name: "Ada" };
    const made = await createRoom(api, server.url, { title: "T", participant }, "key-of-the-test");
    if (!made.ok) throw new Error(made.message);
    name = `${made.value.room}/article`;
    token = made.value.token;
  });

  it.each(VERSIONS)("SV-6 y-websocket %s joins a room by its token", async (_version, Provider) => {
    const ada = client(Provider, name, { token });
    await ada.synced;
    ada.text.insert(0, "hers");
    ada.provider.awareness.setLocalStateField("user", { name: "somebody else" });
    const again = client(Provider, name, { token });
    await again.synced;
    await when(again.doc, () => again.text.toString() === "hers");
    // The name is the one that the server knows.
    await whenPresent(again.provider, ada.doc.clientID, "Ada");
  });

  it.each(VERSIONS)("SV-6 y-websocket %s is refused without a valid token", async (_version, Provider) => {
    const stranger = client(Provider, name, { token: "nonsense" });
    const code = await new Promise<number>((resolve) => {
      stranger.provider.on("connection-close", (event) => resolve(event?.code ?? 0));
    });
    expect(code).toBe(4401);
    expect(stranger.text.toString()).toBe("");
  });
});

/** Joining as the extension does it, with a real server, a real disk and real sockets. */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as vscode from "vscode";
import { createServer, type RunningServer } from "../../server/create-server.ts";
import { createRooms, type Rooms, systemClock } from "../../src/extension/article/rooms.ts";
import type { Identity } from "../../src/extension/identity.ts";
import { createCredentials } from "../../src/extension/session/credentials.ts";
import { createSessionFlow, type SessionFlow } from "../../src/extension/session/session-flow.ts";
import { openSocketLater } from "../../src/extension/session/later-socket.ts";
import type { CreateInvite, InviteCreated } from "../../src/protocol/wire.ts";
import { createRoom, type Membership, websocketAddress } from "../../src/sync/invites.ts";
import { openRoom, type Room } from "../../src/sync/room.ts";
import { seededBytes } from "../support/fake-clock.ts";
import { asked, toldErrors } from "../support/fake-vscode.ts";
import { request } from "../support/sync-server.ts";

vi.mock("vscode", async () => (await import("../support/fake-vscode.ts")).fakeVscode);

const META = { title: "T", fileName: "t.md", format: "markdown" } as const;
const silent = { info() {}, warn() {}, error() {} };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-joining-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolves when the server has everything on disk. */
function inStep(room: Room): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (room.status.state !== "saved") return;
      stop();
      resolve();
    };
    const stop = room.onDidChangeStatus(check);
    check();
  });
}

/** A window of somebody who is in no session yet. */
async function openWindow(folder?: string, secrets = new Map<string, string>()) {
  folder ??= path.join(await tempFolder(), "rooms");
  const opened: string[] = [];
  const storage = {
    get: async (key: string) => secrets.get(key),
    store: async (key: string, value: string) => void secrets.set(key, value),
    onDidChange: () => ({ dispose() {} }),
  } as unknown as vscode.SecretStorage;
  const identity = {
    participant: "ben-alone",
    name: () => "Ben",
    chosen: () => true,
    ask: async () => "Ben",
    onDidChangeName: () => ({ dispose() {} }),
  } as Identity;
  const rooms: Rooms = createRooms({
    folder,
    identity,
    credentials: createCredentials(storage),
    reviveHosted: async (server) => server,
    log: silent,
  });
  cleanups.push(() => rooms.dispose());
  const flow: SessionFlow = createSessionFlow({
    rooms,
    identity,
    log: silent,
    hosting: { cli: "", data: "", log: silent },
    openReader: async (uri) => void opened.push(uri.toString()),
    fileOf: async () => undefined,
    secretFor: async () => "not asked for in these tests",
  });
  return { rooms, flow, opened, folder, secrets };
}

describe("joining", () => {
  let server: RunningServer;
  let owner: Membership;

  beforeEach(async () => {
    toldErrors.length = 0;
    asked.questions.length = 0;
    asked.choose = undefined;
    server = await createServer({ data: await tempFolder(), port: 0, openCreation: true });
    cleanups.push(() => server.close());
    const made = await createRoom({ fetch }, server.url, { title: "T", participant: { id: "ada", name: "Ada" } });
    if (!made.ok) throw new Error(made.message);
    owner = made.value;
    const room = openRoom({
      room: owner.room,
      me: { participant: "ada", role: "owner", name: "Ada" },
      store: null,
      openSocket: openSocketLater,
      clock: systemClock,
      random: seededBytes(1),
      pause: () => new Promise((resolve) => setImmediate(resolve)),
    });
    await room.loaded;
    room.connect({ url: websocketAddress(server.url), token: owner.token });
    room.seed("A passage, no more.", META);
    await inStep(room);
    await room.close();
  });

  const invite = async (wish: CreateInvite): Promise<string> => {
    const made = await request<InviteCreated>(server, "POST", `/rooms/${owner.room}/invites`, {
      token: owner.token,
      body: wish,
    });
    return made.body.link;
  };
  const members = async (): Promise<string[]> => {
    const list = await request<{ participants: { name: string }[] }>(
      server,
      "GET",
      `/rooms/${owner.room}/participants`,
      { token: owner.token },
    );
    return list.body.participants.map(({ name }) => name);
  };
  /** From now on everybody's clock, the server's too, is so many milliseconds later. */
  const later = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });

  test("SY-73 whoever joins is a member, has the article, and comes back by a link that has expired since", async () => {
    const ben = await openWindow();
    const link = await invite({ role: "reader", uses: 1, expiresIn: 60 });
    const uri = await ben.flow.join(link);
    expect(uri?.toString()).toBe(`marginalia:/t.md?${owner.room}`);
    expect(ben.opened).toEqual([uri?.toString()]);
    expect(await members()).toEqual(["Ada", "Ben"]);
    const before = await ben.rooms.membership(owner.room);
    expect(before).toMatchObject({ role: "reader", name: "Ben", invite: link });
    later(61_000);
    expect((await ben.flow.join(link))?.toString()).toBe(uri?.toString());
    expect((await ben.rooms.membership(owner.room))?.participant).toBe(before?.participant);
    expect(await members()).toEqual(["Ada", "Ben"]);
    expect(toldErrors).toEqual([]);
  });

  test("SY-74 whoever left comes back by a link as who they were, also while the article is still open", async () => {
    const ben = await openWindow();
    const link = await invite({ role: "reader" });
    await ben.flow.join(link);
    const hold = await ben.rooms.open(owner.room);
    cleanups.push(() => hold.release());
    const me = hold.room.me().participant;
    await ben.rooms.leave(owner.room);
    expect(hold.room.status.state).toBe("alone");
    expect(await ben.rooms.membership(owner.room)).toBeUndefined();
    await ben.flow.join(link);
    expect(await ben.rooms.membership(owner.room)).toMatchObject({ participant: me });
    await inStep(hold.room);
    expect(hold.room.me().participant).toBe(me);
    expect(await members()).toEqual(["Ada", "Ben"]);
    expect(toldErrors).toEqual([]);
  });

  test("SY-74 who left a session reads on and writes on as who they were, also after the window was closed", async () => {
    const ben = await openWindow();
    await ben.flow.join(await invite({ role: "reader" }));
    const me = (await ben.rooms.membership(owner.room))?.participant;
    await ben.rooms.leave(owner.room);
    await ben.rooms.dispose();
    const again = await openWindow(ben.folder, ben.secrets);
    const { room, release } = await again.rooms.open(owner.room);
    cleanups.push(release);
    expect(room.me()).toMatchObject({ participant: me, role: "reader" });
    expect(room.text.toString()).toBe("A passage, no more.");
    expect(room.status.state).toBe("alone");
  });

  test("SY-75 what proves who one is goes to no other server without a look", async () => {
    const ben = await openWindow();
    const link = await invite({ role: "reader" });
    await ben.flow.join(link);
    const token = (await ben.rooms.membership(owner.room))!.token;
    const heard: string[] = [];
    const other = createHttpServer((call, response) => {
      call.on("data", (data: Buffer) => heard.push(data.toString()));
      call.on("end", () => response.writeHead(404).end());
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => other.close());
    const host = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const elsewhere = link.replace(server.url, `http://${host}`);
    expect(await ben.flow.join(elsewhere)).toBeUndefined();
    expect(heard).toEqual([]);
    expect(asked.questions).toHaveLength(1);
    expect(asked.questions[0]).toContain(host);
    expect(toldErrors).toEqual([]);
    // a session that moved is told so
    asked.choose = "Join There";
    await ben.flow.join(elsewhere);
    expect(heard.join("")).toContain(token);
    expect(await ben.rooms.membership(owner.room)).toMatchObject({ server: server.url });
  });

  test("SY-75 a server that is asked about one session is given no other", async () => {
    const ben = await openWindow();
    await ben.flow.join(await invite({ role: "reader" }));
    const before = await ben.rooms.membership(owner.room);
    const other = createHttpServer((_call, response) => {
      const answer = { room: owner.room, title: "T", participant: before?.participant, role: "owner", token: "theirs" };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    expect(await ben.flow.join(`http://127.0.0.1:${port}/join/another#abcdefgh12345678`)).toBeUndefined();
    expect(toldErrors).toEqual([
      "You could not join the session. The server's answer was not understood. Is it a Marginalia server?",
    ]);
    expect(await ben.rooms.membership(owner.room)).toEqual(before);
  });

  test("SY-89 a link to what was read alone here shares it only when its writer agrees", async () => {
    const ben = await openWindow();
    const { room, release } = await ben.rooms.open(owner.room);
    cleanups.push(release);
    room.seed("What nobody else has read.", META);
    const link = await invite({ role: "author" });
    expect(await ben.flow.join(link)).toBeUndefined();
    expect(asked.questions).toEqual([expect.stringContaining("while reading alone")]);
    expect(await members()).toEqual(["Ada"]);
    asked.choose = "Share Them";
    expect(await ben.flow.join(link)).toBeDefined();
    expect(await members()).toEqual(["Ada", "Ben"]);
    expect(toldErrors).toEqual([]);
  });

  test.each([
    {
      what: "an invite that has expired",
      async link() {
        const link = await invite({ role: "reader", expiresIn: 60 });
        later(61_000);
        return link;
      },
      sentence: "You could not join the session. The invite link has expired. Ask for a new one.",
      there: ["Ada"],
    },
    {
      what: "an invite that is used up",
      async link() {
        const link = await invite({ role: "reader", uses: 1 });
        await request(server, "POST", `/rooms/${owner.room}/join`, {
          body: { invite: link.slice(link.indexOf("#") + 1), name: "Cara" },
        });
        return link;
      },
      sentence:
        "You could not join the session. The invite link has been used as often as it may be. Ask for a new one.",
      there: ["Ada", "Cara"],
    },
    {
      what: "an invite that the room never gave",
      link: async () => `${server.url}/join/${owner.room}#abcdefgh12345678`,
      sentence: "You could not join the session. The invite link is not valid. Ask for a new one.",
      there: ["Ada"],
    },
    {
      what: "a room that is not there",
      link: async () => (await invite({ role: "reader" })).replace(owner.room, "nowhere"),
      sentence: "You could not join the session. The session does not exist on this server.",
      there: ["Ada"],
    },
    {
      what: "a room that was removed",
      async link() {
        const link = await invite({ role: "reader" });
        await request(server, "DELETE", `/rooms/${owner.room}`, { token: owner.token });
        return link;
      },
      sentence: "You could not join the session. The session does not exist on this server.",
      there: null,
    },
  ])("SY-73 $what: one sentence, and nothing is left behind", async ({ link, sentence, there }) => {
    const ben = await openWindow();
    const given = await link();
    expect(await ben.flow.join(given)).toBeUndefined();
    expect(toldErrors).toEqual([sentence]);
    expect(ben.opened).toEqual([]);
    expect([...ben.secrets]).toEqual([]);
    expect(existsSync(ben.folder) ? await readdir(ben.folder) : []).toEqual([]);
    for (const room of [owner.room, "nowhere"]) expect(await ben.rooms.isKnown(room)).toBe(false);
    if (there) expect(await members()).toEqual(there);
  });
});

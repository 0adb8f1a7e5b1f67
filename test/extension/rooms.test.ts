/** A window's rooms: opened, shared, closed, with a disk and a server that may refuse. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRooms, type Rooms } from "../../src/extension/article/rooms.ts";
import type { Identity } from "../../src/extension/identity.ts";
import { createCredentials, type Membership } from "../../src/extension/session/credentials.ts";
import { FROM_ME } from "../../src/sync/origins.ts";
import { settle } from "../support/fake-clock.ts";
import { createFakeNetwork } from "../support/fake-network.ts";
import { createFakeSecrets } from "../support/fake-secrets.ts";
import { createMemoryFolder, type MemoryFolder } from "../support/memory-files.ts";
import { createRelay } from "../support/relay.ts";
import { openWindow as openRemote, quiet, TARGET, type Window } from "../support/room-world.ts";

vi.mock("vscode", async () => (await import("../support/fake-vscode.ts")).fakeVscode);

/** As long as a room stays open that nobody shows, in milliseconds, and a little more. */
const LINGER = 10_100;
const note = (body: string) => ({ target: TARGET, motivation: "commenting", body }) as const;

let opened: Rooms[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(async () => {
  for (const rooms of opened) await rooms.dispose();
  opened = [];
  vi.useRealTimers();
});

/** One of Ada's windows on the computer with this folder and these secrets. */
function openWindow(
  folder: MemoryFolder,
  relay = createRelay(),
  secrets = createFakeSecrets(),
  memory?: Parameters<typeof createCredentials>[1],
) {
  const files = folder.window();
  const network = createFakeNetwork(relay.serve);
  const errors: string[] = [];
  const identity = {
    participant: "ada",
    name: () => "Ada",
    chosen: () => true,
    ask: async () => "Ada",
    onDidChangeName: () => ({ dispose() {} }),
  } as Identity;
  const rooms = createRooms({
    folder: "",
    files: () => files,
    openSocket: network.openSocket,
    identity,
    credentials: createCredentials(secrets, memory),
    reviveHosted: async (server) => server,
    log: { info() {}, warn() {}, error: (message) => void errors.push(message) },
  });
  opened.push(rooms);
  const bodies = async () => {
    const hold = await rooms.open("room");
    await hold.room.threads.settled();
    const found = hold.room.threads.all().map((thread) => thread.annotation.body);
    hold.release();
    return found.sort();
  };
  return { rooms, files, network, errors, bodies };
}

const noRoom = () => {
  throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
};

test("ST-23 the disk is full and the tab is closed: the room stays open until there is space", async () => {
  const folder = createMemoryFolder();
  const ada = openWindow(folder);
  const hold = await ada.rooms.open("room");
  ada.files.fault = noRoom;
  expect(hold.room.write.annotate(note("kept in memory")).ok).toBe(true);
  await settle();
  hold.release();
  await vi.advanceTimersByTimeAsync(5 * LINGER);
  expect(ada.rooms.store.trouble?.pending).toBe(1);
  // the tab opened again shares it
  expect(await ada.bodies()).toEqual(["kept in memory"]);
  await vi.advanceTimersByTimeAsync(LINGER);
  ada.files.fault = null;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ada.rooms.store.trouble).toBeNull();
  expect(await openWindow(folder).bodies()).toEqual(["kept in memory"]);
  // and it is closed at last
  expect(() => ada.rooms.store.open("room/margin", {} as never)).not.toThrow();
});

test("ST-23 the window is closed while the disk is full: tried once more, and reported", async () => {
  const folder = createMemoryFolder();
  const ada = openWindow(folder);
  const hold = await ada.rooms.open("room");
  ada.files.fault = noRoom;
  hold.room.write.annotate(note("too late"));
  await settle();
  const told: unknown[] = [];
  ada.rooms.store.onDidChangeTrouble((trouble) => told.push(trouble));
  ada.errors.length = 0;
  await ada.rooms.dispose();
  expect(ada.errors.filter((message) => message.startsWith("Changes were lost"))).toEqual([
    "Changes were lost when the window closed. The disk is full. Changes are kept in memory and written as soon as there is room.",
  ]);
  expect(told.at(-1)).toBeNull();
});

test("ST-24 a room that is opened while it closes is there when its files are written", async () => {
  const folder = createMemoryFolder(() => 3);
  const ada = openWindow(folder);
  const hold = await ada.rooms.open("room");
  hold.room.write.annotate(note("first"));
  hold.release();
  vi.advanceTimersByTime(LINGER);
  for (let turns = 0; turns < 40; turns++) {
    expect(await ada.bodies(), `after ${turns} turns`).toEqual(["first"]);
    vi.advanceTimersByTime(LINGER);
    await settle(turns);
  }
});

const MEMBER: Membership = {
  server: "http://server",
  // the relay takes a token for the name of its bearer
  token: "ada",
  participant: "ada",
  role: "owner",
  name: "Ada",
};

/** Two windows of Ada with the room open, and Ben, who is elsewhere. */
async function threeWindows() {
  const relay = createRelay();
  const folder = createMemoryFolder();
  const secrets = createFakeSecrets();
  const windows = [openWindow(folder, relay, secrets), openWindow(folder, relay, secrets)] as const;
  const [one, two] = [await windows[0].rooms.open("room"), await windows[1].rooms.open("room")];
  one.room.seed("A passage, no more.", { title: "T", fileName: "t.md", format: "markdown" });
  const ben: Window = await openRemote(relay, "ben");
  ben.connect();
  const rest = async () => {
    for (let i = 0; i < 20; i++) {
      for (const window of windows) window.network.run();
      // what is taken in from a file pauses now and then
      await new Promise((resolve) => setImmediate(resolve));
      await quiet([ben], 1);
    }
  };
  const state = () => [one.room.status.state, two.room.status.state];
  const heard = () => ben.room.threads.all().map((thread) => thread.annotation.body);
  return { windows, one: one.room, two: two.room, ben, rest, state, heard };
}

test("SY-76 who leaves in one window has left in all: what is written afterwards is nobody's but theirs", async () => {
  const { windows, one, two, ben, rest, state, heard } = await threeWindows();
  await windows[0].rooms.enter("room", MEMBER);
  await rest();
  expect(state()).toEqual(["saved", "saved"]);
  one.write.annotate(note("for all"));
  await rest();
  expect(heard()).toEqual(["for all"]);
  await windows[0].rooms.leave("room");
  await rest();
  expect(state()).toEqual(["alone", "alone"]);
  one.write.annotate(note("for me alone"));
  two.write.annotate(note("for me alone, too"));
  await rest();
  expect(two.threads.all()).toHaveLength(3);
  expect(heard()).toEqual(["for all"]);
  // coming back is all windows', too
  await windows[1].rooms.enter("room", MEMBER);
  await rest();
  expect(state()).toEqual(["saved", "saved"]);
  expect(heard()).toHaveLength(3);
  await ben.close();
});

test("SY-76 a server that moved is taken by every window; the same ones disturb none", async () => {
  const { windows, ben, rest, state } = await threeWindows();
  await windows[1].rooms.enter("room", MEMBER);
  await rest();
  const addresses = (window: (typeof windows)[number]) =>
    window.network.live().map((link) => link.url.replace("/room/article", "").replace(/\/room\/\S*token/, "?token"));
  const links = windows[0].network.links.length;
  await windows[0].rooms.enter("room", { ...MEMBER, invite: "http://server/join/room#abcdefgh12345678" });
  await rest();
  expect(windows[0].network.links).toHaveLength(links);
  await windows[0].rooms.enter("room", { ...MEMBER, server: "http://elsewhere" });
  await rest();
  for (const window of windows) {
    expect(new Set(addresses(window))).toEqual(new Set(["ws://elsewhere?token=ada"]));
  }
  expect(state()).toEqual(["saved", "saved"]);
  await ben.close();
});

test("SY-76 a session that is left while the room is being opened is not connected to", async () => {
  const relay = createRelay();
  const secrets = createFakeSecrets();
  const folder = createMemoryFolder(() => 5);
  const one = openWindow(folder, relay, secrets);
  const two = openWindow(folder, relay, secrets);
  await one.rooms.enter("room", MEMBER);
  const opening = two.rooms.open("room");
  await settle(3);
  await one.rooms.leave("room");
  const { room } = await opening;
  await settle();
  expect(room.status.state).toBe("alone");
  expect(two.network.links).toEqual([]);
});

test("SY-90 an article is there before the keychain has answered, and in its session afterwards", async () => {
  const relay = createRelay();
  const secrets = createFakeSecrets();
  const folder = createMemoryFolder(() => 5);
  const kept = new Map<string, unknown>();
  const memory = {
    get: <T>(key: string, unset?: T) => (kept.get(key) as T | undefined) ?? unset,
    update: async (key: string, value: unknown) => void kept.set(key, value),
  };
  const before = openWindow(folder, relay, secrets, memory);
  await before.rooms.enter("room", MEMBER);
  const first = await before.rooms.open("room");
  first.room.documents.article.transact(() => first.room.text.insert(0, "An article."), FROM_ME);
  await settle();
  first.release();
  await before.rooms.dispose();

  let answer = () => {};
  const unlocked = new Promise<void>((resolve) => (answer = resolve));
  const slow = { ...secrets, get: async (key: string) => unlocked.then(() => secrets.get(key)) };
  const now = openWindow(folder, relay, slow, memory);
  const { room } = await now.rooms.open("room");
  expect(room.text.toString()).toBe("An article.");
  expect(room.me().participant).toBe(MEMBER.participant);
  expect(now.network.links).toEqual([]);
  answer();
  await vi.waitFor(() => expect(now.network.links.length).toBeGreaterThan(0));
  expect(room.status.state).toBe("connecting");
});

test("SY-88 who is somebody else in a session from now on is so in every window, whoever wrote what before", async () => {
  const { windows, one, two, ben, rest, heard } = await threeWindows();
  one.write.annotate(note("as Ada"));
  await rest();
  const replaced: unknown[] = [];
  for (const window of windows) window.rooms.onDidReplace(({ room }) => replaced.push(room));
  await windows[0].rooms.enter("room", { ...MEMBER, token: "cara", participant: "cara", role: "author" });
  await rest();
  expect(new Set(replaced)).toEqual(new Set([one, two]));
  const holds = [await windows[0].rooms.open("room"), await windows[1].rooms.open("room")];
  await rest();
  for (const { room } of holds) {
    expect([room.me().participant, room.status.state]).toEqual(["cara", "saved"]);
    expect(room.threads.all().map(({ author, annotation }) => [author, annotation.body])).toEqual([["ada", "as Ada"]]);
  }
  holds[1]!.room.write.annotate(note("as Cara"));
  await rest();
  expect(heard()).toEqual(["as Cara"]);
  await ben.close();
});

test("SY-88 a room that alone has what the disk does not take is not given up for it", async () => {
  const ada = openWindow(createMemoryFolder());
  const { room } = await ada.rooms.open("room");
  ada.files.fault = noRoom;
  room.write.annotate(note("kept in memory"));
  await ada.rooms.enter("room", { ...MEMBER, token: "cara", participant: "cara" });
  expect(await ada.bodies()).toEqual(["kept in memory"]);
  // once there is space it is taken up by the next that opens it
  ada.files.fault = null;
  await vi.advanceTimersByTimeAsync(60_000);
  await ada.rooms.enter("room", { ...MEMBER, token: "cara", participant: "cara" });
  const again = await ada.rooms.open("room");
  expect(again.room.me().participant).toBe("cara");
  await again.room.threads.settled();
  expect(again.room.threads.all()).toHaveLength(1);
});

test("SY-50 what the disk does not give is said to be so, and is there when it can be read again", async () => {
  const folder = createMemoryFolder();
  const before = openWindow(folder);
  const hold = await before.rooms.open("room");
  expect(hold.room.write.annotate(note("kept")).ok).toBe(true);
  hold.release();
  await before.rooms.dispose();
  const ada = openWindow(folder);
  ada.files.fault = (what) => {
    if (what === "list") throw Object.assign(new Error("i/o error"), { code: "EIO" });
  };
  await expect(ada.rooms.open("room")).rejects.toThrow("could not be read from the disk");
  ada.files.fault = null;
  expect(await ada.bodies()).toEqual(["kept"]);
});

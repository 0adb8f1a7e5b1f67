/** A window's rooms: opened, shared, closed, with a disk and a server that may refuse. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as vscode from "vscode";
import { createRooms, type Rooms } from "../../src/extension/article/rooms.ts";
import type { Identity } from "../../src/extension/identity.ts";
import { createCredentials } from "../../src/extension/session/credentials.ts";
import { settle } from "../support/fake-clock.ts";
import { createMemoryFolder, type MemoryFolder } from "../support/memory-files.ts";
import { TARGET } from "../support/room-world.ts";

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

function openWindow(folder: MemoryFolder) {
  const files = folder.window();
  const errors: string[] = [];
  const secrets = { get: async () => undefined, store: async () => {} } as unknown as vscode.SecretStorage;
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
    identity,
    credentials: createCredentials(secrets),
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
  return { rooms, files, errors, bodies };
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

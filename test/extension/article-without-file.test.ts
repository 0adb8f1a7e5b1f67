import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as vscode from "vscode";
import { bindDocument } from "../../src/extension/article/document-binding.ts";
import { articleUri, createFileSystem, roomOfUri } from "../../src/extension/article/file-system.ts";
import type { Rooms } from "../../src/extension/article/rooms.ts";
import { seededNumbers, settle } from "../support/fake-clock.ts";
import { openFakeDocument } from "../support/fake-vscode.ts";
import { createRelay } from "../support/relay.ts";
import { openWindow } from "../support/room-world.ts";

vi.mock("vscode", async () => (await import("../support/fake-vscode.ts")).fakeVscode);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const START = "The quick brown fox jumps over the lazy dog.";
const META = { title: "T", fileName: "t.md", format: "markdown" } as const;
const RUNS = 150;
const silent = { info() {}, warn() {}, error() {} };

/** Ben, an author who joined: his document is `marginalia:/t.md?room`, which is saved into the room whose text it follows. */
async function setUp() {
  const { room, close } = await openWindow(createRelay(), "ben", "owner");
  room.seed(START, META);
  const uri = articleUri("room", "t.md");
  const rooms = { isKnown: async () => true, open: async () => ({ room, release() {} }) } as unknown as Rooms;
  const files = createFileSystem(rooms);
  const document = openFakeDocument(uri, START, async (text) => {
    await files.writeFile(uri, Buffer.from(text), { create: false, overwrite: true });
  });
  const binding = bindDocument({
    document: document as unknown as vscode.TextDocument,
    room,
    reload: () => files.changed(uri),
    tells: (telling) => files.toldByDocument(uri, telling),
    log: silent,
  });
  return {
    text: room.text,
    document,
    files,
    uri,
    unbind: () => binding.dispose(),
    close,
  };
}

/** Every letter of `part` stands in `whole`, in the same order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const letter of part) {
    at = whole.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

test("SY-46 saving an article that has no file takes back nothing of what others typed meanwhile (seeded)", async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const number = seededNumbers(seed);
    const pick = (below: number) => Math.floor(number() * below);
    const { text, document, unbind, close } = await setUp();
    let keys = 0;
    let words = 0;
    for (let i = 0; i < 50; i++) {
      const what = pick(10);
      const before = text.toString();
      // letters of alphabets of their own, so that each can be found again
      if (what < 2) document.type(pick(document.text.length + 1), String.fromCharCode(0x4e00 + keys++));
      else if (what < 5) {
        const word = String.fromCharCode(0xac00 + words++);
        text.doc!.transact(() => text.insert(pick(text.length + 1), word), "peer");
      } else if (what < 8) document.carryOut();
      else if (what === 8) document.letSave();
      else await vi.advanceTimersByTimeAsync(pick(100));
      await settle(8);
      // nobody deletes: whatever stood in the room stays, where it was
      expect(isWithin(before, text.toString()), `seed ${seed} step ${i}`).toBe(true);
    }
    do {
      document.carryOut();
      document.letSave();
      await vi.advanceTimersByTimeAsync(3_000);
      await settle(8);
    } while (document.isBusy());
    expect(document.text, `seed ${seed}`).toBe(text.toString());
    for (let key = 0; key < keys; key++)
      expect(document.text.split(String.fromCharCode(0x4e00 + key)).length, `seed ${seed} key ${key}`).toBe(2);
    expect(document.text.length, `seed ${seed}`).toBe(START.length + keys + words);
    unbind();
    await close();
  }
});

test("SY-46 what is saved without an open document is merged into the room", async () => {
  const { text, files, uri, unbind, close } = await setUp();
  unbind();
  await files.writeFile(uri, Buffer.from(START.replace("lazy", "sleepy")), { create: false, overwrite: true });
  expect(text.toString()).toBe(START.replace("lazy", "sleepy"));
  await close();
});

test("SY-46 its address names the room, that of the first builds too; a file's names none", () => {
  const room = (scheme: string, path: string, query: string) => roomOfUri({ scheme, path, query } as vscode.Uri);
  expect(room("marginalia", "/t.md", "room1")).toBe("room1");
  expect(room("marginalia", "/room1/t.md", "")).toBe("room1");
  expect(room("marginalia", "/t.md", "not a room")).toBeUndefined();
  expect(room("file", "/room1/t.md", "")).toBeUndefined();
});

test("SY-46 a document that is bound anew tells the room, whenever the binding before it is let go", async () => {
  const { text, files, uri, unbind, close } = await setUp();
  unbind();
  const older = files.toldByDocument(uri, () => true);
  const newer = files.toldByDocument(uri, () => true);
  older.dispose();
  text.insert(text.length, " What Ada typed meanwhile.");
  await files.writeFile(uri, Buffer.from(START), { create: false, overwrite: true });
  expect(text.toString()).toContain("What Ada typed meanwhile.");
  newer.dispose();
  await files.writeFile(uri, Buffer.from(START), { create: false, overwrite: true });
  expect(text.toString()).toBe(START);
  await close();
});

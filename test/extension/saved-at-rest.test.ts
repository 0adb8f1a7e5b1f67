/** When a document is saved that nobody saves by hand: saving takes white space from the ends of lines, as many editors are set to. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as vscode from "vscode";
import { bindDocument } from "../../src/extension/article/document-binding.ts";
import { settle } from "../support/fake-clock.ts";
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

const META = { title: "T", fileName: "t.md", format: "markdown" } as const;
const silent = { info() {}, warn() {}, error() {} };

async function setUp(address: { scheme: string; path: string }) {
  const { room, close } = await openWindow(createRelay(), "ada", "owner");
  room.seed("One.", META);
  const uri = { ...address, toString: () => `${address.scheme}:${address.path}` } as vscode.Uri;
  const saved: string[] = [];
  const document = openFakeDocument(uri, "One.", async (text) => void saved.push(text));
  const binding = bindDocument({
    document: document as unknown as vscode.TextDocument,
    room,
    reload() {},
    tells: () => ({ dispose() {} }),
    log: silent,
  });
  const rest = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    document.letSave();
    await settle();
  };
  return {
    document,
    saved,
    rest,
    /** Somebody else types at the end. */
    async peer(words: string) {
      room.text.doc!.transact(() => room.text.insert(room.text.length, words), "peer");
      await settle();
      document.carryOut();
      await settle();
    },
    async close() {
      binding.dispose();
      await close();
    },
  };
}

test("SY-94 what others write into a file is saved when they rest, and not between two of their words", async () => {
  const { saved, rest, peer, close } = await setUp({ scheme: "file", path: "/t.md" });
  await peer(" Two");
  expect(saved).toEqual([]);
  await rest(1_000);
  expect(saved).toEqual(["One. Two"]);
  await peer(" and ");
  await rest(5_000);
  expect(saved).toHaveLength(1);
  await peer("three.");
  await rest(1_000);
  expect(saved.at(-1)).toBe("One. Two and three.");
  await peer("\n");
  await rest(5_000);
  expect(saved).toHaveLength(2);
  await rest(5_000);
  expect(saved.at(-1)).toBe("One. Two and three.\n");
  await close();
});

test("SY-94 what others write while somebody is typing here is left to whoever types to save", async () => {
  const { document, saved, rest, peer, close } = await setUp({ scheme: "file", path: "/t.md" });
  await peer(" Two.");
  document.type(0, "I type. ");
  await rest(20_000);
  await peer(" Three.");
  await rest(20_000);
  expect(saved).toEqual([]);
  expect(document.text).toBe("I type. One. Two. Three.");
  await close();
  expect(saved).toEqual([]);
});

test("SY-94 an article without a file is not saved between two words of whoever types it", async () => {
  const { document, saved, rest, close } = await setUp({ scheme: "marginalia", path: "/room/t.md" });
  document.type(4, " Two ");
  await rest(5_000);
  expect(saved).toEqual([]);
  document.type(9, "words.");
  await rest(1_000);
  expect(saved).toEqual(["One. Two words."]);
  await close();
});

/** Which room belongs to which file, while files are moved and several are opened at once. */
import { expect, test, vi } from "vitest";
import type * as vscode from "vscode";
import { createRegistry } from "../../src/extension/article/registry.ts";

const { there } = vi.hoisted(() => ({ there: new Set<string>() }));

vi.mock("vscode", () => ({
  Uri: { parse: uri },
  workspace: {
    fs: {
      async stat(file: vscode.Uri) {
        await new Promise((resolve) => setImmediate(resolve));
        if (!there.has(file.toString())) throw new Error("no such file");
      },
    },
  },
}));

function uri(address: string): vscode.Uri {
  return { toString: () => address } as vscode.Uri;
}

function setUp() {
  there.clear();
  const values = new Map<string, unknown>();
  return createRegistry({
    keys: () => [...values.keys()],
    get: <T>(key: string, unset?: T) => (values.get(key) as T) ?? unset,
    update: async (key, value) => void values.set(key, value),
  });
}

test("J-36 files that were moved together, and others that are opened at the same time, all keep their rooms", async () => {
  const registry = setUp();
  await registry.remember(uri("old/one.md"), "room-one", "One.");
  await registry.remember(uri("old/two.md"), "room-two", "Two.");
  const found = Promise.all([
    registry.findMoved(uri("new/one.md"), "One."),
    registry.findMoved(uri("new/two.md"), "Two."),
  ]);
  await registry.remember(uri("three.md"), "room-three", "Three.");
  expect(await found).toEqual(["room-one", "room-two"]);
  const addresses = ["new/one.md", "new/two.md", "three.md", "old/one.md", "old/two.md"];
  expect(addresses.map((address) => registry.room(uri(address)))).toEqual([
    "room-one",
    "room-two",
    "room-three",
    undefined,
    undefined,
  ]);
});

test("J-36 of two copies of a file that is gone, opened at once, one is the article", async () => {
  const registry = setUp();
  await registry.remember(uri("gone.md"), "room-one", "One.");
  const found = await Promise.all([
    registry.findMoved(uri("copy.md"), "One."),
    registry.findMoved(uri("other.md"), "One."),
  ]);
  expect(found).toEqual(["room-one", undefined]);
});

test("J-36 a file without any text is not taken for one that had none either", async () => {
  const registry = setUp();
  await registry.remember(uri("gone.md"), "room-one", "");
  expect(await registry.findMoved(uri("new.md"), "")).toBeUndefined();
});

test("J-36 copies with one text that were moved together keep each their own room, by their names and folders", async () => {
  const registry = setUp();
  await registry.remember(uri("old/one.md"), "room-one", "The text.");
  await registry.remember(uri("old/two.md"), "room-two", "The text.");
  await registry.remember(uri("old/drafts/one.md"), "room-draft", "The text.");
  expect(await registry.findMoved(uri("new/two.md"), "The text.")).toBe("room-two");
  expect(await registry.findMoved(uri("new/drafts/one.md"), "The text.")).toBe("room-draft");
  expect(await registry.findMoved(uri("new/one.md"), "The text.")).toBe("room-one");
});

test("J-36 a copy of an article that was renamed is not the article", async () => {
  const registry = setUp();
  await registry.remember(uri("gone.md"), "room-one", "One.");
  await registry.remember(uri("renamed.md"), "room-one", "One.");
  there.add("renamed.md");
  expect(await registry.findMoved(uri("copy.md"), "One.")).toBeUndefined();
});

test("J-41 files and folders that are renamed in VS Code keep their rooms, whatever their text", async () => {
  const registry = setUp();
  await registry.remember(uri("old/one.md"), "room-one", "One.");
  await registry.remember(uri("old/deep/two.md"), "room-two", "Two.");
  await registry.remember(uri("older/one.md"), "room-three", "Three.");
  await registry.remember(uri("new/one.md"), "room-overwritten", "Four.");
  await registry.moveAll(uri("old"), uri("new"));
  await registry.moveAll(uri("older/one.md"), uri("older/three.md"));
  const addresses = ["new/one.md", "new/deep/two.md", "older/three.md", "old/one.md", "older/one.md"];
  expect(addresses.map((address) => registry.room(uri(address)))).toEqual([
    "room-one",
    "room-two",
    "room-three",
    undefined,
    undefined,
  ]);
});

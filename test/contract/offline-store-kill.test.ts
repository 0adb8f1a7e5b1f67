/** Processes that share a folder and are killed without a word. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as Y from "yjs";
import { stateInParts } from "../../src/sync/state-parts.ts";
import { createNodeFiles } from "../../src/extension/storage/node-files.ts";
import { createOfflineStore } from "../../src/sync/offline-store.ts";
import { createFakeClock, seededBytes } from "../support/fake-clock.ts";

const WRITER = fileURLToPath(new URL("../support/store-writer.ts", import.meta.url));

/** Resolves when the process has said `count` more keys. */
function listen(child: ChildProcess, said: string[], count: number): Promise<void> {
  const until = said.length + count;
  let rest = "";
  return new Promise((resolve, reject) => {
    child.stdout!.on("data", (data: Buffer) => {
      const lines = (rest + data.toString()).split("\n");
      rest = lines.pop()!;
      said.push(...lines);
      if (said.length >= until) resolve();
    });
    child.once("error", reject);
    child.once("exit", (code) => (code ? reject(new Error(`ended with ${code}`)) : undefined));
  });
}

async function read(folder: string) {
  const store = createOfflineStore({
    files: createNodeFiles(folder),
    clock: createFakeClock(),
    random: seededBytes(1),
  });
  const doc = new Y.Doc();
  const log = store.open("room/margin", {
    apply: (update) => Y.applyUpdate(doc, update),
    snapshot: () => stateInParts(doc, 3),
    together: (_, work) => doc.transact(work, "store"),
  });
  await log.load();
  return { store, log, keys: new Set(doc.getMap("m").keys()) };
}

test("ST-19 a process that is killed in the turn in which it wrote: what it wrote is there, also in the middle of a compaction", async () => {
  for (const last of [0, 1, 9, 11, 40, 101]) {
    const folder = await mkdtemp(path.join(tmpdir(), "marginalia-kill-"));
    try {
      const said: string[] = [];
      const child = spawn(process.execPath, ["--import", "tsx", WRITER, folder, "a", "handed", String(last)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await Promise.all([listen(child, said, last + 1), new Promise((resolve) => child.once("close", resolve))]);
      expect(said.at(-1)).toBe(`a-${last}`);
      const { store, log, keys } = await read(folder);
      expect(said.filter((key) => !keys.has(key))).toEqual([]);
      expect(log.ledger.waiting()).toBe(last + 1);
      await store.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
});

test("ST-17 two processes write and compact in one folder and are killed: everything they called written is there", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-kill-"));
  const said: string[] = [];
  try {
    for (let round = 0; round < 2; round++) {
      const children = ["a", "b"].map((name) =>
        spawn(process.execPath, ["--import", "tsx", WRITER, folder, `${name}${round}`], {
          stdio: ["ignore", "pipe", "inherit"],
        }),
      );
      try {
        await Promise.all(children.map((child, i) => listen(child, said, 60 + 17 * i)));
      } finally {
        for (const child of children) child.kill("SIGKILL");
        await Promise.all(children.map((child) => new Promise((resolve) => child.once("close", resolve))));
      }
    }
    const { store, log, keys } = await read(folder);
    expect(said.filter((key) => !keys.has(key))).toEqual([]);
    expect(log.ledger.waiting()).toBeGreaterThanOrEqual(said.length);
    await log.compact();
    expect((await createNodeFiles(folder).list("room+margin~")).length).toBe(1);
    await store.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

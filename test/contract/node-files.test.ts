/** Claims: which windows run, on this computer and on others that share the folder. */
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createNodeFiles } from "../../src/extension/storage/node-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "marginalia-claims-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process id that nobody has: above the highest that Linux gives. */
const NOBODY = 2 ** 22 + 1;

test("ST-25 a window runs as long as its process does, and its claim goes with it", async () => {
  const files = createNodeFiles(folder);
  const release = await files.claim("one");
  expect(await files.claimed("one")).toBe(true);
  expect(await readFile(path.join(folder, "one.claim"), "utf8")).toBe(`${process.pid} ${hostname()}`);
  await release();
  expect(await files.claimed("one")).toBe(false);
  await writeFile(path.join(folder, "dead.claim"), `${NOBODY} ${hostname()}`);
  await writeFile(path.join(folder, "older.claim"), String(NOBODY));
  expect([await files.claimed("dead"), await files.claimed("older")]).toEqual([false, false]);
});

test("ST-25 a claim that a full disk or a power cut left empty lapses", async () => {
  const files = createNodeFiles(folder);
  const claim = path.join(folder, "empty.claim");
  await writeFile(claim, "");
  expect(await files.claimed("empty")).toBe(true);
  const longAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(claim, longAgo, longAgo);
  expect(await files.claimed("empty")).toBe(false);
});

test("ST-25 a window on another computer that shares the folder runs until its claim is a day old", async () => {
  const files = createNodeFiles(folder);
  const claim = path.join(folder, "away.claim");
  await writeFile(claim, `${NOBODY} somewhere-else`);
  expect(await files.claimed("away")).toBe(true);
  // and nobody here tidies it away
  const release = await files.claim("here");
  for (let turns = 0; turns < 50; turns++) await readdir(folder);
  expect(await files.claimed("away")).toBe(true);
  const longAgo = new Date(Date.now() - 25 * 3_600_000);
  await utimes(claim, longAgo, longAgo);
  expect(await files.claimed("away")).toBe(false);
  await release();
});

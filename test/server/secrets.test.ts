import type * as promises from "node:fs/promises";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { readOrMakeSecret } from "../../server/auth/tokens.ts";

const disk = vi.hoisted(() => ({ full: false }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof promises>();
  return {
    ...real,
    async open(...args: Parameters<typeof real.open>) {
      const file = await real.open(...args);
      if (disk.full)
        file.writeFile = () => Promise.reject(Object.assign(new Error("no space left"), { code: "ENOSPC" }));
      return file;
    },
  };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "marginalia-keys-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("SV-78 a key that a full disk did not take leaves nothing behind that would pass for one", async () => {
  const path = join(folder, "signing-key");
  disk.full = true;
  await expect(readOrMakeSecret(path)).rejects.toThrow("no space left");
  expect(await readdir(folder)).toEqual([]);
  disk.full = false;
  const key = await readOrMakeSecret(path);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(await readdir(folder)).toEqual(["signing-key"]);
  expect((await stat(path)).mode & 0o077).toBe(0);
});

it("SV-78 whoever makes it at the same moment has the same key", async () => {
  const path = join(folder, "signing-key");
  const keys = await Promise.all(Array.from({ length: 20 }, () => readOrMakeSecret(path)));
  expect(new Set(keys).size).toBe(1);
  expect((await readFile(path, "utf8")).trim()).toBe(keys[0]);
  expect(await readdir(folder)).toEqual(["signing-key"]);
});

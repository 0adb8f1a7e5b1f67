import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLock } from "../../src/tools/workbench/lock.ts";

describe("the lock between processes", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "marginalia-lock-"));
    file = path.join(folder, "deep", "lock");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("lets one in at a time, and the next as soon as it is done", async () => {
    const seen: string[] = [];
    let release = (): void => undefined;
    let entered = (): void => undefined;
    const firstIn = new Promise<void>((resolve) => (entered = resolve));
    const first = withLock(
      file,
      () => undefined,
      async () => {
        seen.push("first in");
        entered();
        await new Promise<void>((resolve) => (release = resolve));
        seen.push("first out");
      },
    );
    await firstIn;
    const second = withLock(
      file,
      () => release(),
      async () => {
        seen.push("second in");
      },
    );
    await Promise.all([first, second]);
    expect(seen).toEqual(["first in", "first out", "second in"]);
    expect(existsSync(file)).toBe(false);
  });

  it("is free again when the work throws", async () => {
    const work = withLock(
      file,
      () => undefined,
      () => Promise.reject(new Error("no")),
    );
    await expect(work).rejects.toThrow("no");
    expect(existsSync(file)).toBe(false);
  });

  it("takes over from a process that died", async () => {
    await withLock(
      file,
      () => undefined,
      () => Promise.resolve(),
    );
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await writeFile(file, String(pid));
    const waits: string[] = [];
    const result = await withLock(
      file,
      () => void waits.push("waited"),
      () => Promise.resolve("in"),
    );
    expect(result).toBe("in");
    expect(waits).toEqual([]);
  });
});

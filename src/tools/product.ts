import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildAll } from "./build.ts";
import { projectRoot } from "./paths.ts";
import { Problem } from "./problem.ts";
import type { Progress } from "./progress.ts";
import { packVsix, type Vsix } from "./vsix.ts";
import { withLock } from "./workbench/lock.ts";
import { readIfThere } from "./workbench/npm.ts";

/** Everything that the bundles and the VSIX are made of. */
const INPUTS = ["src", "server", "media", "package.json", "package-lock.json", "README.md", "CHANGELOG.md", "LICENSE"];

const filesUnder = async (relative: string): Promise<string[]> => {
  const absolute = path.join(projectRoot, relative);
  if (!existsSync(absolute)) return [];
  const entries = await readdir(absolute, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries) return [relative];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(projectRoot, path.join(entry.parentPath, entry.name)))
    .sort();
};

const fingerprint = async (): Promise<string> => {
  const hash = createHash("sha256");
  const translations = (await readdir(projectRoot)).filter((name) => name.startsWith("package.nls"));
  for (const input of [...INPUTS, ...translations])
    for (const file of await filesUnder(input)) hash.update(file).update(await readFile(path.join(projectRoot, file)));
  return hash.digest("hex");
};

/**
 * Builds the bundles and packs the VSIX, unless both are there for the files as they are now. Throws a Problem that
 * carries the compiler's words.
 */
export const ensureProduct = async (progress: Progress): Promise<Vsix> => {
  const buildDir = path.join(projectRoot, ".build");
  await mkdir(buildDir, { recursive: true });
  const waiting = (): void => progress("Another process is building; waiting for it.");
  return await withLock(path.join(buildDir, "product.lock"), waiting, async () => {
    const stampFile = path.join(buildDir, "product.json");
    const now = await fingerprint();
    const stamp = JSON.parse((await readIfThere(stampFile)) ?? "{}") as { fingerprint?: string; vsix?: Vsix };
    if (
      stamp.vsix &&
      stamp.fingerprint === now &&
      existsSync(stamp.vsix.file) &&
      existsSync(path.join(projectRoot, "dist"))
    )
      return stamp.vsix;
    progress("Building");
    await buildAll().catch((error: unknown) => {
      throw new Problem("build-failed", `The build failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    const vsix = await packVsix(projectRoot, path.join(buildDir, "marginalia.vsix"));
    await writeFile(stampFile, JSON.stringify({ fingerprint: now, vsix }));
    return vsix;
  });
};

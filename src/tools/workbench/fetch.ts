import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { cacheDir } from "../paths.ts";
import { Problem } from "../problem.ts";
import type { Progress } from "../progress.ts";
import { withLock } from "./lock.ts";
import { npmInstall, readIfThere, requireSpace } from "./npm.ts";

/** VS Code 1.139 comes inside this npm package; it wants Node 24, which comes from npm too. */
const CODE_SERVER = "4.139.1";
const NODE = "24.21.0";
/** A headless Chromium inside an npm package, for machines without a browser; made for x64 Linux only. */
const CHROMIUM = "153.0.0";
/** Megabytes on disk, rounded up from what the installations take (805 and 280). */
const VSCODE_MB = 1000;
const CHROMIUM_MB = 350;

export interface Vscode {
  /** The Node that runs the server. */
  readonly node: string;
  /** The folder with `out/server-main.js`. */
  readonly serverDir: string;
  /** Changes when another version is installed. */
  readonly version: string;
}

export interface Browser {
  readonly executablePath: string;
  /** `carried` is the Chromium from npm: a headless shell, which wants other flags. */
  readonly kind: "system" | "carried";
  /** What must be in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

/** One step of an installation: skipped when its stamp says that this very version was finished, else done afresh. */
const step = async (stampFile: string, stamp: string, work: () => Promise<void>): Promise<void> => {
  if ((await readIfThere(stampFile)) === stamp) return;
  await rm(stampFile, { force: true });
  await work();
  await writeFile(stampFile, stamp);
};

const writePackage = async (dir: string, dependencies: Record<string, string>): Promise<void> => {
  await rm(path.join(dir, "node_modules"), { recursive: true, force: true });
  await rm(path.join(dir, "package-lock.json"), { force: true });
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, "package.json"), JSON.stringify({ private: true, dependencies }, null, 2));
};

const waitingLine = (progress: Progress, what: string): (() => void) => {
  let told = false;
  return () => {
    if (!told) progress(`${what} is being fetched by another process; waiting for it.`);
    told = true;
  };
};

/**
 * A whole VS Code server of a pinned version in the cache folder: fetched from npm the first time (under a minute on a
 * fast line), found in milliseconds afterwards. An interrupted fetch continues with the step that was not finished.
 */
export const ensureVscode = async (progress: Progress): Promise<Vscode> => {
  const nodePackage = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const dir = path.join(cacheDir, "vscode");
  const modules = path.join(dir, "node_modules");
  const serverDir = path.join(modules, "code-server", "lib", "vscode");
  const vscode: Vscode = {
    node: path.join(modules, nodePackage, "bin", process.platform === "win32" ? "node.exe" : "node"),
    serverDir,
    version: `${CODE_SERVER}+node${NODE}`,
  };
  const stamp = JSON.stringify({ codeServer: CODE_SERVER, [nodePackage]: NODE });
  const ready = path.join(dir, "ready.json");
  if ((await readIfThere(ready)) === stamp) return vscode;
  if (!/^node-(linux|darwin|win)-(x64|arm64)$/.test(nodePackage))
    throw new Problem("unsupported-platform", `There is no VS Code server for ${process.platform} ${process.arch}.`);

  return await withLock(path.join(cacheDir, "vscode.lock"), waitingLine(progress, "VS Code"), async () => {
    if ((await readIfThere(ready)) === stamp) return vscode;
    const install = (at: string, what: string, log: string): Promise<void> =>
      npmInstall({ dir: at, what, logFile: path.join(cacheDir, "logs", log), progress });
    const vscodeName = `VS Code ${CODE_SERVER.replace(/^4/, "1")}`;
    await requireSpace(dir, VSCODE_MB, vscodeName);
    await rm(ready, { force: true });
    await step(path.join(dir, "step-packages.json"), stamp, async () => {
      progress(`Fetching ${vscodeName} (800 MB on disk, this time only) into ${dir}`);
      await rm(path.join(dir, "step-server.json"), { force: true });
      await rm(path.join(dir, "step-extensions.json"), { force: true });
      await writePackage(dir, { [nodePackage]: NODE, "code-server": CODE_SERVER });
      await install(dir, `${vscodeName}, part 1 of 3`, "vscode-1.log");
    });
    await step(path.join(dir, "step-server.json"), stamp, async () => {
      await rm(path.join(serverDir, "node_modules"), { recursive: true, force: true });
      await install(serverDir, `${vscodeName}, part 2 of 3`, "vscode-2.log");
    });
    await step(path.join(dir, "step-extensions.json"), stamp, async () => {
      await install(path.join(serverDir, "extensions"), `${vscodeName}, part 3 of 3`, "vscode-3.log");
    });
    await run(vscode.node, ["--version"]);
    await writeFile(ready, stamp);
    progress(`${vscodeName} is ready`);
    return vscode;
  });
};

const SYSTEM_BROWSERS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** Which libraries the executable misses on this machine, by the loader's own word. */
const missesLibraries = async (executable: string): Promise<boolean> => {
  const { stdout } = await run("ldd", [executable]).catch(() => ({ stdout: "" }));
  return stdout.includes("not found");
};

const carriedBrowser = async (dir: string): Promise<Browser> => {
  const executablePath = path.join(dir, "unpacked", "chromium");
  const env: Record<string, string> = { FONTCONFIG_FILE: path.join(dir, "unpacked", "fonts.conf") };
  if (await missesLibraries(executablePath)) env["LD_LIBRARY_PATH"] = path.join(dir, "unpacked", "al2023", "lib");
  return { executablePath, kind: "carried", env };
};

/**
 * A Chromium for tests and pictures: `$CHROME_PATH`, else one that the system has, else one from npm.
 * `MARGINALIA_NO_SYSTEM_BROWSER=1` passes over the system's, to try the last.
 */
export const ensureBrowser = async (progress: Progress): Promise<Browser> => {
  const chosen = process.env["CHROME_PATH"];
  if (chosen) {
    if (!existsSync(chosen)) throw new Problem("no-browser", `CHROME_PATH names ${chosen}, which does not exist.`);
    return { executablePath: chosen, kind: "system", env: {} };
  }
  if (process.env["MARGINALIA_NO_SYSTEM_BROWSER"] !== "1") {
    const system = SYSTEM_BROWSERS.find((file) => existsSync(file));
    if (system) return { executablePath: system, kind: "system", env: {} };
  }
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Problem("no-browser", "No Chromium was found; install Chrome or Chromium, or name one in CHROME_PATH.");

  const dir = path.join(cacheDir, "browser");
  const ready = path.join(dir, "ready.json");
  const stamp = JSON.stringify({ chromium: CHROMIUM });
  if ((await readIfThere(ready)) === stamp) return await carriedBrowser(dir);
  // Unpacking is done by the package itself, which wants a newer Node than this project does.
  const { node } = await ensureVscode(progress);
  return await withLock(path.join(cacheDir, "browser.lock"), waitingLine(progress, "Chromium"), async () => {
    if ((await readIfThere(ready)) === stamp) return await carriedBrowser(dir);
    await requireSpace(dir, CHROMIUM_MB, "Chromium");
    progress(`Fetching Chromium ${CHROMIUM} (280 MB on disk, this time only) into ${dir}`);
    await rm(ready, { force: true });
    await writePackage(dir, { "@sparticuz/chromium": CHROMIUM });
    const logFile = path.join(cacheDir, "logs", "chromium.log");
    await npmInstall({ dir, what: `Chromium ${CHROMIUM}`, logFile, progress });
    const unpacked = path.join(dir, "unpacked");
    await rm(unpacked, { recursive: true, force: true });
    await mkdir(unpacked, { recursive: true });
    // The package unpacks into the temporary folder, and the libraries that a bare system lacks only where it
    // believes itself in the place it was made for.
    await run(
      node,
      ["--input-type=module", "-e", 'await (await import("@sparticuz/chromium")).default.executablePath()'],
      {
        cwd: dir,
        env: { ...process.env, TMPDIR: unpacked, AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" },
      },
    );
    if (!(await readdir(unpacked)).includes("chromium"))
      throw new Problem("install-failed", `Chromium ${CHROMIUM} could not be unpacked in ${unpacked}.`);
    await writeFile(
      path.join(unpacked, "fonts.conf"),
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>` +
        ["/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", path.join(unpacked, "fonts")]
          .map((folder) => `<dir>${folder}</dir>`)
          .join("") +
        `<cachedir>${path.join(unpacked, "fonts-cache")}</cachedir></fontconfig>`,
    );
    await writeFile(ready, stamp);
    progress(`Chromium ${CHROMIUM} is ready`);
    return await carriedBrowser(dir);
  });
};

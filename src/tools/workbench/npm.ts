import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, statfs } from "node:fs/promises";
import path from "node:path";
import { Problem } from "../problem.ts";
import { type Progress, ticking } from "../progress.ts";

const MB = 1024 * 1024;

const freeMegabytes = async (dir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dir);
  return (bavail * bsize) / MB;
};

/** Refuses to begin what would fill the disk: `neededMb` in megabytes (2^20 bytes). */
export const requireSpace = async (dir: string, neededMb: number, what: string): Promise<void> => {
  await mkdir(dir, { recursive: true });
  const free = await freeMegabytes(dir);
  if (free < neededMb)
    throw new Problem(
      "no-space",
      `${what} needs ${neededMb} MB of disk space in ${dir}, and only ${Math.floor(free)} MB are free.`,
    );
};

const sentenceFor = (output: string, what: string, log: string): Problem => {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|EHOSTUNREACH/.test(output))
    return new Problem(
      "no-network",
      `${what} could not be fetched: the npm registry cannot be reached (needed the first time only; log: ${log}).`,
    );
  if (/ENOSPC/.test(output))
    return new Problem("no-space", `${what} could not be installed: the disk is full (log: ${log}).`);
  const last = output
    .split("\n")
    .map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim())
    .find((line) => line !== "" && !line.startsWith("code ") && !line.startsWith("npm warn"));
  return new Problem("install-failed", `${what} could not be installed: ${last ?? "npm failed"} (log: ${log}).`);
};

/**
 * `npm install` in `dir` without running any package's scripts; its output goes to `logFile`. Reports seconds and the
 * disk space taken so far. Throws a Problem that says in one sentence what went wrong.
 */
export const npmInstall = async (options: {
  readonly dir: string;
  readonly what: string;
  readonly logFile: string;
  readonly progress: Progress;
}): Promise<void> => {
  const { dir, what, logFile, progress } = options;
  await mkdir(path.dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  // Under `npm start` the npm that runs us is named here; a plain `npm` may be another one, or a .cmd file.
  const cli = process.env["npm_execpath"];
  const [command, first] = cli?.endsWith("npm-cli.js") ? [process.execPath, [cli]] : ["npm", []];
  const flags = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-progress", "--engine-strict=false"];
  const child = spawn(
    command,
    [
      ...first,
      "install",
      "--prefix",
      dir,
      ...flags,
      "--fetch-retries=3",
      "--fetch-retry-mintimeout=1000",
      "--fetch-retry-maxtimeout=5000",
    ],
    {
      cwd: dir,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32" && command === "npm",
    },
  );
  const endNpm = (): void => void child.kill();
  process.once("exit", endNpm);
  let tail = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      log.write(chunk);
      tail = (tail + chunk.toString("utf8")).slice(-20_000);
    });
  const freeBefore = await freeMegabytes(dir);
  let taken = 0;
  const stop = ticking(process.stderr.isTTY ? 1000 : 5000, async (seconds) => {
    taken = Math.max(taken, Math.round(freeBefore - (await freeMegabytes(dir))));
    progress(`${what}: ${seconds} s, ${taken} MB`);
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0) throw sentenceFor(tail, what, logFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new Problem("install-failed", `${what} could not be installed: the command npm was not found.`);
    throw error;
  } finally {
    stop();
    process.off("exit", endNpm);
    log.end();
  }
};

/** The text of a file, or undefined where there is none. */
export const readIfThere = (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });

/** Runs the command line as users do: bundled, as a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
let bundle: Promise<string> | null = null;

/** Bundles a program of this repository into a file of its own. */
export async function bundleOf(entry: string): Promise<string> {
  const outfile = join(await mkdtemp(join(tmpdir(), "marginalia-program-")), "program.cjs");
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "error",
  });
  return outfile;
}

/** The command line, built once per test file. */
function cli(): Promise<string> {
  bundle ??= bundleOf("src/cli/main.ts");
  return bundle;
}

export async function tempFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "marginalia-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export interface Finished {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  const child = spawn(process.execPath, [await cli(), ...args], { env: { ...process.env, ...env } });
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}

export interface ServerProcess {
  child: ChildProcess;
  url: string;
  adminKey: string;
  exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

/** Whether a process may have a network of its own here. */
export const canMove = spawnSync("unshare", ["-rn", "ip", "link", "set", "lo", "up"]).status === 0;

/** Starts `marginalia serve` in a network of its own, on an address that the computer has until `leave`. `ended`: its log. */
export async function startMovingServer(
  data: string,
  address: string,
  args: readonly string[],
): Promise<{ leave(): void; ended: Promise<string> }> {
  const [come, go] = [`ip addr add ${address}/32 dev lo`, `ip addr del ${address}/32 dev lo`];
  const script = `ip link set lo up && ${come} && { "$@" & read -r left; ${go}; wait; }`;
  const serve = [process.execPath, await cli(), "serve", "--port", "0", "--data", data, "--ready-json", ...args];
  const child = spawn("unshare", ["-rn", "sh", "-c", script, "sh", ...serve], { stdio: ["pipe", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (text: Buffer) => (log += text.toString()));
  const ended = new Promise<string>((resolve) => child.once("close", () => resolve(log)));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return { leave: () => void child.stdin.write("left\n"), ended };
}

/** Starts `marginalia serve` and waits until it is ready. */
export async function startServer(data: string, args: readonly string[] = []): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    [await cli(), "serve", "--port", "0", "--data", data, "--ready-json", "--log-level", "warn", ...args],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const line = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (data: Buffer) => {
      said += data.toString();
      if (said.includes("\n")) resolve(said);
    });
    void exited.then((code) => reject(new Error(`the server ended with ${code}`)));
  });
  const { url } = JSON.parse(line) as { url: string };
  const file = JSON.parse(await readFile(join(data, "server.json"), "utf8")) as { adminKey: string };
  return {
    child,
    url,
    adminKey: file.adminKey,
    exited,
    kill(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

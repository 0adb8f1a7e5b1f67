/** The servers that are compared. Peers are fetched from npm into a folder of their own and are no dependency of the product. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Target } from "./wire-client.ts";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../../..");
const cache = path.join(root, ".vscode-test", "bench-peers");

export interface Peer {
  name: string;
  /** Keeps what it got: a cold join and a kill make sense. */
  durable: boolean;
  /** Every message begins with the document's name, as Hocuspocus has it. */
  named?: boolean;
  /** The command that serves on `port`, keeping things in `data`. */
  command(port: number, data: string): Promise<{ args: string[]; env?: Record<string, string>; cwd?: string }>;
}

export interface Running extends Target {
  pid: number;
  data: string;
  /** CPU seconds used so far, all threads. */
  cpu(): Promise<number>;
  /** Resident bytes. */
  memory(): Promise<number>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Installs packages once; null when they cannot be had here. */
function fetched(name: string, packages: string[]): string | null {
  const folder = path.join(cache, name);
  if (existsSync(path.join(folder, "done"))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  try {
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel", "error", ...packages], {
      cwd: folder,
      stdio: "inherit",
    });
    writeFileSync(path.join(folder, "done"), "");
    return folder;
  } catch {
    console.error(`${name} cannot be installed here: left out.`);
    return null;
  }
}

let cli: Promise<string> | null = null;
function ownServer(): Promise<string> {
  cli ??= (async () => {
    const outfile = path.join(await mkdtemp(path.join(tmpdir(), "marginalia-bench-")), "cli.cjs");
    await build({
      absWorkingDir: root,
      entryPoints: ["src/cli/main.ts"],
      outfile,
      bundle: true,
      minify: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      external: ["bufferutil", "utf-8-validate"],
      define: { "process.env.NODE_ENV": '"production"' },
    });
    return outfile;
  })();
  return cli;
}

const own: Peer = {
  name: "marginalia",
  durable: true,
  command: async (port, data) => ({
    args: [await ownServer(), "serve", "--open", "--port", `${port}`, "--data", data, "--log-level", "error"],
    // as the first line of the command does: see src/tools/build.ts
    env: { MALLOC_ARENA_MAX: "1" },
  }),
};

/** The product as one of several servers on a Redis. */
export const onRedis = (url: string): Peer => ({
  name: "marginalia, 2 servers on Redis",
  durable: true,
  command: async (port, data) => {
    const { args, ...rest } = await own.command(port, data);
    return { args: [...args, "--redis", url], ...rest };
  },
});

const floor = (name: string, mode: string): Peer => ({
  name,
  durable: mode !== "relay",
  command: async (port, data) => ({
    args: [path.join(here, "floor.mjs"), mode, `${port}`, data],
    cwd: root,
  }),
});

function yWebsocket(name: string, level: boolean): Peer | null {
  const folder = fetched("y-websocket", ["y-websocket@1.5.4", "yjs@13", "y-leveldb@0.1", "ws@6"]);
  if (!folder) return null;
  return {
    name,
    durable: level,
    command: async (port, data) => ({
      args: [path.join(folder, "node_modules/y-websocket/bin/server.js")],
      env: { HOST: "127.0.0.1", PORT: `${port}`, ...(level ? { YPERSISTENCE: data } : {}) },
    }),
  };
}

/** `@y/protocols` and yjs stand beside it in the versions that it works with: with the newest ones it syncs nothing. */
function yWebsocketServer(): Peer | null {
  const folder = fetched("y-websocket-server", ["@y/websocket-server@0.1.5", "@y/protocols@1.0.6-1", "yjs@14.0.0-16"]);
  if (!folder) return null;
  return {
    name: "@y/websocket-server 0.1.5",
    durable: false,
    command: async (port) => ({
      args: [path.join(folder, "node_modules/@y/websocket-server/src/server.js")],
      env: { HOST: "127.0.0.1", PORT: `${port}` },
    }),
  };
}

/** Hocuspocus with its own defaults and its SQLite extension: the newest version that starts in this Node. */
function hocuspocus(): Peer | null {
  for (const version of ["4.7.0", "3.4.0"]) {
    const folder = fetched(`hocuspocus-${version}`, [
      `@hocuspocus/server@${version}`,
      `@hocuspocus/extension-sqlite@${version}`,
      "yjs@13",
      "y-protocols@1",
    ]);
    if (!folder) continue;
    const program = path.join(folder, "server.mjs");
    writeFileSync(
      program,
      `import { Server } from "@hocuspocus/server";
import { SQLite } from "@hocuspocus/extension-sqlite";
const [port, data] = process.argv.slice(2);
const extensions = [new SQLite({ database: data + "/hocuspocus.sqlite" })];
const server = new Server({ port: Number(port), address: "127.0.0.1", quiet: true, extensions });
await server.listen();
`,
    );
    // Native parts belong to one Node version.
    try {
      execFileSync(process.execPath, ["--input-type=module", "-e", TRY_SQLITE], { cwd: folder, stdio: "ignore" });
    } catch {
      console.error(`Hocuspocus ${version} does not start in Node ${process.versions.node}: left out.`);
      continue;
    }
    return {
      name: `Hocuspocus ${version} + SQLite`,
      durable: true,
      named: true,
      command: async (port, data) => ({ args: [program, `${port}`, data] }),
    };
  }
  return null;
}

const TRY_SQLITE = `import "@hocuspocus/server"; import Database from "better-sqlite3"; new Database(":memory:").close();`;

/** Every peer that runs here, the product first. */
export function allPeers(): Peer[] {
  return [
    own,
    floor("bytes relay", "relay"),
    floor("log relay", "log"),
    yWebsocket("y-websocket 1.5", false),
    yWebsocket("y-websocket 1.5 + LevelDB", true),
    yWebsocketServer(),
    hocuspocus(),
  ].filter((peer) => peer !== null);
}

export async function start(peer: Peer, port: number, data?: string): Promise<Running> {
  const folder = data ?? (await mkdtemp(path.join(tmpdir(), "marginalia-bench-data-")));
  const { args, env, cwd } = await peer.command(port, folder);
  const child: ChildProcess = spawn(process.execPath, args, { env: { ...process.env, ...env }, cwd, stdio: "ignore" });
  const end = () => void child.kill("SIGKILL");
  process.once("exit", end);
  const exited = new Promise<void>((resolve) =>
    child.once("exit", () => {
      process.off("exit", end);
      resolve();
    }),
  );
  await untilListening(port);
  return {
    pid: child.pid!,
    port,
    named: peer.named === true,
    data: folder,
    async cpu() {
      const stat = await readFile(`/proc/${child.pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    async memory() {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
      // A process that is just ending has no memory any more.
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    },
    async stop(signal = "SIGKILL") {
      child.kill(signal);
      await exited;
      if (data === undefined && signal === "SIGKILL") await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(500) });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`nothing listens on ${port}`);
}

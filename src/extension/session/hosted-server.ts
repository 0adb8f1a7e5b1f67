/**
 * The server that the extension carries. It runs as a process of its own, so that it outlives a reload of the window; a
 * second window of the same person finds it by the file that it leaves in its data folder. It ends by itself when nobody has
 * been connected for a while.
 */
import { spawn } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import path from "node:path";
import * as z from "zod/mini";
import type { Log } from "../log.ts";

const httpAddress = z.string().check(z.refine((url: string) => /^https?:/.test(url) && URL.canParse(url)));
const runningServer = z.object({ pid: z.number(), url: httpAddress, adminKey: z.string() });
/** `url` is the http address of the server. */
export type RunningServer = z.infer<typeof runningServer>;

export type HostedServerResult = { ok: true; server: RunningServer } | { ok: false; message: string };

const START_TIMEOUT = 15_000;
/** A server that nobody is connected to ends after this: long enough for everyone to close their laptop over lunch. */
const EXIT_WHEN_IDLE = "2h";

export interface HostedServerOptions {
  /** `dist/cli.cjs` of the extension. */
  cli: string;
  /** Folder for its log and rooms; made when missing. */
  data: string;
  log: Log;
  /** Milliseconds that a new server may take to say that it listens; 15 seconds when left out. */
  startTimeout?: number;
}

/** Addresses of this computer that others on the network may reach, most likely first. */
export function networkAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => each.family === "IPv4" && !each.internal)
    .map((each) => each.address);
}

/**
 * Finds the running server or starts one on `host`. The port of last time is taken again when it is free, so that old invite
 * links keep working. A running one that listens elsewhere is ended first: its clients come back by themselves.
 */
export function ensureHostedServer(host: string, options: HostedServerOptions): Promise<HostedServerResult> {
  const turn = queue.then(() => ensure(host, options));
  queue = turn.catch(() => {});
  return turn;
}

/** One start at a time in this window. */
let queue: Promise<unknown> = Promise.resolve();

async function ensure(host: string, options: HostedServerOptions): Promise<HostedServerResult> {
  const last = await readServerFile(options.data);
  if (last && (await answers(last.url))) {
    if (new URL(last.url).hostname === host) return { ok: true, server: last };
    await end(last);
  }
  const lastPort = last ? new URL(last.url).port : "";
  let failed: HostedServerResult = { ok: false, message: "" };
  for (const port of new Set([lastPort || "0", "0"])) {
    const attempt = await start(host, port, options);
    if (attempt.ok) return attempt;
    failed = attempt;
    // another window may have been quicker
    const other = await readServerFile(options.data);
    if (other && new URL(other.url).hostname === host && (await answers(other.url))) return { ok: true, server: other };
  }
  return failed;
}

/** Starts the server of an earlier session again if it is not there; its address, which may have another port now. */
export async function reviveHostedServer(url: string, options: HostedServerOptions): Promise<string> {
  if (await answers(url)) return url;
  const result = await ensureHostedServer(new URL(url).hostname, options);
  return result.ok ? result.server.url.replace(/\/+$/, "") : url;
}

async function readServerFile(data: string): Promise<RunningServer | null> {
  try {
    const parsed = runningServer.safeParse(JSON.parse(await readFile(path.join(data, "server.json"), "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL("/healthz", url), { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

async function end(server: RunningServer): Promise<void> {
  try {
    process.kill(server.pid, "SIGTERM");
  } catch {
    return;
  }
  for (let attempt = 0; attempt < 50 && (await answers(server.url)); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function start(host: string, port: string, options: HostedServerOptions): Promise<HostedServerResult> {
  let said: string | null;
  try {
    said = await launch(host, port, options);
  } catch (error) {
    options.log.error(`The bundled server's folder cannot be written: ${String(error)}`);
    const message = "The server could not be started on this computer: its folder cannot be written. Is the disk full?";
    return { ok: false, message };
  }
  const server = said === null ? null : await readServerFile(options.data);
  if (server) {
    options.log.info(`The bundled server listens, process ${server.pid}.`);
    return { ok: true, server };
  }
  options.log.error(`The bundled server did not start on ${host}:${port}.`);
  const message = `The server could not be started on this computer. What it said is in ${logOf(options)}.`;
  return { ok: false, message };
}

/** Resolves with the first line that the server says, or null when it ends or takes too long, which ends it. Rejects without a folder. */
async function launch(host: string, port: string, options: HostedServerOptions): Promise<string | null> {
  await mkdir(options.data, { recursive: true });
  const logFile = await open(logOf(options), "a");
  const args = [options.cli, "serve", "--host", host, "--port", port, "--data", options.data];
  try {
    const child = spawn(process.execPath, [...args, "--exit-when-idle", EXIT_WHEN_IDLE, "--ready-json"], {
      detached: true,
      stdio: ["ignore", "pipe", logFile.fd],
      // in desktop VS Code the executable is Electron, which this makes behave as Node
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1", MALLOC_ARENA_MAX: "1" },
    });
    const ready = await new Promise<string | null>((resolve) => {
      let said = "";
      const done = (line: string | null) => {
        clearTimeout(timer);
        resolve(line);
      };
      const timer = setTimeout(() => {
        // left alone it would keep the folder from the next
        child.kill();
        done(null);
      }, options.startTimeout ?? START_TIMEOUT);
      child.stdout?.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const line = said.indexOf("\n");
        if (line >= 0) done(said.slice(0, line));
      });
      child.once("error", () => done(null));
      child.once("exit", () => done(null));
    });
    child.stdout?.destroy();
    child.unref();
    return ready;
  } finally {
    await logFile.close();
  }
}

function logOf({ data }: HostedServerOptions): string {
  return path.join(data, "server.log");
}

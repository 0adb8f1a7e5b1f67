/**
 * `npm start [-- --no-open]`: the whole of it on this computer. Builds and packs the extension, starts the sync server, and
 * starts a VS Code each for Ada (an author) and Ben (a reader), both in one session on the sample article.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import { createServer, type RunningServer } from "../../server/create-server.ts";
import { cacheDir } from "./paths.ts";
import { explain, Problem } from "./problem.ts";
import { ensureProduct } from "./product.ts";
import { consoleProgress } from "./progress.ts";
import { ensureSampleRoom } from "./sample-room.ts";
import { ensureVscode } from "./workbench/fetch.ts";
import { isFree } from "./workbench/processes.ts";
import { startVscode, type VscodeServer } from "./workbench/server.ts";

/** A fixed port keeps a window's address, and so what the browser stores for it, from one start to the next. */
const USERS = [
  { name: "Ada", port: 8124, role: "author" },
  { name: "Ben", port: 8125, role: "reader" },
] as const;
const SYNC_PORT = 8126;

const { values } = parseArgs({ options: { "no-open": { type: "boolean" } } });
const home = path.join(cacheDir, "start");
const progress = consoleProgress();
const started = Date.now();

/** What is to be stopped, the last started first. */
const running: Array<() => Promise<void>> = [];
let stopping: Promise<void> | undefined;

const stopEverything = (): Promise<void> => {
  stopping ??= (async () => {
    for (const stop of running.toReversed()) await stop().catch((error: unknown) => console.error(explain(error)));
  })();
  return stopping;
};

const stopAndExit = (): void => {
  // Asked once, everything is saved and closed in order; a terminal and npm may both pass the same Ctrl+C on.
  if (stopping) return;
  progress.done();
  console.log("Stopping");
  void stopEverything().then(() => process.exit(0));
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stopAndExit);

// npm passes a SIGTERM to the shell between us and it, and the shell ends without passing it on.
if (process.env["npm_lifecycle_event"]) {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stopAndExit(), 500).unref();
}

const freeOr = async (wanted: number, whose: string): Promise<number> => {
  if (await isFree(wanted)) return wanted;
  progress.done();
  console.log(`Port ${wanted} (${whose}) is in use by another program, so a free one is taken.`);
  return 0;
};

const startSyncServer = async (): Promise<RunningServer> => {
  const port = await freeOr(SYNC_PORT, "sync server");
  const server = await createServer({ port, data: path.join(home, "sync-server") }).catch((error: unknown) => {
    const said = error instanceof Error ? error.message : String(error);
    throw new Problem("server-failed", `The sync server did not start: ${said}`);
  });
  running.push(() => server.close());
  return server;
};

/** Opens an address in the person's browser, where there is a desktop to open it on. */
const openInBrowser = (url: string): boolean => {
  const desktop = process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"];
  const command =
    process.platform === "darwin"
      ? "open"
      : process.platform === "win32"
        ? "explorer"
        : desktop
          ? "xdg-open"
          : undefined;
  if (!command) return false;
  // No browser to open it with is no failure: the address is printed.
  spawn(command, [url], { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
  return true;
};

const main = async (): Promise<void> => {
  const vscode = await ensureVscode(progress.report);
  const product = await ensureProduct(progress.report);
  progress.report("Starting the sync server");
  const sync = await startSyncServer();
  const links = await ensureSampleRoom(sync, ["author", "reader"]);
  progress.report("Starting VS Code for Ada and Ben");
  const servers = await Promise.all(
    USERS.map(async ({ name, port, role }): Promise<VscodeServer> => {
      const server = await startVscode({
        vscode,
        dataDir: path.join(home, name.toLowerCase()),
        port: await freeOr(port, name),
        vsixes: [product.file],
        settings: {
          "marginalia.user.name": name,
          "marginalia.server.url": sync.url,
          "marginalia.session.joinOnStartup": links.get(role),
        },
      });
      running.push(() => server.close());
      return server;
    }),
  );
  progress.done();
  if (stopping) return;
  const addresses = servers.map((server) => server.url());
  const opened = !values["no-open"] && addresses.map(openInBrowser).every(Boolean);
  console.log(
    `\nMarginalia is running (${((Date.now() - started) / 1000).toFixed(1)} s)${opened ? "" : "; open these two in a browser"}:\n`,
  );
  for (const [index, { name }] of USERS.entries()) console.log(`  ${name}   ${addresses[index]}`);
  console.log(`\nSync server: ${sync.url}. Ctrl+C stops everything.`);
};

try {
  await main();
} catch (error) {
  progress.done();
  if (!stopping) {
    console.error(explain(error));
    process.exitCode = 1;
  }
  await stopEverything();
  process.exit();
}

import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { Problem } from "../problem.ts";
import type { Vscode } from "./fetch.ts";
import { readIfThere } from "./npm.ts";
import { endGroup, isFree, waitForLine } from "./processes.ts";

const run = promisify(execFile);

export type Settings = Readonly<Record<string, unknown>>;

/** A window with nothing in it that a reader did not ask for: no welcome, tips, chat, updates, telemetry. */
const CLEAN_WINDOW: Settings = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.enableExperiments": false,
  "workbench.reduceMotion": "on",
  "chat.disableAIFeatures": true,
  "chat.commandCenter.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "update.showReleaseNotes": false,
  "git.enabled": false,
  "npm.autoDetect": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "window.commandCenter": false,
  "editor.accessibilitySupport": "off",
  "files.hotExit": "off",
};

/** What a window opens; every path is absolute. */
export interface WindowOptions {
  /** The folder or `.code-workspace` file to open; none is an empty window. */
  readonly workspace?: string;
  /** An extension to load from its folder, unpacked. */
  readonly developmentPath?: string;
  /** A CommonJS module exporting `run(): Promise<void>`, to run in the extension host. */
  readonly testsPath?: string;
  /** More of the workbench's own `payload`, such as `openFile`. */
  readonly payload?: ReadonlyArray<readonly [string, string]>;
}

export interface VscodeServer {
  readonly origin: string;
  readonly port: number;
  /** Where this user's settings, state and extensions are. */
  readonly dataDir: string;
  /** The address of a window. */
  url(options?: WindowOptions): string;
  /** Changes the user's settings, for windows opened or reloaded from now on; `undefined` takes a setting away. */
  changeSettings(changes: Settings): Promise<void>;
  /** Ends the server and everything that it started. */
  close(): Promise<void>;
  /** The same without asking first, as a crash would. */
  kill(): Promise<void>;
}

export interface VscodeServerOptions {
  readonly vscode: Vscode;
  /** This user's own folder. Absolute. */
  readonly dataDir: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly settings?: Settings;
  /** Packaged extensions to install for this user, and no others; unchanged files are not installed again. */
  readonly vsixes?: readonly string[];
  /** Loads extensions under development (`developmentPath`, `testsPath`); off for a person's own window. */
  readonly smokeTest?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Starts from our settings alone; otherwise what the user changed in the window is kept from one start to the next. */
  readonly forgetUserSettings?: boolean;
}

const settingsFile = (dataDir: string): string => path.join(dataDir, "data", "User", "settings.json");

const readSettings = async (dataDir: string): Promise<Settings> => {
  try {
    return JSON.parse((await readIfThere(settingsFile(dataDir))) ?? "{}") as Settings;
  } catch {
    return {}; // a person wrote comments into it
  }
};

const writeSettings = async (dataDir: string, settings: Settings): Promise<void> => {
  await mkdir(path.dirname(settingsFile(dataDir)), { recursive: true });
  await writeFile(settingsFile(dataDir), `${JSON.stringify(settings, null, 2)}\n`);
};

const serverArguments = (vscode: Vscode, dataDir: string): string[] => [
  path.join(vscode.serverDir, "out", "server-main.js"),
  "--accept-server-license-terms",
  "--server-data-dir",
  dataDir,
  "--telemetry-level",
  "off",
];

const installVsixes = async (vscode: Vscode, dataDir: string, vsixes: readonly string[]): Promise<void> => {
  const hash = createHash("sha256").update(vscode.version);
  for (const vsix of vsixes) hash.update(await readFile(vsix));
  const stamp = hash.digest("hex");
  const stampFile = path.join(dataDir, "installed-extensions");
  if ((await readIfThere(stampFile)) === stamp) return;
  await rm(path.join(dataDir, "extensions"), { recursive: true, force: true });
  const flags = vsixes.flatMap((vsix) => ["--install-extension", vsix]);
  if (flags.length > 0)
    await run(vscode.node, [...serverArguments(vscode, dataDir), ...flags, "--force"]).catch((error: unknown) => {
      const { stdout, stderr, message } = error as { stdout?: string; stderr?: string; message: string };
      const said = `${stdout ?? ""}${stderr ?? ""}`.trim() || message;
      throw new Problem("install-failed", `VS Code did not install ${vsixes.join(", ")}: ${said.slice(-500)}`);
    });
  await writeFile(stampFile, stamp);
};

const windowUrl = (origin: string, options: WindowOptions): string => {
  const query = new URLSearchParams();
  if (options.workspace?.endsWith(".code-workspace")) query.set("workspace", options.workspace);
  else if (options.workspace) query.set("folder", options.workspace);
  else query.set("ew", "true");
  const remote = (file: string): string => `vscode-remote://${new URL(origin).host}${file}`;
  const payload: Array<readonly [string, string]> = [];
  if (options.developmentPath) payload.push(["extensionDevelopmentPath", remote(options.developmentPath)]);
  if (options.testsPath) payload.push(["extensionTestsPath", remote(options.testsPath)]);
  payload.push(...(options.payload ?? []));
  if (payload.length > 0) query.set("payload", JSON.stringify(payload));
  return `${origin}/?${query.toString()}`;
};

/**
 * A VS Code server for one user on 127.0.0.1, ready when this resolves. Its log is `server.log` in `dataDir`.
 * Throws a Problem when the port is taken or the server does not start.
 */
export const startVscode = async (options: VscodeServerOptions): Promise<VscodeServer> => {
  const { vscode, dataDir } = options;
  await mkdir(dataDir, { recursive: true });
  if (options.port && !(await isFree(options.port)))
    throw new Problem("port-in-use", `Port ${options.port} on 127.0.0.1 is in use by another program.`);
  const kept = options.forgetUserSettings ? {} : await readSettings(dataDir);
  let settings: Settings = { ...CLEAN_WINDOW, ...kept, ...options.settings };
  await writeSettings(dataDir, settings);
  await installVsixes(vscode, dataDir, options.vsixes ?? []);

  const child = spawn(
    vscode.node,
    [
      // This Node runs TypeScript as it is.
      "--import",
      new URL("./server-preload.ts", import.meta.url).href,
      ...serverArguments(vscode, dataDir),
      "--host",
      "127.0.0.1",
      "--port",
      String(options.port ?? 0),
      "--without-connection-token",
      "--disable-workspace-trust",
      ...(options.smokeTest ? ["--enable-smoke-test-driver"] : []),
    ],
    {
      // The server ends when its standard input does: see server-preload.ts.
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        MARGINALIA_SECRET_KEY_FILE: path.join(dataDir, "secret-key"),
        ...options.env,
      },
    },
  );
  const log = createWriteStream(path.join(dataDir, "server.log"));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void log.write(chunk));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const pid = child.pid;
  if (pid === undefined) throw new Problem("server-failed", `VS Code could not be started with ${vscode.node}.`);
  const end = async (patienceMs?: number): Promise<void> => {
    await endGroup(pid, patienceMs);
    await ended;
    log.end();
  };
  let port: number;
  try {
    const line = await waitForLine(child, /Extension host agent listening on (\d+)/, 60_000);
    port = Number(line[1]);
  } catch {
    await end();
    throw new Problem("server-failed", `VS Code did not start; its log is ${path.join(dataDir, "server.log")}.`);
  }
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    port,
    dataDir,
    url: (window = {}) => windowUrl(origin, window),
    async changeSettings(changes) {
      const merged: Record<string, unknown> = { ...settings, ...(await readSettings(dataDir)), ...changes };
      for (const key of Object.keys(merged)) if (merged[key] === undefined) delete merged[key];
      settings = merged;
      await writeSettings(dataDir, settings);
    },
    close: () => end(),
    kill: () => end(0),
  };
};

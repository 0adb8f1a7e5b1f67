import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser as PlaywrightBrowser } from "playwright-core";
import type * as vscode from "vscode";
import { ensureProduct } from "../../src/tools/product.ts";
import { launchBrowser } from "../../src/tools/workbench/browser.ts";
import { ensureBrowser, ensureVscode, type Vscode } from "../../src/tools/workbench/fetch.ts";
import { type Settings, startVscode, type VscodeServer } from "../../src/tools/workbench/server.ts";
import { openWindow, type VscodeWindow } from "../../src/tools/workbench/window.ts";
import { evaluateInHost, packBridge } from "./workbench-bridge.ts";

/** The users of all workbenches in this process, for the pictures of a failed test. */
const present = new Set<User>();

/** Writes a picture of every open window into `folder`, its file named after `title` and the user. */
export const photographEveryone = async (folder: string, title: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const safe = title.replace(/\W+/g, "-").slice(0, 80);
  await Promise.all(
    // A window that cannot be photographed is no further failure.
    [...present].map((user) =>
      user.window.screenshot(path.join(folder, `${safe}-${user.name}.png`)).catch(() => undefined),
    ),
  );
};

export interface UserOptions {
  readonly settings?: Settings;
  /** Files of the workspace, by relative path; a value is the text. Without files and `copyFrom` the window is empty. */
  readonly files?: Readonly<Record<string, string>>;
  /** A folder whose files are copied into the workspace. */
  readonly copyFrom?: string;
  /** `false` starts without Marginalia installed. */
  readonly extension?: boolean;
  readonly size?: { readonly width: number; readonly height: number };
  readonly scale?: number;
  /** More environment for the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A person with a VS Code of their own: a server, its data folder, a workspace and one open window. */
export interface User {
  readonly name: string;
  readonly window: VscodeWindow;
  /** The workspace folder, absolute; undefined for an empty window. */
  readonly workspace: string | undefined;
  /** Runs a function in the extension host, with the real `vscode`; arguments and result are JSON. */
  evaluate<A extends readonly unknown[], R>(
    work: (api: typeof vscode, ...args: A) => R | Thenable<R>,
    ...args: A
  ): Promise<R>;
  /** Runs a command by its id, in the extension host. */
  execute(command: string, ...args: readonly unknown[]): Promise<unknown>;
  /** Ends VS Code as a crash would (SIGKILL) and starts it again on the same data, in the same window. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export interface Workbench {
  readonly vscode: Vscode;
  readonly browser: PlaywrightBrowser;
  /** Starts a VS Code for a person; several may start at once. */
  user(name: string, options?: UserOptions): Promise<User>;
  /** Closes every window, server and the browser, and removes their folders. */
  close(): Promise<void>;
}

const makeUser = async (
  workbench: Pick<Workbench, "vscode" | "browser">,
  vsixes: readonly string[],
  folder: string,
  name: string,
  options: UserOptions,
): Promise<User> => {
  const dataDir = path.join(folder, "data");
  const bridgeFile = path.join(folder, "bridge-port");
  let workspace: string | undefined;
  if (options.files || options.copyFrom) {
    workspace = path.join(folder, "workspace");
    await mkdir(workspace, { recursive: true });
    if (options.copyFrom) await cp(options.copyFrom, workspace, { recursive: true });
    for (const [file, text] of Object.entries(options.files ?? {})) {
      await mkdir(path.dirname(path.join(workspace, file)), { recursive: true });
      await writeFile(path.join(workspace, file), text);
    }
  }
  const start = (port: number): Promise<VscodeServer> =>
    startVscode({
      vscode: workbench.vscode,
      dataDir,
      port,
      settings: { "marginalia.user.name": name, ...options.settings },
      vsixes,
      env: { MARGINALIA_BRIDGE_FILE: bridgeFile, ...options.env },
    });
  let server = await start(0);
  let window: VscodeWindow;
  try {
    window = await openWindow(workbench.browser, server, { workspace, size: options.size, scale: options.scale });
  } catch (error) {
    await server.close();
    throw error;
  }
  return {
    name,
    window,
    workspace,
    evaluate: (work, ...args) => evaluateInHost(bridgeFile, work, args),
    execute: (command, ...args) =>
      evaluateInHost(
        bridgeFile,
        (api, id: string, rest: readonly unknown[]) => api.commands.executeCommand(id, ...rest),
        [command, args],
      ),
    async crash() {
      await server.kill();
      await window.leave();
      // The same port is the same origin, and so the same storage in the browser.
      server = await start(server.port);
      await window.visit();
    },
    async close() {
      await window.close();
      await server.close();
    },
  };
};

/**
 * A browser, and a VS Code with the packed extension for whoever is asked for. In a file of tests: make it in `beforeAll`,
 * close it in `afterAll`. When a test fails, every window is photographed into `.build/failures` (see workbench-failures.ts).
 */
export const setUpWorkbench = async (): Promise<Workbench> => {
  const silent = (): void => undefined;
  const vscode = await ensureVscode(silent);
  const chromium = await ensureBrowser(silent);
  const product = await ensureProduct(silent);
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-workbench-"));
  const bridge = await packBridge(folder);
  const browser = await launchBrowser(chromium);
  const users = new Set<User>();

  const workbench: Workbench = {
    vscode,
    browser,
    async user(name, options = {}) {
      const vsixes = [...(options.extension === false ? [] : [product.file]), bridge];
      const home = path.join(folder, `${users.size}-${name.replace(/\W+/g, "-")}`);
      const user = await makeUser({ vscode, browser }, vsixes, home, name, options);
      users.add(user);
      present.add(user);
      return user;
    },
    async close() {
      await Promise.all([...users].map((user) => user.close()));
      for (const user of users) present.delete(user);
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  return workbench;
};

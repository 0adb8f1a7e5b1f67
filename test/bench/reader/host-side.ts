/**
 * What the benchmark does inside the extension host, with the product's own parts. Bundled, and called by name: see
 * `inHost` in workbench.ts.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type * as vscode from "vscode";
import { createAnchor } from "../../../src/core/anchor/anchor.ts";
import type { App } from "../../../src/extension/app.ts";
import type { Passage } from "./article.ts";

type Api = typeof vscode;

const ID = "marginalia.marginalia";
/** The extension as it is when something has loaded it: a benchmark that loads it itself would be in its way. */
const loadedApp = async (api: Api): Promise<App> => {
  while (!loaded(api).includes("app.cjs")) await pause(10);
  return appOf(api);
};

const pause = (milliseconds = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const appOf = async (api: Api): Promise<App> => {
  const extension = api.extensions.getExtension<{ app(): Promise<App> }>(ID);
  if (!extension) throw new Error("Marginalia is not installed.");
  return (await extension.activate()).app();
};

/** Annotates the article one by one through its room, as a reader would; resolves when everything is on disk. */
export async function fill(api: Api, file: string, passages: readonly Passage[]): Promise<number> {
  const app = await appOf(api);
  const document = await api.workspace.openTextDocument(file);
  const { article, release } = await app.articles.acquire(document.uri, document);
  await article.ready;
  const source = article.room.text.toString();
  let written = 0;
  for (const { start, end, ...said } of passages) {
    const target = createAnchor(source, start, end, article.room.text);
    const result = article.room.write.annotate({ target, ...said });
    if (!result.ok) throw new Error(result.message);
    if (++written % 50 === 0) await pause();
  }
  if (!(await article.room.flush())) throw new Error("The annotations could not be stored.");
  release();
  return article.threads().length;
}

/** Milliseconds from the command, but for `longest`: the longest time for which the extension host could not do anything else. */
export interface Opening {
  resolve: number;
  scriptStart: number;
  snapshot: number;
  blocksPainted: number;
  highlightsPainted: number;
  longest: number;
}

export async function open(api: Api, file: string): Promise<Opening> {
  const uri = api.Uri.file(file);
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  await pause(50);
  lag.reset();
  const from = Date.now();
  void api.commands.executeCommand("marginalia.reader.open", uri);
  const { timings } = await loadedApp(api);
  const at = (name: string): number => (timings.get(name) ?? 0) - from;
  for (const deadline = from + 60_000; at("highlightsPainted") < 0;) {
    if (Date.now() > deadline) throw new Error(`The reading view was not painted: ${JSON.stringify([...timings])}`);
    await pause(10);
  }
  await pause(1000);
  lag.disable();
  return {
    resolve: at("resolve"),
    scriptStart: at("scriptStart"),
    snapshot: at("snapshot"),
    blocksPainted: at("blocksPainted"),
    highlightsPainted: at("highlightsPainted"),
    // nanoseconds; of these the one that was asked for is no delay
    longest: lag.max / 1e6 - 1,
  };
}

/** What a window that opened nothing has loaded of the extension, by file name. */
export function loaded(api: Api): string[] {
  const dist = `${api.extensions.getExtension(ID)?.extensionPath}/dist/`;
  return Object.keys(require.cache).flatMap((file) => (file.startsWith(dist) ? file.slice(dist.length) : []));
}

/** Shares the article on the server of the settings and returns the invite link. */
export async function share(api: Api, file: string): Promise<string> {
  const app = await appOf(api);
  const article = app.articles.forUri(api.Uri.file(file));
  if (!article) throw new Error("The article is not open.");
  await app.session.host(article);
  const invite = (await app.rooms.membership(article.room.id))?.invite;
  if (!invite) throw new Error("No session was started.");
  return invite;
}

export async function join(api: Api, invite: string): Promise<string> {
  const app = await appOf(api);
  const uri = await app.session.join(invite);
  if (!uri) throw new Error("The session could not be joined.");
  return uri.toString();
}

/** Writes a comment through the room; returns the moment of its transaction, milliseconds since 1970. */
export async function comment(api: Api, file: string, start: number, end: number, body: string): Promise<number> {
  const app = await appOf(api);
  const article = app.articles.forUri(api.Uri.file(file));
  if (!article) throw new Error("The article is not open.");
  const target = createAnchor(article.room.text.toString(), start, end, article.room.text);
  const at = Date.now();
  const result = article.room.write.annotate({ target, motivation: "commenting", body });
  if (!result.ok) throw new Error(result.message);
  return at;
}

/** Takes the last comment back. */
export async function undo(api: Api, file: string): Promise<void> {
  (await appOf(api)).articles.forUri(api.Uri.file(file))?.room.undo();
}

/** Milliseconds until the script of an empty webview runs: what VS Code takes before any view can begin. */
export async function emptyWebview(api: Api): Promise<number> {
  const from = Date.now();
  const panel = api.window.createWebviewPanel("marginalia.empty", "Empty", api.ViewColumn.Active, {
    enableScripts: true,
  });
  const ran = new Promise<number>((resolve) => panel.webview.onDidReceiveMessage((at: number) => resolve(at - from)));
  panel.webview.html = `<!DOCTYPE html><script>acquireVsCodeApi().postMessage(Date.now())</script>`;
  const time = await ran;
  panel.dispose();
  return time;
}

export function openTabs(api: Api): number {
  return api.window.tabGroups.all.reduce((sum, group) => sum + group.tabs.length, 0);
}

/** Milliseconds that the extension host has worked since it started. */
export function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

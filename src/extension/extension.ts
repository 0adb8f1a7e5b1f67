/**
 * The extension's entry. It registers every command, view and editor by name and loads the rest (`app.ts`, a bundle of its
 * own) when the first of them is needed: a window that never opens an article pays for this file alone.
 */
import * as vscode from "vscode";
import type { App } from "./app.ts";
import { COMMANDS, type CommandId } from "./commands.ts";
import { openReaderFor, VIEW_TYPE } from "./reader/open-command.ts";
import { openReaderPage, showFailure } from "./reader/reader-page.ts";

let loading: Promise<App> | undefined;

export function activate(context: vscode.ExtensionContext): { app(): Promise<App> } {
  const app = (): Promise<App> => (loading ??= import("./app.ts").then((module) => module.createApp(context)));

  /** VS Code makes the editor while the rest of the extension loads for it. */
  const openInReader = (uri: unknown) => {
    const opened = openReaderFor(uri);
    // what was asked of VS Code is on its way before loading holds this process up
    setTimeout(() => {
      // the editor says what went wrong
      app().catch(() => {});
    });
    return opened;
  };
  for (const { id } of COMMANDS) {
    const run = async (...args: unknown[]) => (await app()).commands[id satisfies CommandId](...args);
    context.subscriptions.push(
      vscode.commands.registerCommand(id, id === "marginalia.reader.open" ? openInReader : run),
    );
  }
  context.subscriptions.push(
    vscode.window.registerCustomEditorProvider(
      VIEW_TYPE,
      {
        async openCustomDocument(uri) {
          // VS Code says what is wrong with a file that is not there or holds no text
          if (isKnown(context, uri)) await vscode.workspace.fs.stat(uri);
          else await vscode.workspace.openTextDocument(uri);
          return { uri, dispose() {} };
        },
        // VS Code loads the page only when this has returned: the article comes when it is there
        resolveCustomEditor({ uri }, panel) {
          const { webview } = panel;
          panel.iconPath = tabIcon(context.extensionUri);
          let closed = false;
          panel.onDidDispose(() => (closed = true));
          const port = openReaderPage(webview, context.extensionUri, uri);
          app()
            .then((loaded) => (closed ? undefined : loaded.readers.open(uri, panel, port)))
            .catch((error: unknown) => {
              if (!closed) showFailure(webview, error);
            });
        },
      } satisfies vscode.CustomReadonlyEditorProvider,
      { supportsMultipleEditorsPerDocument: true, webviewOptions: { enableFindWidget: true } },
    ),
    vscode.workspace.registerFileSystemProvider(
      "marginalia",
      lazyFileSystem(async () => (await app()).fileSystem, context),
      { isCaseSensitive: true },
    ),
    vscode.window.registerUriHandler({ handleUri: async (uri) => (await app()).handleUri(uri) }),
  );
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider(
      "marginalia.annotations",
      lazyTree(async () => (await app()).trees.annotations, context),
    ),
    vscode.window.registerTreeDataProvider(
      "marginalia.people",
      lazyTree(async () => (await app()).trees.people, context),
    ),
  );
  wakeForKnownArticles(context, app);
  return { app };
}

/** VS Code waits for this, and for nothing that is disposed of, before it ends the process. */
export async function deactivate(): Promise<void> {
  const app = await loading?.catch(() => undefined);
  await app?.rooms.dispose();
}

/**
 * Loads the rest when something asks for it without a command: an invite link to be joined in every new window, or a text
 * editor on an article that was annotated before.
 */
function wakeForKnownArticles(context: vscode.ExtensionContext, app: () => Promise<App>): void {
  const concerns = ({ uri }: vscode.TextDocument) => isKnown(context, uri);
  const wake = () => app().then((loaded) => loaded.start());
  const join = vscode.workspace.getConfiguration("marginalia").get<string>("session.joinOnStartup", "");
  if (join || vscode.workspace.textDocuments.some(concerns)) {
    void wake();
    return;
  }
  const listener = vscode.workspace.onDidOpenTextDocument((document) => {
    if (!concerns(document)) return;
    listener.dispose();
    void wake();
  });
  context.subscriptions.push(listener);
}

/** An article of a room that was joined, or a file that was read before. */
function isKnown(context: vscode.ExtensionContext, uri: vscode.Uri): boolean {
  return (
    uri.scheme === "marginalia" ||
    context.globalState.get<string[]>("marginalia.knownArticles", []).includes(uri.toString())
  );
}

/** A tree that is empty until the view is looked at, and then is the real one. */
function lazyTree<T>(
  load: () => Promise<vscode.TreeDataProvider<T>>,
  context: vscode.ExtensionContext,
): vscode.TreeDataProvider<T> {
  const changed = new vscode.EventEmitter<T | T[] | undefined | null | void>();
  context.subscriptions.push(changed);
  let real: vscode.TreeDataProvider<T> | undefined;
  const get = async () => {
    if (!real) {
      real = await load();
      const forward = real.onDidChangeTreeData?.((element) => changed.fire(element));
      if (forward) context.subscriptions.push(forward);
    }
    return real;
  };
  return {
    onDidChangeTreeData: changed.event,
    getTreeItem: async (element) => (await get()).getTreeItem(element),
    getChildren: async (element) => (await get()).getChildren(element),
    getParent: async (element) => (await get()).getParent?.(element),
  };
}

/** Tells the tab of a reading view from the tab of the same file's plain text. */
function tabIcon(extension: vscode.Uri): { light: vscode.Uri; dark: vscode.Uri } {
  const icon = (theme: string) => vscode.Uri.joinPath(extension, "media", `tab-${theme}.svg`);
  return { light: icon("light"), dark: icon("dark") };
}

/** Articles of rooms that this computer joined, without a file of its own. */
function lazyFileSystem(
  load: () => Promise<vscode.FileSystemProvider>,
  context: vscode.ExtensionContext,
): vscode.FileSystemProvider {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  context.subscriptions.push(changed);
  let real: vscode.FileSystemProvider | undefined;
  const get = async () => {
    if (!real) {
      real = await load();
      context.subscriptions.push(real.onDidChangeFile((events) => changed.fire(events)));
    }
    return real;
  };
  return {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => {}),
    stat: async (uri) => (await get()).stat(uri),
    readDirectory: async (uri) => (await get()).readDirectory(uri),
    readFile: async (uri) => (await get()).readFile(uri),
    writeFile: async (uri, content, options) => (await get()).writeFile(uri, content, options),
    createDirectory: async (uri) => (await get()).createDirectory(uri),
    delete: async (uri, options) => (await get()).delete(uri, options),
    rename: async (from, to, options) => (await get()).rename(from, to, options),
  };
}

/**
 * The file behind an article that is open: opened when there is time for it, kept open for as long as the article is, and its
 * text and the room's kept the same.
 *
 * A reading view does not hold the file's document, as a text editor does: with the document VS Code loads a grammar and
 * starts the extensions of its language, for half a second, before a view that needs neither could show anything. A document
 * that no editor holds is closed by VS Code after some minutes; then it is opened again.
 */
import * as vscode from "vscode";
import type { Log } from "../log.ts";

/** What keeps a document and the room's text the same, until disposed of. */
export interface FileBinding extends vscode.Disposable {
  /**
   * Takes back what was typed in the document last, or does it again, and nothing of what others wrote. False when there is nothing;
   * undefined where the document's changes do not reach the room.
   */
  step(which: "undo" | "redo"): boolean | undefined;
}

export interface ArticleFile extends vscode.Disposable {
  /** An editor has the file open, or it had to be opened before the article could be. */
  attach(document: vscode.TextDocument): Promise<void>;
  /** Opens the file unless it is open. Never rejects: one that is gone is taken up again when it is back. */
  open(): Promise<void>;
  /** See `FileBinding`; undefined for another document, too. */
  step(document: vscode.TextDocument, which: "undo" | "redo"): Promise<boolean | undefined>;
}

export interface ArticleFileOptions {
  uri: vscode.Uri;
  /** Nothing if the document is no longer `wanted` by then. */
  bind(document: vscode.TextDocument, wanted: () => boolean): Promise<FileBinding | undefined>;
  log: Log;
}

interface Bound {
  document: vscode.TextDocument;
  binding: Promise<FileBinding | undefined>;
}

/** Who shows an article has so long to say that it is on the screen before its file is opened all the same, in milliseconds. */
const OPEN_AFTER = 2_000;

export function createArticleFile({ uri, bind, log }: ArticleFileOptions): ArticleFile {
  const address = uri.toString();
  let bound: Bound | undefined;
  let opening: Promise<void> | undefined;
  let disposed = false;

  const letGo = () => {
    void bound?.binding.then((binding) => binding?.dispose());
    bound = undefined;
  };

  const attach = async (document: vscode.TextDocument): Promise<void> => {
    if (disposed || document.isClosed) return;
    if (bound?.document !== document) {
      letGo();
      const mine: Bound = { document, binding: Promise.resolve(undefined) };
      bound = mine;
      mine.binding = bind(document, () => bound === mine).catch((error: unknown) => {
        log.error(`The article and its file could not be kept the same: ${String(error)}`);
        return undefined;
      });
    }
    await bound.binding;
  };

  const open = (): Promise<void> => {
    if (bound || disposed) return Promise.resolve();
    opening ??= (async () => {
      try {
        await attach(await vscode.workspace.openTextDocument(uri));
      } catch (error) {
        log.warn(`The file of an article could not be opened: ${String(error)}`);
      } finally {
        opening = undefined;
      }
    })();
    return opening;
  };

  const timer = setTimeout(() => void open(), OPEN_AFTER);
  const watcher =
    uri.scheme === "file"
      ? vscode.workspace.createFileSystemWatcher(
          new vscode.RelativePattern(
            vscode.Uri.joinPath(uri, ".."),
            uri.path
              .split("/")
              .at(-1)!
              .replace(/[[\]{}*?]/g, "?"),
          ),
          false,
          true,
          true,
        )
      : undefined;
  const listeners = [
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (!bound && document.uri.toString() === address) void attach(document);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      if (document !== bound?.document) return;
      letGo();
      void open();
    }),
    ...(watcher ? [watcher, watcher.onDidCreate(() => void open())] : []),
  ];

  return {
    attach,
    open,
    async step(document, which) {
      return bound?.document === document ? (await bound.binding)?.step(which) : undefined;
    },
    dispose() {
      disposed = true;
      clearTimeout(timer);
      for (const each of listeners) each.dispose();
      letGo();
    },
  };
}

/** Keeps articles open that were annotated before and stand in a text editor, so that their comments show there too. */
import * as vscode from "vscode";
import type { Log } from "../log.ts";
import type { ArticleHold, Articles } from "./articles.ts";
import { SCHEME } from "./file-system.ts";
import type { Registry } from "./registry.ts";

export function followTextEditors(articles: Articles, registry: Registry, log: Log): vscode.Disposable {
  const holds = new Map<string, Promise<ArticleHold | undefined>>();

  const shown = (): Map<string, vscode.TextDocument> => {
    const wanted = vscode.workspace.getConfiguration("marginalia.comments").get<boolean>("inTextEditor", true);
    const documents = new Map<string, vscode.TextDocument>();
    if (!wanted) return documents;
    for (const { document } of vscode.window.visibleTextEditors) {
      const { uri } = document;
      if (uri.scheme === SCHEME || registry.has(uri) || articles.forUri(uri)) documents.set(uri.toString(), document);
    }
    return documents;
  };

  const update = () => {
    const now = shown();
    for (const [key, hold] of holds) {
      if (now.has(key)) continue;
      holds.delete(key);
      void hold.then((each) => each?.release());
    }
    for (const [key, document] of now) {
      if (holds.has(key)) continue;
      holds.set(
        key,
        articles.acquire(document.uri, document).catch((error: unknown) => {
          log.error(`An article could not be opened for its text editor: ${String(error)}`);
          return undefined;
        }),
      );
    }
  };

  const listeners = [
    vscode.window.onDidChangeVisibleTextEditors(update),
    articles.onDidOpen(update),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("marginalia.comments.inTextEditor")) update();
    }),
  ];
  update();
  return new vscode.Disposable(() => {
    for (const each of listeners) each.dispose();
    for (const hold of holds.values()) void hold.then((each) => each?.release());
    holds.clear();
  });
}

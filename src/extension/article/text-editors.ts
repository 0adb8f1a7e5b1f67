/**
 * Keeps articles open that were annotated before and stand in a text editor, so that their comments show there too: from when they
 * are first seen until their last text tab is closed. With the article go its comment threads, and what is being written in them.
 */
import * as vscode from "vscode";
import type { Log } from "../log.ts";
import { IN_TEXT_EDITOR, isShownAsText, wantedInTextEditor } from "../native/articles.ts";
import type { ArticleHold, Articles } from "./articles.ts";
import { SCHEME } from "./file-system.ts";
import type { Registry } from "./registry.ts";

export function followTextEditors(articles: Articles, registry: Registry, log: Log): vscode.Disposable {
  const holds = new Map<string, Promise<ArticleHold | undefined>>();

  const seen = (): Map<string, vscode.TextDocument> => {
    const documents = new Map<string, vscode.TextDocument>();
    for (const { document } of vscode.window.visibleTextEditors) {
      const { uri } = document;
      if (uri.scheme === SCHEME || registry.has(uri) || articles.forUri(uri)) documents.set(uri.toString(), document);
    }
    return documents;
  };

  const update = () => {
    const wanted = wantedInTextEditor();
    for (const [key, hold] of holds) {
      if (wanted && isShownAsText(vscode.Uri.parse(key))) continue;
      holds.delete(key);
      void hold.then((each) => each?.release());
    }
    if (!wanted) return;
    for (const [key, document] of seen()) {
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
    vscode.window.tabGroups.onDidChangeTabs(update),
    articles.onDidOpen(update),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(IN_TEXT_EDITOR)) update();
    }),
  ];
  update();
  return new vscode.Disposable(() => {
    for (const each of listeners) each.dispose();
    for (const hold of holds.values()) void hold.then((each) => each?.release());
    holds.clear();
  });
}

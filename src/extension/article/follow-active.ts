/** Which article the trees, the status bar and the commands are about. */
import * as vscode from "vscode";
import type { Readers } from "../reader/reader-provider.ts";
import type { CurrentArticle } from "../views/current-article.ts";
import type { Articles } from "./articles.ts";
import type { OpenArticle } from "./open-article.ts";

/** The article in the active editor; while that shows none, the last one as long as it is open. */
export function createCurrentArticle(articles: Articles, readers: Readers): CurrentArticle & vscode.Disposable {
  const changed = new vscode.EventEmitter<OpenArticle | undefined>();
  let current: OpenArticle | undefined;

  const find = (): OpenArticle | undefined => {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    if (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) {
      const open = articles.forUri(input.uri);
      if (open) return open;
    }
    if (current && articles.all().includes(current)) return current;
    return readers.active()?.article ?? articles.all()[0];
  };
  const update = () => {
    const next = find();
    if (next === current) return;
    current = next;
    changed.fire(current);
  };
  const listeners = [
    vscode.window.tabGroups.onDidChangeTabs(update),
    vscode.window.tabGroups.onDidChangeTabGroups(update),
    readers.onDidChangeActive(update),
    articles.onDidOpen(update),
    articles.onDidClose(update),
  ];
  update();
  return {
    get: () => current,
    onDidChange: changed.event,
    dispose() {
      for (const each of listeners) each.dispose();
      changed.dispose();
    },
  };
}

/** The People view: who is here, as what, and where they are reading. Empty while reading alone. */
import * as vscode from "vscode";
import type { OpenArticle } from "../article/open-article.ts";
import type { CurrentArticle } from "./current-article.ts";
import { followCurrent } from "./follow-current.ts";
import { peopleRows, type PersonRow } from "./people-rows.ts";

export interface PeopleTree extends vscode.TreeDataProvider<PersonRow>, vscode.Disposable {}

/** Milliseconds that changes gather: people scroll all the time. */
const GATHER = 300;

export function createPeopleTree(current: CurrentArticle): PeopleTree {
  const emitter = new vscode.EventEmitter<undefined>();
  let article: OpenArticle | undefined;
  let drawn = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  const rows = (): PersonRow[] =>
    article && article.status().state !== "alone"
      ? peopleRows(article.people(), article.published()?.parsed.sections ?? [])
      : [];
  const draw = () => {
    clearTimeout(timer);
    timer = undefined;
    const now = JSON.stringify(rows());
    if (now === drawn) return;
    drawn = now;
    emitter.fire(undefined);
  };
  const later = () => {
    timer ??= setTimeout(draw, GATHER);
  };
  const following = followCurrent(current, (next) => {
    article = next;
    draw();
    return article
      ? [article.onDidChangePeople(later), article.onDidChangeStatus(later), article.onDidPublish(later)]
      : [];
  });

  return {
    onDidChangeTreeData: emitter.event,
    getChildren: (element) => (element ? [] : rows()),
    getParent: () => undefined,
    getTreeItem(row) {
      const item = new vscode.TreeItem(row.label, vscode.TreeItemCollapsibleState.None);
      item.id = row.id;
      item.description = row.description;
      item.tooltip = `${row.label}\n${row.description}`;
      item.contextValue = row.online ? "person here" : "person away";
      item.accessibilityInformation = { label: row.spoken };
      item.iconPath = row.online
        ? new vscode.ThemeIcon("account", new vscode.ThemeColor("charts.green"))
        : new vscode.ThemeIcon("account", new vscode.ThemeColor("disabledForeground"));
      return item;
    },
    dispose() {
      clearTimeout(timer);
      following.dispose();
      emitter.dispose();
    },
  };
}

/** The one item in the status bar: how the current article stands with the server, and what can be done about it. */
import * as vscode from "vscode";
import type { CurrentArticle } from "../views/current-article.ts";
import { followCurrent } from "../views/follow-current.ts";
import { statusActions, statusWords } from "./status-words.ts";

export interface StatusBar extends vscode.Disposable {
  readonly item: vscode.StatusBarItem;
  /** Runs `marginalia.session.showStatus`. */
  showStatus(): Promise<void>;
}

export interface StatusBarOptions {
  /** The reader chose a name. */
  named(): boolean;
  /** Connects again at once. */
  retry(): void;
}

/** Left of the language and encoding items, where the state of a file is looked for. */
const PRIORITY = 100;

export function createStatusBar(current: CurrentArticle, { named, retry }: StatusBarOptions): StatusBar {
  const item = vscode.window.createStatusBarItem("marginalia.status", vscode.StatusBarAlignment.Right, PRIORITY);
  item.name = "Marginalia";
  item.command = "marginalia.session.showStatus";

  const following = followCurrent(current, (article) => {
    const draw = () => {
      if (!article) {
        item.hide();
        return;
      }
      const words = statusWords(article.status());
      item.text = words.text;
      item.tooltip = words.tooltip;
      item.accessibilityInformation = { label: words.spoken, role: "button" };
      item.backgroundColor =
        words.look === "plain" ? undefined : new vscode.ThemeColor(`statusBarItem.${words.look}Background`);
      item.show();
    };
    draw();
    return article ? [article.onDidChangeStatus(draw)] : [];
  });

  return {
    item,
    async showStatus() {
      const article = current.get();
      const actions = statusActions({
        state: article?.status().state,
        role: article?.room.me().role,
        named: named(),
      });
      const choice = await vscode.window.showQuickPick(actions, {
        title: "Marginalia",
        placeHolder: article ? statusWords(article.status()).tooltip : "No article is open.",
      });
      if (!choice) return;
      if (choice.command === "retry") retry();
      else await vscode.commands.executeCommand(choice.command);
    },
    dispose() {
      following.dispose();
      item.dispose();
    },
  };
}

/** The context keys that menus and welcome texts ask for. No other file sets one. */
import type { Disposable } from "vscode";
import * as vscode from "vscode";
import type { OpenArticle } from "../article/open-article.ts";
import { mayEditArticle } from "../article/rooms.ts";
import { CONTEXT_KEYS, type ContextKey } from "./context-keys-names.ts";
import type { CurrentArticle } from "./current-article.ts";
import { followCurrent } from "./follow-current.ts";

export function createContextKeys(
  current: CurrentArticle,
  set = (key: ContextKey, value: boolean) => void vscode.commands.executeCommand("setContext", key, value),
): Disposable {
  const last = new Map<ContextKey, boolean>();
  const tell = (key: ContextKey, value: boolean) => {
    if (last.get(key) === value) return;
    last.set(key, value);
    set(key, value);
  };
  const following = followCurrent(current, (article) => {
    const threads = () => tell("marginalia.hasAnnotations", article !== undefined && article.threads().length > 0);
    const shares = () => tell("marginalia.sharesText", article !== undefined && isSharedText(article));
    const status = () => {
      tell("marginalia.inSession", article !== undefined && article.status().state !== "alone");
      shares();
    };
    const guest = () => tell("marginalia.isGuest", article !== undefined && article.room.me().role !== "owner");
    tell("marginalia.hasArticle", article !== undefined);
    threads();
    status();
    guest();
    return article
      ? [
          article.onDidChangeThreads(threads),
          article.onDidPublish(threads),
          article.onDidChangeStatus(status),
          article.onDidChangeCapabilities(guest),
          article.onDidChangeCapabilities(shares),
          vscode.window.onDidChangeActiveTextEditor(shares),
        ]
      : [];
  });
  return {
    dispose() {
      following.dispose();
      for (const key of CONTEXT_KEYS) tell(key, false);
    },
  };
}

function isSharedText(article: OpenArticle): boolean {
  const { uri } = vscode.window.activeTextEditor?.document ?? {};
  return (
    uri?.toString() === article.uri.toString() && article.status().state !== "alone" && mayEditArticle(article.room)
  );
}

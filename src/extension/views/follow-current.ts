import type { Disposable } from "vscode";
import type { OpenArticle } from "../article/open-article.ts";
import type { CurrentArticle } from "./current-article.ts";

/**
 * Calls `attach` with the current article now and whenever another becomes current, and disposes what it returned for the
 * one before. `attach` gets undefined when none is open.
 */
export function followCurrent(
  current: CurrentArticle,
  attach: (article: OpenArticle | undefined) => Disposable[],
): Disposable {
  let article = current.get();
  let attached = attach(article);
  const detach = () => {
    for (const each of attached) each.dispose();
  };
  const listener = current.onDidChange(() => {
    const next = current.get();
    if (next === article) return;
    detach();
    article = next;
    attached = attach(article);
  });
  return {
    dispose() {
      listener.dispose();
      detach();
      attached = [];
    },
  };
}

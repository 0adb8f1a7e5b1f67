import type { Event } from "vscode";
import type { OpenArticle } from "../article/open-article.ts";

/** The article that the trees, the status bar and the export are about: the one in the active editor, or the last one. */
export interface CurrentArticle {
  get(): OpenArticle | undefined;
  readonly onDidChange: Event<OpenArticle | undefined>;
}

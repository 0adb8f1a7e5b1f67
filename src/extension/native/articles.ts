/** The open articles of this window, as the native parts of the editor look them up. */
import type { Event, TextDocument, Uri } from "vscode";
import * as vscode from "vscode";
import type { OpenArticle } from "../article/open-article.ts";

export interface Articles {
  readonly onDidOpen: Event<OpenArticle>;
  readonly onDidClose: Event<OpenArticle>;
  /** The open article whose text this document shows. */
  forDocument(uri: Uri): OpenArticle | undefined;
  /** True for an article that was closed and is being opened anew. */
  reopens(uri: Uri): boolean;
}

/** The setting that keeps annotations out of the plain text editor. */
export const IN_TEXT_EDITOR = "marginalia.comments.inTextEditor";

export function wantedInTextEditor(): boolean {
  return vscode.workspace.getConfiguration().get<boolean>(IN_TEXT_EDITOR, true);
}

/** True while a tab or a visible editor shows this text (a tab of the reading view does not count). */
export function isShownAsText(uri: Uri): boolean {
  const key = uri.toString();
  if (vscode.window.visibleTextEditors.some((editor) => editor.document.uri.toString() === key)) return true;
  return vscode.window.tabGroups.all.some((group) =>
    group.tabs.some(({ input }) => {
      if (input instanceof vscode.TabInputText) return input.uri.toString() === key;
      if (input instanceof vscode.TabInputTextDiff) return input.modified.toString() === key;
      return false;
    }),
  );
}

/** The document's text with the line ends that published texts have. */
export function normalisedText(document: TextDocument): string {
  const text = document.getText();
  return document.eol === vscode.EndOfLine.CRLF ? text.replaceAll("\r\n", "\n") : text;
}

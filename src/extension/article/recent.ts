/**
 * The articles that were read on this computer last. One that came with a session has no file by which it could be found again:
 * this list is its door.
 */
import * as vscode from "vscode";
import { roomOfUri } from "./file-system.ts";
import type { OpenArticle } from "./open-article.ts";

export interface RecentArticle {
  uri: vscode.Uri;
  title: string;
  /** Milliseconds since 1970. */
  opened: number;
}

export interface RecentArticles {
  remember(article: Pick<OpenArticle, "uri" | "title">): Promise<void>;
  /** The latest first. */
  list(): RecentArticle[];
  forget(uri: vscode.Uri): Promise<void>;
}

const KEY = "marginalia.recent";
const KEPT = 50;

interface Row {
  uri: string;
  title: string;
  opened: number;
}

export function createRecentArticles(state: vscode.Memento, now: () => number): RecentArticles {
  const rows = () => state.get<Row[]>(KEY, []);
  const without = (uri: vscode.Uri) => rows().filter((row) => row.uri !== uri.toString());
  return {
    async remember({ uri, title }) {
      const row: Row = { uri: uri.toString(), title: title().slice(0, 300), opened: now() };
      await state.update(KEY, [row, ...without(uri)].slice(0, KEPT));
    },
    list: () => rows().map(({ uri, title, opened }) => ({ uri: vscode.Uri.parse(uri), title, opened })),
    forget: async (uri) => state.update(KEY, without(uri)),
  };
}

/** What the list says of an article besides its title. */
export interface RecentWords {
  /** Whether the room of a session was left, or undefined for none. */
  session(room: string): Promise<{ left: boolean } | undefined>;
}

type Item = vscode.QuickPickItem & { article: RecentArticle };

/** Marginalia: Open Recent Article... Resolves to the choice; says so when there is nothing to choose from. */
export async function chooseRecent(recent: RecentArticles, words: RecentWords): Promise<vscode.Uri | undefined> {
  const items = await Promise.all(
    recent.list().map(async (article): Promise<Item> => {
      const room = roomOfUri(article.uri);
      const session = room === undefined ? undefined : await words.session(room);
      return {
        // the list would make a symbol of some of its signs
        label: article.title.replaceAll("$(", "$ ("),
        description:
          room === undefined
            ? vscode.workspace.asRelativePath(article.uri)
            : session && !session.left
              ? "in a session"
              : "from a session that you left",
        iconPath: new vscode.ThemeIcon(room === undefined ? "book" : "comment-discussion"),
        article,
      };
    }),
  );
  if (items.length === 0) {
    void vscode.window.showInformationMessage("No article was opened on this computer yet.");
    return undefined;
  }
  const choice = await vscode.window.showQuickPick(items, {
    title: "Marginalia: Open Recent Article",
    placeHolder: "An article that you read before, alone or in a session",
    matchOnDescription: true,
  });
  if (!choice) return undefined;
  const { uri } = choice.article;
  if (roomOfUri(uri) !== undefined || (await isThere(uri))) return uri;
  await recent.forget(uri);
  void vscode.window.showWarningMessage(`“${vscode.workspace.asRelativePath(uri)}” is not there any more.`);
  return undefined;
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

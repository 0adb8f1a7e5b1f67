/** The custom editor: a reading view for the document that VS Code opened, as many panels of it as people open. */
import * as vscode from "vscode";
import type { Port } from "../../protocol/port.ts";
import type { News, ViewSettings } from "../../protocol/reader.ts";
import type { Articles } from "../article/articles.ts";
import type { OpenArticle } from "../article/open-article.ts";
import { createLineIndex } from "../article/line-index.ts";
import type { Log } from "../log.ts";
import { annotationLink, linkedFile, openableLink } from "./links.ts";
import { openReader } from "./open-command.ts";
import { createKeptWords } from "./kept-words.ts";
import { fileRoots, isFile, remoteImages } from "./reader-page.ts";
import { createReaderSession, type ReaderSession } from "./reader-session.ts";

export interface Readers {
  /** Fills the panel that VS Code made for an article and whose page is on its way: see `openReaderPage`. */
  open(uri: vscode.Uri, panel: vscode.WebviewPanel, port: Port): Promise<void>;
  /** The panel that has the focus, or had it last among the visible ones. */
  active(): { article: OpenArticle; session: ReaderSession } | undefined;
  /** Opens the article in a reading view and shows an annotation or a place there. */
  reveal(uri: vscode.Uri, news: Extract<News, { type: "revealThread" | "revealOffset" }>): Promise<void>;
  /** Opens the article's text beside, where the reader is. */
  showText(uri: vscode.Uri): Promise<void>;
  /** Tells every open view. */
  post(news: News): void;
  readonly onDidChangeActive: vscode.Event<void>;
  dispose(): void;
}

export interface ReadersOptions {
  context: vscode.ExtensionContext;
  articles: Articles;
  log: Log;
  timing(name: string, at: number): void;
}

interface OpenPanel {
  uri: vscode.Uri;
  panel: vscode.WebviewPanel;
  opened: Promise<{ article: OpenArticle; session: ReaderSession } | undefined>;
  now?: { article: OpenArticle; session: ReaderSession } | undefined;
  shownAt: number;
  /** Shows the article from now on. Nothing before the panel's own is open. */
  show?(article: OpenArticle): { article: OpenArticle; session: ReaderSession };
}

export function createReaders({ context, articles, log, timing }: ReadersOptions): Readers {
  const panels = new Set<OpenPanel>();
  const changed = new vscode.EventEmitter<void>();
  let turn = 0;

  const active = () => {
    const open = [...panels].filter((each) => each.now && each.panel.visible).sort((a, b) => b.shownAt - a.shownAt);
    return (open.find((each) => each.panel.active) ?? open[0])?.now;
  };

  const words = createKeptWords(context.globalState);
  const surroundings = (uri: vscode.Uri, article: OpenArticle, panel: vscode.WebviewPanel) => ({
    log,
    settings: readSettings,
    copyText: async (text: string) => vscode.env.clipboard.writeText(text),
    async openLink(href: string) {
      const link = openableLink(href);
      return link === null ? openBeside(uri, href) : await vscode.env.openExternal(vscode.Uri.parse(link, true));
    },
    showSource: (start: number, end: number) => showSource(uri, article, start, end),
    async runCommand(command: keyof typeof READER_COMMANDS) {
      await vscode.commands.executeCommand(READER_COMMANDS[command], uri);
    },
    linkTo: (ref: string) => annotationLink(vscode.env.uriScheme, article.room.id, ref),
    imageBase: isFile(uri) ? `${panel.webview.asWebviewUri(vscode.Uri.joinPath(uri, "..")).toString()}/` : undefined,
    remoteImages: remoteImages(),
    position: () => context.workspaceState.get<number>(positionKey(uri)),
    takeWords: () => words.take(article.room.id, panel),
    keepWords: (now: unknown) => words.keep(article.room.id, panel, now),
    leftWords: () => words.left(article.room.id),
    keepPosition: (offset: number) => void context.workspaceState.update(positionKey(uri), offset),
    timing,
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
  });

  // an article that is held closes and opens again when its reader becomes somebody else in its session
  const listeners = [
    articles.onDidClose((article) => {
      for (const each of panels) {
        if (each.now?.article !== article) continue;
        each.now.session.dispose();
        each.now = undefined;
      }
    }),
    articles.onDidOpen((article) => {
      for (const each of panels) {
        if (!each.show || each.now?.article === article || each.uri.toString() !== article.uri.toString()) continue;
        each.now?.session.dispose();
        const now = each.show(article);
        each.opened = Promise.resolve(now);
        now.session.refresh();
      }
    }),
  ];

  return {
    onDidChangeActive: changed.event,
    active,
    async open(uri, panel, port) {
      timing("resolve", Date.now());
      const held = articles.acquire(uri);
      const entry: OpenPanel = { uri, panel, shownAt: ++turn, opened: Promise.resolve(undefined) };
      panels.add(entry);
      panel.onDidChangeViewState(() => {
        if (panel.active) entry.shownAt = ++turn;
        changed.fire();
      });
      let gone = false;
      panel.onDidDispose(() => {
        gone = true;
        words.release(panel);
        panels.delete(entry);
        entry.now?.session.dispose();
        // what could not be opened was told where it was awaited
        held.then(
          (hold) => hold.release(),
          () => {},
        );
        // a view that is hidden asks when it is seen again
        for (const each of panels) if (each.panel.visible) each.now?.session.takeOver();
        changed.fire();
      });
      entry.opened = held.then((hold) => {
        if (gone) return undefined;
        entry.show = (article) => {
          const session = createReaderSession(article, port, {
            ...surroundings(uri, article, panel),
            timing(name, at) {
              timing(name, at);
              if (name === "highlightsPainted") hold.shown();
            },
          });
          entry.now = { article, session };
          changed.fire();
          return entry.now;
        };
        return entry.show(hold.article);
      });
      await entry.opened;
    },
    async reveal(uri, news) {
      await openReader(uri);
      const entry = [...panels]
        .filter((each) => each.uri.toString() === uri.toString())
        .sort((a, b) => b.shownAt - a.shownAt)[0];
      const open = await entry?.opened;
      await open?.article.ready;
      open?.session.post(news);
    },
    async showText(uri) {
      const source = articles.forUri(uri)?.published()?.source ?? "";
      const at = createLineIndex(source).positionAt(context.workspaceState.get<number>(positionKey(uri)) ?? 0);
      await vscode.commands.executeCommand("vscode.openWith", uri, "default", {
        viewColumn: vscode.ViewColumn.Beside,
        selection: new vscode.Range(at.line, 0, at.line, 0),
      } satisfies vscode.TextDocumentShowOptions);
    },
    post(news) {
      for (const each of panels) each.now?.session.post(news);
    },
    dispose() {
      for (const each of listeners) each.dispose();
      for (const each of panels) each.panel.dispose();
      changed.dispose();
    },
  };
}

/** Commands that a view may run: from a fixed list, never by a name that it sends. */
const READER_COMMANDS = {
  hostSession: "marginalia.session.host",
  joinSession: "marginalia.session.join",
  copyInvite: "marginalia.session.copyInvite",
  leaveSession: "marginalia.session.leave",
  export: "marginalia.annotations.export",
  setName: "marginalia.user.setName",
} as const;

function positionKey(uri: vscode.Uri): string {
  return `marginalia.position:${uri.toString()}`;
}

export function readSettings(): ViewSettings {
  const settings = vscode.workspace.getConfiguration("marginalia.reader");
  return {
    measure: settings.get<number>("measure", 70),
    fontSize: settings.get<number>("fontSize", 17),
    announceBoundaries: settings.get<boolean>("announceBoundaries", false),
  };
}

async function showSource(uri: vscode.Uri, article: OpenArticle, start: number, end: number): Promise<void> {
  const source = article.published()?.source ?? "";
  const lines = createLineIndex(source);
  const from = lines.positionAt(start);
  const to = lines.positionAt(end);
  await vscode.window.showTextDocument(uri, {
    viewColumn: vscode.ViewColumn.Beside,
    selection: new vscode.Range(from.line, from.character, to.line, to.character),
  });
}

/** Opens a file that the article's text links to, if it is there and stands in the same folder or workspace. */
async function openBeside(article: vscode.Uri, href: string): Promise<boolean> {
  for (const root of fileRoots(article)) {
    const file = linkedFile(href, article.path, root.path);
    if (file === null) continue;
    const uri = article.with({ path: file, query: "", fragment: "" });
    const stat = await vscode.workspace.fs.stat(uri).then(
      (found) => found,
      () => undefined,
    );
    if (stat?.type !== vscode.FileType.File) continue;
    await vscode.commands.executeCommand("vscode.open", uri);
    return true;
  }
  return false;
}

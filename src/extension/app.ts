/** The extension behind its entry: makes every part once and hands each what it needs. */
import { stat } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { type Articles, createArticles } from "./article/articles.ts";
import { articleUri, createFileSystem } from "./article/file-system.ts";
import { createCurrentArticle } from "./article/follow-active.ts";
import type { OpenArticle } from "./article/open-article.ts";
import { createKeptReadings } from "./article/kept-readings.ts";
import { createParser } from "./article/parser.ts";
import { chooseRecent, createRecentArticles } from "./article/recent.ts";
import { createRegistry } from "./article/registry.ts";
import { createRooms, type Rooms, systemClock } from "./article/rooms.ts";
import { followTextEditors } from "./article/text-editors.ts";
import { readArticleMeta } from "../core/model/documents.ts";
import type { CommandHandlers } from "./commands.ts";
import { createIdentity } from "./identity.ts";
import { confirmJoin, readIncomingLink } from "./links-in.ts";
import { createLog } from "./log.ts";
import { createCommentThreads } from "./native/comment-threads.ts";
import { createDecorations } from "./native/decorations.ts";
import { openReader, openReaderFor } from "./reader/open-command.ts";
import { createMentionNotices } from "./mention-notices.ts";
import { createReaders, type Readers, readSettings } from "./reader/reader-provider.ts";
import type { News } from "../protocol/reader.ts";
import { openSample } from "./sample.ts";
import { createCredentials } from "./session/credentials.ts";
import { reviveHostedServer } from "./session/hosted-server.ts";
import { createSessionFlow, type SessionFlow } from "./session/session-flow.ts";
import { createStatusBar } from "./session/status-bar.ts";
import { type AnnotationsTree, createAnnotationsTree } from "./views/annotations-tree.ts";
import { createContextKeys } from "./views/context-keys.ts";
import type { CurrentArticle } from "./views/current-article.ts";
import { createPeopleTree, type PeopleTree } from "./views/people-tree.ts";

export interface App {
  readonly commands: CommandHandlers;
  readonly readers: Readers;
  readonly articles: Articles;
  readonly rooms: Rooms;
  readonly current: CurrentArticle;
  readonly session: SessionFlow;
  readonly fileSystem: vscode.FileSystemProvider;
  readonly trees: { annotations: AnnotationsTree; people: PeopleTree };
  /** Moments on the way to the first paint, for the benchmark: the latest of each name, milliseconds since 1970. */
  readonly timings: ReadonlyMap<string, number>;
  handleUri(uri: vscode.Uri): Promise<void>;
  /** What a window does by itself: joins the session that it was prepared for. */
  start(): void;
}

type Perform = Extract<News, { type: "perform" }>["action"];

export async function createApp(context: vscode.ExtensionContext): Promise<App> {
  const channel = vscode.window.createOutputChannel("Marginalia", { log: true });
  const log = createLog(channel);
  const file = (...parts: string[]) => path.join(context.extensionPath, ...parts);
  const storage = (...parts: string[]) => path.join(context.globalStorageUri.fsPath, ...parts);
  const timings = new Map<string, number>();

  const identity = await createIdentity(context);
  const credentials = createCredentials(context.secrets, context.globalState);
  const hosting = { cli: file("dist", "cli.cjs"), data: storage("server"), log };
  const reviveHosted = (server: string) => reviveHostedServer(server, hosting);
  const rooms = createRooms({ folder: storage("rooms"), identity, credentials, reviveHosted, log });
  const fileSystem = createFileSystem(rooms);
  const registry = createRegistry(context.globalState);
  const worker = file("dist", "parse-worker.cjs");
  const parser = createKeptReadings({
    worker: createParser(worker, log),
    store: rooms.store,
    async edition() {
      const { size, mtimeMs } = await stat(worker);
      return `${size} ${mtimeMs}`;
    },
    clock: systemClock,
    log,
  });
  const articles = createArticles({ rooms, registry, parser, fileSystem, log });
  const readers = createReaders({ context, articles, log, timing: (name, at) => void timings.set(name, at) });
  const current = createCurrentArticle(articles, readers);
  const session = createSessionFlow({
    rooms,
    identity,
    log,
    hosting,
    openReader,
    fileOf: async (room) => articles.forRoom(room)?.uri ?? (await registry.fileOf(room)),
    secretFor: credentials.ownersSecret,
  });

  const recent = createRecentArticles(context.globalState, () => Date.now());
  const { onDidOpen, onDidClose, reopens } = articles;
  const forNative = { onDidOpen, onDidClose, forDocument: articles.forUri, reopens };
  const comments = createCommentThreads(forNative, { onError: (error) => log.error(String(error)) });
  const decorations = createDecorations(forNative);
  const annotations = createAnnotationsTree(current, { state: context.workspaceState });
  const people = createPeopleTree(current);
  const statusBar = createStatusBar(current, {
    named: () => identity.chosen(),
    retry: () => current.get()?.room.retry(),
  });

  /** Commands about the article: without one they say so instead. */
  const withArticle = (run: (article: OpenArticle) => unknown) => async (argument?: unknown) => {
    const article = (argument instanceof vscode.Uri ? articles.forUri(argument) : undefined) ?? current.get();
    if (article) return run(article);
    const choose = "Open an Article…";
    const chosen = await vscode.window.showInformationMessage("Open an article in the reading view first.", choose);
    if (chosen === choose) await openReaderFor(undefined);
    return undefined;
  };
  const perform = (action: Perform) => () => readers.active()?.session.post({ type: "perform", action });

  const stepInText = (which: "undo" | "redo") => async () => {
    const document = vscode.window.activeTextEditor?.document;
    // the editor's own takes back what others wrote, too
    if (!document || (await articles.step(document, which)) === undefined) await vscode.commands.executeCommand(which);
  };

  const commands: CommandHandlers = {
    "marginalia.reader.open": openReaderFor,
    "marginalia.reader.openRecent": async () => {
      const uri = await chooseRecent(recent, {
        async session(room) {
          const member = await rooms.formerMembership(room);
          return member && { left: member.left ?? false };
        },
      });
      if (uri) await openReader(uri);
    },
    "marginalia.source.open": async (uri) => {
      const target = uri instanceof vscode.Uri ? uri : current.get()?.uri;
      if (target) await readers.showText(target);
    },
    "marginalia.sample.open": () => openSample(context, openReader),
    "marginalia.session.host": withArticle((article) => session.host(article)),
    "marginalia.session.join": (link) => session.join(typeof link === "string" ? link : undefined),
    "marginalia.session.leave": withArticle((article) => session.leave(article)),
    "marginalia.session.copyInvite": withArticle((article) => session.copyInvite(article)),
    "marginalia.session.showStatus": () => statusBar.showStatus(),
    "marginalia.user.setName": () => identity.ask("The name that others read beside your annotations."),
    "marginalia.annotations.export": async () =>
      (await import("./export/export-command.ts")).createExportCommand(current).run(),
    "marginalia.annotations.group": () => annotations.chooseGrouping(),
    "marginalia.annotation.highlight": perform("highlight"),
    "marginalia.annotation.comment": perform("comment"),
    "marginalia.annotation.question": perform("question"),
    "marginalia.annotation.claim": perform("claim"),
    "marginalia.annotation.evidence": perform("evidence"),
    "marginalia.annotation.source": perform("source"),
    "marginalia.annotation.next": perform("nextAnnotation"),
    "marginalia.annotation.previous": perform("previousAnnotation"),
    "marginalia.annotation.nextUnread": perform("showUnread"),
    "marginalia.annotation.undo": perform("undo"),
    "marginalia.annotation.redo": perform("redo"),
    "marginalia.text.undo": stepInText("undo"),
    "marginalia.text.redo": stepInText("redo"),
    "marginalia.annotation.reveal": async (uri, ref) => {
      if (!(uri instanceof vscode.Uri) || typeof ref !== "string") return;
      await readers.reveal(uri, { type: "revealThread", ref, focus: true });
    },
    "marginalia.sentence.next": perform("nextSentence"),
    "marginalia.sentence.previous": perform("previousSentence"),
    "marginalia.sentence.extend": perform("extendSentence"),
    "marginalia.outline.toggle": perform("toggleOutline"),
    "marginalia.filter.toggle": perform("toggleFilter"),
    ...comments.handlers,
    "marginalia.log.show": () => channel.show(),
  };

  const openAnnotation = async (room: string, ref: string) => {
    if (!(await rooms.isKnown(room))) {
      void vscode.window.showInformationMessage("This computer has no article for that link. Join its session first.");
      return;
    }
    const hold = await rooms.open(room);
    try {
      const uri =
        articles.forRoom(room)?.uri ??
        (await registry.fileOf(room)) ??
        articleUri(room, readArticleMeta(hold.room.documents.article).fileName);
      await readers.reveal(uri, { type: "revealThread", ref, focus: true });
    } finally {
      hold.release();
    }
  };

  context.subscriptions.push(
    channel,
    { dispose: () => void rooms.dispose() },
    parser,
    articles,
    readers,
    current,
    comments,
    decorations,
    annotations,
    people,
    statusBar,
    createContextKeys(current),
    articles.onDidOpen((article) => void article.ready.then(() => recent.remember(article))),
    createMentionNotices({
      onDidOpen: articles.onDidOpen,
      onDidClose: articles.onDidClose,
      wanted: () => vscode.workspace.getConfiguration("marginalia").get<boolean>("mentions.notify", true),
      tell: async (message) => (await vscode.window.showInformationMessage(message, "Show")) === "Show",
      reveal: (article, ref) => readers.reveal(article.uri, { type: "revealThread", ref, focus: true }),
      clock: systemClock,
      onError: (error) => log.error(String(error)),
    }),
    followTextEditors(articles, registry, log),
    vscode.workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) void registry.moveAll(oldUri, newUri);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("marginalia.reader")) readers.post({ type: "settings", settings: readSettings() });
    }),
  );

  return {
    commands,
    readers,
    articles,
    rooms,
    current,
    session,
    fileSystem,
    trees: { annotations, people },
    timings,
    async handleUri(uri) {
      const link = readIncomingLink(uri);
      if (link.kind === "join") {
        if (await confirmJoin(link.server)) await session.join(link.link);
      } else if (link.kind === "annotation") await openAnnotation(link.room, link.ref);
      else void vscode.window.showWarningMessage("Marginalia does not know this kind of link.");
    },
    start() {
      const link = vscode.workspace.getConfiguration("marginalia").get<string>("session.joinOnStartup", "");
      if (link) void session.join(link);
    },
  };
}

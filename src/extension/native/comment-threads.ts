/**
 * The threads of open articles in the plain text editor, through the editor's own comments: gutter, Comments panel, replies.
 *
 * Threads are shown for articles that have a text tab, a few milliseconds at a time, those in view first. Where they stand is
 * never asked of the editor: every published text sets the range of each thread anew. Only threads that changed are touched.
 */
import * as vscode from "vscode";
import type { OpenArticle } from "../article/open-article.ts";
import { createLineIndex, type LineIndex } from "../article/line-index.ts";
import { type Articles, IN_TEXT_EDITOR, isShownAsText, wantedInTextEditor } from "./articles.ts";
import { commentHandlers, type CommentHandlers } from "./comment-handlers.ts";
import { threadView } from "./comment-view.ts";
import { notices as realNotices, type Notices } from "./notices.ts";
import { createShownThread, type ShownComment, type ShownThread } from "./shown-thread.ts";
import { createSlices } from "./slices.ts";

/** Milliseconds of work at a time: a key press in between waits no longer than this. */
const SLICE = 4;

export interface CommentThreads extends vscode.Disposable {
  /** The `marginalia.comment.*` commands. */
  readonly handlers: CommentHandlers;
  /** Comment threads that stand in the editor now. */
  readonly size: number;
  /** Resolves when everything that is known is shown. */
  idle(): Promise<void>;
  /** The comment thread of an annotation, if it is shown. */
  find(ref: string): vscode.CommentThread | undefined;
}

export interface CommentThreadsOptions {
  onError(error: unknown): void;
  notices?: Notices;
}

/** An article that has a text tab. */
export interface ShownArticle {
  readonly article: OpenArticle;
  readonly threads: Map<string, ShownThread>;
  /** The box in which an annotation was written, until the annotation comes back as a thread. */
  readonly adopting: Map<string, vscode.CommentThread>;
  lines: LineIndex;
  names: string;
  disposables: vscode.Disposable[];
}

export function createCommentThreads(articles: Articles, options: CommentThreadsOptions): CommentThreads {
  const shown = new Map<string, ShownArticle>();
  const slices = createSlices({
    budget: SLICE,
    now: () => performance.now(),
    defer(callback) {
      const timer = setTimeout(callback, 0);
      return () => clearTimeout(timer);
    },
    onError: options.onError,
  });
  let controller: vscode.CommentController | undefined;

  const provider: vscode.CommentingRangeProvider = {
    provideCommentingRanges(document) {
      const article = articles.forDocument(document.uri);
      if (!article?.capabilities().annotate) return null;
      return { enableFileComments: false, ranges: [new vscode.Range(0, 0, Math.max(0, document.lineCount - 1), 0)] };
    },
  };
  const ensureController = (): vscode.CommentController => {
    if (controller) return controller;
    controller = vscode.comments.createCommentController("marginalia", "Marginalia");
    controller.options = { prompt: "Reply", placeHolder: "Write a comment in Markdown" };
    controller.commentingRangeProvider = provider;
    controller.reactionHandler = (comment, reaction) => handlers.react(comment, reaction);
    return controller;
  };
  /** Setting the provider again is how the editor learns that its answer changed. */
  const askRangesAnew = () => {
    if (controller) controller.commentingRangeProvider = provider;
  };

  const show = (article: OpenArticle) => {
    const key = article.uri.toString();
    if (shown.has(key)) return;
    const at: ShownArticle = {
      article,
      threads: new Map(),
      adopting: new Map(),
      lines: createLineIndex(article.published()?.source ?? ""),
      names: namesOf(article),
      disposables: [],
    };
    shown.set(key, at);
    ensureController();
    askRangesAnew();
    at.disposables.push(
      article.onDidPublish((published) => {
        at.lines = createLineIndex(published.source);
        queueAll(at);
      }),
      article.onDidChangeThreads(({ threads, removed }) => {
        for (const thread of threads) queue(at, thread.ref);
        for (const ref of removed) queue(at, ref);
      }),
      article.onDidChangePeople(() => {
        const names = namesOf(article);
        if (names === at.names) return;
        at.names = names;
        for (const thread of at.threads.values()) thread.forgetNames();
        queueAll(at);
      }),
      article.onDidChangeCapabilities(() => {
        askRangesAnew();
        queueAll(at);
      }),
    );
    if (article.published()) queueAll(at);
  };
  const hide = (key: string) => {
    const at = shown.get(key);
    if (!at) return;
    shown.delete(key);
    for (const each of at.disposables) each.dispose();
    for (const thread of at.threads.values()) {
      slices.drop(jobKey(at, thread.ref));
      slices.add(`gone ${jobKey(at, thread.ref)}`, () => thread.dispose());
    }
    for (const { ref } of at.article.threads()) slices.drop(jobKey(at, ref));
    askRangesAnew();
  };

  const queue = (at: ShownArticle, ref: string) => slices.add(jobKey(at, ref), () => refresh(at, ref));
  const queueAll = (at: ShownArticle) => {
    const present = new Set<string>();
    for (const ref of inViewFirst(at)) {
      present.add(ref);
      queue(at, ref);
    }
    for (const ref of at.threads.keys()) if (!present.has(ref)) queue(at, ref);
  };
  const refresh = (at: ShownArticle, ref: string) => {
    if (shown.get(at.article.uri.toString()) !== at) return;
    const thread = at.article.thread(ref);
    const before = at.threads.get(ref);
    if (!thread || thread.placement.state === "orphaned") {
      before?.dispose();
      at.threads.delete(ref);
      return;
    }
    const { start, end } = thread.placement;
    const from = at.lines.positionAt(start);
    const to = at.lines.positionAt(end);
    const range = new vscode.Range(from.line, from.character, to.line, to.character);
    const view = threadView(thread, {
      nameOf: at.article.nameOf,
      capabilities: at.article.capabilities(),
      me: at.article.room.me().participant,
    });
    if (before) {
      before.update(view, range);
      return;
    }
    const adopt = at.adopting.get(ref);
    at.adopting.delete(ref);
    const create = (where: vscode.Range, comments: vscode.Comment[]) =>
      ensureController().createCommentThread(at.article.uri, where, comments);
    at.threads.set(ref, createShownThread({ ref, adopt, create, nameOf: at.article.nameOf }, view, range));
  };

  /** Shows what has a text tab and hides what has none. */
  const follow = () => {
    const wanted = wantedInTextEditor();
    if (wanted) {
      for (const { document } of vscode.window.visibleTextEditors) {
        const article = articles.forDocument(document.uri);
        if (article) show(article);
      }
    }
    for (const [key, at] of shown) if (!wanted || !isShownAsText(at.article.uri)) hide(key);
  };

  const handlers = commentHandlers({
    shownFor: (uri) => shown.get(articles.forDocument(uri)?.uri.toString() ?? ""),
    findThread: (thread) => find(shown, (each) => each.thread === thread),
    findComment: (comment) => find(shown, (each) => each.thread.comments.includes(comment as ShownComment)),
    refreshNow: (at, ref) => {
      slices.drop(jobKey(at, ref));
      refresh(at, ref);
    },
    notices: options.notices ?? realNotices,
  });

  const disposables: vscode.Disposable[] = [
    articles.onDidOpen(() => follow()),
    articles.onDidClose((article) => hide(article.uri.toString())),
    vscode.window.onDidChangeVisibleTextEditors(follow),
    vscode.window.tabGroups.onDidChangeTabs(follow),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(IN_TEXT_EDITOR)) return;
      follow();
      if (wantedInTextEditor()) return;
      controller?.dispose();
      controller = undefined;
    }),
  ];
  follow();

  return {
    handlers: handlers.commands,
    get size() {
      let size = 0;
      for (const at of shown.values()) size += at.threads.size;
      return size;
    },
    idle: () => slices.idle(),
    find: (ref) => find(shown, (each) => each.ref === ref)?.thread.thread,
    dispose() {
      for (const each of disposables) each.dispose();
      for (const at of shown.values()) for (const each of at.disposables) each.dispose();
      shown.clear();
      slices.dispose();
      controller?.dispose();
    },
  };
}

function jobKey(at: ShownArticle, ref: string): string {
  return `${ref} ${at.article.uri.toString()}`;
}

function find(
  shown: ReadonlyMap<string, ShownArticle>,
  accept: (thread: ShownThread) => boolean,
): { at: ShownArticle; thread: ShownThread } | undefined {
  for (const at of shown.values()) for (const thread of at.threads.values()) if (accept(thread)) return { at, thread };
  return undefined;
}

function namesOf(article: OpenArticle): string {
  return article
    .people()
    .map(({ id, name }) => `${id} ${name}`)
    .join("\n");
}

/** References of all threads, those in view of an editor first, the rest in reading order. */
function inViewFirst({ article, lines }: ShownArticle): string[] {
  const key = article.uri.toString();
  const editor = vscode.window.visibleTextEditors.find((each) => each.document.uri.toString() === key);
  const visible = editor?.visibleRanges[0];
  const threads = article.threads();
  if (!visible) return threads.map((thread) => thread.ref);
  const start = lines.offsetAt(visible.start);
  const end = lines.offsetAt(visible.end);
  const isSeen = ({ placement }: (typeof threads)[number]) =>
    placement.state !== "orphaned" && placement.start < end && placement.end > start;
  return [...threads.filter(isSeen), ...threads.filter((thread) => !isSeen(thread))].map((thread) => thread.ref);
}

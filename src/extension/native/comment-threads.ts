/**
 * The threads of open articles in the plain text editor, through the editor's own comments: gutter, Comments panel, replies.
 *
 * The editor builds a whole widget for each comment thread, open or not, which takes it tens of milliseconds; a thousand of
 * them stop it for a minute. So only the threads nearest to what is seen exist, and they move along with the scrolling. Where
 * they stand is never asked of the editor: every published text sets their ranges anew. Only threads that changed are touched.
 */
import * as vscode from "vscode";
import type { OpenArticle } from "../article/open-article.ts";
import { createLineIndex, type LineIndex } from "../article/line-index.ts";
import { type Articles, IN_TEXT_EDITOR, isShownAsText, wantedInTextEditor } from "./articles.ts";
import { commentHandlers, type CommentHandlers } from "./comment-handlers.ts";
import { deletedView, threadView } from "./comment-view.ts";
import { nearest } from "./nearest.ts";
import type { noteMarkdown as NoteMarkdown } from "./note-markdown.ts";
import { notices as realNotices, type Notices } from "./notices.ts";
import { createShownThread, type ShownComment, type ShownThread } from "./shown-thread.ts";
import { createSlices } from "./slices.ts";

/** Milliseconds of work at a time: a key press in between waits no longer than this. */
const SLICE = 4;
/** Threads made around what an editor shows: more than fit on a screen. */
const NEAR = 40;
/** Threads around what an editor shows that stay when they are there: more, so that scrolling a little changes nothing. */
const STAY = 100;
/** Milliseconds that scrolling goes on before threads follow. */
const GATHER = 150;

export interface CommentThreads extends vscode.Disposable {
  /** The `marginalia.comment.*` commands. */
  readonly handlers: CommentHandlers;
  /** Comment threads that stand in the editor now. */
  readonly size: number;
  /** Resolves when everything that is known is shown. */
  idle(): Promise<void>;
  /** Follows the editors at once, without waiting for the scrolling to end; resolves when that is done. */
  followed(): Promise<void>;
  /** The comment thread of an annotation, if it is shown. */
  find(ref: string): vscode.CommentThread | undefined;
}

export interface CommentThreadsOptions {
  onError(error: unknown): void;
  notices?: Notices;
}

/** An article that has a text tab. */
export interface ShownArticle {
  /** As it is open now: it is another one when it was opened anew. */
  article: OpenArticle;
  /** The article was closed, and is being opened anew: its threads wait as they are, with what is being written in them. */
  waits: boolean;
  readonly threads: Map<string, ShownThread>;
  /** Threads that ought to exist. */
  near: ReadonlySet<string>;
  /** Threads that may go on existing. */
  stay: ReadonlySet<string>;
  /** Threads that this person has just written in: they stay. */
  readonly pinned: Set<string>;
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
  /** The reader of notes is a bundle of its own, loaded when the first article has a text tab. */
  let noteMarkdown: typeof NoteMarkdown | undefined;
  let loading: Promise<void> | undefined;
  const loadNotes = () =>
    (loading ??= import("./note-markdown.ts").then((loaded) => {
      noteMarkdown = loaded.noteMarkdown;
      follow();
    }, options.onError));
  const scrolled = new Set<ShownArticle>();
  let scrolling: ReturnType<typeof setTimeout> | undefined;

  const provider: vscode.CommentingRangeProvider = {
    provideCommentingRanges(document) {
      const article = articles.forDocument(document.uri) ?? shown.get(document.uri.toString())?.article;
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
    let at = shown.get(key);
    if (at && !at.waits) return;
    if (!noteMarkdown) return void loadNotes();
    if (at) {
      at.article = article;
      at.waits = false;
      for (const thread of at.threads.values()) thread.forgetNames();
    } else {
      at = {
        article,
        waits: false,
        threads: new Map(),
        near: new Set(),
        stay: new Set(),
        pinned: new Set(),
        adopting: new Map(),
        lines: createLineIndex(""),
        names: "",
        disposables: [],
      };
      shown.set(key, at);
    }
    if (controller) askRangesAnew();
    else ensureController();
    listen(at, article);
  };
  const listen = (at: ShownArticle, article: OpenArticle) => {
    at.lines = createLineIndex(article.published()?.source ?? "");
    at.names = namesOf(article);
    at.disposables = [
      article.onDidPublish((published) => {
        at.lines = createLineIndex(published.source);
        queueAll(at);
      }),
      article.onDidChangeThreads(({ threads, removed }) => {
        for (const { ref } of threads) if (at.threads.has(ref)) queue(at, ref);
        for (const ref of removed) if (at.threads.has(ref)) queue(at, ref);
        followView(at);
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
    ];
    // one that is not read yet has no threads, which is not to say that they are gone
    if (article.published()) queueAll(at);
  };
  const wait = (at: ShownArticle) => {
    at.waits = true;
    for (const each of at.disposables.splice(0)) each.dispose();
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
    askRangesAnew();
  };

  const queue = (at: ShownArticle, ref: string) => slices.add(jobKey(at, ref), () => refresh(at, ref));
  const queueAll = (at: ShownArticle) => {
    for (const ref of at.threads.keys()) queue(at, ref);
    followView(at);
  };
  /** Soon makes the threads that came near and lets go of those that are far. */
  const followView = (at: ShownArticle) =>
    slices.add(`view ${at.article.uri.toString()}`, () => {
      const around = aroundView(at);
      if (!around) return;
      at.near = around.near;
      at.stay = around.stay;
      for (const ref of around.near) if (!at.threads.has(ref)) queue(at, ref);
      for (const ref of at.threads.keys()) if (!stays(at, ref)) queue(at, ref);
    });
  const refresh = (at: ShownArticle, ref: string) => {
    if (shown.get(at.article.uri.toString()) !== at || at.waits || !at.article.published()) return;
    const thread = at.article.thread(ref);
    const before = at.threads.get(ref);
    const view =
      thread &&
      threadView(thread, {
        nameOf: at.article.nameOf,
        capabilities: at.article.capabilities(),
        me: at.article.room.me().participant,
      });
    if (!view || thread.placement.state === "orphaned") {
      // nothing that somebody may be writing in is taken away from under their hands
      const kept = before && isUnfolded(before) && (view ?? deletedView(before.view));
      if (kept) {
        before.update(kept);
        return;
      }
    }
    if (!view || thread.placement.state === "orphaned" || !(at.near.has(ref) || stays(at, ref))) {
      before?.dispose();
      at.threads.delete(ref);
      at.pinned.delete(ref);
      return;
    }
    const { start, end } = thread.placement;
    const from = at.lines.positionAt(start);
    const to = at.lines.positionAt(end);
    const range = new vscode.Range(from.line, from.character, to.line, to.character);
    if (before) {
      before.update(view, range);
      return;
    }
    if (!noteMarkdown) return;
    const adopt = at.adopting.get(ref);
    at.adopting.delete(ref);
    const create = (where: vscode.Range, comments: vscode.Comment[]) =>
      ensureController().createCommentThread(at.article.uri, where, comments);
    at.threads.set(
      ref,
      createShownThread({ ref, adopt, create, nameOf: (id) => at.article.nameOf(id), noteMarkdown }, view, range),
    );
  };

  /** Shows what has a text tab and hides what has none. */
  const follow = () => {
    const wanted = wantedInTextEditor();
    if (wanted) {
      for (const { document } of vscode.window.visibleTextEditors) {
        const article = articles.forDocument(document.uri);
        if (!article) continue;
        const at = shown.get(article.uri.toString());
        if (at && !at.waits) followView(at);
        else show(article);
      }
    }
    for (const [key, { article, waits }] of shown) {
      if (!wanted || !isShownAsText(article.uri) || (waits && !articles.reopens(article.uri))) hide(key);
    }
  };

  const shownAs = (article: OpenArticle | undefined) => {
    const at = article && shown.get(article.uri.toString());
    return at?.waits ? undefined : at;
  };

  const handlers = commentHandlers({
    shownFor: (uri) => shownAs(articles.forDocument(uri)),
    findThread: (thread) => find(shown, (each) => each.thread === thread),
    findComment: (comment) => find(shown, (each) => each.thread.comments.includes(comment as ShownComment)),
    refreshNow: (at, ref) => {
      at.pinned.add(ref);
      slices.drop(jobKey(at, ref));
      refresh(at, ref);
    },
    notices: options.notices ?? realNotices,
  });

  const disposables: vscode.Disposable[] = [
    articles.onDidOpen((article) => {
      const at = shown.get(article.uri.toString());
      // what waits may stand in a tab in the background
      if (at?.waits) show(article);
      follow();
    }),
    articles.onDidClose((article) => {
      const key = article.uri.toString();
      const at = shown.get(key);
      if (at && articles.reopens(article.uri)) wait(at);
      else hide(key);
    }),
    vscode.window.onDidChangeVisibleTextEditors(follow),
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
      const at = shownAs(articles.forDocument(textEditor.document.uri));
      if (!at) return;
      scrolled.add(at);
      scrolling ??= setTimeout(() => {
        scrolling = undefined;
        for (const each of scrolled) followView(each);
        scrolled.clear();
      }, GATHER);
    }),
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
    async idle() {
      await loading;
      await slices.idle();
    },
    async followed() {
      await loading;
      for (const at of shown.values()) followView(at);
      await slices.idle();
    },
    find: (ref) => find(shown, (each) => each.ref === ref)?.thread.thread,
    dispose() {
      clearTimeout(scrolling);
      for (const each of disposables) each.dispose();
      for (const at of shown.values()) for (const each of at.disposables) each.dispose();
      shown.clear();
      slices.dispose();
      controller?.dispose();
    },
  };
}

/** True for a thread that is not given up now: near enough, or one in which a person may be reading or writing. */
function stays(at: ShownArticle, ref: string): boolean {
  const thread = at.threads.get(ref);
  return (thread && isUnfolded(thread)) || at.pinned.has(ref) || at.stay.has(ref);
}

/** True for a thread in which somebody may be writing. */
function isUnfolded({ thread }: ShownThread): boolean {
  return thread.collapsibleState === vscode.CommentThreadCollapsibleState.Expanded;
}

function jobKey(at: ShownArticle, ref: string): string {
  return `${ref} ${at.article.uri.toString()}`;
}

function find(
  shown: ReadonlyMap<string, ShownArticle>,
  accept: (thread: ShownThread) => boolean,
): { at: ShownArticle; thread: ShownThread } | undefined {
  for (const at of shown.values()) {
    if (at.waits) continue;
    for (const thread of at.threads.values()) if (accept(thread)) return { at, thread };
  }
  return undefined;
}

function namesOf(article: OpenArticle): string {
  return article
    .people()
    .map(({ id, name }) => `${id} ${name}`)
    .join("\n");
}

/** Threads around what the article's visible editors show; undefined when none is visible: then nothing moves. */
function aroundView({ article, lines }: ShownArticle): { near: Set<string>; stay: Set<string> } | undefined {
  const key = article.uri.toString();
  const editors = vscode.window.visibleTextEditors.filter((each) => each.document.uri.toString() === key);
  if (editors.length === 0 || !article.published()) return undefined;
  const refs: string[] = [];
  const starts: number[] = [];
  for (const { ref, placement } of article.threads()) {
    if (placement.state === "orphaned") continue;
    refs.push(ref);
    starts.push(placement.start);
  }
  const near = new Set<string>();
  const stay = new Set<string>();
  for (const { visibleRanges } of editors) {
    const [first, last] = [visibleRanges[0], visibleRanges.at(-1)];
    const seen = { start: first ? lines.offsetAt(first.start) : 0, end: last ? lines.offsetAt(last.end) : 0 };
    nearest(starts, seen, STAY).forEach((index, i) => {
      stay.add(refs[index]!);
      if (i < NEAR) near.add(refs[index]!);
    });
  }
  return { near, stay };
}

/** One thread of an article as a comment thread of the text editor; only what changed is handed to the editor. */
import * as vscode from "vscode";
import type { noteMarkdown as NoteMarkdown } from "./note-markdown.ts";
import type { CommentView, ThreadView } from "./comment-view.ts";

/** A comment of ours: the editor hands the very same object back to the commands of its menus. */
export interface ShownComment extends vscode.Comment {
  readonly ref: string;
  /** What its author wrote, for editing; the body that is shown is a safe rendering of it. */
  source: string;
}

export interface ShownThread {
  readonly ref: string;
  readonly thread: vscode.CommentThread;
  /** As it was shown last. */
  readonly view: ThreadView;
  /** Shows the thread as it is now; `range` is where it stands in the document: if left out, it stays where it is. */
  update(view: ThreadView, range?: vscode.Range): void;
  /** Turns a comment of this thread into an input box with what its author wrote, or back. */
  edit(comment: ShownComment, editing: boolean): void;
  /** Names changed: bodies that mention people are written anew with the next update. */
  forgetNames(): void;
  dispose(): void;
}

export interface ShownThreadOptions {
  ref: string;
  /** The box in which a person wrote the annotation, when this window made it; else a new thread is made. */
  adopt?: vscode.CommentThread | undefined;
  create(range: vscode.Range, comments: vscode.Comment[]): vscode.CommentThread;
  nameOf(participant: string): string;
  noteMarkdown: typeof NoteMarkdown;
}

/** An emoji needs no picture: the editor then shows the label itself. */
const NO_ICON = "";

export function createShownThread(
  options: ShownThreadOptions,
  first: ThreadView,
  firstRange: vscode.Range,
): ShownThread {
  const comments = new Map<string, ShownComment>();
  const shown = new Map<string, string>();
  const editing = new Set<string>();

  const body = (view: CommentView): vscode.MarkdownString => {
    const text =
      view.body === null
        ? `_${view.instead}_`
        : options.noteMarkdown(view.body, { nameOf: options.nameOf }) || "_Nothing to show._";
    const markdown = new vscode.MarkdownString(text, false);
    markdown.isTrusted = false;
    markdown.supportHtml = false;
    return markdown;
  };

  /** Brings the comments up to date; true when one of them changed, came or went. */
  const refresh = (views: readonly CommentView[]): boolean => {
    let changed = views.length !== comments.size;
    for (const ref of comments.keys()) {
      if (views.some((view) => view.ref === ref)) continue;
      comments.delete(ref);
      shown.delete(ref);
      editing.delete(ref);
      changed = true;
    }
    for (const view of views) {
      // while a person edits it, their input box stays as it is
      if (editing.has(view.ref)) continue;
      const signature = JSON.stringify(view);
      if (shown.get(view.ref) === signature) continue;
      const before = comments.get(view.ref);
      const comment: ShownComment = {
        ref: view.ref,
        source: view.body ?? "",
        body:
          before && before.source === (view.body ?? "") && shown.has(view.ref) && view.body !== null
            ? before.body
            : body(view),
        mode: vscode.CommentMode.Preview,
        author: { name: view.author },
        contextValue: view.contextValue,
        label: view.label || undefined,
        timestamp: new Date(view.time),
        reactions: view.reactions.map(({ emoji, count, mine }) => ({
          label: emoji,
          iconPath: NO_ICON,
          count,
          authorHasReacted: mine,
        })),
      };
      shown.set(view.ref, signature);
      // the same object again, since the editor knows a comment by it; but it draws an author once only
      const isSame = before?.author.name === view.author;
      comments.set(view.ref, isSame ? Object.assign(before, comment) : comment);
      changed = true;
    }
    return changed;
  };
  const list = (views: readonly CommentView[]) => views.map((view) => comments.get(view.ref)!);

  refresh(first.comments);
  const thread = options.adopt ?? options.create(firstRange, list(first.comments));
  if (!options.adopt) thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
  let last = first;

  const state = (view: ThreadView, range = thread.range) => {
    const resolved = view.resolved ? vscode.CommentThreadState.Resolved : vscode.CommentThreadState.Unresolved;
    if (thread.label !== view.label) thread.label = view.label;
    if (thread.contextValue !== view.contextValue) thread.contextValue = view.contextValue;
    if (thread.canReply !== view.canReply) thread.canReply = view.canReply;
    if (thread.state !== resolved) thread.state = resolved;
    if (range && !thread.range?.isEqual(range)) thread.range = range;
  };
  state(first, firstRange);
  if (options.adopt) thread.comments = list(first.comments);

  return {
    ref: options.ref,
    thread,
    get view() {
      return last;
    },
    update(view, range) {
      last = view;
      if (refresh(view.comments)) thread.comments = list(view.comments);
      state(view, range);
    },
    edit(comment, on) {
      if (on) {
        editing.add(comment.ref);
        comment.body = new vscode.MarkdownString(comment.source);
        comment.mode = vscode.CommentMode.Editing;
        thread.comments = [...thread.comments];
        return;
      }
      editing.delete(comment.ref);
      shown.delete(comment.ref);
      if (refresh(last.comments)) thread.comments = list(last.comments);
    },
    forgetNames: () => shown.clear(),
    dispose: () => thread.dispose(),
  };
}

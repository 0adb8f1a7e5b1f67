/** What the menus of comment threads do: each writes through the article's room and says why when it is refused. */
import * as vscode from "vscode";
import { REACTIONS } from "../../core/model/entries.ts";
import { toKept, withWritten } from "../../core/model/mentions.ts";
import { anchorNow } from "../article/anchor-now.ts";
import type { OpenArticle } from "../article/open-article.ts";
import type { CommandHandlers as AllHandlers } from "../commands.ts";
import { normalisedText } from "./articles.ts";
import type { ShownArticle } from "./comment-threads.ts";
import type { Notices } from "./notices.ts";
import { carryBetween, passageAt } from "./passage.ts";
import { createLineIndex } from "../article/line-index.ts";
import type { ShownComment, ShownThread } from "./shown-thread.ts";

type CommentCommand = Extract<keyof AllHandlers, `marginalia.comment.${string}`>;
export type CommentHandlers = Pick<AllHandlers, CommentCommand>;

interface Found {
  at: ShownArticle;
  thread: ShownThread;
}

export interface CommentHandlersOptions {
  shownFor(uri: vscode.Uri): ShownArticle | undefined;
  findThread(thread: unknown): Found | undefined;
  findComment(comment: unknown): Found | undefined;
  /** Shows a thread as it is now, at once: for what this person just did. */
  refreshNow(at: ShownArticle, ref: string): void;
  notices: Notices;
}

const GONE = "This comment is not there any more.";
const NOT_READY = "This article is not open in Marginalia any more. Open it in the reading view first.";
const NO_WORDS = "There are no words on this line. Select the passage that you mean.";
const MOVED = "The passage was changed in the meantime. Select it again in the new text.";

export function commentHandlers({ shownFor, findThread, findComment, refreshNow, notices }: CommentHandlersOptions): {
  commands: CommentHandlers;
  react(comment: vscode.Comment, reaction: vscode.CommentReaction): Promise<void>;
} {
  const setStatus = async (argument: unknown, status: "open" | "resolved") => {
    const found = findThread(isReply(argument) ? argument.thread : argument);
    if (!found) return notices.refused(GONE);
    const result = found.at.article.room.write.setStatus({ about: found.thread.ref, status });
    if (!result.ok) return notices.refused(result.message);
    found.thread.thread.collapsibleState =
      status === "resolved"
        ? vscode.CommentThreadCollapsibleState.Collapsed
        : vscode.CommentThreadCollapsibleState.Expanded;
    refreshNow(found.at, found.thread.ref);
  };

  return {
    commands: {
      async "marginalia.comment.create"(argument) {
        if (!isReply(argument)) return;
        const { thread, text } = argument;
        if (text.trim() === "") return;
        const at = shownFor(thread.uri);
        if (!at) return notices.refused(NOT_READY, text);
        const target = await anchorOf(at.article, thread);
        if (typeof target === "string") return notices.refused(target, text);
        const result = at.article.room.write.annotate({
          target,
          motivation: "commenting",
          body: named(at.article, text),
        });
        if (!result.ok) return notices.refused(result.message, text);
        at.adopting.set(result.ref, thread);
        refreshNow(at, result.ref);
      },
      async "marginalia.comment.reply"(argument) {
        if (!isReply(argument) || argument.text.trim() === "") return;
        const found = findThread(argument.thread);
        if (!found) return notices.refused(GONE, argument.text);
        const result = found.at.article.room.write.reply({
          parent: found.thread.ref,
          body: named(found.at.article, argument.text),
        });
        if (!result.ok) return notices.refused(result.message, argument.text);
        refreshNow(found.at, found.thread.ref);
      },
      "marginalia.comment.resolve": (argument) => setStatus(argument, "resolved"),
      "marginalia.comment.reopen": (argument) => setStatus(argument, "open"),
      "marginalia.comment.edit"(argument) {
        const found = findComment(argument);
        if (found) found.thread.edit(argument as ShownComment, true);
      },
      async "marginalia.comment.save"(argument) {
        const found = findComment(argument);
        const comment = argument as ShownComment;
        if (!found) return notices.refused(GONE, textOf(comment));
        const text = textOf(comment);
        if (text !== comment.source) {
          const body = named(found.at.article, text);
          const result = found.at.article.room.write.edit({ ref: comment.ref, body });
          if (!result.ok) {
            // the input box stays open with what was typed
            comment.mode = vscode.CommentMode.Editing;
            found.thread.thread.comments = [...found.thread.thread.comments];
            return notices.refused(result.message, text);
          }
        }
        found.thread.edit(comment, false);
        refreshNow(found.at, found.thread.ref);
      },
      "marginalia.comment.cancel"(argument) {
        findComment(argument)?.thread.edit(argument as ShownComment, false);
      },
      async "marginalia.comment.delete"(argument) {
        const found = findComment(argument);
        if (!found) return notices.refused(GONE);
        const { ref } = argument as ShownComment;
        if (!(await notices.confirmDelete(ref === found.thread.ref ? "annotation" : "comment"))) return;
        // the article may have been opened anew meanwhile, or the comment deleted elsewhere
        const now = findComment(argument);
        if (!now) return notices.refused(GONE);
        const result = now.at.article.room.write.remove({ ref });
        if (!result.ok) return notices.refused(result.message);
        refreshNow(now.at, now.thread.ref);
      },
    },
    async react(comment, reaction) {
      const found = findComment(comment);
      const emoji = REACTIONS.find((each) => each === reaction.label);
      if (!found || !emoji) return;
      const { ref } = comment as ShownComment;
      const result = found.at.article.room.write.react({ about: ref, emoji, on: !reaction.authorHasReacted });
      if (!result.ok) return notices.refused(result.message);
      refreshNow(found.at, found.thread.ref);
    },
  };
}

/** An anchor on what a person chose in the editor, or a sentence that says why there is none. */
async function anchorOf(article: OpenArticle, thread: vscode.CommentThread) {
  const published = article.published();
  if (!published) return "The article is still being read. Please try again in a moment.";
  const document = await vscode.workspace.openTextDocument(thread.uri);
  const text = normalisedText(document);
  const lines = createLineIndex(text);
  const range = thread.range ?? new vscode.Range(0, 0, 0, 0);
  const passage = passageAt(text, lines.offsetAt(range.start), lines.offsetAt(range.end));
  if (!passage) return NO_WORDS;
  const inPublished = carryBetween(text, published.source, passage);
  return (inPublished && anchorNow(article, published.epoch, inPublished.start, inPublished.end)) ?? MOVED;
}

function isReply(argument: unknown): argument is vscode.CommentReply {
  return (
    typeof argument === "object" &&
    argument !== null &&
    "thread" in argument &&
    "text" in argument &&
    typeof argument.text === "string"
  );
}

function textOf({ body }: vscode.Comment): string {
  return typeof body === "string" ? body : body.value;
}

/** There is no list to choose from in the editor's box: whose whole name stands after an @ is mentioned. */
function named(article: OpenArticle, text: string): string {
  return toKept(text, withWritten(text, new Map(), article.people()));
}

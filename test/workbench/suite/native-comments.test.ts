import assert from "node:assert/strict";
import * as vscode from "vscode";
import { writeRosterEntry } from "../../../src/core/model/session.ts";
import { type CommentThreads, createCommentThreads } from "../../../src/extension/native/comment-threads.ts";
import type { ShownComment } from "../../../src/extension/native/shown-thread.ts";
import {
  createTrialArticle,
  createTrialArticles,
  longText,
  once,
  type TrialArticle,
  type TrialArticles,
} from "./trial-article.ts";

const TEXT = `# On margins

Readers write in margins. Others answer them.

> A margin is not empty.

- first point
- second point
`;

suite("ED comments in the text editor", () => {
  let trial: TrialArticle;
  let articles: TrialArticles;
  let threads: CommentThreads;
  let refusals: { why: string; words: string | undefined }[];
  let confirmed: boolean | (() => boolean) = true;
  const disposables: vscode.Disposable[] = [];

  const open = async (text = TEXT, role: Parameters<typeof createTrialArticle>[1] = "owner") => {
    trial = await createTrialArticle(text, role);
    articles = createTrialArticles();
    refusals = [];
    confirmed = true;
    threads = createCommentThreads(articles, {
      onError(error) {
        throw error;
      },
      notices: {
        refused: async (why, words) => void refusals.push({ why, words }),
        confirmDelete: async () => (typeof confirmed === "function" ? confirmed() : confirmed),
      },
    });
    disposables.push(trial, threads);
  };
  const show = async () => {
    const editor = await vscode.window.showTextDocument(trial.uri);
    articles.open(trial.article);
    await threads.idle();
    return editor;
  };
  const find = (ref: string) => {
    const thread = threads.find(ref);
    assert.ok(thread, `no comment thread for ${ref}`);
    return thread;
  };
  const body = (comment: vscode.Comment | undefined) =>
    comment === undefined ? undefined : typeof comment.body === "string" ? comment.body : comment.body.value;
  const draft = (start: vscode.Position, end: vscode.Position) => {
    const controller = vscode.comments.createCommentController("marginalia-trial", "Trial");
    disposables.push(controller);
    return controller.createCommentThread(trial.uri, new vscode.Range(start, end), []);
  };

  teardown(async () => {
    for (const each of disposables.splice(0)) each.dispose();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  test("ED-1 a thread stands at its passage with its annotation and replies", async () => {
    await open();
    const ref = trial.annotate("ben", "Readers write", { class: "claim", body: "Do *they*?" });
    trial.reply("ada", ref, "They do.");
    await show();
    const thread = find(ref);
    assert.deepEqual(thread.range, new vscode.Range(2, 0, 2, 13));
    assert.equal(thread.label, "Claim: “Readers write”");
    assert.deepEqual(
      thread.comments.map((comment) => [comment.author.name, body(comment), comment.contextValue]),
      [
        ["Ben", "Do *they*?", ""],
        ["Ada", "They do.", "mine"],
      ],
    );
    assert.equal(thread.contextValue, "open");
    assert.equal(thread.collapsibleState, vscode.CommentThreadCollapsibleState.Collapsed);
  });

  test("ED-7 another name is on what was written before, too: the editor draws a comment's author once only", async () => {
    await open();
    const ref = trial.annotate("ben", "Readers write", { body: "whose?" });
    trial.reply("ada", ref, "Mine.");
    await show();
    const thread = find(ref);
    const [bens, adas] = thread.comments;
    const renamed = once(trial.article.onDidChangePeople);
    writeRosterEntry(trial.room.documents.session, "ben", { name: "Benjamin", role: "reader", joined: 1 });
    await renamed;
    await threads.idle();
    assert.equal(thread.comments[0]!.author.name, "Benjamin");
    assert.notEqual(thread.comments[0], bens);
    assert.equal(thread.comments[1], adas);
  });

  test("ED-6 a peer's words and name cannot become a command, a picture or HTML", async () => {
    await open();
    const ref = trial.annotate("mal", "Readers", { body: "[x](command:evil) <b>y</b> ![z](https://spy.example/z)" });
    await show();
    const [comment] = find(ref).comments;
    assert.equal(body(comment), "x \\<b\\>y\\</b\\> [z](<https://spy.example/z>)");
    const markdown = comment!.body as vscode.MarkdownString;
    assert.equal(markdown.isTrusted, false);
    assert.equal(markdown.supportHtml, false);
    assert.ok(!markdown.supportThemeIcons);
  });

  test("ED-2 threads follow a new text, and only those that changed are touched", async () => {
    await open();
    const first = trial.annotate("ben", "On margins", { body: "title" });
    const second = trial.annotate("ben", "second point", { body: "list" });
    await show();
    const [one, two] = [find(first), find(second)];
    const comments = one.comments;
    const published = once(trial.article.onDidPublish);
    trial.room.text.insert(trial.room.text.toJSON().indexOf("Readers"), "New words. \n\n");
    await published;
    await threads.idle();
    assert.equal(find(first), one);
    assert.deepEqual(one.range, new vscode.Range(0, 2, 0, 12));
    assert.equal(one.comments, comments);
    assert.equal(find(second), two);
    assert.deepEqual(two.range, new vscode.Range(9, 2, 9, 14));
  });

  test("ED-2 a thread that lost its passage leaves the editor, and comes back with it", async () => {
    await open();
    const ref = trial.annotate("ben", "Others answer them.", { body: "who?" });
    await show();
    find(ref);
    let published = once(trial.article.onDidPublish);
    const at = trial.room.text.toJSON().indexOf("Others answer them.");
    trial.room.text.delete(at, "Others answer them.".length);
    await published;
    await threads.idle();
    assert.equal(threads.find(ref), undefined);
    published = once(trial.article.onDidPublish);
    trial.room.text.insert(at, "Others answer them.");
    await published;
    await threads.idle();
    find(ref);
  });

  test("ED-3 threads are shown while a text tab shows the article, and no longer", async () => {
    await open();
    trial.annotate("ben", "margins", { body: "m" });
    articles.open(trial.article);
    await threads.idle();
    assert.equal(threads.size, 0);
    await vscode.window.showTextDocument(trial.uri);
    await threads.idle();
    assert.equal(threads.size, 1);
    const other = await vscode.workspace.openTextDocument({ content: "another" });
    await vscode.window.showTextDocument(other);
    await threads.idle();
    assert.equal(threads.size, 1, "a tab in the background keeps its threads");
    articles.close(trial.article);
    await threads.idle();
    assert.equal(threads.size, 0);
  });

  test("ED-4 what is written on a new thread becomes an annotation in that very box", async () => {
    await open();
    await show();
    const box = draft(new vscode.Position(4, 0), new vscode.Position(4, 0));
    await threads.handlers["marginalia.comment.create"]({ thread: box, text: "Indeed *not*." });
    await threads.idle();
    const [thread] = trial.article.threads();
    assert.equal(thread?.quote, "A margin is not empty.");
    assert.equal(thread?.body, "Indeed *not*.");
    assert.equal(thread?.motivation, "commenting");
    assert.equal(find(thread.ref), box);
    assert.equal(box.comments.length, 1);
    assert.equal(threads.size, 1);
    assert.deepEqual(refusals, []);
  });

  test("ED-4 a blank line is no passage: the words are given back", async () => {
    await open();
    await show();
    const box = draft(new vscode.Position(1, 0), new vscode.Position(1, 0));
    await threads.handlers["marginalia.comment.create"]({ thread: box, text: "precious" });
    assert.equal(trial.article.threads().length, 0);
    assert.equal(refusals.length, 1);
    assert.equal(refusals[0]!.words, "precious");
  });

  test("ED-4 replying, resolving and reopening write through the room", async () => {
    await open();
    const ref = trial.annotate("ben", "margins", { motivation: "questioning", body: "whose?" });
    await show();
    const thread = find(ref);
    await threads.handlers["marginalia.comment.reply"]({ thread, text: "Everyone's." });
    assert.deepEqual(thread.comments.map(body), ["whose?", "Everyone's."]);
    await threads.handlers["marginalia.comment.resolve"](thread);
    assert.equal(trial.article.thread(ref)?.status, "resolved");
    assert.equal(thread.state, vscode.CommentThreadState.Resolved);
    assert.equal(thread.contextValue, "resolved");
    await threads.handlers["marginalia.comment.reopen"](thread);
    assert.equal(trial.article.thread(ref)?.status, "open");
    assert.equal(thread.contextValue, "open");
  });

  test("ED-24 whose whole name is written after an @ is mentioned, in replies and in changes", async () => {
    await open();
    const ref = trial.annotate("ada", "margins", { body: "whose?" });
    await show();
    const thread = find(ref);
    await threads.handlers["marginalia.comment.reply"]({ thread, text: "Ask @Ben, not @Benedict." });
    assert.equal(trial.article.thread(ref)?.replies[0]?.body, "Ask @[Ben](ben), not @Benedict.");
    const [comment] = thread.comments;
    await threads.handlers["marginalia.comment.edit"](comment);
    comment!.body = "whose, @Ben?";
    await threads.handlers["marginalia.comment.save"](comment);
    assert.equal(trial.article.thread(ref)?.body, "whose, @[Ben](ben)?");
  });

  test("ED-5 editing starts from what was written, survives news from others, and is saved or cancelled", async () => {
    await open();
    const ref = trial.annotate("ada", "margins", { body: "a [b](command:c)" });
    await show();
    const thread = find(ref);
    const [comment] = thread.comments as ShownComment[];
    await threads.handlers["marginalia.comment.edit"](comment);
    assert.equal(body(comment), "a [b](command:c)");
    assert.equal(comment!.mode, vscode.CommentMode.Editing);
    trial.reply("ben", ref, "meanwhile");
    await threads.idle();
    assert.equal(thread.comments.length, 2);
    assert.equal(thread.comments[0], comment);
    assert.equal(comment!.mode, vscode.CommentMode.Editing);
    await threads.handlers["marginalia.comment.cancel"](comment);
    assert.equal(body(comment), "a b");
    assert.equal(comment!.mode, vscode.CommentMode.Preview);
    await threads.handlers["marginalia.comment.edit"](comment);
    comment!.body = new vscode.MarkdownString("better");
    await threads.handlers["marginalia.comment.save"](comment);
    assert.equal(trial.article.thread(ref)?.body, "better");
    assert.equal(body(comment), "better");
    assert.equal(comment!.label, "edited");
  });

  test("ED-5 an edit that is refused stays in its box", async () => {
    await open();
    const ref = trial.annotate("ada", "margins", { body: "short" });
    await show();
    const [comment] = find(ref).comments as ShownComment[];
    await threads.handlers["marginalia.comment.edit"](comment);
    comment!.body = new vscode.MarkdownString("x".repeat(30_000));
    await threads.handlers["marginalia.comment.save"](comment);
    assert.equal(refusals.length, 1);
    assert.equal(refusals[0]!.words?.length, 30_000);
    assert.equal(comment!.mode, vscode.CommentMode.Editing);
    assert.equal(trial.article.thread(ref)?.body, "short");
  });

  test("ED-5 deleting asks first, and keeps the place of what others answered", async () => {
    await open();
    const ref = trial.annotate("ada", "margins", { body: "mine" });
    trial.reply("ben", ref, "answered");
    await show();
    const thread = find(ref);
    confirmed = false;
    await threads.handlers["marginalia.comment.delete"](thread.comments[0]);
    assert.equal(trial.article.thread(ref)?.deleted, false);
    confirmed = true;
    await threads.handlers["marginalia.comment.delete"](thread.comments[0]);
    assert.deepEqual(thread.comments.map(body), ["_Deleted by its author._", "answered"]);
    assert.equal(thread.comments[0]!.contextValue, "");
  });

  test("ED-25 a thread that somebody may be writing in is not taken away with its annotation or its passage", async () => {
    await open();
    const deleted = trial.annotate("ben", "Readers write", { body: "soon gone" });
    const orphaned = trial.annotate("ben", "Others answer them.", { body: "who?" });
    const own = trial.annotate("ada", "first point", { body: "own" });
    await show();
    const [one, two, three] = [find(deleted), find(orphaned), find(own)];
    for (const thread of [one, two, three]) thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    const published = once(trial.article.onDidPublish);
    const at = trial.room.text.toJSON().indexOf("Others answer them.");
    trial.room.text.delete(at, "Others answer them.".length);
    await published;
    trial.remove(deleted);
    trial.remove(own);
    await threads.idle();
    assert.equal(find(deleted), one);
    assert.deepEqual(one.comments.map(body), ["_Deleted by its author._"]);
    assert.equal(one.canReply, true);
    assert.equal(find(orphaned), two);
    assert.equal(two.label, "Comment (its passage is gone): “Others answer them.”");
    assert.deepEqual(two.comments.map(body), ["who?"]);
    assert.equal(threads.find(own), undefined, "whoever deleted it knows");
    await threads.handlers["marginalia.comment.reply"]({ thread: one, text: "precious" });
    assert.deepEqual(
      refusals.map(({ words }) => words),
      ["precious"],
    );
    for (const thread of [one, two]) thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    await threads.followed();
    assert.equal(threads.find(deleted), undefined);
    assert.equal(threads.find(orphaned), undefined);
  });

  test("ED-26 threads stay as they are while their article is opened anew", async () => {
    await open();
    const ref = trial.annotate("ben", "Readers write", { body: "before" });
    await show();
    const thread = find(ref);
    articles.close(trial.article, "anew");
    await threads.idle();
    await threads.handlers["marginalia.comment.reply"]({ thread, text: "too soon" });
    assert.deepEqual(
      refusals.map(({ words }) => words),
      ["too soon"],
    );
    assert.equal(trial.article.thread(ref)?.replies.length, 0);
    articles.open(trial.article);
    await threads.idle();
    assert.equal(find(ref), thread);
    await threads.handlers["marginalia.comment.reply"]({ thread, text: "in time" });
    assert.deepEqual(thread.comments.map(body), ["before", "in time"]);
    trial.reply("ben", ref, "heard");
    await threads.idle();
    assert.deepEqual(thread.comments.map(body), ["before", "in time", "heard"]);
  });

  test("ED-26 what is deleted while the article is opened anew is deleted in it, or said to be not there", async () => {
    await open();
    const ref = trial.annotate("ada", "Readers write", { body: "mine" });
    await show();
    const [comment] = find(ref).comments;
    confirmed = () => {
      articles.close(trial.article, "anew");
      return true;
    };
    await threads.handlers["marginalia.comment.delete"](comment);
    assert.equal(refusals.length, 1);
    articles.open(trial.article);
    await threads.idle();
    assert.ok(trial.article.thread(ref));
    confirmed = () => {
      articles.close(trial.article, "anew");
      articles.open(trial.article);
      return true;
    };
    await threads.handlers["marginalia.comment.delete"](comment);
    assert.equal(trial.article.thread(ref), undefined);
  });

  test("ED-8 who may not write is offered nothing", async () => {
    await open(TEXT, "observer");
    const ref = trial.annotate("ben", "margins", { body: "look" });
    await show();
    const thread = find(ref);
    assert.equal(thread.canReply, false);
    assert.equal(thread.contextValue, "");
  });

  test("ED-9 the setting takes every comment out of the text editor", async () => {
    await open();
    trial.annotate("ben", "margins", { body: "m" });
    await show();
    assert.equal(threads.size, 1);
    const settings = vscode.workspace.getConfiguration("marginalia");
    try {
      await settings.update("comments.inTextEditor", false, vscode.ConfigurationTarget.Global);
      await threads.idle();
      assert.equal(threads.size, 0);
    } finally {
      await settings.update("comments.inTextEditor", undefined, vscode.ConfigurationTarget.Global);
    }
    await threads.idle();
    assert.equal(threads.size, 1);
  });

  test("ED-10 of very many annotations those near what is seen exist, and they follow the scrolling", async () => {
    await open(longText(1000));
    const source = trial.room.text.toJSON();
    const refs: string[] = [];
    trial.room.documents.margin.transact(() => {
      for (let i = 0; i < 1000; i++) {
        const at = source.indexOf(`matter ${i * 7} bears`);
        refs.push(trial.annotateAt("ben", at, at + 12, { body: `note **${i}**`, class: "claim" }));
      }
    });
    await trial.room.threads.settled();
    const editor = await vscode.window.showTextDocument(trial.uri);
    articles.open(trial.article);
    assert.equal(threads.size, 0, "nothing is made in the turn of the event");
    await threads.idle();
    assert.equal(threads.size, 40);
    find(refs[0]!);
    const unfolded = find(refs[1]!);
    unfolded.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    const end = new vscode.Position(editor.document.lineCount - 1, 0);
    // the window may be laid out anew meanwhile, which is told in the same way
    const moved = once(
      vscode.window.onDidChangeTextEditorVisibleRanges,
      ({ textEditor, visibleRanges }) => textEditor === editor && visibleRanges.some((each) => each.contains(end)),
    );
    editor.revealRange(new vscode.Range(end, end));
    await moved;
    await threads.followed();
    find(refs[999]!);
    assert.equal(threads.find(refs[0]!), undefined);
    assert.equal(threads.find(refs[1]!), unfolded, "one that is open stays: somebody may be writing in it");
    assert.ok(Number(threads.size) <= 140);
  });
});

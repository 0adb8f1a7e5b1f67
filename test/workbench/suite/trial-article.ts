/** A real article in a real room that nothing stores and nobody serves, for tests inside the extension host. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as vscode from "vscode";
import { createAnchor } from "../../../src/core/anchor/anchor.ts";
import { entriesOf } from "../../../src/core/model/documents.ts";
import type { AnnotationEntry, Entry, Motivation, PassageClass } from "../../../src/core/model/entries.ts";
import { entryRef, newEntryId } from "../../../src/core/model/ids.ts";
import type { Role } from "../../../src/core/model/roles.ts";
import { writeRosterEntry } from "../../../src/core/model/session.ts";
import { createArticleParser } from "../../../src/core/text/article.ts";
import { createOpenArticle } from "../../../src/extension/article/create-open-article.ts";
import type { OpenArticle } from "../../../src/extension/article/open-article.ts";
import type { Articles } from "../../../src/extension/native/articles.ts";
import type { CurrentArticle } from "../../../src/extension/views/current-article.ts";
import { openRoom, type Room } from "../../../src/sync/room.ts";

export interface Note {
  body?: string;
  motivation?: Motivation;
  class?: PassageClass;
}

export interface TrialArticle extends vscode.Disposable {
  readonly uri: vscode.Uri;
  readonly article: OpenArticle;
  readonly room: Room;
  /** Annotates the `nth` place where the words stand (0 is the first), as this participant, bypassing the writer's checks. */
  annotate(author: string, words: string, note: Note, nth?: number): string;
  annotateAt(author: string, start: number, end: number, note: Note): string;
  reply(author: string, parent: string, body: string): string;
  /** Writes any entry under a participant's root; returns its reference. */
  put(author: string, entry: Entry): string;
  remove(ref: string): void;
  replaceText(text: string): void;
}

const silentLog = { info() {}, warn() {}, error() {} };

/** The text is written into a file in a folder of its own, which goes with the article. */
export async function createTrialArticle(
  text: string,
  role: Role = "owner",
  fileName = "trial.md",
): Promise<TrialArticle> {
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-trial-"));
  const uri = vscode.Uri.file(path.join(folder, fileName));
  await writeFile(uri.fsPath, text);
  let now = Date.UTC(2026, 4, 1);
  const room = openRoom({
    room: "trial",
    me: { participant: "ada", role, name: "Ada" },
    store: null,
    openSocket: () => {
      throw new Error("this room is never connected");
    },
    clock: { now: () => ++now, setTimer: () => () => {} },
    random: (count) => randomBytes(count),
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  });
  await room.loaded;
  room.text.insert(0, text);
  for (const [id, name] of [
    ["ada", "Ada"],
    ["ben", "Ben"],
    ["mal", "[x](command:evil) $(bug)"],
  ] as const) {
    const row = { name, role: id === "ada" ? role : ("reader" as const), joined: now++ };
    writeRosterEntry(room.documents.session, id, row);
  }
  const parser = createArticleParser();
  const article = createOpenArticle({
    uri,
    fileName,
    format: "markdown",
    room,
    log: silentLog,
    parser: {
      parse: (_article, source) => {
        const { title, dir, meta, sections } = parser.parse(source);
        return Promise.resolve({ title: title ?? "", dir, meta, sections, sentences: [], blocks: [] });
      },
      forget() {},
    },
  });
  await article.ready;

  const put = (author: string, entry: Entry): string => {
    const id = newEntryId(now, (count) => randomBytes(count));
    entriesOf(room.documents.margin, author).set(id, entry);
    return entryRef(author, id);
  };
  const annotateAt = (author: string, start: number, end: number, note: Note): string => {
    const entry: AnnotationEntry = {
      v: 1,
      kind: "annotation",
      created: ++now,
      motivation: note.motivation ?? "commenting",
      ...(note.class ? { class: note.class } : {}),
      body: note.body ?? "",
      target: createAnchor(room.text.toJSON(), start, end, room.text),
    };
    return put(author, entry);
  };
  return {
    uri,
    article,
    room,
    put,
    annotateAt,
    annotate(author, words, note, nth = 0) {
      let at = -1;
      for (let i = 0; i <= nth; i++) at = room.text.toJSON().indexOf(words, at + 1);
      return annotateAt(author, at, at + words.length, note);
    },
    reply: (author, parent, body) => put(author, { v: 1, kind: "reply", created: ++now, parent, body }),
    remove(ref) {
      const [author, id] = ref.split("/");
      entriesOf(room.documents.margin, author!).delete(id!);
    },
    replaceText(next) {
      room.documents.article.transact(() => {
        room.text.delete(0, room.text.length);
        room.text.insert(0, next);
      });
    },
    dispose() {
      article.dispose();
      void room.close();
      void rm(folder, { recursive: true, force: true });
    },
  };
}

export interface TrialArticles extends Articles {
  open(article: OpenArticle): void;
  /** `anew`: it is being opened once more. */
  close(article: OpenArticle, anew?: "anew"): void;
}

export function createTrialArticles(): TrialArticles {
  const opened = new vscode.EventEmitter<OpenArticle>();
  const closed = new vscode.EventEmitter<OpenArticle>();
  const open = new Map<string, OpenArticle>();
  const reopening = new Set<string>();
  return {
    onDidOpen: opened.event,
    onDidClose: closed.event,
    forDocument: (uri) => open.get(uri.toString()),
    reopens: (uri) => reopening.has(uri.toString()),
    open(article) {
      reopening.delete(article.uri.toString());
      open.set(article.uri.toString(), article);
      opened.fire(article);
    },
    close(article, anew) {
      open.delete(article.uri.toString());
      if (anew) reopening.add(article.uri.toString());
      closed.fire(article);
    },
  };
}

export function createTrialCurrent(
  first?: OpenArticle,
): CurrentArticle & { set(article: OpenArticle | undefined): void } {
  const changed = new vscode.EventEmitter<OpenArticle | undefined>();
  let current = first;
  return {
    get: () => current,
    onDidChange: changed.event,
    set(article) {
      current = article;
      changed.fire(article);
    },
  };
}

/** Resolves with the first value of the event that is accepted; register before causing it. */
export function once<T>(event: vscode.Event<T>, accept: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const listener = event((value) => {
      if (!accept(value)) return;
      listener.dispose();
      resolve(value);
    });
  });
}

/** A text of `paragraphs` paragraphs under headings, all words different enough to be found. */
export function longText(paragraphs: number): string {
  const lines = ["# A long article", ""];
  for (let i = 0; i < paragraphs; i++) {
    if (i % 10 === 0) lines.push(`## Section ${i / 10 + 1}`, "");
    lines.push(
      `Paragraph ${i} says that matter ${i * 7} bears on question ${i * 13}, which nobody has answered yet.`,
      "",
    );
  }
  return lines.join("\n");
}

/** The articles that are open in this window, each once, however many views and editors show it. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import { articleMeta } from "../../core/model/documents.ts";
import { newName, type RoomId } from "../../core/model/ids.ts";
import type { Room } from "../../sync/room.ts";
import type { Log } from "../log.ts";
import { createOpenArticle } from "./create-open-article.ts";
import { bindDocument, textOf } from "./document-binding.ts";
import { type ArticleFileSystem, roomOfUri } from "./file-system.ts";
import type { OpenArticle } from "./open-article.ts";
import type { Parser } from "./parser.ts";
import type { Registry } from "./registry.ts";
import type { Rooms } from "./rooms.ts";

export interface ArticleHold {
  readonly article: OpenArticle;
  release(): void;
}

export interface Articles {
  /** Opens the article of a document, or shares it when it is open. */
  acquire(document: vscode.TextDocument): Promise<ArticleHold>;
  /** The open article of an address, if it is open. */
  forUri(uri: vscode.Uri): OpenArticle | undefined;
  /** The open article of a room, if it is open. */
  forRoom(room: RoomId): OpenArticle | undefined;
  all(): OpenArticle[];
  readonly onDidOpen: vscode.Event<OpenArticle>;
  readonly onDidClose: vscode.Event<OpenArticle>;
  dispose(): void;
}

export interface ArticlesOptions {
  rooms: Rooms;
  registry: Registry;
  parser: Parser;
  fileSystem: ArticleFileSystem;
  log: Log;
}

interface Entry {
  opening: Promise<OpenArticle & vscode.Disposable>;
  article?: OpenArticle;
  holds: number;
  close(): void;
}

/** The text on which file and room agree is remembered this long after a change, in milliseconds. */
const AGREED_AFTER = 1_000;

export function createArticles({ rooms, registry, parser, fileSystem, log }: ArticlesOptions): Articles {
  const opened = new vscode.EventEmitter<OpenArticle>();
  const closed = new vscode.EventEmitter<OpenArticle>();
  const entries = new Map<string, Entry>();

  const roomFor = async (document: vscode.TextDocument): Promise<RoomId> =>
    roomOfUri(document.uri) ??
    (await registry.find(document.uri, textOf(document))) ??
    newName((count) => randomBytes(count));

  const open = async (document: vscode.TextDocument, entry: Entry): Promise<OpenArticle & vscode.Disposable> => {
    const id = await roomFor(document);
    const hold = await rooms.open(id);
    const { room } = hold;
    const fileName = path.posix.basename(document.uri.path) || "article.md";
    const hasFile = roomOfUri(document.uri) === undefined;
    let base: string | undefined;
    if (hasFile) {
      seedFrom(room, document, fileName);
      base = await lastAgreed(rooms, room);
      if (!document.isUntitled) await registry.remember(document.uri, id, textOf(document));
    }
    const binding = bindDocument({
      document,
      room,
      ...(base === undefined ? {} : { base }),
      reload: () => fileSystem.changed(document.uri),
      tells: (telling) => fileSystem.toldByDocument(document.uri, telling),
      log,
    });
    const keeper = hasFile ? keepAgreed(rooms, room, document) : new vscode.Disposable(() => {});
    const format = document.uri.path.toLowerCase().endsWith(".txt") ? "text" : "markdown";
    const article = createOpenArticle({ uri: document.uri, fileName, format, room, parser, log });
    entry.article = article;
    entry.close = () => {
      binding.dispose();
      keeper.dispose();
      article.dispose();
      hold.release();
      closed.fire(article);
    };
    opened.fire(article);
    return article;
  };

  return {
    onDidOpen: opened.event,
    onDidClose: closed.event,
    async acquire(document) {
      const key = document.uri.toString();
      let entry = entries.get(key);
      if (!entry) {
        const fresh: Entry = { opening: Promise.reject(new Error("not started")), holds: 0, close: () => {} };
        fresh.opening.catch(() => {});
        fresh.opening = open(document, fresh);
        entries.set(key, (entry = fresh));
      }
      const mine = entry;
      mine.holds++;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        if (--mine.holds > 0) return;
        if (entries.get(key) === mine) entries.delete(key);
        mine.close();
      };
      try {
        return { article: await mine.opening, release };
      } catch (error) {
        entries.delete(key);
        throw error;
      }
    },
    forUri: (uri) => entries.get(uri.toString())?.article,
    forRoom: (room) => [...entries.values()].find((each) => each.article?.room.id === room)?.article,
    all: () => [...entries.values()].flatMap((each) => each.article ?? []),
    dispose() {
      for (const entry of entries.values()) entry.close();
      entries.clear();
      opened.dispose();
      closed.dispose();
    },
  };
}

const agreedName = (room: RoomId) => `${room}/file`;

/** Puts the file's text into a room that has none. */
function seedFrom(room: Room, document: vscode.TextDocument, fileName: string): void {
  if (room.text.length > 0 || articleMeta(room.documents.article).size > 0) return;
  const file = textOf(document);
  const format = fileName.toLowerCase().endsWith(".txt") ? "text" : "markdown";
  const title = /^#{1,6}[ \t]+(.+?)[ \t]*#*$/m.exec(file)?.[1] ?? fileName;
  room.seed(file, { title: title.slice(0, 300), fileName, format });
}

/**
 * The text on which file and room last agreed: what differs from it in either was written since, and both count. Reading
 * alone, the file is simply right.
 */
async function lastAgreed(rooms: Rooms, room: Room): Promise<string> {
  const now = room.text.toString();
  if ((await rooms.membership(room.id)) === undefined) return now;
  const stored = (await rooms.store.readJson(agreedName(room.id))) as { text?: unknown } | undefined;
  return typeof stored?.text === "string" ? stored.text : now;
}

/** Remembers the text whenever the saved file and the room agree on it. */
function keepAgreed(rooms: Rooms, room: Room, document: vscode.TextDocument): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  let kept = "";
  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    const text = textOf(document);
    if (document.isDirty || text === kept || text !== room.text.toString()) return;
    kept = text;
    void rooms.store.writeJson(agreedName(room.id), { text });
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, AGREED_AFTER);
  };
  const listener = vscode.workspace.onDidSaveTextDocument((saved) => {
    if (saved === document) soon();
  });
  room.text.observe(soon);
  keep();
  return new vscode.Disposable(() => {
    listener.dispose();
    room.text.unobserve(soon);
    keep();
  });
}

/** The articles that are open in this window, each once, however many views and editors show it. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import * as vscode from "vscode";
import { articleSource } from "../../core/model/article-source.ts";
import { articleMeta } from "../../core/model/documents.ts";
import { newName, type RoomId } from "../../core/model/ids.ts";
import { firstHeading } from "../../core/text/first-heading.ts";
import type { Room } from "../../sync/room.ts";
import type { Log } from "../log.ts";
import { type ArticleFile, createArticleFile, type FileBinding } from "./article-file.ts";
import { isSameArticle, likeliest } from "./moved-article.ts";
import { createOpenArticle } from "./create-open-article.ts";
import { bindDocument, textOf } from "./document-binding.ts";
import { type ArticleFileSystem, roomOfUri } from "./file-system.ts";
import type { OpenArticle } from "./open-article.ts";
import type { Parser } from "./parser.ts";
import type { Registry } from "./registry.ts";
import type { Rooms } from "./rooms.ts";

export interface ArticleHold {
  /** As it is open now: see `onDidOpen`. */
  readonly article: OpenArticle;
  /** To be called when the article is on the screen: now there is time to open its file. */
  shown(): void;
  release(): void;
}

export interface Articles {
  /**
   * Opens the article of an address, or shares it when it is open. One that was read before is there as soon as its room is:
   * the file follows a little later, and then both are kept the same. `document`: an editor has the file open.
   */
  acquire(uri: vscode.Uri, document?: vscode.TextDocument): Promise<ArticleHold>;
  /** The open article of an address, if it is open. */
  forUri(uri: vscode.Uri): OpenArticle | undefined;
  /** The open article of a room, if it is open. */
  forRoom(room: RoomId): OpenArticle | undefined;
  all(): OpenArticle[];
  /** Undo and redo of what was typed in the document of an open article: see `FileBinding`. */
  step(document: vscode.TextDocument, which: "undo" | "redo"): Promise<boolean | undefined>;
  /** True for an article that was closed and is being opened anew, because its reader is somebody else in its session now. */
  reopens(uri: vscode.Uri): boolean;
  /** Also when an article that is held was closed because its reader is somebody else in its session now, and is open again. */
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
  uri: vscode.Uri;
  opening: Promise<OpenArticle & vscode.Disposable>;
  article?: OpenArticle;
  file?: ArticleFile;
  holds: number;
  /** The last epoch that was published while it was open before. */
  after?: number | undefined;
  close(): void;
}

/** The text on which file and room agree is remembered this long after a change, in milliseconds. */
const AGREED_AFTER = 1_000;

export function createArticles({ rooms, registry, parser, fileSystem, log }: ArticlesOptions): Articles {
  const opened = new vscode.EventEmitter<OpenArticle>();
  const closed = new vscode.EventEmitter<OpenArticle>();
  const entries = new Map<string, Entry>();

  const open = async (uri: vscode.Uri, document: vscode.TextDocument | undefined, entry: Entry) => {
    const fileName = path.posix.basename(uri.path) || "article.md";
    const hasFile = roomOfUri(uri) === undefined;
    const known = roomOfUri(uri) ?? registry.room(uri);
    parser.expect(known);
    const format = formatOf(uri);
    const text = async () => textOf((document ??= await vscode.workspace.openTextDocument(uri)));
    const id = known ?? (await recognise(uri, await text())) ?? newName((count) => randomBytes(count));
    const hold = await rooms.open(id);
    try {
      const { room } = hold;
      // what nobody read before, or could not be read, begins with the file
      if (hasFile && room.text.length === 0) seedFrom(room, await text(), fileName, format);
      const file = createArticleFile({ uri, bind: createBinder(room, hasFile), log });
      if (document) await file.attach(document);
      const article = createOpenArticle({ uri, fileName, format, room, parser, log, after: entry.after });
      entry.article = article;
      entry.file = file;
      entry.close = () => {
        file.dispose();
        article.dispose();
        hold.release();
        closed.fire(article);
      };
      opened.fire(article);
      return article;
    } catch (error) {
      hold.release();
      throw error;
    }
  };

  /** The room of an article that was moved here, by its text or, when that changed, by what the reader says. */
  const recognise = async (uri: vscode.Uri, text: string): Promise<RoomId | undefined> => {
    const same = await registry.findMoved(uri, text);
    if (same !== undefined) return same;
    const lost = await likeliest(text, await registry.lost(), async (room) => agreedText(rooms, room));
    if (!lost || !(await isSameArticle(uri, lost.uri))) return undefined;
    await registry.move(lost.uri, uri);
    return lost.room;
  };

  /** Keeps documents of one file, which VS Code closes and opens, and the room's text the same. */
  const createBinder = (room: Room, hasFile: boolean) => {
    /** What the last document held when it was let go: all of it is in the room. */
    let before: string | undefined;
    return async (document: vscode.TextDocument, wanted: () => boolean): Promise<FileBinding | undefined> => {
      const base = hasFile ? (before ?? (await lastAgreed(rooms, room))) : undefined;
      const remember = () => registry.remember(document.uri, room.id, textOf(document));
      if (hasFile && !document.isUntitled) await remember();
      if (!wanted()) return undefined;
      const binding = bindDocument({
        document,
        room,
        ...(base === undefined ? {} : { base }),
        reload: () => fileSystem.changed(document.uri),
        tells: (telling) => fileSystem.toldByDocument(document.uri, telling),
        log,
      });
      const keeper = hasFile ? keepAgreed(rooms, room, document, () => void remember()) : undefined;
      return {
        step: binding.step,
        dispose() {
          before = binding.told() ?? before;
          binding.dispose();
          keeper?.dispose();
        },
      };
    };
  };

  const shut = (entry: Entry) => {
    const { close } = entry;
    entry.close = () => {};
    delete entry.article;
    delete entry.file;
    close();
  };
  const drop = (entry: Entry) => {
    const key = entry.uri.toString();
    if (entries.get(key) === entry) entries.delete(key);
    shut(entry);
  };

  /** Lets go of an article whose room closes, at once, and opens it anew for those who hold it. */
  const reopen = (entry: Entry, article: OpenArticle, closed: Promise<void>) => {
    shut(entry);
    entry.after = article.published()?.epoch ?? entry.after;
    const again = async () => {
      await closed;
      const anew = await open(entry.uri, documentOf(entry.uri), entry);
      if (entry.holds === 0 && entry.article === anew) drop(entry);
      return anew;
    };
    entry.opening = again();
    entry.opening.catch((error: unknown) => {
      drop(entry);
      log.error(`An article could not be opened again: ${String(error)}`);
    });
  };
  const replacedListener = rooms.onDidReplace(({ room, closed }) => {
    for (const entry of entries.values()) {
      if (entry.article?.room === room) reopen(entry, entry.article, closed);
      else if (!entry.article) {
        const { opening } = entry;
        const check = (article: OpenArticle) => {
          if (article.room === room && entry.opening === opening) reopen(entry, article, closed);
        };
        void opening.then(check, () => {});
      }
    }
  });

  return {
    onDidOpen: opened.event,
    onDidClose: closed.event,
    async acquire(uri, editors) {
      const key = uri.toString();
      const document = editors ?? documentOf(uri);
      let entry = entries.get(key);
      if (!entry) {
        const fresh: Entry = { uri, opening: Promise.reject(new Error("not started")), holds: 0, close: () => {} };
        fresh.opening.catch(() => {});
        fresh.opening = open(uri, document, fresh);
        entries.set(key, (entry = fresh));
      }
      const mine = entry;
      mine.holds++;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        // one that is being opened anew is shared until it is there
        if (--mine.holds === 0 && mine.article) drop(mine);
      };
      try {
        let article: OpenArticle = await mine.opening;
        if (document) await mine.file?.attach(document);
        return {
          get article() {
            return (article = mine.article ?? article);
          },
          shown: () => void mine.file?.open(),
          release,
        };
      } catch (error) {
        drop(mine);
        throw error;
      }
    },
    forUri: (uri) => entries.get(uri.toString())?.article,
    forRoom: (room) => [...entries.values()].find((each) => each.article?.room.id === room)?.article,
    reopens(uri) {
      const entry = entries.get(uri.toString());
      return entry !== undefined && !entry.article;
    },
    step: async (document, which) => await entries.get(document.uri.toString())?.file?.step(document, which),
    all: () => [...entries.values()].flatMap((each) => each.article ?? []),
    dispose() {
      replacedListener.dispose();
      for (const entry of entries.values()) shut(entry);
      entries.clear();
      opened.dispose();
      closed.dispose();
    },
  };
}

function documentOf(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
}

function formatOf(uri: vscode.Uri): "markdown" | "text" {
  return uri.path.toLowerCase().endsWith(".txt") ? "text" : "markdown";
}

const agreedName = (room: RoomId) => `${room}/file`;

/** Puts the file's text into a room that has none. */
function seedFrom(room: Room, file: string, fileName: string, format: "markdown" | "text"): void {
  if (articleMeta(room.documents.article).size > 0) return;
  room.seed(file, { title: firstHeading(file) ?? fileName.slice(0, 300), fileName, format });
}

/**
 * The text on which file and room last agreed: what differs from it in either was written since, and both count. Reading
 * alone, the file is simply right.
 */
async function lastAgreed(rooms: Rooms, room: Room): Promise<string> {
  const now = articleSource(room.text);
  if ((await rooms.membership(room.id)) === undefined) return now;
  return (await agreedText(rooms, room.id)) ?? now;
}

async function agreedText(rooms: Rooms, room: RoomId): Promise<string | undefined> {
  const stored = (await rooms.store.readJson(agreedName(room))) as { text?: unknown } | undefined;
  return typeof stored?.text === "string" ? stored.text : undefined;
}

/** Remembers the text whenever the saved file and the room agree on it. */
function keepAgreed(rooms: Rooms, room: Room, document: vscode.TextDocument, onAgree: () => void): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  let kept = "";
  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    const text = textOf(document);
    if (document.isDirty || text === kept || text !== articleSource(room.text)) return;
    kept = text;
    onAgree();
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

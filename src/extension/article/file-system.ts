/**
 * `marginalia:/<file name>?<room>`: the article of a session, for those who have no file of their own. Reading gives the
 * article's text as it is now; saving merges what was changed into it. The room is in the query, as VS Code shows every
 * step of a path above the text.
 */
import * as vscode from "vscode";
import { articleSource } from "../../core/model/article-source.ts";
import { readArticleMeta } from "../../core/model/documents.ts";
import { isName, type RoomId } from "../../core/model/ids.ts";
import { articleArrived, mayEditArticle, type Rooms } from "./rooms.ts";
import { replaceText } from "./replace-text.ts";

export const SCHEME = "marginalia";

export function articleUri(room: RoomId, fileName: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${fileName}`, query: room });
}

/** The room of an article without a file, or undefined for any other address. */
export function roomOfUri(uri: vscode.Uri): RoomId | undefined {
  if (uri.scheme !== SCHEME) return undefined;
  // the first builds wrote `marginalia:/<room>/<file name>`, which stands in lists of recent articles
  const room = uri.query || uri.path.split("/")[1] || "";
  return isName(room) ? room : undefined;
}

export interface ArticleFileSystem extends vscode.FileSystemProvider {
  /** The text of a room's article changed by somebody else's hand: editors read it again. */
  changed(uri: vscode.Uri): void;
  /** As long as `telling` says so, an open document tells the room of each change itself, and saving it writes nothing more. */
  toldByDocument(uri: vscode.Uri, telling: () => boolean): vscode.Disposable;
}

export function createFileSystem(rooms: Rooms): ArticleFileSystem {
  const emitter = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const created = Date.now();
  const versions = new Map<string, number>();
  const told = new Map<string, () => boolean>();

  const open = async (uri: vscode.Uri) => {
    const id = roomOfUri(uri);
    if (id === undefined || !(await rooms.isKnown(id))) throw vscode.FileSystemError.FileNotFound(uri);
    const hold = await rooms.open(id);
    try {
      await articleArrived(hold.room);
    } catch (error) {
      hold.release();
      throw vscode.FileSystemError.Unavailable(error instanceof Error ? error.message : String(error));
    }
    return hold;
  };

  return {
    onDidChangeFile: emitter.event,
    changed(uri) {
      versions.set(uri.toString(), (versions.get(uri.toString()) ?? 0) + 1);
      emitter.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    },
    toldByDocument(uri, telling) {
      const key = uri.toString();
      told.set(key, telling);
      return new vscode.Disposable(() => {
        // the document may have been bound anew before the older binding was let go
        if (told.get(key) === telling) told.delete(key);
      });
    },
    watch: () => new vscode.Disposable(() => {}),
    async stat(uri) {
      const hold = await open(uri);
      try {
        const size = Buffer.byteLength(articleSource(hold.room.text));
        return {
          type: uri.path === "/" ? vscode.FileType.Directory : vscode.FileType.File,
          ctime: created,
          mtime: created + (versions.get(uri.toString()) ?? 0),
          size,
          ...(mayEditArticle(hold.room) ? {} : { permissions: vscode.FilePermission.Readonly }),
        };
      } finally {
        hold.release();
      }
    },
    async readFile(uri) {
      const hold = await open(uri);
      try {
        return Buffer.from(articleSource(hold.room.text));
      } finally {
        hold.release();
      }
    },
    async writeFile(uri, content) {
      const hold = await open(uri);
      try {
        if (!mayEditArticle(hold.room)) throw vscode.FileSystemError.NoPermissions(uri);
        // what is saved is older than what others typed meanwhile, and would take that back
        if (told.get(uri.toString())?.()) return;
        // this catches what came another way than through an open editor
        replaceText(hold.room.text, Buffer.from(content).toString());
      } finally {
        hold.release();
      }
    },
    async readDirectory(uri) {
      const id = roomOfUri(uri);
      if (id === undefined) throw vscode.FileSystemError.FileNotFound(uri);
      const hold = await rooms.open(id);
      try {
        return [[readArticleMeta(hold.room.documents.article).fileName, vscode.FileType.File]];
      } finally {
        hold.release();
      }
    },
    createDirectory(uri) {
      throw vscode.FileSystemError.NoPermissions(uri);
    },
    delete(uri) {
      throw vscode.FileSystemError.NoPermissions(uri);
    },
    rename(from) {
      throw vscode.FileSystemError.NoPermissions(from);
    },
  };
}

/** The first content of an article's document. */
import * as Y from "yjs";
import { articleText, writeArticleMeta, type ArticleMeta } from "../core/model/documents.ts";
import type { RoomId } from "../core/model/ids.ts";
import { encodeUtf8 } from "lib0/string";
import { crc32 } from "./log-records.ts";

/**
 * An update that puts `text` and `meta` into an empty article document. The same for the same room and content, structs and
 * client id alike, so that two windows that open a new article at once do not put it in twice. `text`: `\n` line ends.
 */
export function seedUpdate(room: RoomId, text: string, meta: ArticleMeta): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = crc32(encodeUtf8(JSON.stringify([room, text, meta.title, meta.fileName, meta.format])));
  doc.transact(() => {
    if (text) articleText(doc).insert(0, text);
    writeArticleMeta(doc, meta);
  });
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  return update;
}

/**
 * A room's Yjs documents and the keys inside them. No other file names a document or a root.
 *
 * | document                    | roots                                                                   |
 * | `ROOM/article`              | `Y.Text "text"`, `Y.Map "meta"`                                         |
 * | `ROOM/session`              | `Y.Map "session"` (the owner writes), `Y.Map "roster"` (the server writes) |
 * | `ROOM/margin`               | one `Y.Map "p:<participant>"` each                                      |
 * | `ROOM/margin.<participant>` | `Y.Map "p:<participant>"`: what the others may not (yet) see            |
 */
import type * as Y from "yjs";
import { isName, type ParticipantId, type RoomId } from "./ids.ts";

export type DocumentName =
  | { room: RoomId; kind: "article" | "session" | "margin" }
  | { room: RoomId; kind: "private"; participant: ParticipantId };

export type DocumentKind = DocumentName["kind"];
export const DOCUMENT_KINDS = ["article", "session", "margin", "private"] as const satisfies readonly DocumentKind[];

/** The name as it stands in a websocket path. */
export function formatDocumentName(name: DocumentName): string {
  return name.kind === "private" ? `${name.room}/margin.${name.participant}` : `${name.room}/${name.kind}`;
}

/** The name's parts, or null for anything that is not exactly a document of a room. */
export function parseDocumentName(text: string): DocumentName | null {
  const slash = text.indexOf("/");
  if (slash < 0) return null;
  const room = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  if (!isName(room)) return null;
  if (rest === "article" || rest === "session" || rest === "margin") return { room, kind: rest };
  if (rest.startsWith("margin.") && isName(rest.slice(7))) return { room, kind: "private", participant: rest.slice(7) };
  return null;
}

const PARTICIPANT_ROOT = "p:";

/** The root in a margin document that only `participant` writes. */
export function participantRoot(participant: ParticipantId): string {
  return PARTICIPANT_ROOT + participant;
}

/** Whose root it is, or null for a root of another kind. */
export function participantOfRoot(root: string): ParticipantId | null {
  const participant = root.startsWith(PARTICIPANT_ROOT) ? root.slice(PARTICIPANT_ROOT.length) : "";
  return isName(participant) ? participant : null;
}

export const SESSION_ROOT = "session";
export const ROSTER_ROOT = "roster";
export const TEXT_ROOT = "text";
export const META_ROOT = "meta";

/** The Markdown source (UTF-16 code units, `\n` line ends). */
export function articleText(doc: Y.Doc): Y.Text {
  return doc.getText(TEXT_ROOT);
}

/** Title, file name and format of the article: see `ArticleMeta`. */
export function articleMeta(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap(META_ROOT);
}

/** Title, kind and policy: see `readSession`. */
export function sessionMap(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap(SESSION_ROOT);
}

/** Participant id -> roster row: see `readRoster`. */
export function rosterMap(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap(ROSTER_ROOT);
}

/** Entry id -> entry of one participant, in `ROOM/margin` or in that participant's private document. */
export function entriesOf(doc: Y.Doc, participant: ParticipantId): Y.Map<unknown> {
  return doc.getMap(participantRoot(participant));
}

/** Every participant with a root in this margin document, in a stable order. */
export function marginAuthors(doc: Y.Doc): ParticipantId[] {
  const authors: ParticipantId[] = [];
  for (const root of doc.share.keys()) {
    const participant = participantOfRoot(root);
    if (participant !== null) authors.push(participant);
  }
  return authors.sort();
}

/** What the article document says of the article beside its text. */
export interface ArticleMeta {
  title: string;
  /** File name without folder, for the joiner's tab and for exports. */
  fileName: string;
  format: "markdown" | "text";
}

/** The article's metadata, with plain defaults for whatever is missing or malformed. */
export function readArticleMeta(doc: Y.Doc): ArticleMeta {
  const meta = articleMeta(doc);
  const text = (key: string) => {
    const value = meta.get(key);
    return typeof value === "string" ? oneLine(value) : "";
  };
  return {
    title: text("title") || "Untitled article",
    fileName: plainFileName(text("fileName")) || "article.md",
    format: meta.get("format") === "text" ? "text" : "markdown",
  };
}

/** At most 300 characters on one line, without what reverses or hides the text around it. */
function oneLine(value: string): string {
  const seen = value.slice(0, 2000).replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
  return Array.from(seen.replace(/[\s\p{Cc}]+/gu, " ").trim())
    .slice(0, 300)
    .join("")
    .trim();
}

/** Longest file name in UTF-8 bytes: file systems take 255, and an export adds to it. */
const MOST_BYTES = 200;

/** A name that every file system takes and that stays in its folder, its extension kept; empty if nothing is left of it. */
function plainFileName(name: string): string {
  const plain = name
    .replace(/[\\/:*?"<>|]/g, "-")
    .replace(/\p{Surrogate}/gu, "")
    .replace(/^[\s.]+|[\s.]+$/g, "");
  const extension = /\.\w{1,10}$/.exec(plain)?.[0] ?? "";
  const stem = withinBytes(plain.slice(0, plain.length - extension.length), MOST_BYTES - extension.length);
  // names of devices, with or without an extension, which Windows does not open as files
  return `${stem.replace(/[\s.]+$/, "")}${extension}`.replace(/^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i, "$1-");
}

/** The beginning of `text` that takes no more than so many bytes in UTF-8, not ended inside a character. */
function withinBytes(text: string, most: number): string {
  let bytes = 0;
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > most) break;
    length += character.length;
  }
  return text.slice(0, length);
}

/** Writes the article's metadata, touching only what changed. */
export function writeArticleMeta(doc: Y.Doc, meta: ArticleMeta): void {
  const map = articleMeta(doc);
  doc.transact(() => {
    for (const [key, value] of Object.entries(meta)) if (map.get(key) !== value) map.set(key, value);
  });
}

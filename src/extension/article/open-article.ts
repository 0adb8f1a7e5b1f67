/**
 * An article that is open in this window: its text as published, its threads as this reader sees them, who is there, and how
 * it stands with the server. The reading view, the comment threads of the text editor, the trees and the exports all read
 * from here and write through here; none of them keeps a state of its own.
 */
import type { Event, Uri } from "vscode";
import type { ArticleFormat } from "../../core/text/article.ts";
import type { Room } from "../../sync/room.ts";
import type { Capabilities, Person, StatusMessage, ThreadMessage } from "../../protocol/reader.ts";
import type { Published } from "./publication.ts";
import type { ViewPresence } from "./view-presence.ts";

export interface ThreadsChange {
  threads: readonly ThreadMessage[];
  removed: readonly string[];
}

export interface OpenArticle {
  /** The file, or `marginalia:/<name>?<room>` for an article that came with a session. */
  readonly uri: Uri;
  readonly fileName: string;
  readonly format: ArticleFormat;
  /** Writing goes through `room.write`. */
  readonly room: Room;
  /** Resolves when the text is published and all stored threads are placed. */
  readonly ready: Promise<void>;

  /** The latest published text; all placements count in its `source` (UTF-16 code units, `\n` line ends). */
  published(): Published | undefined;
  title(): string;
  /** Every thread that this reader may see, in document order, orphans last. */
  threads(): readonly ThreadMessage[];
  thread(ref: string): ThreadMessage | undefined;
  people(): Person[];
  nameOf(participant: string): string;
  capabilities(): Capabilities;
  status(): StatusMessage;

  /** A new text, with every placement moved to it: ask `threads()` anew. */
  readonly onDidPublish: Event<Published>;
  /** Threads that changed within the published text. */
  readonly onDidChangeThreads: Event<ThreadsChange>;
  readonly onDidChangePeople: Event<void>;
  readonly onDidChangeStatus: Event<void>;
  readonly onDidChangeCapabilities: Event<void>;

  /** The range of a published text as it stands now; null when the passage was changed meanwhile: see `Publication`. */
  carryToNow(epoch: number, start: number, end: number): { start: number; end: number } | null;
  markRead(refs: readonly string[]): void;
  /** What the views of this window tell the others of its reader. */
  readonly presence: ViewPresence;
}

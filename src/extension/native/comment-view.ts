/** What a thread shows in the text editor, as plain data: pure, so that what is shown is tested without an editor. */
import { REACTIONS } from "../../core/model/entries.ts";
import { KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import type { Capabilities, ReplyMessage, ThreadMessage } from "../../protocol/reader.ts";
import { oneLine } from "../views/thread-words.ts";

export interface CommentView {
  ref: string;
  author: string;
  /** The Markdown as its author wrote it; null when there is nothing of theirs to show, and `instead` is shown. */
  body: string | null;
  /** A sentence of ours, plain text. */
  instead: string;
  /** Beside the name. */
  label: string;
  /** Milliseconds since 1970. */
  time: number;
  /** `mine` lets the menus offer to edit and delete. */
  contextValue: "mine" | "";
  reactions: { emoji: string; count: number; mine: boolean }[];
}

export interface ThreadView {
  ref: string;
  label: string;
  resolved: boolean;
  /** Empty when this reader may not write: then no menu offers anything. */
  contextValue: "open" | "resolved" | "";
  canReply: boolean;
  comments: CommentView[];
}

export interface ViewOptions {
  nameOf(participant: string): string;
  capabilities: Capabilities;
  /** The participant who looks. */
  me: string | undefined;
}

const DELETED = "Deleted by its author.";

export function threadView(thread: ThreadMessage, options: ViewOptions): ThreadView {
  const { annotate } = options.capabilities;
  const changed = { placed: "", changed: " (its passage changed)", orphaned: " (its passage is gone)" }[
    thread.placement.state
  ];
  return {
    ref: thread.ref,
    label: `${KIND_TITLES[kindOf(thread)]}${changed}: “${oneLine(thread.quote, 80)}”`,
    resolved: thread.status === "resolved",
    contextValue: annotate ? thread.status : "",
    canReply: annotate,
    comments: [thread, ...thread.replies].map((note) => commentView(note, note === thread ? thread : null, options)),
  };
}

/** What is left of a thread that its author deleted while another reader had it open; undefined for the author's own. */
export function deletedView(last: ThreadView): ThreadView | undefined {
  const [annotation] = last.comments;
  if (!annotation || annotation.contextValue === "mine") return undefined;
  const deleted: CommentView = { ...annotation, body: null, instead: DELETED, label: "", reactions: [] };
  return { ...last, contextValue: "", comments: [deleted] };
}

/** @param thread the thread when the note is its annotation, null for a reply */
function commentView(
  note: ThreadMessage | ReplyMessage,
  thread: ThreadMessage | null,
  options: ViewOptions,
): CommentView {
  const silent = note.deleted || note.body.trim() === "";
  const labels: string[] = [];
  if (note.hidden) labels.push("hidden from the group");
  if (note.modified !== undefined && !note.deleted) labels.push("edited");
  if (thread?.statusBy !== undefined && thread.status === "resolved") {
    labels.push(`resolved by ${options.nameOf(thread.statusBy)}`);
  }
  return {
    ref: note.ref,
    author: options.nameOf(note.author),
    body: silent ? null : note.body,
    instead: silent ? insteadOf(note, thread) : "",
    label: labels.join(", "),
    time: note.modified ?? note.created,
    contextValue: note.mine && !note.deleted && options.capabilities.annotate ? "mine" : "",
    reactions: REACTIONS.map((emoji) => {
      const by = note.reactions.find((each) => each.emoji === emoji)?.by ?? [];
      return { emoji, count: by.length, mine: options.me !== undefined && by.includes(options.me) };
    }),
  };
}

function insteadOf(note: ThreadMessage | ReplyMessage, thread: ThreadMessage | null): string {
  if (note.deleted) return DELETED;
  if (note.hidden) return "Hidden by the facilitator.";
  if (!thread) return "Nothing was written.";
  const kind = kindOf(thread);
  if (kind === "highlight") return "Highlighted this passage.";
  if (kind === "question") return "Has a question about this passage.";
  if (kind === "comment") return "Marked this passage.";
  return `Marked this passage as ${kind === "evidence" ? "evidence" : `a ${kind}`}.`;
}

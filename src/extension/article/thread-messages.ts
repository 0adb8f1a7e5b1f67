/** A thread of the model, as this reader sees it, for the reading view, the trees and the comment threads. */
import type { Placement } from "../../core/anchor/anchor.ts";
import { mentionsIn } from "../../core/model/entries.ts";
import type { ParticipantId } from "../../core/model/ids.ts";
import type { Thread } from "../../core/model/threads.ts";
import type { ReplyMessage, ThreadMessage } from "../../protocol/reader.ts";

export interface Viewer {
  participant: ParticipantId;
  /** When this reader last looked at a thread, milliseconds since 1970; 0 for never. */
  lastRead(ref: string): number;
}

/** Bodies that a moderator hid are not handed to the view at all, except to their author and to moderators. */
const HIDDEN_BODY = "";

export function threadMessage(
  thread: Thread,
  placement: Placement,
  viewer: Viewer,
  options: { moderator: boolean; change?: ThreadMessage["change"]; intent?: string },
): ThreadMessage {
  const lastRead = viewer.lastRead(thread.ref);
  const foreign = (author: ParticipantId) => author !== viewer.participant;
  const mayRead = (author: ParticipantId, hidden: boolean) => !hidden || options.moderator || !foreign(author);
  const replies = thread.replies.map((reply): ReplyMessage => {
    const { entry } = reply;
    const written = entry.modified ?? entry.created;
    return {
      ref: reply.ref,
      author: reply.author,
      body: mayRead(reply.author, reply.hidden) ? entry.body : HIDDEN_BODY,
      created: entry.created,
      ...(entry.modified === undefined ? {} : { modified: entry.modified }),
      deleted: entry.deleted ?? false,
      hidden: reply.hidden,
      reactions: reply.reactions,
      mine: !foreign(reply.author),
      unread: foreign(reply.author) && !entry.deleted && written > lastRead,
    };
  });
  const { annotation } = thread;
  const mention = latestMention(thread, viewer.participant, mayRead);
  const written = annotation.modified ?? annotation.created;
  return {
    ref: thread.ref,
    author: thread.author,
    motivation: annotation.motivation,
    ...(annotation.class === undefined ? {} : { class: annotation.class }),
    body: mayRead(thread.author, thread.hidden) ? annotation.body : HIDDEN_BODY,
    quote: annotation.target.quote.exact,
    created: annotation.created,
    ...(annotation.modified === undefined ? {} : { modified: annotation.modified }),
    touched: thread.touched,
    deleted: annotation.deleted ?? false,
    hidden: thread.hidden,
    status: thread.status,
    ...(thread.statusBy === undefined ? {} : { statusBy: thread.statusBy }),
    placement,
    ...(options.change === undefined ? {} : { change: options.change }),
    replies,
    reactions: thread.reactions,
    mine: !foreign(thread.author),
    unread:
      (foreign(thread.author) && !annotation.deleted && written > lastRead) || replies.some((reply) => reply.unread),
    ...(mention === null ? {} : { mention: { ...mention, unread: mention.at > lastRead } }),
    ...(options.intent === undefined ? {} : { intent: options.intent }),
  };
}

/** Who named a participant last in a thread, and when; words that they may not read, and their own, do not count. */
function latestMention(
  thread: Thread,
  participant: ParticipantId,
  mayRead: (author: ParticipantId, hidden: boolean) => boolean,
): { by: ParticipantId; at: number } | null {
  let latest: { by: ParticipantId; at: number } | null = null;
  const words = [{ author: thread.author, entry: thread.annotation, hidden: thread.hidden }, ...thread.replies];
  for (const { author, entry, hidden } of words) {
    if (author === participant || entry.deleted || !mayRead(author, hidden)) continue;
    // few bodies name anybody
    if (!entry.body.includes("@[") || !mentionsIn(entry.body).includes(participant)) continue;
    const at = entry.modified ?? entry.created;
    if (!latest || at > latest.at) latest = { by: author, at };
  }
  return latest;
}

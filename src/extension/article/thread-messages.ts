/** A thread of the model, as this reader sees it, for the reading view, the trees and the comment threads. */
import type { Placement } from "../../core/anchor/anchor.ts";
import { mentionsIn } from "../../core/model/mentions.ts";
import type { EntryRef, ParticipantId } from "../../core/model/ids.ts";
import { written } from "../../core/model/last-word.ts";
import type { Thread } from "../../core/model/threads.ts";
import type { ArticleFormat } from "../../core/text/article.ts";
import { passageWords } from "../../core/text/without-markup.ts";
import type { ReplyMessage, ThreadMessage } from "../../protocol/reader.ts";

export interface Viewer {
  participant: ParticipantId;
  /** When the version of an annotation or reply was written that this reader has seen, milliseconds since 1970; 0 for none. */
  lastSeen(ref: string): number;
}

/** Bodies that a moderator hid are not handed to the view at all, except to their author and to moderators. */
const HIDDEN_BODY = "";

export function threadMessage(
  thread: Thread,
  placement: Placement,
  viewer: Viewer,
  options: {
    moderator: boolean;
    change?: ThreadMessage["change"];
    intent?: string;
    /** Of an article that is plain text every sign of a passage is read. */
    format?: ArticleFormat;
  },
): ThreadMessage {
  const foreign = (author: ParticipantId) => author !== viewer.participant;
  const isNew: IsNew = (ref, entry) => written(entry) > viewer.lastSeen(ref);
  const mayRead = (author: ParticipantId, hidden: boolean) => !hidden || options.moderator || !foreign(author);
  const replies = thread.replies.map((reply): ReplyMessage => {
    const { entry } = reply;
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
      unread: foreign(reply.author) && !entry.deleted && isNew(reply.ref, entry),
    };
  });
  const { annotation } = thread;
  const mention = latestMention(thread, viewer.participant, mayRead, isNew);
  return {
    ref: thread.ref,
    author: thread.author,
    motivation: annotation.motivation,
    ...(annotation.class === undefined ? {} : { class: annotation.class }),
    body: mayRead(thread.author, thread.hidden) ? annotation.body : HIDDEN_BODY,
    quote: options.format === "text" ? annotation.target.quote.exact : passageWords(annotation.target.quote.exact),
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
      (foreign(thread.author) && !annotation.deleted && isNew(thread.ref, annotation)) ||
      replies.some((reply) => reply.unread),
    ...(mention === null ? {} : { mention }),
    ...(options.intent === undefined ? {} : { intent: options.intent }),
  };
}

type IsNew = (ref: EntryRef, entry: { created: number; modified?: number | undefined }) => boolean;

/** Who named a participant last in a thread, and when, what is new before the rest; words that they may not read, and their own, do not count. */
function latestMention(
  thread: Thread,
  participant: ParticipantId,
  mayRead: (author: ParticipantId, hidden: boolean) => boolean,
  isNew: IsNew,
): NonNullable<ThreadMessage["mention"]> | null {
  let latest: NonNullable<ThreadMessage["mention"]> | null = null;
  const { ref, author, annotation, hidden } = thread;
  const words = [{ ref, author, entry: annotation, hidden }, ...thread.replies];
  for (const { ref, author, entry, hidden } of words) {
    if (author === participant || entry.deleted || !mayRead(author, hidden)) continue;
    // few bodies name anybody
    if (!entry.body.includes("@[") || !mentionsIn(entry.body).includes(participant)) continue;
    const mention = { by: author, at: written(entry), unread: isNew(ref, entry) };
    const isLater = !latest || (mention.unread === latest.unread ? mention.at > latest.at : mention.unread);
    if (isLater) latest = mention;
  }
  return latest;
}

/** The open card as it was when it was opened: what was new stays marked, and what was shown stays shown, until it is left. Pure. */
import type { ThreadMessage } from "../../protocol/reader.ts";

/** Replies beyond this are folded until they are asked for. */
const SHOWN_REPLIES = 3;

export interface Opened {
  /** The annotation. */
  of: string;
  /** It, and its replies, so far as they were new. */
  fresh: ReadonlySet<string>;
  /** The first reply that is shown; null for all of them. */
  from: string | null;
}

/** Nothing new is folded away. */
export function openedAs({ ref, replies, unread }: ThreadMessage): Opened {
  const isNew = replies.filter((reply) => reply.unread).map((reply) => reply.ref);
  const last = replies.length > SHOWN_REPLIES ? replies.length - SHOWN_REPLIES + 1 : 0;
  const firstNew = replies.findIndex((reply) => reply.unread);
  const from = firstNew < 0 ? last : Math.min(firstNew, last);
  return { of: ref, fresh: new Set(unread ? [ref, ...isNew] : []), from: from > 0 ? replies[from]!.ref : null };
}

/** How many replies of an open card are folded. */
export function countFolded({ ref, replies }: ThreadMessage, opened: Opened | null): number {
  if (opened?.of !== ref || opened.from === null) return 0;
  return Math.max(
    0,
    replies.findIndex((reply) => reply.ref === opened.from),
  );
}

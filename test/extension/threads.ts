import type { ReplyMessage, ThreadMessage } from "../../src/protocol/reader.ts";

let next = 0;

/** A thread with plain values for whatever a test does not say. */
export function thread(more: Partial<ThreadMessage> = {}): ThreadMessage {
  return {
    ref: `ben/t${next++}`,
    author: "ben",
    motivation: "commenting",
    body: "a note",
    quote: "the passage",
    created: 1000,
    touched: 1000,
    deleted: false,
    hidden: false,
    status: "open",
    placement: { state: "placed", start: 0, end: 10 },
    replies: [],
    reactions: [],
    mine: false,
    unread: false,
    ...more,
  };
}

export function reply(more: Partial<ReplyMessage> = {}): ReplyMessage {
  return {
    ref: `ada/r${next++}`,
    author: "ada",
    body: "an answer",
    created: 2000,
    deleted: false,
    hidden: false,
    reactions: [],
    mine: true,
    unread: false,
    ...more,
  };
}

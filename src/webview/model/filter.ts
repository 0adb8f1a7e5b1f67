/** Which annotations the reader wants to see. */
import { withNames } from "../../core/model/mentions.ts";
import { KINDS, type Kind, kindOf } from "../../core/model/kinds.ts";
import type { ThreadMessage } from "../../protocol/reader.ts";

export interface Filter {
  /** Kinds to leave out: empty means all are shown. */
  without: readonly Kind[];
  /** Participant, or null for everybody. */
  author: string | null;
  status: "open" | "resolved" | "all";
  text: string;
  /** Only annotations in which somebody named the reader. */
  mentioned: boolean;
  /** Annotations that were new when this was switched on, so that reading one does not take it away; null when off. */
  fresh: readonly string[] | null;
  /** When it was set: what the reader writes afterwards is shown whether it fits or not. Null: nothing is. Milliseconds. */
  since?: number | null;
}

/** Resolved annotations stay in the text, faint and without a card, until they are asked for. */
export const NO_FILTER: Filter = { without: [], author: null, status: "open", text: "", mentioned: false, fresh: null };

export function isFiltering(filter: Filter): boolean {
  return (
    filter.without.length > 0 ||
    filter.author !== null ||
    filter.status !== "open" ||
    filter.text.trim() !== "" ||
    filter.mentioned ||
    filter.fresh !== null
  );
}

/**
 * Letters compared without case and accents, so that "Zurich" finds "Zürich". As capitals: ß, ς and ı have none of their own. Arabic
 * and Persian letters that look the same are, and what joins letters is none.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Join_Control}]/gu, "")
    .replace(/[\u064A\u0649]/g, "\u06CC")
    .replace(/\u0643/g, "\u06A9")
    .toUpperCase();
}

/** A test for one filter; `nameOf` gives the names that the text search looks into. */
export function createMatcher(filter: Filter, nameOf: (person: string) => string): (thread: ThreadMessage) => boolean {
  const words = fold(filter.text).split(/\s+/).filter(Boolean);
  const without = new Set(filter.without);
  const fresh = filter.fresh === null ? null : new Set(filter.fresh);
  const since = isFiltering(filter) ? (filter.since ?? null) : null;
  return (thread) => {
    // a note that went away as it was sent would be taken for lost
    if (since !== null && thread.mine && thread.created >= since && thread.status === "open") return true;
    if (without.has(kindOf(thread))) return false;
    if (filter.author !== null && thread.author !== filter.author && !wroteReply(thread, filter.author)) return false;
    if (filter.status !== "all" && thread.status !== filter.status) return false;
    if (filter.mentioned && !thread.mention) return false;
    if (fresh && !thread.unread && !fresh.has(thread.ref)) return false;
    if (words.length === 0) return true;
    const bodies = [thread.body, ...thread.replies.map((reply) => reply.body)].join("\n");
    const hay = fold([thread.quote, nameOf(thread.author), withNames(bodies, nameOf)].join("\n"));
    return words.every((word) => hay.includes(word));
  };
}

/**
 * What a press on a kind leaves out: from all, the others; afterwards each press takes that kind in or out. When none, or all
 * that are `offered`, would remain, nothing is left out.
 */
export function pressKind(without: readonly Kind[], kind: Kind, offered: readonly Kind[]): Kind[] {
  if (without.length === 0) return KINDS.filter((each) => each !== kind);
  const next = without.includes(kind) ? without.filter((each) => each !== kind) : [...without, kind];
  return next.length === KINDS.length || !offered.some((each) => next.includes(each)) ? [] : next;
}

function wroteReply(thread: ThreadMessage, author: string): boolean {
  return thread.replies.some((reply) => reply.author === author && !reply.deleted);
}

export interface Counts {
  kinds: Record<Kind, number>;
  /** Of notes and replies. */
  authors: Map<string, number>;
  open: number;
  resolved: number;
  unread: number;
  mentioned: number;
  orphaned: number;
}

/** How many annotations each choice of the filter is about. */
export function countThreads(threads: Iterable<ThreadMessage>): Counts {
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  const counts: Counts = { kinds, authors: new Map(), open: 0, resolved: 0, unread: 0, mentioned: 0, orphaned: 0 };
  for (const thread of threads) {
    counts.kinds[kindOf(thread)]++;
    const replying = thread.replies.filter((reply) => !reply.deleted).map((reply) => reply.author);
    for (const author of new Set([thread.author, ...replying])) {
      counts.authors.set(author, (counts.authors.get(author) ?? 0) + 1);
    }
    counts[thread.status]++;
    if (thread.unread) counts.unread++;
    if (thread.mention) counts.mentioned++;
    if (thread.placement.state === "orphaned") counts.orphaned++;
  }
  return counts;
}

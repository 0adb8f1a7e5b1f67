/**
 * What was written and is not known to be with the host: on its way, refused, or put aside unfinished. It survives a reload
 * through the view's own state, until a thread shows that it arrived or its writer discards it. Pure.
 */
import type { ThreadMessage } from "../protocol/reader.ts";
import { isPassage, type PassageDraft, readPassage } from "./drafts.ts";

interface Written {
  /** Names it for the host, which makes nothing twice by one name. */
  intent: string;
  text: string;
  /** When it was first sent or put aside, in milliseconds since 1970. */
  created: number;
  state: "sending" | "refused" | "aside";
  /** Why it was refused: a sentence. */
  reason: string;
  /** No answer came: the host may have it all the same. */
  unsure: boolean;
  /** The host has it under this reference; it is shown until the thread comes, and not kept. */
  stored?: string;
}

export interface UnsentNote extends Written {
  what: "note";
  passage: PassageDraft;
}

export interface UnsentReply extends Written {
  what: "reply";
  thread: string;
}

/** Other words for one's own annotation or reply. */
export interface UnsentEdit extends Written {
  what: "edit";
  of: string;
  /** A highlight that got a note is a comment. */
  motivation?: "commenting";
}

export type Unsent = UnsentNote | UnsentReply | UnsentEdit;
export type UnsentMap = ReadonlyMap<string, Unsent>;

/** Reference of an own annotation that the host has not sent back yet. */
export function provisionalRef(intent: string): string {
  return `intent:${intent}`;
}

/** The intent of such a reference; null for any other. */
export function intentOf(ref: string): string | null {
  return ref.startsWith("intent:") ? ref.slice("intent:".length) : null;
}

/** A drawn card is looked at again when its thread is another one: the same note is the same thread. */
const cards = new WeakMap<UnsentNote, ThreadMessage>();

function cardOf(note: UnsentNote, me: string): ThreadMessage {
  const known = cards.get(note);
  if (known?.author === me) return known;
  const { intent, passage, text, created } = note;
  const made: ThreadMessage = {
    ref: provisionalRef(intent),
    author: me,
    motivation: passage.motivation,
    ...(passage.class ? { class: passage.class } : {}),
    body: text,
    quote: passage.quote,
    created,
    touched: created,
    deleted: false,
    hidden: false,
    status: "open",
    placement:
      passage.fate === "lost" ? { state: "orphaned" } : { state: "placed", start: passage.start, end: passage.end },
    replies: [],
    reactions: [],
    mine: true,
    unread: false,
    intent,
  };
  cards.set(note, made);
  return made;
}

/** Unsent notes as threads, by intent. */
export function provisionalThreads(unsent: UnsentMap, me: string): Map<string, ThreadMessage> {
  const threads = new Map<string, ThreadMessage>();
  for (const entry of unsent.values()) if (entry.what === "note") threads.set(entry.intent, cardOf(entry, me));
  return threads;
}

/** Replies of the thread that are not there yet, in the order in which they were written. */
export function unsentReplies(unsent: UnsentMap, thread: string): UnsentReply[] {
  return [...unsent.values()].filter(
    (entry): entry is UnsentReply => entry.what === "reply" && entry.thread === thread,
  );
}

/** Changes of an entry that were not taken. */
export function unsentEdits(unsent: UnsentMap, ref: string): UnsentEdit[] {
  return waiting(unsent).filter((entry): entry is UnsentEdit => entry.what === "edit" && entry.of === ref);
}

/** Whether words of this thread, or in answer to it, wait for their writer. */
export function waitsIn(thread: ThreadMessage, unsent: UnsentMap): boolean {
  if (unsent.size === 0) return false;
  return waiting(unsent).some((entry) => {
    if (entry.what === "note") return entry.intent === thread.intent;
    return entry.what === "reply" ? entry.thread === thread.ref : entryIn(thread, entry.of) !== undefined;
  });
}

/** What waits for its writer. */
export function waiting(unsent: UnsentMap): Unsent[] {
  return [...unsent.values()].filter((entry) => entry.state !== "sending");
}

/** What came with a thread: an annotation or a reply, and the thread that it is in. */
export interface Came {
  ref: string;
  thread: string;
  body: string;
}

/** Entries of threads that bear the view's own name, by that name. */
export function namedIn(threads: Iterable<ThreadMessage>): Map<string, Came> {
  const named = new Map<string, Came>();
  for (const thread of threads) {
    if (thread.intent !== undefined)
      named.set(thread.intent, { ref: thread.ref, thread: thread.ref, body: thread.body });
    for (const reply of thread.replies) {
      if (reply.intent !== undefined) named.set(reply.intent, { ref: reply.ref, thread: thread.ref, body: reply.body });
    }
  }
  return named;
}

/** An annotation or reply by its reference. */
export function entryIn(thread: ThreadMessage | undefined, ref: string): Came | undefined {
  if (!thread) return undefined;
  if (thread.ref === ref) return { ref, thread: ref, body: thread.body };
  const reply = thread.replies.find((each) => each.ref === ref);
  return reply && { ref, thread: thread.ref, body: reply.body };
}

/** Milliseconds by which two moments of one computer may seem to be in the wrong order. */
const JITTER = 1_000;

/**
 * What the host made of something unsent, when it no longer knows the name: the same words by the same person, in the same
 * place, written when they were sent. Not one of `taken`, which belong to others.
 */
export function storedAs(
  entry: Unsent,
  threads: ReadonlyMap<string, ThreadMessage>,
  taken: ReadonlySet<string>,
): Came | undefined {
  const fits = ({ ref, created }: { ref: string; created: number }) =>
    created >= entry.created - JITTER && !taken.has(ref);
  if (entry.what === "reply") {
    const thread = threads.get(entry.thread);
    const reply = thread?.replies.find((each) => each.mine && each.body === entry.text && fits(each));
    return reply && entryIn(thread, reply.ref);
  }
  for (const thread of threads.values()) {
    if (entry.what === "edit") {
      const now = entryIn(thread, entry.of);
      if (now) return now.body === entry.text ? now : undefined;
    } else if (thread.mine && !thread.deleted && thread.body === entry.text && fits(thread)) {
      const { motivation, class: cls, fate, start, end } = entry.passage;
      if (thread.motivation !== motivation || thread.class !== cls) continue;
      const at = thread.placement;
      if (fate === "lost" || at.state === "orphaned" || (at.start < end && at.end > start)) {
        return { ref: thread.ref, thread: thread.ref, body: thread.body };
      }
    }
  }
  return undefined;
}

/** Whether somebody wrote the same entry after this change of it was sent. */
export function isOvertaken(entry: UnsentEdit, threads: ReadonlyMap<string, ThreadMessage>): boolean {
  for (const thread of threads.values()) {
    const now = thread.ref === entry.of ? thread : thread.replies.find((reply) => reply.ref === entry.of);
    if (now) return (now.modified ?? 0) > entry.created + JITTER;
  }
  return false;
}

/** Plain data for the view's state: without what the host has. */
export function dumpUnsent(unsent: UnsentMap): Unsent[] {
  return [...unsent.values()].filter((entry) => entry.stored === undefined);
}

/** Reads what an earlier view kept; whatever does not fit is as if it had not been there. */
export function readUnsent(saved: unknown): Map<string, Unsent> {
  const entries = Array.isArray(saved) ? saved.flatMap((each: unknown) => readEntry(each) ?? []) : [];
  return new Map(entries.map((entry) => [entry.intent, entry]));
}

function readEntry(value: unknown): Unsent | null {
  if (typeof value !== "object" || value === null) return null;
  const from = value as Record<string, unknown>;
  const { intent, text, created, state, reason, unsure } = from;
  if (typeof intent !== "string" || typeof text !== "string") return null;
  if (typeof created !== "number" || !Number.isFinite(created)) return null;
  const written: Written = {
    intent,
    text,
    created,
    state: state === "refused" || state === "aside" ? state : "sending",
    reason: typeof reason === "string" ? reason : "",
    unsure: unsure === true,
  };
  if (from["what"] === "note" && isPassage(from["passage"])) {
    return { ...written, what: "note", passage: readPassage(from["passage"]) };
  }
  if (from["what"] === "reply" && typeof from["thread"] === "string") {
    return { ...written, what: "reply", thread: from["thread"] };
  }
  if (from["what"] === "edit" && typeof from["of"] === "string") {
    const commenting = from["motivation"] === "commenting" ? { motivation: "commenting" as const } : {};
    return { ...written, what: "edit", of: from["of"], ...commenting };
  }
  return null;
}

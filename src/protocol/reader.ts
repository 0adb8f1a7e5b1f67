/**
 * The words between the host of an article (the extension, or a page served by the sync server) and the reading view.
 *
 * The view says `ready` and is answered with everything (`snapshot`); afterwards the host sends news: an entity is always
 * sent whole. The view asks by requests, each of which can fail. Offsets are UTF-16 code units in the Markdown source, end
 * exclusive; `epoch` names the text that they count in: an intent made on an older text is refused with `stale` and made
 * anew. Both directions are schemas, checked at the border.
 */
import * as z from "zod/mini";
import { CLASSES, MAX_BODY, MOTIVATIONS, REACTIONS } from "../core/model/entries.ts";
import { ROLES } from "../core/model/roles.ts";

const id = z.string().check(z.maxLength(140));
const offset = z.int().check(z.gte(0));
const body = z.string().check(z.maxLength(MAX_BODY));

/** One run of rendered characters: see `TextRun` in core/text. As a tuple, since there are thousands. */
const run = z.tuple([offset, offset, offset, offset]);

const blockSchema = z.object({
  key: z.string(),
  kind: z.string(),
  level: z.optional(z.number()),
  start: offset,
  end: offset,
  html: z.string(),
  /** `[text, source, length, sourceLength]` each */
  runs: z.array(run),
  headingId: z.optional(z.string()),
});

const sectionSchema = z.object({
  title: z.string(),
  level: z.number(),
  start: offset,
  end: offset,
  headingBlock: z.number(),
  id: z.string(),
});

const articleSchema = z.object({
  epoch: z.number(),
  title: z.string(),
  dir: z.enum(["ltr", "rtl"]),
  meta: z.record(z.string(), z.string()),
  blocks: z.array(blockSchema),
  sections: z.array(sectionSchema),
  /** Sentence ranges in reading order, for the sentence cursor: `[start, end]` each. */
  sentences: z.array(z.tuple([offset, offset])),
});

const personSchema = z.object({
  id,
  name: z.string(),
  role: z.enum(ROLES),
  /** Index into the palette of participant colours, 0 to 7. */
  colour: z.number(),
  me: z.boolean(),
  online: z.boolean(),
  /** Id of the section they are reading. */
  section: z.optional(z.string()),
  /** What they have selected. */
  selection: z.optional(z.object({ start: offset, end: offset })),
});

const placementSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("placed"), start: offset, end: offset }),
  z.object({ state: z.literal("changed"), start: offset, end: offset }),
  z.object({ state: z.literal("orphaned") }),
]);

const changeSchema = z.array(z.object({ kind: z.enum(["same", "added", "removed"]), text: z.string() }));

const reactionsSchema = z.array(z.object({ emoji: z.string(), by: z.array(id) }));

const replySchema = z.object({
  ref: id,
  author: id,
  body: z.string(),
  created: z.number(),
  modified: z.optional(z.number()),
  deleted: z.boolean(),
  hidden: z.boolean(),
  reactions: reactionsSchema,
  /** Whether this reader may edit and delete it. */
  mine: z.boolean(),
  unread: z.boolean(),
  /** The intent that made it, so that the view can replace its own provisional reply. */
  intent: z.optional(z.string()),
});

const threadSchema = z.object({
  ref: id,
  author: id,
  motivation: z.enum(MOTIVATIONS),
  class: z.optional(z.enum(CLASSES)),
  /** Markdown. */
  body: z.string(),
  /** The passage as it was when the annotation was made. */
  quote: z.string(),
  created: z.number(),
  modified: z.optional(z.number()),
  /** The latest moment at which anything in the thread was written. */
  touched: z.number(),
  deleted: z.boolean(),
  hidden: z.boolean(),
  status: z.enum(["open", "resolved"]),
  statusBy: z.optional(id),
  placement: placementSchema,
  /** For a changed passage: what became of the quote. */
  change: z.optional(changeSchema),
  replies: z.array(replySchema),
  reactions: reactionsSchema,
  mine: z.boolean(),
  /** Something in it was written by somebody else since this reader last looked. */
  unread: z.boolean(),
  /** The latest word of somebody else in it that names this reader: whose, when, and whether it was written since they last looked. */
  mention: z.optional(z.object({ by: id, at: z.number(), unread: z.boolean() })),
  /** The intent that made it, so that the view can replace its own provisional card. */
  intent: z.optional(z.string()),
});

/** What this reader may do here; the server enforces the same rules. */
const capabilitiesSchema = z.object({
  annotate: z.boolean(),
  moderate: z.boolean(),
  editArticle: z.boolean(),
});

const statusSchema = z.object({
  state: z.enum(["alone", "offline", "connecting", "syncing", "saved", "full", "refused"]),
  /** A sentence for people, for instance why the server refused. */
  detail: z.string(),
  /** Changes that are not safely stored at the server yet. */
  waiting: z.number(),
});

const viewSettingsSchema = z.object({
  /** Reading measure in characters. */
  measure: z.number(),
  fontSize: z.number(),
  /** Insert spoken boundaries of annotations even when no screen reader was detected. */
  announceBoundaries: z.boolean(),
});

const snapshotSchema = z.object({
  /** Names the article: what a view keeps of another one, unsent words above all, is not this one's. */
  room: z.optional(id),
  article: articleSchema,
  /** All of them; with `more` those near the reader's place, and the others come as `moreThreads`. */
  threads: z.array(threadSchema),
  more: z.optional(z.boolean()),
  people: z.array(personSchema),
  capabilities: capabilitiesSchema,
  status: statusSchema,
  settings: viewSettingsSchema,
  /** What relative addresses of images stand under, ending in a slash; without it such images show their text. */
  imageBase: z.optional(z.string().check(z.maxLength(4000))),
  /** Pictures may come from the web; without it they are links, since their servers would learn who reads the article. */
  remoteImages: z.optional(z.boolean()),
  /** What an earlier view of the article had written and not sent: see `keep`. */
  words: z.optional(z.unknown()),
  /** Where this reader was, kept by the host for a reopened article. */
  position: z.optional(z.number()),
});

const newsSchema = z.discriminatedUnion("type", [
  /** Answers `ready`; may come again (another article text in the same view, a host that was restarted). */
  z.object({ type: z.literal("snapshot"), snapshot: snapshotSchema }),
  /** Threads of a snapshot that did not fit into its message; after the last of these messages all are there. */
  z.object({ type: z.literal("moreThreads"), threads: z.array(threadSchema), last: z.boolean() }),
  /** The article changed: all blocks in order by key; only those the view cannot have are sent whole. */
  z.object({
    type: z.literal("article"),
    epoch: z.number(),
    title: z.string(),
    dir: z.enum(["ltr", "rtl"]),
    meta: z.record(z.string(), z.string()),
    /** Each block of the new text: whole, or where an unchanged one stands now (its runs shift by the difference). */
    blocks: z.array(z.union([blockSchema, z.object({ key: z.string(), start: offset, end: offset })])),
    sections: z.array(sectionSchema),
    sentences: z.array(z.tuple([offset, offset])),
    /** Where every annotation stands in this text, and what became of the quote of one whose passage changed. */
    placements: z.array(z.tuple([id, placementSchema, z.optional(changeSchema)])),
  }),
  z.object({ type: z.literal("threads"), epoch: z.number(), threads: z.array(threadSchema), removed: z.array(id) }),
  z.object({ type: z.literal("people"), people: z.array(personSchema) }),
  z.object({ type: z.literal("capabilities"), capabilities: capabilitiesSchema }),
  z.object({ type: z.literal("status"), status: statusSchema }),
  z.object({ type: z.literal("settings"), settings: viewSettingsSchema }),
  /** What another view of the article had that was closed meanwhile, as it gave it with `keep`: it is this one's now. */
  z.object({ type: z.literal("leftWords"), words: z.unknown() }),
  /** Show an annotation (and open its card) or a place in the text. */
  z.object({ type: z.literal("revealThread"), ref: id, focus: z.boolean() }),
  z.object({ type: z.literal("revealOffset"), offset, focus: z.boolean() }),
  /** A command of the editor that the view carries out on its own selection or focus. */
  z.object({
    type: z.literal("perform"),
    action: z.enum([
      "highlight",
      "comment",
      "question",
      "claim",
      "evidence",
      "source",
      "nextAnnotation",
      "previousAnnotation",
      "nextSentence",
      "previousSentence",
      "extendSentence",
      "toggleOutline",
      "toggleFilter",
      "showUnread",
      "focusArticle",
      "focusMargin",
      "undo",
      "redo",
    ]),
  }),
]);

/** Request name -> parameters. Every request is answered `ok` with its result, or with a failure. */
export const requestSchemas = {
  annotate: z.object({
    epoch: z.number(),
    start: offset,
    end: offset,
    motivation: z.enum(MOTIVATIONS),
    class: z.optional(z.enum(CLASSES)),
    body,
    /**
     * Made by the view; comes back in the thread. Asked for again by the same name, after an answer that did not come, what it
     * made is changed where it differs, and nothing is made twice.
     */
    intent: z.string().check(z.maxLength(64)),
  }),
  reply: z.object({ thread: id, body, intent: z.string().check(z.maxLength(64)) }),
  /** Changes one's own annotation or reply. */
  edit: z.object({
    ref: id,
    body: z.optional(body),
    motivation: z.optional(z.enum(MOTIVATIONS)),
    /** null takes the class away. */
    class: z.optional(z.nullable(z.enum(CLASSES))),
  }),
  /** Takes back one's own annotation or reply; `undo` of that write brings it back. */
  remove: z.object({ ref: id }),
  /** Takes back this window's last write, or the one of that number: refused when what it wrote was changed since. */
  undo: z.object({ write: z.optional(z.int()) }),
  redo: z.object({}),
  setStatus: z.object({ thread: id, status: z.enum(["open", "resolved"]) }),
  /** Moderators only. */
  setHidden: z.object({ ref: id, hidden: z.boolean() }),
  react: z.object({ ref: id, emoji: z.enum(REACTIONS), on: z.boolean() }),
  /** Puts one's own orphaned or misplaced annotation on another passage. */
  reattach: z.object({ epoch: z.number(), thread: id, start: offset, end: offset }),
  markRead: z.object({ threads: z.array(id) }),
  copyLink: z.object({ thread: id }),
  copyText: z.object({ text: z.string().check(z.maxLength(200_000)) }),
  openLink: z.object({ href: z.string().check(z.maxLength(4000)) }),
  /** Opens the plain text editor at an offset. */
  showSource: z.object({ start: offset, end: offset }),
  /** Runs one of the host's own commands from a fixed list. */
  runCommand: z.object({
    command: z.enum(["hostSession", "joinSession", "copyInvite", "leaveSession", "export", "setName"]),
  }),
} as const;

export type RequestName = keyof typeof requestSchemas;
export type RequestParams<N extends RequestName> = z.infer<(typeof requestSchemas)[N]>;

/** Why a request was refused; `message` is a sentence for people. */
const failureSchema = z.object({
  reason: z.enum(["stale", "notAllowed", "notFound", "invalid", "failed", "timeout", "aborted"]),
  message: z.string(),
});
export type Failure = z.infer<typeof failureSchema>;

/** Host -> view. */
export const toViewSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("news"), news: newsSchema }),
  z.object({ kind: z.literal("answer"), id: z.number(), ok: z.literal(true), result: z.optional(z.unknown()) }),
  z.object({ kind: z.literal("failure"), id: z.number(), failure: failureSchema }),
]);

/** View -> host. */
export const toHostSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("request"), id: z.number(), name: z.string(), params: z.unknown() }),
  /** Nobody waits for the answer any more. */
  z.object({ kind: z.literal("abort"), id: z.number() }),
  /** Presence: what is selected, and the section at the top of the window. Offsets of `epoch`. */
  z.object({
    kind: z.literal("presence"),
    epoch: z.number(),
    selection: z.nullable(z.object({ start: offset, end: offset })),
    section: z.nullable(z.string().check(z.maxLength(200))),
    /** First offset in view, to come back to. */
    position: offset,
  }),
  /** What is written and not sent, opaque to the host: for a view that is opened after this one was closed. Null for nothing. */
  z.object({ kind: z.literal("keep"), words: z.unknown() }),
  /** An error inside the view, for the log. */
  z.object({
    kind: z.literal("error"),
    message: z.string().check(z.maxLength(4000)),
    stack: z.string().check(z.maxLength(8000)),
  }),
  /** Moments on the way to the first paint, for the benchmark: milliseconds since 1970. */
  z.object({ kind: z.literal("timing"), name: z.string().check(z.maxLength(60)), at: z.number() }),
]);

export type BlockMessage = z.infer<typeof blockSchema>;
export type SectionMessage = z.infer<typeof sectionSchema>;
export type ArticleMessage = z.infer<typeof articleSchema>;
export type Person = z.infer<typeof personSchema>;
export type PlacementMessage = z.infer<typeof placementSchema>;
export type ReplyMessage = z.infer<typeof replySchema>;
export type ThreadMessage = z.infer<typeof threadSchema>;
export type Capabilities = z.infer<typeof capabilitiesSchema>;
export type StatusMessage = z.infer<typeof statusSchema>;
export type ViewSettings = z.infer<typeof viewSettingsSchema>;
export type Snapshot = z.infer<typeof snapshotSchema>;
export type News = z.infer<typeof newsSchema>;
export type ToView = z.infer<typeof toViewSchema>;
export type ToHost = z.infer<typeof toHostSchema>;

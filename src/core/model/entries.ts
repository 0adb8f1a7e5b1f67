/**
 * Entries: everything that participants write in the margin, one JSON value each, under their author's root.
 *
 * An entry never names its author (the root does). Whatever touches another's entry is an entry of one's own. A value that
 * does not fit its schema is left out of every view, never repaired.
 */
import * as z from "zod/mini";
import { parseEntryRef } from "./ids.ts";

/** Version of the entry schema; a newer one than this is kept in the document and not shown. */
export const ENTRY_VERSION = 1;

/** Longest Markdown body of a note or reply, in UTF-16 code units. */
export const MAX_BODY = 20_000;
/** What to tell the writer of a body that is longer than `MAX_BODY`; null for one that may be kept. */
export function tooLong(body: string): string | null {
  const over = body.length - MAX_BODY;
  if (over <= 0) return null;
  const count = (n: number) => n.toLocaleString("en");
  return `Too long by ${count(over)} ${over === 1 ? "character" : "characters"}: ${count(MAX_BODY)} are the most. Nothing was sent.`;
}

/** Longest passage that can be annotated, in UTF-16 code units. */
export const MAX_QUOTE = 60_000;
/** Latest moment that an entry may bear, milliseconds since 1970: the end of the year 9999, the last that ISO 8601 writes in four digits. */
export const MAX_TIME = 253_402_300_799_999;

/** People whose words one word may overrule: half of those whom a room may have. */
export const MAX_OVERRULED = 1_000;

/** W3C Web Annotation motivations that an annotation may have here. */
export const MOTIVATIONS = [
  "highlighting",
  "commenting",
  "questioning",
  "classifying",
  "editing",
  "assessing",
] as const;
export type Motivation = (typeof MOTIVATIONS)[number];

/** What a passage is in the argument. */
export const CLASSES = ["claim", "evidence", "source"] as const;
export type PassageClass = (typeof CLASSES)[number];

/** How one annotation bears on another. */
export const RELATIONS = ["supports", "disputes", "cites", "qualifies"] as const;
export type Relation = (typeof RELATIONS)[number];

/** Reactions on offer, in the order of the menu. */
export const REACTIONS = ["👍", "❤️", "💡", "❓", "🎯", "😄"] as const;

/** What each says, in words. */
export const REACTION_TITLES: Record<(typeof REACTIONS)[number], string> = {
  "👍": "I agree",
  "❤️": "I love it",
  "💡": "Enlightening",
  "❓": "I do not understand",
  "🎯": "To the point",
  "😄": "It made me laugh",
};

const ref = z.string().check(z.refine((value: string) => parseEntryRef(value) !== null));
const time = z.number().check(z.gte(0), z.lte(MAX_TIME));
const body = z.string().check(z.maxLength(MAX_BODY));
const offset = z.int().check(z.gte(0));

/** See `Anchor` in core/anchor: this is the shape that a peer must send. */
export const anchorSchema = z.object({
  start: z.optional(z.string().check(z.maxLength(400))),
  end: z.optional(z.string().check(z.maxLength(400))),
  quote: z.object({
    exact: z.string().check(z.minLength(1), z.maxLength(MAX_QUOTE)),
    prefix: z.string().check(z.maxLength(1000)),
    suffix: z.string().check(z.maxLength(1000)),
  }),
  position: z.object({ start: offset, end: offset }).check(z.refine(({ start, end }) => start < end)),
});

const written = { v: z.literal(ENTRY_VERSION), created: time, modified: z.optional(time) };

const annotation = z.object({
  ...written,
  kind: z.literal("annotation"),
  motivation: z.enum(MOTIVATIONS),
  /** Set when the passage is classified, whatever else the annotation says of it. */
  class: z.optional(z.enum(CLASSES)),
  /** Markdown; empty for a bare highlight. */
  body,
  target: anchorSchema,
  /** Its author took it back: the body is gone, the target stays so that others' replies keep their place. */
  deleted: z.optional(z.boolean()),
});

const reply = z.object({ ...written, kind: z.literal("reply"), parent: ref, body, deleted: z.optional(z.boolean()) });

const link = z.object({
  ...written,
  kind: z.literal("link"),
  from: ref,
  to: ref,
  relation: z.enum(RELATIONS),
  deleted: z.optional(z.boolean()),
});

const status = z.object({
  ...written,
  kind: z.literal("status"),
  about: ref,
  status: z.enum(["open", "resolved", "hidden", "shown"]),
  /** Words of others that this one comes after although they are dated later, each as it was written then. */
  overrules: z.optional(z.array(z.object({ ref, written: time })).check(z.maxLength(MAX_OVERRULED))),
});

const reaction = z.object({
  ...written,
  kind: z.literal("reaction"),
  about: ref,
  emoji: z.enum(REACTIONS),
  deleted: z.optional(z.boolean()),
});

export const entrySchema = z.discriminatedUnion("kind", [annotation, reply, link, status, reaction]);

export type AnnotationEntry = z.infer<typeof annotation>;
export type ReplyEntry = z.infer<typeof reply>;
export type LinkEntry = z.infer<typeof link>;
export type StatusEntry = z.infer<typeof status>;
export type ReactionEntry = z.infer<typeof reaction>;
/** One value in a participant's root, keyed by its entry id. */
export type Entry = z.infer<typeof entrySchema>;

/** The entry, or null for a value that is not one (another schema version, a hostile or broken peer). */
export function readEntry(value: unknown): Entry | null {
  const result = entrySchema.safeParse(value);
  return result.success ? result.data : null;
}

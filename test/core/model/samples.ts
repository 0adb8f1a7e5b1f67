import type {
  AnnotationEntry,
  Entry,
  LinkEntry,
  ReactionEntry,
  ReplyEntry,
  StatusEntry,
} from "../../../src/core/model/entries.ts";
import type { EntryRef } from "../../../src/core/model/ids.ts";

/** Valid entries for tests; `over` changes what the test is about. */
export const annotation = (over: Partial<AnnotationEntry> = {}): AnnotationEntry => ({
  v: 1,
  kind: "annotation",
  created: 1000,
  motivation: "commenting",
  body: "a note",
  target: { quote: { exact: "passage", prefix: "", suffix: "" }, position: { start: 0, end: 7 } },
  ...over,
});

export const reply = (parent: EntryRef, over: Partial<ReplyEntry> = {}): ReplyEntry => ({
  v: 1,
  kind: "reply",
  created: 2000,
  parent,
  body: "an answer",
  ...over,
});

export const link = (from: EntryRef, to: EntryRef, over: Partial<LinkEntry> = {}): LinkEntry => ({
  v: 1,
  kind: "link",
  created: 3000,
  from,
  to,
  relation: "supports",
  ...over,
});

export const status = (
  about: EntryRef,
  value: StatusEntry["status"],
  over: Partial<StatusEntry> = {},
): StatusEntry => ({
  v: 1,
  kind: "status",
  created: 4000,
  about,
  status: value,
  ...over,
});

export const reaction = (about: EntryRef, over: Partial<ReactionEntry> = {}): ReactionEntry => ({
  v: 1,
  kind: "reaction",
  created: 5000,
  about,
  emoji: "👍",
  ...over,
});

export type Change = readonly [EntryRef, Entry | null];

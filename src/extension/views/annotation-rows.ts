/** One annotation as a row of a tree: pure text. */
import { withoutCardLinks } from "../../core/model/card-links.ts";
import { withNames } from "../../core/model/mentions.ts";
import { type Kind, KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import type { ThreadMessage } from "../../protocol/reader.ts";
import { count, firstLine, oneLine, replyCount, severalLines, spokenThread } from "./thread-words.ts";

export interface AnnotationRow {
  kind: Kind;
  label: string;
  description: string;
  /** Plain text. */
  tooltip: string;
  /** What a screen reader says. */
  spoken: string;
  contextValue: "annotation" | "annotation mine";
}

/** Symbols of the editor's own icon font. */
export const KIND_ICONS: Record<Kind, string> = {
  claim: "megaphone",
  evidence: "beaker",
  source: "book",
  question: "question",
  comment: "comment",
  highlight: "edit",
};

/** Longest label, and longest note in a tooltip, in UTF-16 code units. */
const LABEL = 100;
const TOLD = 1000;

export function annotationRow(
  thread: ThreadMessage,
  nameOf: (participant: string) => string,
  timeText: (time: number) => string,
): AnnotationRow {
  const kind = kindOf(thread);
  const author = oneLine(nameOf(thread.author), 60);
  const replies = replyCount(thread);
  const description = [author];
  if (replies > 0) description.push(count(replies, "reply", "replies"));
  if (thread.status === "resolved") description.push("resolved");
  if (thread.placement.state === "changed") description.push("passage changed");
  if (thread.mention) description.push("mentions you");
  if (thread.unread) description.push("new");
  const quote = oneLine(thread.quote, 300);
  const body = severalLines(withoutCardLinks(withNames(thread.body, nameOf)), TOLD);
  return {
    kind,
    label: firstLine(thread.body, LABEL, nameOf) || `“${oneLine(thread.quote, LABEL)}”`,
    description: description.join(" · "),
    tooltip: [
      `${KIND_TITLES[kind]} by ${author}, ${timeText(thread.modified ?? thread.created)}`,
      `“${quote}”`,
      ...(body ? [body] : []),
    ].join("\n\n"),
    spoken: spokenThread(thread, nameOf),
    contextValue: thread.mine ? "annotation mine" : "annotation",
  };
}

/** One annotation as a row of a tree: pure text. */
import { withNames } from "../../core/model/mentions.ts";
import { type Kind, KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import type { ThreadMessage } from "../../protocol/reader.ts";
import { count, firstLine, oneLine, replyCount, spokenThread } from "./thread-words.ts";

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

const LABEL = 100;

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
  const body = withNames(thread.body, nameOf).trim();
  return {
    kind,
    label: firstLine(thread.body, LABEL, nameOf) || `“${oneLine(thread.quote, LABEL)}”`,
    description: description.join(" · "),
    tooltip: [
      `${KIND_TITLES[kind]} by ${author}, ${timeText(thread.modified ?? thread.created)}`,
      `“${quote}”`,
      ...(body ? [body.length > 1000 ? `${body.slice(0, 1000)}…` : body] : []),
    ].join("\n\n"),
    spoken: spokenThread(thread, nameOf),
    contextValue: thread.mine ? "annotation mine" : "annotation",
  };
}

/** What trees, comments and decorations say of a thread: its colour, its title, one line of it. */
import { withNames } from "../../core/model/mentions.ts";
import { withoutMarkup } from "../../core/text/without-markup.ts";
import { type Kind, KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import type { ThreadMessage } from "../../protocol/reader.ts";

/** The contributed colour of a kind. */
export function kindColour(kind: Kind): string {
  return `marginalia.${kind}`;
}

/**
 * One line of a peer's text for a label: control characters and those that turn the direction of what follows are left out
 * (joiners, which Persian needs, stay), and it is cut at a word, never inside a character. `length` in UTF-16 code units.
 */
export function oneLine(text: string, length: number): string {
  const flat = text
    .slice(0, length * 8)
    .replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  if (flat.length <= length) return flat;
  let cut = flat.slice(0, length);
  if (/[\uD800-\uDBFF]$/.test(cut)) cut = cut.slice(0, -1);
  const space = cut.lastIndexOf(" ");
  return `${(space > length * 0.6 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

/** The same over several lines: line ends stay. */
export function severalLines(text: string, length: number): string {
  const plain = text
    .slice(0, length * 8)
    .replaceAll(/[\u202A-\u202E\u2066-\u2069]/g, "")
    .replaceAll(/[^\P{Cc}\n]/gu, " ")
    .trim();
  if (plain.length <= length) return plain;
  return `${plain.slice(0, length).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** The first line of a Markdown body that says something, without its signs; who is mentioned is called as they are known. */
export function firstLine(body: string, length: number, nameOf: (participant: string) => string): string {
  for (const line of withoutMarkup(withNames(body.slice(0, 4000), nameOf)).split("\n")) {
    const plain = oneLine(line, length);
    if (plain) return plain;
  }
  return "";
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Replies that still say something. */
export function replyCount(thread: Pick<ThreadMessage, "replies">): number {
  return thread.replies.filter((reply) => !reply.deleted).length;
}

/** What a screen reader says of a thread: `Claim by Ada on “…”, resolved, 2 replies, new`. */
export function spokenThread(thread: ThreadMessage, nameOf: (participant: string) => string): string {
  const parts = [`${KIND_TITLES[kindOf(thread)]} by ${nameOf(thread.author)} on “${oneLine(thread.quote, 80)}”`];
  const said = firstLine(thread.body, 120, nameOf);
  if (said) parts.push(said);
  if (thread.placement.state === "orphaned") parts.push("its passage is gone");
  if (thread.placement.state === "changed") parts.push("its passage changed");
  if (thread.status === "resolved") parts.push("resolved");
  const replies = replyCount(thread);
  if (replies > 0) parts.push(count(replies, "reply", "replies"));
  if (thread.mention) parts.push("mentions you");
  if (thread.unread) parts.push("new");
  return parts.join(", ");
}

/** Sentences of the view: names, times, labels. */
import { withNames } from "../../core/model/mentions.ts";
import { withoutMarkup } from "../../core/text/without-markup.ts";
import { KIND_TITLES, kindOf } from "../../core/model/kinds.ts";
import type { Person, ThreadMessage } from "../../protocol/reader.ts";
import { standInForCards } from "./card-links.ts";

/** Letters of a note that are spoken when its card is come upon. */
const SPOKEN = 400;

/** Formats are dear to make and cheap to use. */
const formats = new Map<string, Intl.DateTimeFormat>();
function format(then: number, options: Intl.DateTimeFormatOptions, locale: string | undefined): string {
  const key = `${locale} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(locale, options)));
  return made.format(then);
}

/**
 * "just now", "5 min", "3 h", "Tuesday", "4 Mar", "4 Mar 2024": how long ago, as short as it stays clear. What comes from a clock
 * that is a day ahead or more bears the date that it says.
 */
export function agoText(then: number, now: number, locale?: string): string {
  const seconds = (now - then) / 1000;
  if (seconds > -86_400 && seconds < 45) return "just now";
  if (seconds >= 0) {
    if (seconds < 3600) return `${Math.max(1, Math.floor(seconds / 60))} min`;
    if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
    if (seconds < 6 * 86_400) return format(then, { weekday: "long" }, locale);
  }
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
  return format(then, { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }, locale);
}

/** Date and time in full, for titles. */
export function timeText(then: number, locale?: string): string {
  return format(then, { dateStyle: "full", timeStyle: "short" }, locale);
}

/** Cuts at a word, never inside a character, and says so with an ellipsis. */
export function shorten(text: string, length: number): string {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= length) return flat;
  let cut = flat.slice(0, length);
  if (/[\uD800-\uDBFF]$/.test(cut)) cut = cut.slice(0, -1);
  const space = cut.lastIndexOf(" ");
  return `${(space > length * 0.6 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

/** Up to two letters for an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = (words.length > 1 ? [words[0]!, words.at(-1)!] : words).map((word) =>
    String.fromCodePoint(word.codePointAt(0) ?? 0x3f),
  );
  return letters.join("").toLocaleUpperCase() || "?";
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Markdown without its signs, good enough for one line. */
export function plainText(markdown: string, nameOf: (person: string) => string): string {
  return withoutMarkup(standInForCards(withNames(markdown, nameOf)))
    .replace(/\s+/g, " ")
    .trim();
}

/** What one line says of a thread: its words, or, without any, those of its passage. */
export function threadLine(
  { body, quote }: Pick<ThreadMessage, "body" | "quote">,
  nameOf: (person: string) => string,
): string {
  return body ? plainText(body, nameOf) : quote;
}

/** What a screen reader says of a card: `Claim by Ada on “…”, resolved, 2 replies, new`. */
export function cardLabel(thread: ThreadMessage, nameOf: (person: string) => string): string {
  const parts = [`${KIND_TITLES[kindOf(thread)]} by ${nameOf(thread.author)} on “${shorten(thread.quote, 80)}”`];
  if (thread.placement.state === "orphaned") parts.push("its passage is gone");
  if (thread.placement.state === "changed") parts.push("its passage changed");
  if (thread.status === "resolved") parts.push("resolved");
  const replies = thread.replies.filter((reply) => !reply.deleted).length;
  if (replies) parts.push(plural(replies, "reply", "replies"));
  if (thread.mention) parts.push("mentions you");
  if (thread.unread) parts.push("new");
  return parts.join(", ");
}

/** What it says after that of the note itself: its words, without what reading it in full would add. */
export function cardWords(thread: ThreadMessage, nameOf: (person: string) => string): string {
  return thread.deleted ? "deleted by its author" : shorten(plainText(thread.body, nameOf), SPOKEN);
}

/** What others did to a thread that is open, for those who do not see it come; nothing when they did nothing. */
export function newsOf(before: ThreadMessage, now: ThreadMessage, nameOf: (person: string) => string): string {
  const known = new Set(before.replies.map((reply) => reply.ref));
  const told = now.replies
    .filter((reply) => !known.has(reply.ref) && !reply.mine)
    .map((reply) => `Reply by ${nameOf(reply.author)}: ${shorten(plainText(reply.body, nameOf), SPOKEN)}`);
  if (now.status !== before.status && now.statusBy) {
    told.push(`${now.status === "resolved" ? "Resolved" : "Reopened"} by ${nameOf(now.statusBy)}`);
  }
  return told.join(". ");
}

/** The order of people in a list; namesakes stand in one order for everybody. */
export function byName(a: { name: string; id: string }, b: { name: string; id: string }): number {
  return a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}

export function nameIn(people: ReadonlyMap<string, Person>): (person: string) => string {
  return (person) => people.get(person)?.name ?? "Somebody";
}

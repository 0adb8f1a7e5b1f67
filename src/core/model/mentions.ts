/**
 * Mentions of people are kept as `@[Name](id)` and written as `@Name`: a field shows what a reader would say, and knows who is
 * meant. Pure.
 */
import { isName, type ParticipantId } from "./ids.ts";

/** A mention as it is kept. Groups: the name, the participant. */
export const MENTION = /@\[([^\]\n]{1,120})\]\(([a-z0-9-]{1,64})\)/g;

/** The people whom a body names, each once, in the order of their first mention. */
export function mentionsIn(body: string): ParticipantId[] {
  return [...new Set([...body.matchAll(MENTION)].map((match) => match[2]!).filter(isName))];
}

/** A body with `@Name` for its mentions: the names by which these people are known, whatever was written. */
export function withNames(body: string, nameOf: (participant: ParticipantId) => string): string {
  return body.replace(MENTION, (_all, _written, id: string) => `@${nameOf(id)}`);
}

/** What stands before the caret when a name is being written, its beginning in the group: also a name of several words. */
const LETTERS = String.raw`[\p{L}\p{M}\p{N}._'’\p{Join_Control}-]`;
export const BEGUN = new RegExp(String.raw`(?:^|[\s(«“‘])@(${LETTERS}{0,40}(?: ${LETTERS}{1,40}){0,3})$`, "u");

/** Whether a name can be meant by its beginning, by that of one of its words, or of a part of a word. Both are folded. */
export function begins(name: string, begun: string): boolean {
  return [name, ...name.split(/\s+/), ...name.split(/[\s-]+/)].some((part) => part.startsWith(begun));
}

/** Who is meant by each `@Name` of a field. */
export type Meant = ReadonlyMap<string, { name: string; id: string }>;

/** Stands for a name of brackets only. */
const UNWRITABLE = "?";

/** A name as it can stand in a mention, never empty. */
export function writable(name: string): string {
  return name.replace(/[[\]\n]/g, " ").trim() || UNWRITABLE;
}

/** How a person is written in a field in which others may have the same name already. */
export function signOf(person: { name: string; id: string }, meant: Meant): string {
  const name = writable(person.name);
  for (let n = 1; ; n++) {
    const sign = n === 1 ? `@${name}` : `@${name} (${n})`;
    const known = meant.get(sign);
    if (!known || known.id === person.id) return sign;
  }
}

/** What a field shows of a text. What could not be told apart when it is kept again stays as it is kept. */
export function toField(kept: string): { text: string; meant: Meant } {
  const meant = new Map<string, { name: string; id: string }>();
  const text = kept.replace(MENTION, (all, name: string, id: string) => {
    const sign = signOf({ name, id }, meant);
    const known = meant.get(sign);
    if (known && known.name !== name) return all;
    meant.set(sign, { name, id });
    return sign;
  });
  return toKept(text, meant) === kept ? { text, meant } : { text: kept, meant: new Map() };
}

/** What is kept of a field's text: each known name that stands as a word of its own is a mention, and no mail address has one. */
export function toKept(text: string, meant: Meant): string {
  if (meant.size === 0) return text;
  const signs = [...meant.keys()].sort((a, b) => b.length - a.length).map(escape);
  const pattern = new RegExp(`(?<!\\w)(${signs.join("|")})(?![\\p{L}\\p{M}\\p{N}_]|\\]\\()`, "gu");
  return text.replace(pattern, (sign) => {
    const { name, id } = meant.get(sign)!;
    return `@[${name}](${id})`;
  });
}

/** Somebody whose whole name is written after an @ is meant without having been chosen, when nobody else has that name. */
export function withWritten(text: string, meant: Meant, people: Iterable<{ name: string; id: string }>): Meant {
  const named = new Map<string, { name: string; id: string } | null>();
  for (const { name, id } of people) {
    const clean = writable(name);
    if (clean !== UNWRITABLE && text.includes(`@${clean}`))
      named.set(clean, named.has(clean) ? null : { name: clean, id });
  }
  const all = new Map(meant);
  for (const [name, person] of named) {
    if (!person || all.has(`@${name}`)) continue;
    if (new RegExp(`(?:^|[\\s(«“‘])@${escape(name)}(?![\\p{L}\\p{M}\\p{N}_])`, "u").test(text))
      all.set(`@${name}`, person);
  }
  return all;
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

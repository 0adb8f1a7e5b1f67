/**
 * Which of several people's words on a thing counts. The last one by its writer's clock, but for words that it names as overruled:
 * somebody may have dated theirs so late that no honest clock comes after it.
 */
import type { StatusEntry } from "./entries.ts";
import type { EntryRef, ParticipantId } from "./ids.ts";

/** A status entry and the name that it goes by. */
export interface Word {
  ref: EntryRef;
  entry: StatusEntry;
}

/** When an entry was last written, milliseconds since 1970, by its author's clock. */
export function written(entry: { created: number; modified?: number | undefined }): number {
  return entry.modified ?? entry.created;
}

export function authorOf(ref: EntryRef): ParticipantId {
  return ref.slice(0, ref.indexOf("/"));
}

/** Orders by when the last word was written, then by reference. */
export function byLastWord(
  a: { ref: EntryRef; entry: { created: number; modified?: number | undefined } },
  b: { ref: EntryRef; entry: { created: number; modified?: number | undefined } },
): number {
  return written(a.entry) - written(b.entry) || (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0);
}

/** The latest word of each person, earliest first: nobody has two. */
export function onePerPerson(words: readonly Word[]): Word[] {
  const latest = new Map<ParticipantId, Word>();
  for (const word of words) {
    const author = authorOf(word.ref);
    const other = latest.get(author);
    if (!other || byLastWord(other, word) < 0) latest.set(author, word);
  }
  return [...latest.values()].sort(byLastWord);
}

/** The word that counts. Where all are overruled by one another, time decides. */
export function lastWord(words: readonly Word[]): Word | undefined {
  const said = onePerPerson(words);
  const overruled = new Map<EntryRef, Set<number>>();
  for (const { entry } of said) {
    for (const { ref, written: at } of entry.overrules ?? []) {
      let moments = overruled.get(ref);
      if (!moments) overruled.set(ref, (moments = new Set()));
      moments.add(at);
    }
  }
  return said.findLast(({ ref, entry }) => !overruled.get(ref)?.has(written(entry))) ?? said.at(-1);
}

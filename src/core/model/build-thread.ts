/** What a thread says, from everything that was written about its annotation: orders, last words, what of the deleted stays. */
import type { ReplyEntry, StatusEntry } from "./entries.ts";
import type { EntryRef, ParticipantId } from "./ids.ts";
import { authorOf, byLastWord, lastWord, type Word, written } from "./last-word.ts";
import { mayModerate } from "./roles.ts";
import type { Reaction, Remark, RoleOf, Shelf, Thread, ThreadReply } from "./threads.ts";

/** Orders by time, then by reference, so that every replica agrees. */
function byTime(a: { ref: EntryRef; at: number }, b: { ref: EntryRef; at: number }): number {
  return a.at - b.at || (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0);
}

/** In order of writing; but whatever the clocks said, a reply comes after what it answers. */
function inOrder(replies: readonly ThreadReply[]): ThreadReply[] {
  const byRef = new Map(replies.map((reply) => [reply.ref, reply]));
  const moments = new Map<EntryRef, number>();
  for (const reply of replies) {
    const path: ThreadReply[] = [];
    let at: ThreadReply | undefined = reply;
    for (; at && !moments.has(at.ref); at = byRef.get(at.entry.parent)) path.push(at);
    let after = at ? moments.get(at.ref)! : -Infinity;
    for (const each of path.toReversed()) moments.set(each.ref, (after = Math.max(each.entry.created, after + 1)));
  }
  return replies
    .map((reply) => ({ reply, ref: reply.ref, at: moments.get(reply.ref)! }))
    .sort(byTime)
    .map(({ reply }) => reply);
}

/** The replies that were not deleted, and those between them and the annotation, deleted or not. */
function keptReplies(replies: ReadonlyMap<EntryRef, ReplyEntry>): Set<EntryRef> {
  const kept = new Set<EntryRef>();
  for (const [ref, entry] of replies) {
    if (entry.deleted) continue;
    for (let at: EntryRef | undefined = ref; at !== undefined && !kept.has(at);) {
      const parent: ReplyEntry | undefined = replies.get(at);
      if (!parent) break;
      kept.add(at);
      at = parent.parent;
    }
  }
  return kept;
}

/** The thread, or null when there is nothing to show: no annotation, or a deleted one that nobody answered. */
export function buildThread(root: EntryRef, at: Shelf, roleOf: RoleOf): Thread | null {
  const annotation = at.annotation;
  if (!annotation) return null;
  const remarks = new Map<EntryRef, Remark[]>();
  for (const [ref, entry] of at.remarks) {
    const list = remarks.get(entry.about);
    if (list) list.push({ ref, entry });
    else remarks.set(entry.about, [{ ref, entry }]);
  }
  for (const list of remarks.values()) list.sort(byLastWord);

  const replies: ThreadReply[] = [];
  const kept = keptReplies(at.replies);
  for (const [ref, entry] of at.replies) {
    if (!kept.has(ref)) continue;
    const own = remarks.get(ref);
    replies.push({ ref, author: authorOf(ref), entry, reactions: reactionsIn(own), hidden: hiddenBy(own, roleOf) });
  }
  if (annotation.deleted && replies.length === 0) return null;

  const own = remarks.get(root);
  const last = lastWord(wordsIn(own, "open", "resolved"));
  const links = [...at.links]
    .filter(([, entry]) => !entry.deleted)
    .map(([ref, entry]) => ({ ref, author: authorOf(ref), entry }))
    .sort((a, b) => byTime({ ref: a.ref, at: a.entry.created }, { ref: b.ref, at: b.entry.created }));
  let touched = written(annotation);
  for (const each of at.replies.values()) touched = Math.max(touched, written(each));
  for (const each of at.remarks.values()) touched = Math.max(touched, written(each));
  for (const each of at.links.values()) touched = Math.max(touched, written(each));
  return {
    ref: root,
    author: authorOf(root),
    annotation,
    replies: inOrder(replies),
    reactions: reactionsIn(own),
    status: last?.entry.status === "resolved" ? "resolved" : "open",
    ...(last ? { statusBy: authorOf(last.ref) } : {}),
    hidden: hiddenBy(own, roleOf),
    links,
    touched,
  };
}

function reactionsIn(remarks: readonly Remark[] | undefined): Reaction[] {
  const by = new Map<string, Set<ParticipantId>>();
  for (const { ref, entry } of remarks ?? []) {
    if (entry.kind !== "reaction" || entry.deleted) continue;
    let people = by.get(entry.emoji);
    if (!people) by.set(entry.emoji, (people = new Set()));
    people.add(authorOf(ref));
  }
  return [...by].map(([emoji, people]) => ({ emoji, by: [...people].sort() }));
}

/** What the remarks say of one matter. */
function wordsIn(remarks: readonly Remark[] | undefined, ...matter: StatusEntry["status"][]): Word[] {
  const words: Word[] = [];
  for (const { ref, entry } of remarks ?? []) {
    if (entry.kind === "status" && matter.includes(entry.status)) words.push({ ref, entry });
  }
  return words;
}

function hiddenBy(remarks: readonly Remark[] | undefined, roleOf: RoleOf): boolean {
  const words = wordsIn(remarks, "hidden", "shown").filter(({ ref }) => {
    const role = roleOf(authorOf(ref));
    return role !== undefined && mayModerate(role);
  });
  return lastWord(words)?.entry.status === "hidden";
}

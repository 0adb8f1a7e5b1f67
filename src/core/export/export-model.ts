/**
 * What an export says, before it is said in a format: the annotations of an article in document order, with every name
 * resolved, everything left out that must not leave, and nothing that a writer would have to look up. Pure data; the clock and
 * the names are passed in. Offsets are UTF-16 code units in the article's source, end exclusive.
 */
import { outOfPairs, type Placement } from "../anchor/anchor.ts";
import type { ArticleMeta } from "../model/documents.ts";
import type { Motivation, PassageClass, Relation } from "../model/entries.ts";
import type { EntryRef, ParticipantId } from "../model/ids.ts";
import type { Reaction, Thread, ThreadReply } from "../model/threads.ts";
import type { Article, ArticleFormat } from "../text/article.ts";
import { createPeople, type ExportPerson } from "./people.ts";

export interface ExportReaction {
  emoji: string;
  by: ExportPerson[];
}

export interface ExportReply {
  ref: EntryRef;
  /** The annotation, or the nearest reply above that is exported too. */
  parent: EntryRef;
  author: ExportPerson;
  /** Markdown; empty when deleted. */
  body: string;
  created: number;
  modified?: number;
  deleted: boolean;
  reactions: ExportReaction[];
}

export interface ExportLink {
  ref: EntryRef;
  relation: Relation;
  /** Annotations or replies; both are in the export. */
  from: EntryRef;
  to: EntryRef;
  author: ExportPerson;
  created: number;
  modified?: number;
}

export interface ExportAnnotation {
  ref: EntryRef;
  /** 1 for the first in document order; orphans come last. */
  number: number;
  author: ExportPerson;
  motivation: Motivation;
  class?: PassageClass;
  /** Markdown, mentions as plain names; empty for a bare highlight and when deleted. */
  body: string;
  /** The passage as it reads now; for an orphan, as it read when it was annotated. */
  quote: string;
  /** The passage as it read when it was annotated, with what stood around it. */
  original: { exact: string; prefix: string; suffix: string };
  /** Always inside the text and never inside a surrogate pair. */
  placement: Placement;
  created: number;
  modified?: number;
  deleted: boolean;
  hidden: boolean;
  status: "open" | "resolved";
  statusBy?: ExportPerson;
  replies: ExportReply[];
  reactions: ExportReaction[];
  /** The innermost section that the passage begins in: index into the article's sections. */
  section?: number;
  /** Links that start here or at a reply in here. */
  links: ExportLink[];
}

export interface ExportModel {
  article: {
    title: string;
    fileName: string;
    /** Scalars of the front matter. */
    meta: Record<string, string>;
    text: string;
    /** Whether signs in the text are Markdown, or stand for themselves. */
    format: ArticleFormat;
    sections: { title: string; level: number; start: number; end: number }[];
  };
  /** Names the article in every export of it, whatever becomes of its text: an absolute IRI. */
  iri: string;
  /** Milliseconds since 1970. */
  generatedAt: number;
  /** Everyone who wrote something in this export, by name. */
  participants: ExportPerson[];
  annotations: ExportAnnotation[];
}

export interface ExportOptions {
  /** Default true. */
  includeResolved?: boolean;
  /** Also what a moderator hid: for the owner's own archive only. Default false. */
  includeHidden?: boolean;
  /** Leaves out an annotation, its replies and its links. Asked after the other options; bodies are as they were written. */
  filter?: (annotation: ExportAnnotation) => boolean;
}

export interface ExportInput {
  article: Pick<Article, "source" | "sections" | "meta">;
  /** Default `markdown`. */
  format?: ArticleFormat;
  meta: Pick<ArticleMeta, "title" | "fileName">;
  iri: string;
  generatedAt: number;
  threads: Iterable<Thread>;
  /** Where each annotation stands now; one that is missing or outside the text counts as orphaned. */
  placements: ReadonlyMap<EntryRef, Placement>;
  /** The name that readers of the export may learn: see `displayName`. */
  nameOf: (participant: ParticipantId) => string;
  options?: ExportOptions;
}

/** Builds the model. The same input gives the same model, whatever the order of the threads. */
export function buildExportModel(input: ExportInput): ExportModel {
  const { article, placements, options = {} } = input;
  const text = article.source;
  const people = createPeople(input.nameOf);
  const person = people.person;
  const reactionsOf = (reactions: readonly Reaction[]) =>
    reactions.map(({ emoji, by }) => ({ emoji, by: by.map(person) }));
  const bodyOf = (entry: { body: string; deleted?: boolean }) => (entry.deleted ? "" : entry.body);

  const built: ExportAnnotation[] = [];
  const kept = new Map<EntryRef, Thread>();
  for (const thread of threadsIn(input.threads)) {
    if (thread.hidden && !options.includeHidden) continue;
    if (thread.status === "resolved" && options.includeResolved === false) continue;
    const { annotation } = thread;
    const placement = placementIn(text, placements.get(thread.ref));
    const deleted = annotation.deleted === true;
    const replies = repliesIn(thread, options);
    if (deleted && replies.length === 0) continue;
    const section = placement.state === "orphaned" ? undefined : sectionAt(article.sections, placement.start);
    kept.set(thread.ref, thread);
    built.push({
      ref: thread.ref,
      number: 0,
      author: person(thread.author),
      motivation: annotation.motivation,
      ...(annotation.class && !deleted ? { class: annotation.class } : {}),
      body: bodyOf(annotation),
      quote:
        placement.state === "orphaned" ? annotation.target.quote.exact : text.slice(placement.start, placement.end),
      original: { ...annotation.target.quote },
      placement,
      created: annotation.created,
      ...modifiedIn(annotation),
      deleted,
      hidden: thread.hidden,
      status: thread.status,
      ...(thread.statusBy ? { statusBy: person(thread.statusBy) } : {}),
      replies: replies.map(({ reply, parent }) => ({
        ref: reply.ref,
        parent,
        author: person(reply.author),
        body: bodyOf(reply.entry),
        created: reply.entry.created,
        ...modifiedIn(reply.entry),
        deleted: reply.entry.deleted === true,
        reactions: reactionsOf(reply.reactions),
      })),
      reactions: reactionsOf(thread.reactions),
      ...(section === undefined ? {} : { section }),
      links: [],
    });
  }

  const annotations = built.filter((each) => options.filter?.(each) ?? true).sort(inDocumentOrder);
  const refs = new Set(annotations.flatMap((each) => [each.ref, ...each.replies.map((reply) => reply.ref)]));
  for (const [i, annotation] of annotations.entries()) {
    annotation.number = i + 1;
    const here = new Set([annotation.ref, ...annotation.replies.map((reply) => reply.ref)]);
    for (const { ref, author, entry } of kept.get(annotation.ref)?.links ?? []) {
      if (!here.has(entry.from) || !refs.has(entry.to) || entry.from === entry.to) continue;
      const { relation, from, to, created } = entry;
      annotation.links.push({ ref, relation, from, to, author: person(author), created, ...modifiedIn(entry) });
    }
  }

  return {
    article: {
      title: input.meta.title,
      fileName: input.meta.fileName,
      meta: { ...article.meta },
      text,
      format: input.format ?? "markdown",
      sections: article.sections.map(({ title, level, start, end }) => ({ title, level, start, end })),
    },
    iri: input.iri,
    generatedAt: input.generatedAt,
    participants: people.name(annotations),
    annotations,
  };
}

/** Threads by reference, so that nothing depends on the order in which they came. */
function threadsIn(threads: Iterable<Thread>): Thread[] {
  return [...threads].sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

function modifiedIn(entry: { modified?: number | undefined }): { modified?: number } {
  return entry.modified === undefined ? {} : { modified: entry.modified };
}

/** The placement, moved out of surrogate pairs; orphaned when there is none that fits the text. */
function placementIn(text: string, placement: Placement | undefined): Placement {
  if (!placement || placement.state === "orphaned") return { state: "orphaned" };
  const { start, end } = placement;
  if (!(start >= 0 && start < end && end <= text.length)) return { state: "orphaned" };
  return { state: placement.state, ...outOfPairs(text, start, end) };
}

/** The innermost section around `at`: of those that hold it, the one that begins last. */
function sectionAt(sections: Article["sections"], at: number): number | undefined {
  let found: number | undefined;
  for (const [i, section] of sections.entries()) {
    if (section.start <= at && at < section.end && section.start >= (sections[found ?? i]?.start ?? 0)) found = i;
  }
  return found;
}

/** The replies to be exported, a deleted one only for what is exported below it, each with the nearest exported entry above it. */
function repliesIn(thread: Thread, options: ExportOptions): { reply: ThreadReply; parent: EntryRef }[] {
  const replies = new Map(thread.replies.map((reply) => [reply.ref, reply]));
  const mayLeave = (reply: ThreadReply) => !reply.hidden || options.includeHidden === true;
  const needed = new Set<ThreadReply>();
  for (const reply of thread.replies) {
    if (reply.entry.deleted || !mayLeave(reply)) continue;
    let at: ThreadReply | undefined = reply;
    while (at && !needed.has(at)) {
      needed.add(at);
      at = replies.get(at.entry.parent);
    }
  }
  const shown = (reply: ThreadReply) => mayLeave(reply) && needed.has(reply);
  return thread.replies.filter(shown).map((reply) => {
    let above = replies.get(reply.entry.parent);
    while (above && !shown(above)) above = replies.get(above.entry.parent);
    return { reply, parent: above?.ref ?? thread.ref };
  });
}

/** By the passage, then by time; orphans last, by where their passage once was. */
function inDocumentOrder(a: ExportAnnotation, b: ExportAnnotation): number {
  const at = ({ placement }: ExportAnnotation) =>
    placement.state === "orphaned" ? ([Infinity, Infinity] as const) : ([placement.start, placement.end] as const);
  const [startA, endA] = at(a);
  const [startB, endB] = at(b);
  if (startA !== startB) return startA - startB;
  if (endA !== endB) return endA - endB;
  return a.created - b.created || (a.ref < b.ref ? -1 : 1);
}

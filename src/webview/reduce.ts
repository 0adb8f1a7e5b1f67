/** What the host's news make of the state. Pure. */
import { kindOf } from "../core/model/kinds.ts";
import type { BlockMessage, News, Person, ThreadMessage } from "../protocol/reader.ts";
import { indexPlaced, type Placed, reindexPlaced } from "./model/annotations.ts";
import { createMatcher } from "./model/filter.ts";
import { shiftRuns } from "./model/source-map.ts";
import { nameIn } from "./model/words.ts";
import type { Article, State } from "./state.ts";
import { type Came, entryIn, intentOf, namedIn, provisionalRef, provisionalThreads, type Unsent } from "./unsent.ts";

/** The thread of a reference, provisional ones included. */
export function threadIn(state: Pick<State, "threads" | "provisional">, ref: string | null): ThreadMessage | undefined {
  if (ref === null) return undefined;
  return state.threads.get(ref) ?? state.provisional.get(intentOf(ref) ?? "");
}

/** The thread of an annotation, or that in which a reply stands. */
export function threadWith(state: State, ref: string): ThreadMessage | undefined {
  const own = threadIn(state, ref);
  if (own) return own;
  for (const thread of state.threads.values()) if (entryIn(thread, ref)) return thread;
  return undefined;
}

/** The annotations in the text that there are for everybody: not what waits here to be sent. In reading order. */
export function sentIn({ placed, provisional, threads }: State): readonly Placed[] {
  return provisional.size === 0 ? placed.list : placed.list.filter(({ ref }) => threads.has(ref));
}

/** Applies one piece of news; null when it needs a fresh snapshot (a block that this view never had). */
export function reduce(state: State, news: News): Partial<State> | null {
  switch (news.type) {
    case "snapshot": {
      const { article, threads, people, capabilities, status, settings } = news.snapshot;
      const byRef = new Map(threads.map((thread) => [thread.ref, thread]));
      return derived(state, {
        article,
        threads: byRef,
        ...settled(state, byRef, threads),
        ...withPeople(people),
        capabilities,
        status,
        settings,
      });
    }
    case "article": {
      const blocks = joinBlocks(state.article, news.blocks);
      if (!blocks) return null;
      const article: Article = {
        epoch: news.epoch,
        title: news.title,
        dir: news.dir,
        meta: news.meta,
        blocks,
        sections: news.sections,
        sentences: news.sentences,
      };
      const threads = new Map(state.threads);
      for (const placed of news.placements) {
        const thread = threads.get(placed[0]);
        if (thread) threads.set(thread.ref, placedAnew(thread, placed));
      }
      return derived(state, { article, threads });
    }
    case "threads": {
      const threads = new Map(state.threads);
      for (const ref of news.removed) threads.delete(ref);
      for (const thread of news.threads) threads.set(thread.ref, thread);
      return derived(state, { threads, ...settled(state, threads, news.threads) });
    }
    case "moreThreads": {
      const threads = new Map(state.threads);
      for (const thread of news.threads) threads.set(thread.ref, thread);
      return derived(state, { threads, ...settled(state, threads, news.threads) });
    }
    case "people":
      return withPeople(news.people);
    case "capabilities":
      // with them comes who is in the room: what is hidden and what is filtered by a name depend on it
      return derived(state, { capabilities: news.capabilities });
    case "status":
      return { status: news.status };
    case "settings":
      return { settings: news.settings };
    default:
      return {};
  }
}

/** A thread where it stands in a newer text. */
export function placedAnew(
  { change: _before, ...thread }: ThreadMessage,
  [, placement, change]: Extract<News, { type: "article" }>["placements"][number],
): ThreadMessage {
  return { ...thread, placement, ...(change ? { change } : {}) };
}

/**
 * What is unsent and arrived with these threads is not so any more; its card stays the active one if it was. Where other words
 * arrived than those that are unsent by now, these are a change of what arrived.
 */
function settled(
  state: State,
  threads: ReadonlyMap<string, ThreadMessage>,
  news: readonly ThreadMessage[],
): Partial<State> {
  if (state.unsent.size === 0) return {};
  const named = namedIn(news);
  const unsent = new Map(state.unsent);
  const patch: Partial<State> = {};
  for (const entry of state.unsent.values()) {
    const came = cameOf(entry, named, threads, news);
    if (!came) continue;
    if (came.body === entry.text || entry.what === "edit") unsent.delete(entry.intent);
    else {
      const { intent, text, created, reason, unsure } = entry;
      unsent.set(intent, { what: "edit", of: came.ref, intent, text, created, state: entry.state, reason, unsure });
    }
    const provisional = provisionalRef(entry.intent);
    for (const key of ["active", "replying", "editing"] as const) {
      if (state[key] === provisional) patch[key] = came.ref;
    }
    patch.unsent = unsent;
  }
  return patch;
}

function cameOf(
  entry: Unsent,
  named: ReadonlyMap<string, Came>,
  threads: ReadonlyMap<string, ThreadMessage>,
  news: readonly ThreadMessage[],
): Came | undefined {
  if (entry.what === "edit") {
    // the state's own thread may show it before it is with the host
    const came = news.flatMap((thread) => entryIn(thread, entry.of) ?? [])[0];
    return came?.body === entry.text ? came : undefined;
  }
  const came = named.get(entry.intent);
  if (came || entry.stored === undefined) return came;
  return entryIn(threads.get(entry.what === "note" ? entry.stored : entry.thread), entry.stored);
}

function withPeople(people: readonly Person[]): Pick<State, "people" | "me"> {
  return { people: new Map(people.map((each) => [each.id, each])), me: people.find((each) => each.me) ?? null };
}

type BlockNews = Extract<News, { type: "article" }>["blocks"][number];

function joinBlocks(before: Article | null, blocks: readonly BlockNews[]): BlockMessage[] | null {
  const known = new Map(before?.blocks.map((block) => [block.key, block]));
  const out: BlockMessage[] = [];
  for (const block of blocks) {
    if ("html" in block) {
      out.push(block);
      continue;
    }
    const old = known.get(block.key);
    if (!old) return null;
    const by = block.start - old.start;
    const runs = by === 0 ? old.runs : shiftRuns(old.runs, by).map((run): (typeof old.runs)[number] => [...run]);
    out.push({ ...old, start: block.start, end: block.end, runs });
  }
  return out;
}

/** More changed threads than this are sorted with all the others. */
const FEW = 100;

/** Adds what follows from threads and filter: the order of the annotations in the text, and the orphans. */
export function derived(state: State, change: Partial<State>): Partial<State> {
  const { unsent } = change;
  const notes = unsent && unsent !== state.unsent;
  const patch = notes
    ? { ...change, provisional: provisionalThreads(unsent, (change.me ?? state.me)?.id ?? "") }
    : change;
  const next = { ...state, ...patch };
  const matches = createMatcher(next.filter, nameIn(next.people));
  const placed: Placed[] = [];
  const lost: ThreadMessage[] = [];
  const take = (thread: ThreadMessage) => {
    if (thread.hidden && !next.capabilities.moderate && !thread.mine) return;
    if (thread.placement.state === "orphaned") {
      // what is not sent is listed as such
      if (intentOf(thread.ref) === null) lost.push(thread);
      return;
    }
    placed.push({
      ref: thread.ref,
      start: thread.placement.start,
      end: thread.placement.end,
      created: thread.created,
      kind: kindOf(thread),
      resolved: thread.status === "resolved",
      filtered: !matches(thread),
    });
  };
  const byAge = (a: ThreadMessage, b: ThreadMessage) => a.created - b.created || (a.ref < b.ref ? -1 : 1);

  const few = next.filter === state.filter && next.capabilities === state.capabilities && between(state, next);
  if (few) {
    for (const thread of few.come) take(thread);
    const orphans = state.orphans.filter((thread) => !few.gone.has(thread.ref));
    const same = lost.length === 0 && orphans.length === state.orphans.length;
    return {
      ...patch,
      placed: reindexPlaced(state.placed, few.gone, placed),
      orphans: same ? state.orphans : [...orphans, ...lost].sort(byAge),
    };
  }
  for (const thread of next.threads.values()) take(thread);
  for (const thread of next.provisional.values()) take(thread);
  return { ...patch, placed: indexPlaced(placed), orphans: lost.sort(byAge) };
}

/** What became of the threads, a changed one both gone and come; null when that is much. */
function between(before: State, now: State): { gone: Set<string>; come: ThreadMessage[] } | null {
  const gone = new Set<string>();
  const come: ThreadMessage[] = [];
  for (const name of ["threads", "provisional"] as const) {
    const [old, fresh] = [before[name], now[name]];
    if (old === fresh) continue;
    for (const [key, thread] of fresh) {
      if (old.get(key) === thread) continue;
      come.push(thread);
      if (come.length > FEW) return null;
    }
    for (const [key, thread] of old) if (fresh.get(key) !== thread) gone.add(thread.ref);
  }
  return { gone, come };
}

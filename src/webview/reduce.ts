/** What the host's news make of the state. Pure. */
import { kindOf } from "../core/model/kinds.ts";
import type { BlockMessage, News, Person, ThreadMessage } from "../protocol/reader.ts";
import { indexPlaced, type Placed, reindexPlaced } from "./model/annotations.ts";
import { createMatcher } from "./model/filter.ts";
import { shiftRuns } from "./model/source-map.ts";
import { nameIn } from "./model/words.ts";
import type { Article, State } from "./state.ts";

/** Reference of an own annotation that the host has not sent back yet. */
export function provisionalRef(intent: string): string {
  return `intent:${intent}`;
}

/** The thread of a reference, provisional ones included. */
export function threadIn(state: Pick<State, "threads" | "provisional">, ref: string | null): ThreadMessage | undefined {
  if (ref === null) return undefined;
  return state.threads.get(ref) ?? (ref.startsWith("intent:") ? state.provisional.get(ref.slice(7)) : undefined);
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
        ...settled(state, byRef),
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
      return derived(state, { threads, ...settled(state, threads) });
    }
    case "moreThreads": {
      const threads = new Map(state.threads);
      for (const thread of news.threads) threads.set(thread.ref, thread);
      return derived(state, { threads, ...settled(state, threads) });
    }
    case "people":
      return withPeople(news.people);
    case "capabilities":
      return { capabilities: news.capabilities };
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

/** Own annotations and replies that arrived take the place of their provisional ones, and stay active if those were. */
function settled(state: State, threads: ReadonlyMap<string, ThreadMessage>): Partial<State> {
  const patch: Partial<State> = {};
  if (state.provisional.size > 0) {
    const provisional = new Map(state.provisional);
    for (const thread of threads.values()) {
      if (thread.intent === undefined || !provisional.delete(thread.intent)) continue;
      if (state.active === provisionalRef(thread.intent)) patch.active = thread.ref;
      if (state.replying === provisionalRef(thread.intent)) patch.replying = thread.ref;
      if (state.editing === provisionalRef(thread.intent)) patch.editing = thread.ref;
    }
    if (provisional.size !== state.provisional.size) patch.provisional = provisional;
  }
  const pending = state.pendingReplies.filter((each) => !replyArrived(each, threads.get(each.thread)));
  if (pending.length !== state.pendingReplies.length) patch.pendingReplies = pending;
  return patch;
}

function replyArrived(
  pending: { intent: string; ref?: string; body: string; created: number },
  thread: ThreadMessage | undefined,
): boolean {
  return (
    thread?.replies.some((reply) =>
      pending.ref !== undefined ? reply.ref === pending.ref : reply.intent === pending.intent,
    ) ?? false
  );
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
export function derived(state: State, patch: Partial<State>): Partial<State> {
  const next = { ...state, ...patch };
  const matches = createMatcher(next.filter, nameIn(next.people));
  const placed: Placed[] = [];
  const lost: ThreadMessage[] = [];
  const take = (thread: ThreadMessage) => {
    if (thread.hidden && !next.capabilities.moderate && !thread.mine) return;
    if (thread.placement.state === "orphaned") {
      lost.push(thread);
      return;
    }
    placed.push({
      ref: thread.ref,
      start: thread.placement.start,
      end: thread.placement.end,
      kind: kindOf(thread),
      resolved: thread.status === "resolved",
      filtered: !matches(thread),
    });
  };
  const byAge = (a: ThreadMessage, b: ThreadMessage) => a.created - b.created || (a.ref < b.ref ? -1 : 1);

  const change = next.filter === state.filter && next.capabilities === state.capabilities && between(state, next);
  if (change) {
    for (const thread of change.come) take(thread);
    const orphans = state.orphans.filter((thread) => !change.gone.has(thread.ref));
    const same = lost.length === 0 && orphans.length === state.orphans.length;
    return {
      ...patch,
      placed: reindexPlaced(state.placed, change.gone, placed),
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

/** A host in the page itself: an article and its threads in memory, answering everything that the reading view asks. */
import { type ArticleParser, createArticleParser } from "../../core/text/article.ts";
import { articleMessage } from "../../protocol/article-message.ts";
import type { Port } from "../../protocol/port.ts";
import type {
  ArticleMessage,
  News,
  Person,
  ReplyMessage,
  StatusMessage,
  ThreadMessage,
} from "../../protocol/reader.ts";
import { type Answer, type Handlers, serveRequests } from "../../protocol/rpc.ts";
import { createRandom } from "./random.ts";
import { makeThreads } from "./sample-threads.ts";

export interface FakeOptions {
  source: string;
  annotations: number;
  seed: number;
  /** Milliseconds that every answer takes. */
  delay: number;
  now(): number;
  /** Names the article. */
  room: string;
  settings?: { measure: number; fontSize: number; announceBoundaries: boolean };
}

export interface FakeHost {
  /** What the view said, in order. */
  heard: { name: string; params: unknown }[];
  timings: Record<string, number>;
  errors: string[];
  threads(): ThreadMessage[];
  thread(ref: string): ThreadMessage | undefined;
  article(): ArticleMessage;
  source(): string;
  /** Replaces the article's text as an author would who typed: passages move along, are changed, or are lost. */
  edit(source: string): void;
  /** Begins anew with another text, as a host does that was restarted: everything is sent again, and texts count from one. */
  restart(source: string): void;
  put(thread: ThreadMessage): void;
  news(news: News): void;
  people(change: (people: Person[]) => Person[]): void;
  /** Requests of this name fail with this reason from now on; null lets them pass. */
  refuse(name: string, reason: "failed" | "notAllowed" | null): void;
  /** Requests wait from now on, as if the host were busy, until they are let go in their order. */
  hold(): void;
  letGo(): void;
  /** The next intents are made on a text that the host has already left behind. */
  lagNextEdit(source: string): void;
  status(status: StatusMessage): void;
}

const ME = "ada";
const PEOPLE: Person[] = [
  { id: "ada", name: "Ada Lovelace", role: "owner", colour: 0, me: true, online: true },
  { id: "ben", name: "Ben Okri", role: "reader", colour: 1, me: false, online: true },
  { id: "chiara", name: "Chiara Frugoni", role: "reviewer", colour: 2, me: false, online: true },
  { id: "dariush", name: "داریوش شایگان", role: "reader", colour: 3, me: false, online: false },
  { id: "eve", name: "Eve Kosofsky", role: "reader", colour: 4, me: false, online: false },
];

export function startFakeHost(port: Port, options: FakeOptions): FakeHost {
  const parser: ArticleParser = createArticleParser();
  let epoch = 1;
  let source = options.source;
  let article: ArticleMessage = { epoch, ...articleMessage(parser.parse(source)) };
  let people = PEOPLE;
  let status: StatusMessage = { state: "saved", detail: "Everything is on the server’s disk.", waiting: 0 };
  let lagging: string | null = null;
  const threads = new Map<string, ThreadMessage>();
  /** How to take each write back that can be. */
  const undo = new Map<number, () => void>();
  let writes = 0;
  const undoable = (takeBack: () => void): number => {
    undo.set(++writes, takeBack);
    return writes;
  };
  const refused = new Map<string, "failed" | "notAllowed">();
  let serial = 0;
  let letGo = () => {};
  let free = Promise.resolve();
  /** What intents made: asked for again, it is changed. */
  const made = new Map<string, string>();

  for (const thread of makeThreads(
    article,
    source,
    options.annotations,
    PEOPLE.map((each) => each.id),
    createRandom(options.seed),
    options.now(),
  )) {
    threads.set(thread.ref, thread);
  }

  const host: FakeHost = {
    heard: [],
    timings: {},
    errors: [],
    threads: () => [...threads.values()],
    thread: (ref) => threads.get(ref),
    article: () => article,
    source: () => source,
    edit(next) {
      const before = new Set(article.blocks.map((block) => block.key));
      carry(threads, source, next);
      source = next;
      epoch++;
      article = { epoch, ...articleMessage(parser.parse(source)) };
      host.news({
        type: "article",
        epoch,
        title: article.title,
        dir: article.dir,
        meta: article.meta,
        blocks: article.blocks.map((block) =>
          before.has(block.key) ? { key: block.key, start: block.start, end: block.end } : block,
        ),
        sections: article.sections,
        sentences: article.sentences,
        placements: [...threads.values()].map((thread) => [thread.ref, thread.placement]),
      });
      host.news({ type: "threads", epoch, threads: [...threads.values()], removed: [] });
    },
    restart(next) {
      carry(threads, source, next);
      source = next;
      epoch = 1;
      article = { epoch, ...articleMessage(parser.parse(source)) };
      sendSnapshot();
    },
    put(thread) {
      threads.set(thread.ref, thread);
      host.news({ type: "threads", epoch, threads: [thread], removed: [] });
    },
    news: (news) => port.post({ kind: "news", news }),
    people(change) {
      people = change(people);
      host.news({ type: "people", people });
    },
    refuse(name, reason) {
      if (reason) refused.set(name, reason);
      else refused.delete(name);
    },
    hold() {
      free = new Promise((resolve) => (letGo = resolve));
    },
    letGo: () => letGo(),
    lagNextEdit(next) {
      lagging = next;
    },
    status(next) {
      status = next;
      host.news({ type: "status", status });
    },
  };

  const sendSnapshot = () =>
    host.news({
      type: "snapshot",
      snapshot: {
        room: options.room,
        article,
        threads: [...threads.values()],
        people,
        capabilities: { annotate: true, moderate: true, editArticle: true },
        status,
        settings: options.settings ?? { measure: 70, fontSize: 17, announceBoundaries: false },
      },
    });

  const threadOf = (ref: string) =>
    threads.get(ref) ?? [...threads.values()].find((thread) => thread.replies.some((reply) => reply.ref === ref));

  const take = (ref: string) => {
    threads.delete(ref);
    host.news({ type: "threads", epoch, threads: [], removed: [ref] });
  };

  /** Changes the annotation or reply of that reference; answers the number of the write. */
  const change = (
    ref: string,
    edit: (entry: ThreadMessage | ReplyMessage) => Partial<ThreadMessage & ReplyMessage>,
  ) => {
    const thread = threadOf(ref);
    if (!thread) return undefined;
    const write = undoable(() => host.put(thread));
    host.put(
      thread.ref === ref
        ? { ...thread, ...edit(thread) }
        : { ...thread, replies: thread.replies.map((each) => (each.ref === ref ? { ...each, ...edit(each) } : each)) },
    );
    return write;
  };

  const done = { ok: true, result: undefined } as const;
  const answers: { [N in keyof Handlers]: (params: Parameters<Handlers[N]>[0]) => Answer } = {
    annotate(params) {
      if (lagging !== null) {
        const next = lagging;
        lagging = null;
        host.edit(next);
      }
      if (params.epoch !== epoch) return { ok: false, failure: { reason: "stale", message: "The text has changed." } };
      const again = threads.get(made.get(params.intent) ?? "");
      if (again) {
        const { motivation, body, intent } = params;
        host.put({ ...again, motivation, body, intent });
        return { ok: true, result: { ref: again.ref } };
      }
      const ref = `${ME}/n${serial++}`;
      made.set(params.intent, ref);
      const now = options.now();
      const thread: ThreadMessage = {
        ref,
        author: ME,
        motivation: params.motivation,
        ...(params.class ? { class: params.class } : {}),
        body: params.body,
        quote: source.slice(params.start, params.end),
        created: now,
        touched: now,
        deleted: false,
        hidden: false,
        status: "open",
        placement: { state: "placed", start: params.start, end: params.end },
        replies: [],
        reactions: [],
        mine: true,
        unread: false,
        intent: params.intent,
      };
      host.put(thread);
      undoable(() => take(ref));
      return { ok: true, result: { ref } };
    },
    reply({ thread: to, body, intent }) {
      const thread = threads.get(to);
      if (!thread) return { ok: false, failure: { reason: "notFound", message: "That annotation is gone." } };
      const known = made.get(intent);
      if (known !== undefined) {
        const replies = thread.replies.map((each) => (each.ref === known ? { ...each, body, intent } : each));
        host.put({ ...thread, replies });
        return { ok: true, result: { ref: known } };
      }
      const ref = `${ME}/n${serial++}`;
      made.set(intent, ref);
      const reply: ReplyMessage = {
        ref,
        author: ME,
        body,
        created: options.now(),
        deleted: false,
        hidden: false,
        reactions: [],
        mine: true,
        unread: false,
        intent,
      };
      host.put({ ...thread, replies: [...thread.replies, reply], touched: options.now() });
      return { ok: true, result: { ref } };
    },
    edit(params) {
      change(params.ref, () => ({
        ...(params.body === undefined ? {} : { body: params.body, modified: options.now() }),
        ...(params.motivation === undefined ? {} : { motivation: params.motivation }),
        ...(params.class === undefined ? {} : { class: params.class ?? undefined }),
      }));
      return done;
    },
    remove({ ref }) {
      const thread = threads.get(ref);
      if (thread && thread.replies.length === 0) {
        take(ref);
        return { ok: true, result: { write: undoable(() => host.put(thread)) } };
      }
      return { ok: true, result: { write: change(ref, () => ({ deleted: true, body: "" })) } };
    },
    undo({ write = [...undo.keys()].at(-1) ?? 0 }) {
      const takeBack = undo.get(write);
      if (!takeBack) return { ok: false, failure: { reason: "notFound", message: "There is nothing to undo." } };
      undo.delete(write);
      takeBack();
      return done;
    },
    redo: () => done,
    setStatus({ thread, status: next }) {
      change(thread, () => ({ status: next, statusBy: ME }));
      return done;
    },
    setHidden({ ref, hidden }) {
      change(ref, () => ({ hidden }));
      return done;
    },
    react({ ref, emoji, on }) {
      change(ref, (entry) => {
        const others = entry.reactions.map((each) => ({
          ...each,
          by: each.emoji === emoji ? each.by.filter((by) => by !== ME) : each.by,
        }));
        const existing = others.find((each) => each.emoji === emoji);
        if (on && existing) existing.by.push(ME);
        else if (on) others.push({ emoji, by: [ME] });
        return { reactions: others.filter((each) => each.by.length > 0) };
      });
      return done;
    },
    reattach({ thread, start, end }) {
      const place = { placement: { state: "placed" as const, start, end }, quote: source.slice(start, end) };
      return { ok: true, result: { write: change(thread, () => place) } };
    },
    markRead({ threads: refs }) {
      for (const ref of refs) {
        const thread = threads.get(ref);
        if (thread)
          host.put({ ...thread, unread: false, replies: thread.replies.map((each) => ({ ...each, unread: false })) });
      }
      return done;
    },
    copyLink: () => done,
    copyText: () => done,
    openLink: () => done,
    showSource: () => done,
    runCommand: () => done,
  };

  const handlers = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      async (params: never) => {
        host.heard.push({ name, params });
        await free;
        if (options.delay > 0) await new Promise((resolve) => setTimeout(resolve, options.delay));
        const reason = refused.get(name);
        if (reason) return { ok: false, failure: { reason, message: "The editor could not do that." } };
        return answer(params);
      },
    ]),
  ) as unknown as Handlers;

  serveRequests(port, handlers, {
    ready() {
      host.heard.push({ name: "ready", params: null });
      sendSnapshot();
    },
    presence: (presence) => host.heard.push({ name: "presence", params: presence }),
    error: (message, stack) => {
      host.errors.push(`${message}\n${stack}`);
      console.error(message, stack);
    },
    timing: (name, at) => (host.timings[name] = at),
    keep: (words) => host.heard.push({ name: "keep", params: words }),
  });
  return host;
}

/** Moves passages over one replaced stretch: what stands before and behind it stays, what it held is changed or lost. */
function carry(threads: Map<string, ThreadMessage>, before: string, after: string): void {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail++;
  const end = before.length - tail;
  const by = after.length - before.length;
  for (const [ref, thread] of threads) {
    const { placement } = thread;
    if (placement.state === "orphaned" || placement.end <= head) continue;
    if (placement.start >= end) {
      threads.set(ref, {
        ...thread,
        placement: { ...placement, start: placement.start + by, end: placement.end + by },
      });
      continue;
    }
    const start = Math.min(placement.start, head);
    const newEnd = placement.end >= end ? placement.end + by : Math.min(placement.end, head);
    threads.set(
      ref,
      newEnd > start && !(placement.start >= head && placement.end <= end)
        ? {
            ...thread,
            placement: { state: "changed", start: placement.start <= head ? placement.start : head, end: newEnd },
            change: [
              { kind: "removed", text: before.slice(head, end) },
              { kind: "added", text: after.slice(head, end + by) },
            ],
          }
        : { ...thread, placement: { state: "orphaned" } },
    );
  }
}

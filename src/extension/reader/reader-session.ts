/** One reading view on one article: answers its requests, and tells it what changed. The view itself may come and go. */
import type { Port } from "../../protocol/port.ts";
import { type Answer, serveRequests } from "../../protocol/rpc.ts";
import type {
  BlockMessage,
  News,
  RequestParams,
  Snapshot,
  ThreadMessage,
  ToHost,
  ToView,
  ViewSettings,
} from "../../protocol/reader.ts";
import type { WriteResult } from "../../sync/room-write.ts";
import { anchorNow } from "../article/anchor-now.ts";
import type { OpenArticle } from "../article/open-article.ts";
import type { Published } from "../article/publication.ts";
import type { Log } from "../log.ts";

/** What a view asks of the window around it. */
export interface ReaderSurroundings {
  log: Log;
  settings(): ViewSettings;
  copyText(text: string): Promise<void>;
  /** A link from an article or a body: goes through VS Code's own check, and nothing but http, https and mailto does. */
  openLink(href: string): Promise<boolean>;
  showSource(start: number, end: number): Promise<void>;
  runCommand(command: RequestParams<"runCommand">["command"]): Promise<void>;
  /** A link that leads to an annotation of this article. */
  linkTo(thread: string): string;
  /** What relative addresses of pictures stand under, ending in a slash; undefined when there is no such folder. */
  imageBase: string | undefined;
  /** Pictures of the article may come from the web. */
  remoteImages: boolean;
  /** Where this reader was in the article. */
  position(): number | undefined;
  keepPosition(offset: number): void;
  /** What an earlier view had written and not sent; asked with each snapshot. */
  takeWords(): unknown;
  keepWords(words: unknown): void;
  /** What views had written and not sent that were closed while this one was open. */
  leftWords(): unknown[];
  timing(name: string, at: number): void;
  /** Lets everything else have a turn. */
  pause(): Promise<void>;
}

export interface ReaderSession {
  /** Sends news to the view, if it is there. */
  post(news: News): void;
  /** Sends everything to a view that was told of another article, or of this one as another reader saw it. */
  refresh(): void;
  /** Another view of the article was closed: what it had is for this one, which can be seen. */
  takeOver(): void;
  dispose(): void;
}

/** What a view was last sent, by block key: later only what it cannot have is sent whole. */
type SentBlocks = Map<string, BlockMessage>;

/** Threads in one message: a few hundred kilobytes, which the extension host and the view each take in a few milliseconds. */
const PORTION = 400;

export function createReaderSession(article: OpenArticle, port: Port, around: ReaderSurroundings): ReaderSession {
  let ready = false;
  let disposed = false;
  /** the view has everything */
  let complete = false;
  let run = 0;
  let sent: SentBlocks = new Map();
  const disposables: { dispose(): void }[] = [];
  /** what to show as soon as the view is there */
  let reveal: News | undefined;
  const post = (news: News) => {
    if (!complete && (news.type === "revealThread" || news.type === "revealOffset")) reveal = news;
    else if (ready) port.post({ kind: "news", news } satisfies ToView);
  };

  const sendSnapshot = async () => {
    await article.ready;
    const published = article.published();
    // words that are kept are not for a view that was closed meanwhile
    if (!published || disposed) return;
    ready = true;
    complete = false;
    const mine = ++run;
    sent = byKey(published.parsed.blocks);
    const snapshot = snapshotOf(article, published, around);
    const { threads } = snapshot;
    const first = Math.max(
      0,
      threads.findIndex((thread) => endOf(thread) >= (snapshot.position ?? 0)),
    );
    const later = [...threads.slice(0, first), ...threads.slice(first + PORTION)].map((thread) => thread.ref);
    if (later.length === 0) post({ type: "snapshot", snapshot });
    else {
      post({
        type: "snapshot",
        snapshot: { ...snapshot, threads: threads.slice(first, first + PORTION), more: true },
      });
      for (let at = 0; at < later.length; at += PORTION) {
        await around.pause();
        if (mine !== run) return;
        // as they are by now: what changed meanwhile was told, and what is gone must not come back
        const portion = later.slice(at, at + PORTION).flatMap((ref) => article.thread(ref) ?? []);
        post({ type: "moreThreads", threads: portion, last: at + PORTION >= later.length });
      }
    }
    complete = true;
    if (reveal) post(reveal);
    reveal = undefined;
    takeOver();
  };

  const takeOver = () => {
    if (!ready || !complete) return;
    for (const words of around.leftWords()) post({ type: "leftWords", words });
  };

  const sendArticle = (published: Published) => {
    if (!ready) return;
    const { parsed, epoch } = published;
    const blocks = parsed.blocks.map((block) => {
      const before = sent.get(block.key);
      return before && isShifted(before, block) ? { key: block.key, start: block.start, end: block.end } : block;
    });
    sent = byKey(parsed.blocks);
    post({
      type: "article",
      epoch,
      title: article.title(),
      dir: parsed.dir,
      meta: parsed.meta,
      blocks,
      sections: parsed.sections,
      sentences: parsed.sentences,
      placements: article
        .threads()
        .map(({ ref, placement, change }) => (change ? [ref, placement, change] : [ref, placement])),
    });
  };

  disposables.push(
    article.onDidPublish((published) => {
      sendArticle(published);
      // what others have selected counts in this text
      const people = article.people();
      if (people.some((person) => !person.me && person.selection)) post({ type: "people", people });
    }),
    article.onDidChangeThreads(({ threads, removed }) =>
      post({
        type: "threads",
        epoch: article.published()?.epoch ?? 0,
        threads: [...threads],
        removed: [...removed],
      }),
    ),
    article.onDidChangePeople(() => post({ type: "people", people: article.people() })),
    article.onDidChangeStatus(() => post({ type: "status", status: article.status() })),
    article.onDidChangeCapabilities(() => post({ type: "capabilities", capabilities: article.capabilities() })),
  );

  const stop = serveRequests(port, requestHandlers(article, around), {
    ready: () => void sendSnapshot(),
    presence: (message) => showPresence(article, port, around, message),
    error: (message, stack) => around.log.error(`Reading view: ${message}\n${stack}`),
    timing: around.timing,
    keep: around.keepWords,
  });
  disposables.push({ dispose: stop });

  return {
    post,
    refresh: () => void sendSnapshot(),
    takeOver,
    dispose() {
      disposed = true;
      run++;
      ready = false;
      article.presence.leave(port);
      for (const each of disposables) each.dispose();
    },
  };
}

function endOf({ placement }: ThreadMessage): number {
  return placement.state === "orphaned" ? Number.POSITIVE_INFINITY : placement.end;
}

function byKey(blocks: readonly BlockMessage[]): SentBlocks {
  return new Map(blocks.map((block) => [block.key, block]));
}

/**
 * True when the two, which look the same, also came from the same source but for where it stands. (`&amp;` and `\&` look the
 * same, and do not.)
 */
function isShifted(before: BlockMessage, now: BlockMessage): boolean {
  const by = now.start - before.start;
  return (
    now.end - before.end === by &&
    now.runs.length === before.runs.length &&
    now.runs.every((run, i) => {
      const old = before.runs[i]!;
      return run[0] === old[0] && run[1] === old[1] + by && run[2] === old[2] && run[3] === old[3];
    })
  );
}

function snapshotOf(article: OpenArticle, published: Published, around: ReaderSurroundings): Snapshot {
  const position = around.position();
  const words = around.takeWords();
  return {
    room: article.room.id,
    article: { ...published.parsed, epoch: published.epoch, title: article.title() },
    threads: [...article.threads()],
    people: article.people(),
    capabilities: article.capabilities(),
    status: article.status(),
    settings: around.settings(),
    ...(around.imageBase === undefined ? {} : { imageBase: around.imageBase }),
    remoteImages: around.remoteImages,
    ...(words === undefined ? {} : { words }),
    ...(position === undefined ? {} : { position }),
  };
}

function showPresence(
  article: OpenArticle,
  view: Port,
  around: ReaderSurroundings,
  message: Extract<ToHost, { kind: "presence" }>,
): void {
  around.keepPosition(message.position);
  const range = message.selection && article.carryToNow(message.epoch, message.selection.start, message.selection.end);
  article.presence.tell(view, { selection: range, section: message.section });
}

const done = (result: WriteResult): Answer<undefined> =>
  result.ok ? { ok: true, result: undefined } : refusal(result);

const undoable = (result: WriteResult): Answer<{ write: number | undefined }> =>
  result.ok ? { ok: true, result: { write: result.write } } : refusal(result);

function refusal(result: Extract<WriteResult, { ok: false }>): Extract<Answer, { ok: false }> {
  const known = { notAllowed: "notAllowed", notFound: "notFound", invalid: "invalid" } as const;
  const reason = Object.hasOwn(known, result.reason) ? known[result.reason as keyof typeof known] : "failed";
  return { ok: false, failure: { reason, message: result.message } };
}

const STALE: Extract<Answer, { ok: false }> = {
  ok: false,
  failure: { reason: "stale", message: "The passage was changed in the meantime. Please look at the new text." },
};

function requestHandlers(article: OpenArticle, around: ReaderSurroundings): Parameters<typeof serveRequests>[1] {
  const { room } = article;
  const write = room.write;

  return {
    annotate({ epoch, start, end, motivation, class: passageClass, body, intent }) {
      const target = anchorNow(article, epoch, start, end);
      if (!target) return STALE;
      const result = write.annotate({
        target,
        motivation,
        ...(passageClass === undefined ? {} : { class: passageClass }),
        body,
        intent,
      });
      return result.ok ? { ok: true, result: { ref: result.ref } } : refusal(result);
    },
    reply({ thread, body, intent }) {
      const result = write.reply({ parent: thread, body, intent });
      return result.ok ? { ok: true, result: { ref: result.ref } } : refusal(result);
    },
    edit: ({ ref, ...change }) => done(write.edit({ ref, ...change })),
    remove: ({ ref }) => undoable(write.remove({ ref })),
    undo({ write: number }) {
      if (room.undo(number)) return { ok: true, result: undefined };
      const message = number === undefined ? "There is nothing to undo." : "It was changed since, and stays as it is.";
      return { ok: false, failure: { reason: "notFound", message } };
    },
    redo() {
      if (room.redo()) return { ok: true, result: undefined };
      return { ok: false, failure: { reason: "notFound", message: "There is nothing to redo." } };
    },
    setStatus: ({ thread, status }) => done(write.setStatus({ about: thread, status })),
    setHidden: ({ ref, hidden }) => done(write.setHidden({ about: ref, hidden })),
    react: ({ ref, emoji, on }) => done(write.react({ about: ref, emoji, on })),
    reattach({ epoch, thread, start, end }) {
      const target = anchorNow(article, epoch, start, end);
      return target ? undoable(write.reattach({ ref: thread, target })) : STALE;
    },
    markRead({ threads }) {
      article.markRead(threads);
      return { ok: true, result: undefined };
    },
    async copyLink({ thread }) {
      await around.copyText(around.linkTo(thread));
      return { ok: true, result: undefined };
    },
    async copyText({ text }) {
      await around.copyText(text);
      return { ok: true, result: undefined };
    },
    async openLink({ href }) {
      if (await around.openLink(href)) return { ok: true, result: undefined };
      return { ok: false, failure: { reason: "notAllowed", message: "This link cannot be opened." } };
    },
    async showSource({ start, end }) {
      await around.showSource(start, end);
      return { ok: true, result: undefined };
    },
    async runCommand({ command }) {
      await around.runCommand(command);
      return { ok: true, result: undefined };
    },
  };
}

/**
 * Tells readers that somebody mentioned them, once for each mention in a window, until they have looked at it. Names and titles are other
 * people's words: in a message of VS Code they are plain text.
 */
import type { Disposable, Event } from "vscode";
import type { ThreadMessage } from "../protocol/reader.ts";
import type { Clock } from "../sync/clock.ts";
import type { OpenArticle } from "./article/open-article.ts";
import { oneLine } from "./views/thread-words.ts";

/** Mentions that come within this time are told together, in milliseconds. */
const GATHER = 1_000;
/** What comes within this time after a message waits for the next: VS Code takes a message from the screen after fifteen seconds. */
const REST = 20_000;

export interface MentionNoticesOptions {
  onDidOpen: Event<OpenArticle>;
  onDidClose: Event<OpenArticle>;
  /** The reader wants to be told. */
  wanted(): boolean;
  /** Shows a message; resolves to true when the reader wants to see what it is about. */
  tell(message: string): Promise<boolean>;
  reveal(article: OpenArticle, ref: string): Promise<void>;
  clock: Clock;
  onError(error: unknown): void;
}

type Mentioning = ThreadMessage & { mention: NonNullable<ThreadMessage["mention"]> };

export function createMentionNotices(options: MentionNoticesOptions): Disposable {
  const { clock, onError } = options;
  /** room -> mentions that were told, also while its article was closed */
  const told = new Map<string, Set<string>>();
  const open = new Map<OpenArticle, { dispose(): void }>();

  const follow = (article: OpenArticle) => {
    let known = told.get(article.room.id);
    if (!known) told.set(article.room.id, (known = new Set()));
    const mine = known;
    const waiting = new Set<string>();
    let cancel: (() => void) | undefined;

    const tellNow = async () => {
      cancel = undefined;
      // in the order of the text, but for those that the reader has seen meanwhile
      const threads = article.threads().filter((thread) => waiting.has(thread.ref) && isNew(thread)) as Mentioning[];
      waiting.clear();
      if (!options.wanted() || threads.length === 0) return;
      for (const thread of threads) mine.add(keyOf(thread));
      // a seminar that asks somebody must not lay message upon message on what they read
      cancel = clock.setTimer(() => {
        cancel = undefined;
        check([]);
      }, REST);
      if (await options.tell(wordsFor(article, threads))) await options.reveal(article, threads[0]!.ref);
    };
    const check = (threads: readonly ThreadMessage[]) => {
      for (const thread of threads) if (isNew(thread) && !mine.has(keyOf(thread))) waiting.add(thread.ref);
      if (waiting.size > 0) cancel ??= clock.setTimer(() => void tellNow().catch(onError), GATHER);
    };
    const listener = article.onDidChangeThreads(({ threads }) => check(threads));
    void article.ready.then(() => open.has(article) && check(article.threads()));
    open.set(article, {
      dispose() {
        cancel?.();
        listener.dispose();
      },
    });
  };

  const listeners = [
    options.onDidOpen(follow),
    options.onDidClose((article) => {
      open.get(article)?.dispose();
      open.delete(article);
    }),
  ];
  return {
    dispose() {
      for (const each of listeners) each.dispose();
      for (const each of open.values()) each.dispose();
      open.clear();
    },
  };
}

function isNew(thread: ThreadMessage): thread is Mentioning {
  return thread.mention?.unread === true;
}

function keyOf({ ref, mention }: Mentioning): string {
  return `${ref} ${mention.at}`;
}

function wordsFor(article: OpenArticle, threads: readonly Mentioning[]): string {
  const by = new Set(threads.map(({ mention }) => mention.by));
  const times = threads.length === 1 ? "" : ` ${threads.length} times`;
  const [first] = by;
  const who = by.size === 1 ? `${plain(article.nameOf(first!), 60)} mentioned you` : "You were mentioned";
  return `${who}${times} in “${plain(article.title(), 80)}”.`;
}

/** VS Code makes links and symbols of some signs in its messages. */
function plain(text: string, length: number): string {
  return oneLine(text.replaceAll("[", "(").replaceAll("]", ")").replaceAll("$(", "("), length);
}

import { beforeEach, expect, test } from "vitest";
import type * as vscode from "vscode";
import type { OpenArticle } from "../../src/extension/article/open-article.ts";
import { createMentionNotices } from "../../src/extension/mention-notices.ts";
import type { ThreadMessage } from "../../src/protocol/reader.ts";
import { createEmitter, type Listen } from "../../src/sync/emitter.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { thread } from "./threads.ts";

const NAMES: Record<string, string> = { ada: "Ada", cem: "Cem" };
const GATHER = 1_000;
const REST = 20_000;

const mention = (at: number, by = "ada", unread = true): Partial<ThreadMessage> => ({ mention: { by, at, unread } });

/** Ben's window, whose messages are answered with `answer`. */
function openWindow() {
  const clock = createFakeClock();
  const opened = createEmitter<OpenArticle>();
  const closed = createEmitter<OpenArticle>();
  const messages: string[] = [];
  const revealed: string[] = [];
  const errors: unknown[] = [];
  const window = { answer: false, wanted: true };
  const event = <T>(listen: Listen<T>) =>
    ((listener: (event: T) => void) => ({ dispose: listen(listener) })) as unknown as vscode.Event<T>;
  const notices = createMentionNotices({
    onDidOpen: event(opened.event),
    onDidClose: event(closed.event),
    wanted: () => window.wanted,
    tell: async (message) => {
      messages.push(message);
      return window.answer;
    },
    reveal: async (_, ref) => void revealed.push(ref),
    clock,
    onError: (error) => void errors.push(error),
  });
  /** Opens the article with these threads; what comes later is put. */
  const open = (first: ThreadMessage[] = [], title = "On Margins") => {
    const changed = createEmitter<{ threads: readonly ThreadMessage[]; removed: readonly string[] }>();
    const threads = new Map(first.map((each) => [each.ref, each]));
    const article = {
      room: { id: "room" },
      ready: Promise.resolve(),
      title: () => title,
      nameOf: (id: string) => NAMES[id] ?? "Somebody",
      threads: () => [...threads.values()],
      onDidChangeThreads: event(changed.event),
    } as unknown as OpenArticle;
    opened.fire(article);
    return {
      put(...next: ThreadMessage[]) {
        for (const each of next) threads.set(each.ref, each);
        changed.fire({ threads: next, removed: [] });
      },
      close: () => closed.fire(article),
    };
  };
  const later = () => clock.advance(GATHER);
  /** The message before is off the screen. */
  const rested = () => clock.advance(REST);
  return { open, later, rested, messages, revealed, errors, window, notices };
}

let ben: ReturnType<typeof openWindow>;
beforeEach(() => {
  ben = openWindow();
});

test("ED-22 a mention is told once, by name and title, and shown on request", async () => {
  ben.window.answer = true;
  const article = ben.open();
  const said = thread({ ref: "ada/1", ...mention(5) });
  article.put(said);
  await ben.later();
  expect(ben.messages).toEqual(["Ada mentioned you in “On Margins”."]);
  expect(ben.revealed).toEqual(["ada/1"]);
  await ben.rested();
  article.put({ ...said, reactions: [{ emoji: "👍", by: ["cem"] }] });
  await ben.later();
  expect(ben.messages).toHaveLength(1);
  article.put({ ...said, ...mention(6, "cem") });
  await ben.later();
  expect(ben.messages.at(-1)).toBe("Cem mentioned you in “On Margins”.");
});

test("ED-22 mentions that come together are one message, also those that waited when the article was opened", async () => {
  const article = ben.open([thread({ ref: "ada/1", ...mention(1) }), thread({ ref: "ada/2", ...mention(2) })]);
  await ben.later();
  expect(ben.messages).toEqual(["Ada mentioned you 2 times in “On Margins”."]);
  await ben.rested();
  article.put(thread({ ref: "ada/3", ...mention(3) }), thread({ ref: "cem/1", ...mention(4, "cem") }));
  await ben.later();
  expect(ben.messages.at(-1)).toBe("You were mentioned 2 times in “On Margins”.");
});

test("ED-22 of a seminar that mentions somebody one after the other they are told at once, and then of all the others together", async () => {
  const article = ben.open();
  const said = Array.from({ length: 20 }, (_, i) => thread({ ref: `reader-${i}/1`, ...mention(i, `reader-${i}`) }));
  for (const each of said) {
    article.put(each);
    await ben.later();
  }
  article.put({ ...said[19]!, ...mention(19, "reader-19", false) });
  expect(ben.messages).toEqual(["Somebody mentioned you in “On Margins”."]);
  await ben.rested();
  await ben.later();
  expect(ben.messages.slice(1)).toEqual(["You were mentioned 18 times in “On Margins”."]);
  await ben.rested();
  await ben.later();
  expect(ben.messages).toHaveLength(2);
});

test("ED-22 what was read, what was told before the article was closed, and what nobody wants to hear is not told", async () => {
  const said = thread({ ref: "ada/1", ...mention(5) });
  const article = ben.open([thread({ ref: "ada/0", ...mention(1, "ada", false) })]);
  article.put(said);
  article.put({ ...said, ...mention(5, "ada", false) });
  await ben.later();
  expect(ben.messages).toEqual([]);
  article.put(said);
  await ben.later();
  expect(ben.messages).toHaveLength(1);
  article.close();
  const again = ben.open([said]);
  await ben.later();
  expect(ben.messages).toHaveLength(1);
  await ben.rested();
  ben.window.wanted = false;
  again.put(thread({ ref: "ada/2", ...mention(6) }));
  await ben.later();
  expect(ben.messages).toHaveLength(1);
});

test("ED-22 an article that closes takes what it had to tell with it", async () => {
  const article = ben.open();
  article.put(thread({ ref: "ada/1", ...mention(5) }));
  article.close();
  await ben.later();
  expect(ben.messages).toEqual([]);
});

test("ED-22 names and titles of others are plain text in a message", async () => {
  NAMES["eve"] = "[Click](command:evil) $(zap)\u202e\nx";
  ben.open([thread({ ref: "eve/1", ...mention(1, "eve") })], "[T](https://evil.example)");
  await ben.later();
  expect(ben.messages).toEqual(["(Click)(command:evil) (zap) x mentioned you in “(T)(https://evil.example)”."]);
});

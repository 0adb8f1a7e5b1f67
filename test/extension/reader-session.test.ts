import { describe, expect, it } from "vitest";
import { createPortPair } from "../../src/protocol/port.ts";
import type { News, ThreadMessage, ToHost, ToView } from "../../src/protocol/reader.ts";
import type { OpenArticle } from "../../src/extension/article/open-article.ts";
import { createViewPresence } from "../../src/extension/article/view-presence.ts";
import type { OwnPresence } from "../../src/sync/presence.ts";
import { createReaderSession, type ReaderSurroundings } from "../../src/extension/reader/reader-session.ts";

const silent = { dispose: () => {} };

/** An article of `count` threads, ten characters each, as far as a session asks for it. */
function setUp(count: number, position?: number) {
  const threads = Array.from(
    { length: count },
    (_, i) =>
      ({ ref: `t/${i}`, body: "", placement: { state: "placed", start: i * 10, end: i * 10 + 10 } }) as ThreadMessage,
  );
  const known = new Map(threads.map((thread) => [thread.ref, thread]));
  let change: (change: { threads: ThreadMessage[]; removed: string[] }) => void = () => {};
  const parsed = { blocks: [], sections: [], sentences: [], meta: {}, dir: "ltr", title: "" };
  const standing = new Set([7]);
  let taken = 0;
  const presences: OwnPresence[] = [];
  const write = { remove: ({ ref }: { ref: string }) => ({ ok: true, ref, write: 7 }) };
  const article = {
    ready: Promise.resolve(),
    published: () => ({ epoch: 1, source: "", parsed }),
    title: () => "",
    threads: () => threads,
    thread: (ref: string) => known.get(ref),
    people: () => [],
    capabilities: () => ({ annotate: true, moderate: false, editArticle: false }),
    status: () => ({ state: "alone", detail: "", waiting: 0 }),
    onDidPublish: () => silent,
    onDidChangeThreads(listener: typeof change) {
      change = listener;
      return silent;
    },
    onDidChangePeople: () => silent,
    onDidChangeStatus: () => silent,
    onDidChangeCapabilities: () => silent,
    carryToNow: (_epoch: number, start: number, end: number) => ({ start, end }),
    presence: createViewPresence((presence) => presences.push(presence)),
    room: {
      id: "r",
      write,
      undo: (number?: number) => number === undefined || standing.delete(number),
    },
  } as unknown as OpenArticle;

  const left: unknown[] = [];
  const [host, view] = createPortPair((task) => task());
  const [otherHost, otherView] = createPortPair((task) => task());
  const news: News[] = [];
  const answers: ToView[] = [];
  const pauses: (() => void)[] = [];
  const around = {
    settings: () => ({ measure: 70, fontSize: 17, announceBoundaries: false }),
    position: () => position,
    keepPosition() {},
    takeWords: () => void taken++,
    leftWords: () => left.splice(0),
    pause: () => new Promise<void>((resolve) => pauses.push(resolve)),
  } as unknown as ReaderSurroundings;
  view.listen((message) => {
    const said = message as ToView;
    if (said.kind === "news") news.push(said.news);
    else answers.push(said);
  });
  const session = createReaderSession(article, host, around);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    session,
    news,
    pauses,
    view,
    /** Another view of the article, beside the first. */
    openOther: () => ({ view: otherView, session: createReaderSession(article, otherHost, around) }),
    /** What the others were told of the reader. */
    presences,
    /** What views had that were closed. */
    left,
    /** How often kept words were asked for. */
    taken: () => taken,
    /** The answer to a request of the view. */
    async ask(name: string, params: unknown) {
      answers.length = 0;
      view.post({ kind: "request", id: 1, name, params });
      await turn();
      return answers[0];
    },
    async ready() {
      view.post({ kind: "ready" });
      await turn();
    },
    /** Lets the session go on until it waits for nothing. */
    async goOn() {
      for (let next = pauses.shift(); next; next = pauses.shift()) {
        next();
        await turn();
      }
    },
    remove(ref: string) {
      known.delete(ref);
      change({ threads: [], removed: [ref] });
    },
  };
}

const refsOf = (news: News): string[] => {
  if (news.type === "snapshot") return news.snapshot.threads.map((thread) => thread.ref);
  return news.type === "moreThreads" ? news.threads.map((thread) => thread.ref) : [];
};

describe("what a view is sent when it is ready", () => {
  it("RV-32: few threads come in one message", async () => {
    const { ready, news, pauses } = setUp(50);
    await ready();
    expect(news).toHaveLength(1);
    expect(news[0]).not.toHaveProperty("snapshot.more");
    expect(refsOf(news[0]!)).toHaveLength(50);
    expect(pauses).toHaveLength(0);
  });

  it("RV-54: what a closed view had comes when everything is there, and at once when it is", async () => {
    const { ready, goOn, news, session, left } = setUp(2000);
    left.push("one");
    session.takeOver();
    await ready();
    session.takeOver();
    expect(news.map((each) => each.type)).toEqual(["snapshot"]);
    await goOn();
    expect(news.at(-1)).toEqual({ type: "leftWords", words: "one" });
    left.push("two");
    session.takeOver();
    session.takeOver();
    expect(news.filter((each) => each.type === "leftWords").map((each) => each.words)).toEqual(["one", "two"]);
  });

  it("RV-32: many come in portions, each of them once, those at the reader's place first", async () => {
    const { ready, goOn, news } = setUp(2000, 10_005);
    await ready();
    expect(news).toHaveLength(1);
    expect(refsOf(news[0]!)[0]).toBe("t/1000");
    await goOn();
    const all = news.flatMap(refsOf);
    expect(all).toHaveLength(2000);
    expect(new Set(all).size).toBe(2000);
    expect(news.map((each) => each.type === "moreThreads" && each.last).lastIndexOf(true)).toBe(news.length - 1);
    expect(news.filter((each) => each.type === "moreThreads" && each.last)).toHaveLength(1);
  });

  it("RV-32: a thread that went meanwhile does not come back, and what is to be shown waits for the end", async () => {
    const { session, ready, goOn, remove, news } = setUp(2000);
    await ready();
    session.post({ type: "revealThread", ref: "t/1990", focus: false });
    remove("t/1999");
    await goOn();
    expect(news.flatMap(refsOf)).not.toContain("t/1999");
    expect(news.at(-1)).toEqual({ type: "revealThread", ref: "t/1990", focus: false });
  });

  it("RV-32: a view that asks again gets everything anew, and nothing more of before", async () => {
    const { ready, goOn, news, pauses } = setUp(1000);
    await ready();
    const before = pauses.splice(0);
    await ready();
    for (const resume of before) resume();
    await goOn();
    const lastStart = news.findLastIndex((each) => each.type === "snapshot");
    expect(lastStart).toBe(1);
    expect(news.slice(lastStart).flatMap(refsOf)).toHaveLength(1000);
  });
});

it("RV-35: a removal answers what takes it back, once", async () => {
  const { ready, ask } = setUp(1);
  await ready();
  expect(await ask("remove", { ref: "ada/1" })).toMatchObject({ kind: "answer", result: { write: 7 } });
  expect(await ask("undo", { write: 7 })).toMatchObject({ kind: "answer" });
  expect(await ask("undo", { write: 7 })).toMatchObject({
    kind: "failure",
    failure: { reason: "notFound", message: "It was changed since, and stays as it is." },
  });
  expect(await ask("undo", {})).toMatchObject({ kind: "answer" });
});

it("RV-65: who closes one of two views of an article is still where the other one is", async () => {
  const { session, view, openOther, presences } = setUp(1);
  const other = openOther();
  const at = (section: string) =>
    ({ kind: "presence", epoch: 1, position: 0, section, selection: { start: 2, end: 4 } }) satisfies ToHost;
  view.post(at("first"));
  other.view.post(at("second"));
  other.session.dispose();
  expect(presences.at(-1)).toEqual({ section: "first", selection: null });
  view.post(at("third"));
  expect(presences.at(-1)).toEqual({ section: "third", selection: { start: 2, end: 4 } });
  session.dispose();
  expect(presences.at(-1)).toEqual({ section: null, selection: null });
});

it("RV-54: a view that is closed before its article is ready takes no words with it", async () => {
  const { session, ready, news, taken } = setUp(1);
  const asked = ready();
  session.dispose();
  await asked;
  expect([news, taken()]).toEqual([[], 0]);
});

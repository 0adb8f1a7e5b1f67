/** An article that is open while its reader becomes somebody else in its session. */
import { afterEach, expect, test, vi } from "vitest";
import type * as vscode from "vscode";
import { parseArticle } from "../../src/core/text/article.ts";
import { createArticles } from "../../src/extension/article/articles.ts";
import { type ArticleFileSystem, articleUri } from "../../src/extension/article/file-system.ts";
import type { Parser } from "../../src/extension/article/parser.ts";
import type { Registry } from "../../src/extension/article/registry.ts";
import type { Rooms } from "../../src/extension/article/rooms.ts";
import { createReaders } from "../../src/extension/reader/reader-provider.ts";
import { createPortPair } from "../../src/protocol/port.ts";
import type { Snapshot, ToHost, ToView } from "../../src/protocol/reader.ts";
import { createEmitter } from "../../src/sync/emitter.ts";
import type { Room } from "../../src/sync/room.ts";
import { createRelay } from "../support/relay.ts";
import { openWindow } from "../support/room-world.ts";

vi.mock("vscode", async () => (await import("../support/fake-vscode.ts")).fakeVscode);

const TEXT = "A passage, no more.";
const URI = articleUri("room", "t.md");
const silent = { info() {}, warn() {}, error() {} };
const never = () => ({ dispose() {} });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** The article in a reading view of `ben`, whose room can be replaced by one of somebody else. */
async function setUp() {
  const relay = createRelay();
  const open = async (participant: string): Promise<Room> => {
    const { room, close } = await openWindow(relay, participant, "owner");
    room.seed(TEXT, { title: "T", fileName: "t.md", format: "markdown" });
    cleanups.push(close);
    return room;
  };
  let room = await open("ben");
  const replaced = createEmitter<{ room: Room; closed: Promise<void> }>();
  const rooms = {
    open: async () => ({ room, release() {} }),
    onDidReplace: (listener: (event: { room: Room; closed: Promise<void> }) => void) => ({
      dispose: replaced.event(listener),
    }),
  } as unknown as Rooms;
  let reading = Promise.resolve();
  const parser = {
    expect() {},
    async parse(_article: string, source: string) {
      await reading;
      return parseArticle(source);
    },
    forget() {},
  } as unknown as Parser;
  const fileSystem = { toldByDocument: never, changed() {} } as unknown as ArticleFileSystem;
  const articles = createArticles({ rooms, registry: {} as Registry, parser, fileSystem, log: silent });
  cleanups.push(() => articles.dispose());
  const memento = { get: () => undefined, update: async () => {} };
  const context = { workspaceState: memento, globalState: memento } as unknown as vscode.ExtensionContext;
  const readers = createReaders({ context, articles, log: silent, timing() {} });

  const [host, view] = createPortPair((task) => setImmediate(task));
  const said: ToView[] = [];
  const heard = createEmitter<void>();
  view.listen((message) => {
    said.push(message as ToView);
    heard.fire();
  });
  /** The first message, past or to come, of which `find` makes something. */
  const until = <T>(find: (message: ToView) => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = () => {
        for (const message of said) {
          const found = find(message);
          if (found === undefined) continue;
          stop();
          resolve(found);
          return;
        }
      };
      const stop = heard.event(check);
      check();
    });
  const snapshotFor = (participant: string): Promise<Snapshot> =>
    until((message) =>
      message.kind === "news" &&
      message.news.type === "snapshot" &&
      message.news.snapshot.people.some(({ me, id }) => me && id === participant)
        ? message.news.snapshot
        : undefined,
    );
  let close = () => {};
  const panel = {
    webview: {},
    visible: true,
    active: true,
    onDidChangeViewState: never,
    onDidDispose: (listener: () => void) => void (close = listener),
  } as unknown as vscode.WebviewPanel;
  cleanups.push(() => close());
  const post = (message: ToHost) => view.post(message);
  const answerTo = (id: number) => until((message) => ("id" in message && message.id === id ? message : undefined));
  const annotate = (id: number, epoch: number, body: string) =>
    post({
      kind: "request",
      id,
      name: "annotate",
      params: { epoch, start: 2, end: 9, motivation: "commenting", body, intent: `intent-${id}` },
    });
  return {
    articles,
    readers,
    panel,
    host,
    post,
    annotate,
    answerTo,
    snapshotFor,
    room: () => room,
    /** From now on no text is read before that. */
    readAfter: (wait: Promise<void>) => void (reading = wait),
    /** From now on the room is somebody else's; the old one is closed when `closed` says so. */
    async become(participant: string, closed: Promise<void>) {
      const old = room;
      room = await open(participant);
      replaced.fire({ room: old, closed });
    },
  };
}

test("SY-88 an article that is open is opened anew under the new identity, in its view too, with texts that count as newer", async () => {
  const world = await setUp();
  await world.readers.open(URI, world.panel, world.host);
  world.post({ kind: "ready" });
  const first = await world.snapshotFor("ben");
  const old = world.articles.forUri(URI)!;
  const told: string[] = [];
  world.articles.onDidClose((article) => told.push(`closed ${article.room.me().participant}`));
  world.articles.onDidOpen((article) => told.push(`opened ${article.room.me().participant}`));

  let close!: () => void;
  await world.become("cara", new Promise((resolve) => (close = resolve)));
  expect(told).toEqual(["closed ben"]);
  expect([world.articles.forUri(URI), world.readers.active()]).toEqual([undefined, undefined]);
  // asked for while nobody is there to answer
  world.annotate(1, first.article.epoch, "in between");
  close();
  const next = await world.snapshotFor("cara");
  expect(told).toEqual(["closed ben", "opened cara"]);
  expect(next.article.epoch).toBeGreaterThan(first.article.epoch);
  // on a text of the time before: the view looks at the new one and asks again
  expect(await world.answerTo(1)).toMatchObject({ kind: "failure", failure: { reason: "stale" } });
  world.annotate(2, next.article.epoch, "as Cara");
  expect(await world.answerTo(2)).toMatchObject({ kind: "answer" });
  expect(world.readers.active()?.article).toBe(world.articles.forUri(URI));
  expect(world.articles.forUri(URI)).not.toBe(old);
  const written = world.room().threads.all();
  expect(written.map(({ author, annotation }) => [author, annotation.body])).toEqual([["cara", "as Cara"]]);
});

test("SY-88 an article that is let go of meanwhile does not stay open", async () => {
  const world = await setUp();
  const hold = await world.articles.acquire(URI);
  const closed: string[] = [];
  const gone = new Promise<void>((resolve) => {
    world.articles.onDidClose((article) => {
      closed.push(article.room.me().participant);
      if (closed.length === 2) resolve();
    });
  });
  let close!: () => void;
  await world.become("cara", new Promise((resolve) => (close = resolve)));
  hold.release();
  close();
  await gone;
  expect(closed).toEqual(["ben", "cara"]);
  expect(world.articles.all()).toEqual([]);
});

test("SY-88 who asks for an article that is just being opened anew gets the new one", async () => {
  const world = await setUp();
  const early = world.articles.acquire(URI);
  await world.become("cara", Promise.resolve());
  const first = await early;
  const second = await world.articles.acquire(URI);
  expect(second.article.room.me().participant).toBe("cara");
  expect(first.article).toBe(second.article);
  first.release();
  second.release();
});

test("SY-88 an article that is let go of and asked for again while it is being opened anew is opened once, and stays", async () => {
  const world = await setUp();
  const first = await world.articles.acquire(URI);
  const told: string[] = [];
  world.articles.onDidOpen((article) => told.push(`opened ${article.room.me().participant}`));
  world.articles.onDidClose((article) => told.push(`closed ${article.room.me().participant}`));
  let close!: () => void;
  await world.become("cara", new Promise((resolve) => (close = resolve)));
  first.release();
  const second = world.articles.acquire(URI);
  close();
  const { article, release } = await second;
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["closed ben", "opened cara"]);
  expect(world.articles.all()).toEqual([article]);
  release();
  expect(world.articles.all()).toEqual([]);
});

test("SY-88 texts count as newer also when the reader becomes somebody else once more before the new one was read", async () => {
  const world = await setUp();
  await world.readers.open(URI, world.panel, world.host);
  world.post({ kind: "ready" });
  const first = await world.snapshotFor("ben");
  let read!: () => void;
  world.readAfter(new Promise((resolve) => (read = resolve)));
  for (const next of ["cara", "dan"]) {
    const opened = new Promise((resolve) => world.articles.onDidOpen(resolve));
    await world.become(next, Promise.resolve());
    await opened;
  }
  read();
  expect((await world.snapshotFor("dan")).article.epoch).toBeGreaterThan(first.article.epoch);
});

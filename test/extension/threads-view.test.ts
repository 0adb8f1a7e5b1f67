import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createAnchor } from "../../src/core/anchor/anchor.ts";
import { createAnchorIndex } from "../../src/core/anchor/resolve.ts";
import type { Thread } from "../../src/core/model/threads.ts";
import { threadMessage } from "../../src/extension/article/thread-messages.ts";
import { createThreadsView, inDocumentOrder } from "../../src/extension/article/threads-view.ts";

const TEXT = "The first passage. The second passage. The third passage.";

function thread(ref: string, words: string, extra: Partial<Thread> = {}): Thread {
  const start = TEXT.indexOf(words);
  return {
    ref,
    author: ref.slice(0, ref.indexOf("/")),
    annotation: {
      v: 1,
      kind: "annotation",
      created: 10,
      motivation: "commenting",
      body: "",
      target: createAnchor(TEXT, start, start + words.length),
    },
    replies: [],
    reactions: [],
    status: "open",
    hidden: false,
    links: [],
    touched: 10,
    ...extra,
  };
}

function setUp(options: { pause?: () => Promise<void>; slow?: boolean } = {}) {
  const intents = new Map<string, string>();
  let time = 0;
  const view = createThreadsView({
    viewer: { participant: "ada", lastSeen: () => 0 },
    moderator: () => false,
    takeIntent(ref) {
      const intent = intents.get(ref);
      intents.delete(ref);
      return intent;
    },
    pause: options.pause ?? (() => Promise.resolve()),
    now: () => (options.slow ? (time += 100) : 0),
  });
  return { view, intents };
}

test("threads stand in document order, wider passages first, orphans last", async () => {
  const { view } = setUp();
  const all = [
    thread("ada/c", "third"),
    thread("ben/a", "first passage"),
    thread("ada/b", "first"),
    { ...thread("ben/o", "second") },
  ];
  all[3]!.annotation = { ...all[3]!.annotation, target: createAnchor("Nothing of this is in the text at all", 0, 30) };
  await view.place(createAnchorIndex(TEXT), all);
  expect(view.all().map((each) => each.ref)).toEqual(["ben/a", "ada/b", "ada/c", "ben/o"]);
  expect([...view.all()].sort(inDocumentOrder)).toEqual(view.all());
});

test("AN-17 what became of a quote is compared once for each wording of its passage", async () => {
  const { view } = setUp();
  const note = thread("ada/a", "The second passage.");
  const place = (text: string) => view.place(createAnchorIndex(text), [note]);
  const changed = TEXT.replace("second passage", "second long passage");
  await place(changed);
  const { change } = view.get("ada/a")!;
  expect(change?.filter(({ kind }) => kind === "added").map(({ text }) => text.trim())).toEqual(["long"]);
  await place(`More. ${changed}`);
  expect(view.get("ada/a")!.change).toBe(change);
  await place(TEXT.replace("second passage", "second very long passage"));
  expect(view.get("ada/a")!.change?.some(({ text }) => text.includes("very"))).toBe(true);
  await place(TEXT);
  expect(view.get("ada/a")!.change).toBeUndefined();
});

test("the view's own name for an annotation is told once", async () => {
  const { view, intents } = setUp();
  await view.place(createAnchorIndex(TEXT), []);
  intents.set("ada/a", "mine");
  expect(view.update([thread("ada/a", "first")], [])[0]!.intent).toBe("mine");
  expect(view.update([thread("ada/a", "first")], [])[0]!.intent).toBeUndefined();
  expect(view.get("ada/a")!.intent).toBeUndefined();

  const entry = { v: 1, kind: "reply", created: 11, parent: "ada/a", body: "so" } as const;
  const replies = [{ ref: "ada/r", author: "ada", entry, hidden: false, reactions: [] }];
  intents.set("ada/r", "my answer");
  expect(view.update([thread("ada/a", "first", { replies })], [])[0]!.replies[0]!.intent).toBe("my answer");
  expect(view.update([thread("ada/a", "first", { replies })], [])[0]!.replies[0]!.intent).toBeUndefined();
});

test("what changes while everything is placed anew is in the result", async () => {
  let change = () => {};
  const { view } = setUp({
    slow: true,
    pause: () => {
      change();
      change = () => {};
      return Promise.resolve();
    },
  });
  const old = [thread("ada/a", "first"), thread("ada/b", "second"), thread("ada/c", "third")];
  await view.place(createAnchorIndex(TEXT), old);
  change = () => void view.update([thread("ben/new", "passage")], ["ada/c"]);
  await view.place(createAnchorIndex(TEXT), old);
  expect(new Set(view.all().map((each) => each.ref))).toEqual(new Set(["ada/a", "ada/b", "ben/new"]));
});

test("nothing is kept of a change once it is told, unless everything is being placed anew", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const isKept = async (told: WeakRef<Thread>) => {
    await turn();
    collect();
    return told.deref() !== undefined;
  };
  let change = () => {};
  const { view } = setUp({ slow: true, pause: async () => change() });
  const tell = (ref: string) => {
    const told = thread(ref, "first");
    view.update([told], []);
    return new WeakRef(told);
  };

  await view.place(createAnchorIndex(TEXT), []);
  expect(await isKept(tell("ada/after"))).toBe(false);

  let during: WeakRef<Thread> | undefined;
  change = () => {
    during ??= tell("ada/during");
  };
  await view.place(createAnchorIndex(TEXT), [thread("ada/a", "first"), thread("ada/b", "second")]);
  expect(view.get("ada/during")).toBeDefined();
  expect(await isKept(during!)).toBe(false);

  change = () => {
    throw new Error("no turn to be had");
  };
  await expect(
    view.place(createAnchorIndex(TEXT), [thread("ada/a", "first"), thread("ada/b", "second")]),
  ).rejects.toThrow("no turn");
  expect(await isKept(tell("ada/later"))).toBe(false);
});

test("a hidden note of somebody else comes without its words", async () => {
  const { view } = setUp();
  const hidden = thread("ben/a", "first", { hidden: true });
  hidden.annotation = { ...hidden.annotation, body: "unkind" };
  const own = thread("ada/b", "second", { hidden: true });
  own.annotation = { ...own.annotation, body: "mine" };
  await view.place(createAnchorIndex(TEXT), [hidden, own]);
  expect(view.get("ben/a")!.body).toBe("");
  expect(view.get("ada/b")!.body).toBe("mine");
});

test("unread is what others wrote since the reader last looked", async () => {
  const { view } = setUp();
  await view.place(createAnchorIndex(TEXT), [thread("ben/a", "first"), thread("ada/b", "second")]);
  expect(view.get("ben/a")!.unread).toBe(true);
  expect(view.get("ada/b")!.unread).toBe(false);
});

test("threads that change one by one or many at once stand as if all were sorted", async () => {
  const words = ["first", "first passage", "second", "passage. The", "third", "third passage"];
  const change = fc.array(fc.record({ id: fc.nat(40), words: fc.constantFrom(...words), gone: fc.boolean() }), {
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change), async (changes) => {
      const { view } = setUp();
      await view.place(createAnchorIndex(TEXT), []);
      for (const rows of changes) {
        const latest = new Map(rows.map((row) => [`ada/${row.id}`, row]));
        const named = [...latest];
        view.update(
          named.flatMap(([ref, row]) => (row.gone ? [] : thread(ref, row.words))),
          named.flatMap(([ref, row]) => (row.gone ? ref : [])),
        );
        const all = view.all();
        expect([...all].sort(inDocumentOrder)).toEqual(all);
        expect(new Set(all.map((each) => each.ref)).size).toBe(all.length);
        for (const [ref, row] of named) expect(all.some((each) => each.ref === ref)).toBe(!row.gone);
      }
    }),
  );
});

test("ED-23 a thread says who named its reader last, unless they may not read it or wrote it themselves", async () => {
  const place = { state: "placed", start: 0, end: 5 } as const;
  const answer = (author: string, body: string, created: number, hidden = false): Thread["replies"][number] => ({
    ref: `${author}/r${created}`,
    author,
    entry: { v: 1, kind: "reply", parent: "ben/a", body, created },
    reactions: [],
    hidden,
  });
  const mentionIn = (body: string, replies: Thread["replies"], lastSeen = 0, moderator = false) => {
    const first = thread("ben/a", "first");
    const viewer = { participant: "ada", lastSeen: () => lastSeen };
    const annotation = { ...first.annotation, body };
    return threadMessage({ ...first, annotation, replies }, place, viewer, { moderator }).mention;
  };
  const named = "What says @[Ada](ada)?";
  expect(mentionIn("Nobody is named, ada, @ada, @[Ada](adam).", [])).toBeUndefined();
  expect(mentionIn(named, [])).toEqual({ by: "ben", at: 10, unread: true });
  expect(mentionIn(named, [], 10)).toEqual({ by: "ben", at: 10, unread: false });
  expect(mentionIn(named, [answer("cem", named, 20), answer("cem", "No.", 30)], 10)).toEqual({
    by: "cem",
    at: 20,
    unread: true,
  });
  expect(mentionIn("", [answer("ada", named, 20)])).toBeUndefined();
  const hidden = [answer("cem", named, 20, true)];
  expect(mentionIn("", hidden)).toBeUndefined();
  expect(mentionIn("", hidden, 0, true)).toEqual({ by: "cem", at: 20, unread: true });
  const gone = answer("cem", named, 20);
  expect(mentionIn("", [{ ...gone, entry: { ...gone.entry, deleted: true } }])).toBeUndefined();
});

test("ED-23 an answer that comes after the reader looked is new, also when it was written before that, and so is its mention", () => {
  const first = thread("ben/a", "first");
  const answer = (ref: string, created: number): Thread["replies"][number] => ({
    ref,
    author: "cem",
    entry: { v: 1, kind: "reply", parent: "ben/a", body: "And @[Ada](ada)?", created },
    reactions: [],
    hidden: false,
  });
  const seen = new Map([
    ["ben/a", 10],
    ["cem/late", 30],
  ]);
  const viewer = { participant: "ada", lastSeen: (ref: string) => seen.get(ref) ?? 0 };
  const replies = [answer("cem/early", 20), answer("cem/late", 30)];
  const message = threadMessage({ ...first, replies }, { state: "orphaned" }, viewer, { moderator: false });
  expect(message.replies.map(({ unread }) => unread)).toEqual([true, false]);
  expect([message.unread, message.mention]).toEqual([true, { by: "cem", at: 20, unread: true }]);
});

test("ED-28 a passage is quoted as it is read", () => {
  const first = thread("ben/a", "first");
  const viewer = { participant: "ada", lastSeen: () => 0 };
  const quote = { ...first.annotation.target.quote, exact: "*Arithmetica* of" };
  const annotation = { ...first.annotation, target: { ...first.annotation.target, quote } };
  const quoteIn = (format: "markdown" | "text") =>
    threadMessage({ ...first, annotation }, { state: "orphaned" }, viewer, { moderator: false, format }).quote;
  expect(quoteIn("markdown")).toBe("Arithmetica of");
  expect(quoteIn("text")).toBe("*Arithmetica* of");
});

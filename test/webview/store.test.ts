import { describe, expect, it } from "vitest";
import type { ArticleMessage, BlockMessage, Snapshot, ThreadMessage } from "../../src/protocol/reader.ts";
import { createDrafts } from "../../src/webview/drafts.ts";
import { derived, reduce, threadIn } from "../../src/webview/reduce.ts";
import { createStore, START, type State } from "../../src/webview/state.ts";
import { provisionalRef, type UnsentMap } from "../../src/webview/unsent.ts";
import { note, passage, reply } from "./unsent-samples.ts";

const block = (key: string, start: number, text: string): BlockMessage => ({
  key,
  kind: "paragraph",
  start,
  end: start + text.length,
  html: `<p>${text}</p>`,
  runs: [[0, start, text.length, text.length]],
});

const article: ArticleMessage = {
  epoch: 1,
  title: "T",
  dir: "ltr",
  meta: {},
  blocks: [block("a", 0, "one"), block("b", 5, "two")],
  sections: [],
  sentences: [],
};

const thread = (ref: string, more: Partial<ThreadMessage> = {}): ThreadMessage => ({
  ref,
  author: "ada",
  motivation: "commenting",
  body: "x",
  quote: "one",
  created: 0,
  touched: 0,
  deleted: false,
  hidden: false,
  status: "open",
  placement: { state: "placed", start: 0, end: 3 },
  replies: [],
  reactions: [],
  mine: true,
  unread: false,
  ...more,
});

const snapshot = (threads: ThreadMessage[]): Snapshot => ({
  article,
  threads,
  people: [{ id: "ada", name: "Ada", role: "owner", colour: 0, me: true, online: true }],
  capabilities: { annotate: true, moderate: false, editArticle: false },
  status: { state: "alone", detail: "", waiting: 0 },
  settings: { measure: 70, fontSize: 17, announceBoundaries: false },
});

const after = (state: State, ...news: Parameters<typeof reduce>[1][]): State =>
  news.reduce((now, each) => ({ ...now, ...reduce(now, each) }), state);
const begun = (threads: ThreadMessage[] = []) => after(START, { type: "snapshot", snapshot: snapshot(threads) });

describe("news", () => {
  it("RV-76: annotations on the same words stand in the order in which they were written, whoever wrote them", () => {
    const written = ["zoe/1", "ada/1", "mia/1", "ada/2"].map((ref, i) => thread(ref, { created: i }));
    const state = begun([
      written[2]!,
      written[0]!,
      thread("ben/1", { placement: { state: "placed", start: 0, end: 2 } }),
    ]);
    const later = after(state, { type: "threads", epoch: 1, threads: [written[3]!, written[1]!], removed: [] });
    expect(later.placed.list.map(({ ref }) => ref)).toEqual([...written.map(({ ref }) => ref), "ben/1"]);
  });

  it("RV-27 with a newer text comes what changed in each passage, and goes again when it is as it was", () => {
    const change = [{ kind: "added" as const, text: "ONE" }];
    const text = { ...article, type: "article" as const, epoch: 2 };
    const changed = { state: "changed" as const, start: 0, end: 3 };
    const state = after(begun([thread("a/1")]), { ...text, placements: [["a/1", changed, change]] });
    expect(state.threads.get("a/1")).toMatchObject({ placement: changed, change });
    const placed = { state: "placed" as const, start: 0, end: 3 };
    const back = after(state, { ...text, epoch: 3, placements: [["a/1", placed]] });
    expect(back.threads.get("a/1")).toEqual(thread("a/1"));
  });

  it("a snapshot is everything: the text, the threads in reading order, the orphans apart", () => {
    const state = begun([
      thread("ada/2", { placement: { state: "placed", start: 5, end: 8 } }),
      thread("ada/1"),
      thread("ada/3", { placement: { state: "orphaned" } }),
    ]);
    expect(state.placed.list.map((each) => each.ref)).toEqual(["ada/1", "ada/2"]);
    expect(state.orphans.map((each) => each.ref)).toEqual(["ada/3"]);
    expect(state.me?.name).toBe("Ada");
  });

  it("RV-27: known blocks are named by key and keep their runs, moved", () => {
    const state = after(begun([thread("ada/1")]), {
      type: "article",
      ...article,
      epoch: 2,
      blocks: [block("new", 0, "zero"), { key: "a", start: 6, end: 9 }, { key: "b", start: 11, end: 14 }],
      placements: [["ada/1", { state: "changed", start: 6, end: 9 }]],
    });
    expect(state.article?.blocks.map((each) => [each.key, each.runs[0]![1]])).toEqual([
      ["new", 0],
      ["a", 6],
      ["b", 11],
    ]);
    expect(state.placed.list[0]).toMatchObject({ ref: "ada/1", start: 6, end: 9 });
  });

  it("RV-28: an unknown block cannot be shown", () => {
    const news = { type: "article" as const, ...article, blocks: [{ key: "?", start: 0, end: 1 }], placements: [] };
    expect(reduce(begun(), news)).toBeNull();
  });

  const withUnsent = (state: State, unsent: UnsentMap, more: Partial<State> = {}): State => ({
    ...state,
    ...derived(state, { unsent, ...more }),
  });

  it("RV-17: a thread with the same intent takes the place of the provisional one, and stays active", () => {
    const own = provisionalRef("i1");
    const shown = withUnsent(begun(), new Map([["i1", note({ intent: "i1", text: "x" })]]), { active: own });
    expect(shown.placed.list.map((each) => each.ref)).toEqual([own]);
    expect(threadIn(shown, own)).toMatchObject({ author: "ada", body: "x" });
    const state = after(shown, {
      type: "threads",
      epoch: 1,
      threads: [thread("ada/9", { intent: "i1" })],
      removed: [],
    });
    expect([state.provisional.size, state.unsent.size]).toEqual([0, 0]);
    expect(state.active).toBe("ada/9");
    expect(state.placed.list.map((each) => each.ref)).toEqual(["ada/9"]);
    expect(threadIn(state, own)).toBeUndefined();
  });

  it("RV-17: a reply's provisional one goes when the reply is there, by its reference or its intent", () => {
    const there = {
      ref: "ada/r",
      author: "ada",
      body: "yes",
      created: 1,
      deleted: false,
      hidden: false,
      reactions: [],
      mine: true,
      unread: false,
    };
    const arrive = (unsent: ReturnType<typeof reply>, intent?: string) =>
      after(withUnsent(begun([thread("ada/1")]), new Map([["i", unsent]])), {
        type: "threads",
        epoch: 1,
        threads: [thread("ada/1", { replies: [{ ...there, ...(intent ? { intent } : {}) }] })],
        removed: [],
      }).unsent.size;
    const pending = reply({ intent: "i", thread: "ada/1", text: "yes" });
    expect(arrive({ ...pending, stored: "ada/r" })).toBe(0);
    expect(arrive(pending, "i")).toBe(0);
    expect(arrive(pending)).toBe(1);
  });

  it("RV-40: where other words arrive than those that are unsent by now, these are a change of what arrived", () => {
    const own = provisionalRef("i1");
    const sent = note({ intent: "i1", text: "better", state: "refused", reason: "No." });
    const state = after(withUnsent(begun(), new Map([["i1", sent]]), { active: own }), {
      type: "threads",
      epoch: 1,
      threads: [thread("ada/9", { intent: "i1", body: "good" })],
      removed: [],
    });
    expect(state.unsent.get("i1")).toMatchObject({ what: "edit", of: "ada/9", text: "better", state: "refused" });
    expect([state.provisional.size, state.active]).toEqual([0, "ada/9"]);
    const done = after(state, {
      type: "threads",
      epoch: 1,
      threads: [thread("ada/9", { body: "better" })],
      removed: [],
    });
    expect(done.unsent.size).toBe(0);
  });

  it("RV-38: an unsent note whose passage is gone is not among the annotations without a place", () => {
    const lost = note({ intent: "i1", text: "x", passage: { ...passage, fate: "lost" } });
    const state = withUnsent(begun(), new Map([["i1", lost]]));
    expect([state.placed.list, state.orphans]).toEqual([[], []]);
    expect(state.provisional.get("i1")?.placement).toEqual({ state: "orphaned" });
  });

  it("what a moderator hid is shown to moderators and its author alone", () => {
    const hidden = thread("ben/1", { hidden: true, mine: false });
    expect(begun([hidden]).placed.list).toEqual([]);
    expect(begun([{ ...hidden, mine: true }]).placed.list.length).toBe(1);
    const moderating = after(START, {
      type: "snapshot",
      snapshot: { ...snapshot([hidden]), capabilities: { annotate: true, moderate: true, editArticle: true } },
    });
    expect(moderating.placed.list.length).toBe(1);
  });

  it("RV-13: who becomes a moderator, or is none any more, sees what was hidden come, or go", () => {
    const capabilities = (moderate: boolean) =>
      ({ type: "capabilities", capabilities: { annotate: true, moderate, editArticle: moderate } }) as const;
    const hidden = thread("ben/1", { hidden: true, mine: false });
    const moderating = after(begun([hidden]), capabilities(true));
    expect(moderating.placed.list.length).toBe(1);
    expect(after(moderating, capabilities(false)).placed.list).toEqual([]);
  });

  it("RV-26: a filter by name knows a name that came after it", () => {
    const filter = { ...START.filter, text: "grace" };
    const filtered = begun([thread("grace/1", { author: "grace" })]);
    const now = { ...filtered, ...derived(filtered, { filter }) };
    expect(now.placed.list[0]!.filtered).toBe(true);
    const people = [...now.people.values(), { ...now.me!, id: "grace", name: "Grace", me: false }];
    const { capabilities } = snapshot([]);
    // whoever joins is told of with both
    const told = after(now, { type: "people", people }, { type: "capabilities", capabilities });
    expect(told.placed.list[0]!.filtered).toBe(false);
  });
});

describe("store", () => {
  it("draws once for many changes, and tells what changed", () => {
    const tasks: (() => void)[] = [];
    const store = createStore(START, (task) => tasks.push(task));
    const drawn: string[][] = [];
    store.subscribe((_state, changed) => drawn.push([...changed].toSorted()));
    store.update({ active: "a" });
    store.update({ hovered: "b", active: "a" });
    store.update({ active: "a" });
    expect(drawn).toEqual([]);
    for (const task of tasks) task();
    expect(drawn).toEqual([["active", "hovered"]]);
    expect(tasks.length).toBe(1);
  });

  it("a change made while drawing is drawn as well; one that never ends is an error", () => {
    const store = createStore(START, () => {});
    let rounds = 0;
    store.subscribe((state) => {
      rounds++;
      if (state.active === null) store.update({ active: "a" });
    });
    store.update({ hovered: "x" });
    store.flush();
    expect([store.state.active, rounds]).toEqual(["a", 2]);
    store.subscribe((state) => store.update({ section: `${state.section}.` }));
    store.update({ hovered: "y" });
    expect(() => store.flush()).toThrow("keeps changing");
  });
});

describe("drafts", () => {
  it("RV-19: drafts survive as plain data, until they are emptied", () => {
    let changes = 0;
    const drafts = createDrafts(() => changes++);
    const attempt = { intent: "i", at: 5, sent: "half", error: "No.", unsure: true };
    drafts.set("new", { text: "", passage });
    drafts.set("reply:ada/1", { text: "half", attempt });
    drafts.type("reply:ada/1", "half a");
    const again = createDrafts(() => changes++);
    again.open(JSON.parse(JSON.stringify(drafts.dump())));
    expect(again.get("new")).toEqual({ text: "", passage });
    expect(again.get("reply:ada/1")).toEqual({ text: "half a", attempt });
    again.type("reply:ada/1", "");
    again.set("new", null);
    expect(again.keys()).toEqual([]);
    expect(changes).toBe(5);
  });

  it("RV-19: a state that is not one of drafts is none", () => {
    const drafts = createDrafts(() => {});
    const odd = { a: 1, b: { text: 2 }, c: { text: "kept", passage: { start: "x" }, attempt: { intent: 1 } }, d: null };
    drafts.open(odd);
    expect(drafts.dump()).toEqual({ c: { text: "kept" } });
    drafts.open("nonsense");
    expect(drafts.keys()).toEqual([]);
  });
});

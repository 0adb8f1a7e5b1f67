import { beforeEach, describe, expect, it } from "vitest";
import type { Failure, Snapshot, ThreadMessage } from "../../src/protocol/reader.ts";
import type { Answer } from "../../src/protocol/rpc.ts";
import { createActions } from "../../src/webview/actions.ts";
import type { Connection } from "../../src/webview/connection.ts";
import { createDrafts, editKey, NEW, replyKey } from "../../src/webview/drafts.ts";
import { derived, reduce } from "../../src/webview/reduce.ts";
import { createStore, START } from "../../src/webview/state.ts";
import { dumpUnsent, provisionalRef, readUnsent, type Unsent } from "../../src/webview/unsent.ts";
import { thread } from "../extension/threads.ts";
import { edit, note, passage, reply } from "./unsent-samples.ts";

const TIMEOUT: Failure = { reason: "timeout", message: "No answer." };
const REFUSED: Failure = { reason: "failed", message: "It could not." };
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A view without a page: what it asks of the host is answered by hand. */
function setUp(threads: ThreadMessage[] = [], kept?: unknown) {
  const store = createStore(START, () => {});
  const asked: { name: string; params: Record<string, unknown>; answer(answer: Answer): void }[] = [];
  const said: string[] = [];
  const drafts = createDrafts(() => {});
  let names = 0;
  const view = { idle: true, now: 20_000, newer: () => {} };
  const actions = createActions({
    store,
    connection: {
      request: (name: string, params: Record<string, unknown>) =>
        new Promise<Answer>((answer) => asked.push({ name, params, answer })),
      post: () => {},
      report: () => {},
      mark: () => {},
    } as unknown as Connection,
    drafts,
    now: () => view.now,
    newIntent: () => `i${names++}`,
    announce: (text) => said.push(text),
    wordsOf: () => ({ quote: "abc", prefix: "", suffix: "" }),
    newerText: () => new Promise((resolve) => (view.newer = resolve)),
    clearSelection: () => {},
    isIdle: () => view.idle && store.state.newNote === null,
    show: (ref) => store.update({ active: ref }),
  });
  const snapshot: Snapshot = {
    article: { epoch: 2, title: "", dir: "ltr", meta: {}, blocks: [], sections: [], sentences: [] },
    threads,
    people: [{ id: "ada", name: "Ada", role: "owner", colour: 0, me: true, online: true }],
    capabilities: { annotate: true, moderate: false, editArticle: false },
    status: { state: "alone", detail: "", waiting: 0 },
    settings: { measure: 70, fontSize: 17, announceBoundaries: false },
  };
  store.update(reduce(store.state, { type: "snapshot", snapshot })!);
  const unsent = readUnsent(kept);
  store.update(derived(store.state, { unsent }));
  return {
    store,
    drafts,
    actions,
    asked,
    said,
    view,
    resume: () => actions.resume(unsent.keys()),
    /** Threads come from the host. */
    hear(...news: ThreadMessage[]) {
      store.update(reduce(store.state, { type: "threads", epoch: 2, threads: news, removed: [] })!);
      actions.heard(news);
      actions.rescue();
    },
    lose(ref: string) {
      store.update(reduce(store.state, { type: "threads", epoch: 2, threads: [], removed: [ref] })!);
      actions.rescue();
    },
    /** Opens a composer, types and sends. */
    write(text: string, about = passage) {
      actions.openNew(about);
      actions.typedNew(text);
      actions.sendNew(text);
    },
    reply(ref: string, text: string) {
      store.update({ active: ref, replying: ref });
      actions.reply(ref, text);
    },
    async fail(at: number, failure: Failure) {
      asked[at]!.answer({ ok: false, failure });
      await settle();
    },
    async take(at: number, ref: string) {
      asked[at]!.answer({ ok: true, result: { ref } });
      await settle();
    },
    /** What is unsent, in short. */
    get unsent() {
      return [...store.state.unsent.values()].map((each) => `${each.state} ${each.what}: ${each.text}`);
    },
    get open() {
      const { newNote } = store.state;
      return newNote && { text: drafts.get(NEW)?.text, error: newNote.error, intent: newNote.intent };
    },
  };
}

const elsewhere = { ...passage, start: 10, end: 14, quote: "elsewhere" };
let host: ReturnType<typeof setUp>;
beforeEach(() => {
  host = setUp();
});

describe("what was sent", () => {
  it("RV-38: is kept as plain data until its thread comes, and in no moment nowhere", async () => {
    host.write("one");
    expect(host.unsent).toEqual(["sending note: one"]);
    expect(host.drafts.keys()).toEqual([]);
    const kept = JSON.parse(JSON.stringify(dumpUnsent(host.store.state.unsent)));
    expect([...readUnsent(kept).values()]).toEqual([...host.store.state.unsent.values()]);
    await host.take(0, "ada/1");
    // shown until the thread comes, but the host has it: nothing to keep
    expect([host.unsent, dumpUnsent(host.store.state.unsent)]).toEqual([["sending note: one"], []]);
    host.hear(thread({ ref: "ada/1", body: "one", mine: true }));
    expect([host.unsent, host.store.state.active]).toEqual([[], "ada/1"]);
  });

  it("RV-18: is in the composer again when it is refused and nothing else is being done, with the reason", async () => {
    host.write("one");
    await host.fail(0, REFUSED);
    expect(host.open).toEqual({ text: "one", error: "It could not.", intent: "i0" });
    expect(host.unsent).toEqual([]);
    expect(host.said.at(-1)).toBe("Not sent: It could not.");
  });

  it("RV-38: never touches what is being written by then: it waits apart, is told, and goes again by the same name", async () => {
    host.write("one");
    host.actions.openNew(elsewhere);
    host.actions.typedNew("two");
    await host.fail(0, REFUSED);
    expect(host.open).toMatchObject({ text: "two", error: "" });
    expect(host.unsent).toEqual(["refused note: one"]);
    expect(host.store.state.toast?.text).toBe("Your comment was not sent. It could not.");
    host.actions.sendNew("two");
    expect(host.asked[1]!.params).toMatchObject({ start: 10, body: "two" });
    host.actions.retry("i0");
    expect(host.asked[2]!.params).toEqual(host.asked[0]!.params);
    await host.fail(2, REFUSED);
    expect(host.unsent).toEqual(["refused note: one", "sending note: two"]);
  });

  it("RV-38: takes the caret from nobody, and covers no draft that was closed", async () => {
    host.write("one");
    host.view.idle = false;
    await host.fail(0, REFUSED);
    expect([host.open, host.unsent]).toEqual([null, ["refused note: one"]]);
    host.view.idle = true;
    host.write("two", elsewhere);
    host.actions.openNew({ ...passage, start: 20, end: 24 });
    host.actions.typedNew("three");
    host.actions.closeNew();
    host.store.update({ active: provisionalRef("i1") });
    await host.fail(1, REFUSED);
    expect(host.open).toMatchObject({ text: "two" });
    expect(host.unsent).toEqual(["refused note: one", "aside note: three"]);
  });

  it("RV-38: can be written on, discarded, and had back", async () => {
    host.write("one");
    host.view.idle = false;
    await host.fail(0, REFUSED);
    host.actions.openNew(elsewhere);
    host.actions.typedNew("half");
    host.actions.editUnsent("i0");
    expect(host.open).toMatchObject({ text: "one", error: "It could not." });
    expect(host.unsent).toEqual(["aside note: half"]);
    const aside = [...host.store.state.unsent.keys()][0]!;
    host.actions.discard(aside);
    expect(host.unsent).toEqual([]);
    await host.actions.undo(host.store.state.toast!.undo!);
    expect(host.unsent).toEqual(["aside note: half"]);
  });

  it("RV-38: a reply and a change of words are kept in the same way", async () => {
    host = setUp([thread({ ref: "ben/1" }), thread({ ref: "ada/1", body: "old", mine: true })]);
    host.reply("ben/1", "yes");
    host.store.update({ active: "ada/1", editing: "ada/1" });
    host.actions.saveEdit("ada/1", "new");
    expect(host.unsent).toEqual(["sending reply: yes", "sending edit: new"]);
    expect(host.store.state.threads.get("ada/1")?.body).toBe("new");
    await host.fail(0, REFUSED);
    host.view.idle = false;
    await host.fail(1, REFUSED);
    expect(host.unsent).toEqual(["refused reply: yes", "refused edit: new"]);
    expect(host.store.state.threads.get("ada/1")?.body).toBe("old");
    host.view.idle = true;
    host.actions.retry("i0");
    host.actions.retry("i1");
    expect(host.asked.slice(2).map(({ params }) => params)).toEqual(host.asked.slice(0, 2).map(({ params }) => params));
    host.store.update({ active: "ben/1" });
    await host.fail(2, REFUSED);
    expect(host.store.state.replying).toBe("ben/1");
    expect(host.drafts.get(replyKey("ben/1"))).toMatchObject({ text: "yes", attempt: { error: "It could not." } });
    await host.take(3, "");
    expect(host.unsent).toEqual([]);
  });

  it("RV-40: goes once, however long the key is held", () => {
    host = setUp([thread({ ref: "ben/1" }), thread({ ref: "ada/1", body: "old", mine: true })]);
    host.write("one");
    host.actions.sendNew("one");
    host.reply("ben/1", "yes");
    host.actions.reply("ben/1", "yes");
    host.store.update({ editing: "ada/1" });
    host.actions.saveEdit("ada/1", "new");
    host.actions.saveEdit("ada/1", "new");
    expect(host.asked.map(({ name }) => name)).toEqual(["annotate", "reply", "edit"]);
  });

  it("RV-38: what it answers or changes may go: the words stay, and so do those of a draft", async () => {
    host = setUp([thread({ ref: "ben/1" }), thread({ ref: "ada/1", mine: true })]);
    host.reply("ben/1", "sent");
    host.drafts.type(replyKey("ben/1"), "half a reply");
    host.drafts.type(editKey("ada/1"), "half a change");
    host.store.update({ active: "ben/1", replying: "ben/1" });
    host.lose("ben/1");
    host.lose("ada/1");
    await host.fail(0, { reason: "notFound", message: "It is gone." });
    expect(host.drafts.keys()).toEqual([]);
    expect(host.store.state.replying).toBeNull();
    expect(host.unsent.toSorted()).toEqual([
      "refused edit: half a change",
      "refused reply: half a reply",
      "refused reply: sent",
    ]);
  });

  it("RV-17: a mark without words that is refused goes, with a word; one that got a note meanwhile is kept", async () => {
    host.actions.sendNote({ ...passage, motivation: "highlighting" }, "");
    host.actions.sendNote({ ...elsewhere, motivation: "highlighting" }, "");
    host.drafts.type(editKey(provisionalRef("i1")), "and I say");
    host.view.idle = false;
    await host.fail(0, REFUSED);
    expect(host.store.state.toast?.text).toBe("It could not.");
    await host.fail(1, REFUSED);
    expect(host.unsent).toEqual(["refused note: and I say"]);
    expect(host.drafts.keys()).toEqual([]);
  });

  it("RV-20: is made anew, once, where its words stand in the newer text; not where they changed", async () => {
    const stale: Failure = { reason: "stale", message: "Changed meanwhile." };
    const move = (more: object) => {
      const [entry] = host.store.state.unsent.values() as Iterable<ReturnType<typeof note>>;
      const moved = { ...entry!, passage: { ...entry!.passage, epoch: 3, start: 5, end: 8, ...more } };
      host.store.update(derived(host.store.state, { unsent: new Map([[entry!.intent, moved]]) }));
      host.view.newer();
      return settle();
    };
    host.write("one");
    await host.fail(0, stale);
    await move({});
    expect(host.asked[1]!.params).toMatchObject({ epoch: 3, start: 5, end: 8, intent: "i0" });
    await host.fail(1, stale);
    expect(host.open).toMatchObject({ text: "one", error: "Changed meanwhile." });

    host = setUp();
    host.write("one");
    await host.fail(0, stale);
    await move({ fate: "changed" });
    expect(host.asked).toHaveLength(1);
    expect(host.open?.error).toMatch(/was changed while you wrote/);
  });
});

describe("an answer that comes too late", () => {
  const arrived = (body = "one") => thread({ ref: "ada/1", body, mine: true, intent: "i0" });

  it("RV-40: the thread that comes closes the composer, and what waits goes", async () => {
    host.write("one");
    await host.fail(0, TIMEOUT);
    expect(host.open).toMatchObject({ text: "one", error: "No answer." });
    host.hear(arrived());
    expect([host.open, host.drafts.keys(), host.store.state.active]).toEqual([null, [], "ada/1"]);

    host = setUp();
    host.write("one");
    host.view.idle = false;
    await host.fail(0, TIMEOUT);
    host.hear(arrived());
    expect(host.unsent).toEqual([]);
  });

  it("RV-40: what was written on since is a change of what came, not a second note", async () => {
    host.write("one");
    await host.fail(0, TIMEOUT);
    host.actions.typedNew("one and more");
    host.hear(arrived());
    expect([host.open, host.store.state.editing]).toEqual([null, "ada/1"]);
    expect(host.drafts.get(editKey("ada/1"))?.text).toBe("one and more");
  });

  it("RV-40: sent again it bears the same name, also with other words; what the host made of the first is changed", async () => {
    host.write("one");
    await host.fail(0, TIMEOUT);
    host.actions.typedNew("two");
    host.actions.sendNew("two");
    expect(host.asked[1]!.params).toMatchObject({ body: "two", intent: "i0" });
    host.hear(arrived("one"));
    expect(host.unsent).toEqual(["sending edit: two"]);
    host.hear({ ...arrived("two") });
    await host.take(1, "ada/1");
    expect(host.unsent).toEqual([]);
  });

  it("RV-40: the same for a reply", async () => {
    host = setUp([thread({ ref: "ben/1" })]);
    host.reply("ben/1", "yes");
    await host.fail(0, TIMEOUT);
    expect(host.store.state.replying).toBe("ben/1");
    const there = { created: 20_000, deleted: false, hidden: false, reactions: [], mine: true, unread: false };
    const came = { ...there, ref: "ada/r", author: "ada", body: "yes", intent: "i0" };
    host.hear(thread({ ref: "ben/1", replies: [came] }));
    expect([host.store.state.replying, host.drafts.keys()]).toEqual([null, []]);
  });

  it("RV-40: a note that is added to a mark on its way is not taken for sent with the mark", async () => {
    host.actions.sendNote({ ...passage, motivation: "highlighting" }, "");
    const own = provisionalRef("i0");
    host.drafts.type(editKey(own), "and I say");
    host.store.update({ editing: own });
    host.actions.saveEdit(own, "and I say");
    expect(host.asked[1]!.params).toMatchObject({ motivation: "commenting", body: "and I say", intent: "i0" });
    host.hear(arrived(""));
    await host.take(0, "ada/1");
    expect(host.unsent).toEqual(["sending edit: and I say"]);
    await host.fail(1, REFUSED);
    expect([...host.unsent, host.drafts.get(editKey("ada/1"))?.text]).toContain("and I say");
  });

  it("RV-39: words that are added to a mark which the host has are kept until it has them, too", async () => {
    host.actions.sendNote({ ...passage, motivation: "highlighting" }, "");
    await host.take(0, "ada/1");
    const own = provisionalRef("i0");
    host.store.update({ editing: own });
    host.actions.saveEdit(own, "and I say");
    expect(dumpUnsent(host.store.state.unsent)).toMatchObject([{ intent: "i0", text: "and I say" }]);
  });

  it("RV-39: of two changes on their way only the last is kept: the first must not come again after it", async () => {
    host = setUp([thread({ ref: "ada/1", body: "words", mine: true })]);
    for (const text of ["once", "twice"]) {
      host.store.update({ active: "ada/1", editing: "ada/1" });
      host.actions.saveEdit("ada/1", text);
    }
    const kept = JSON.parse(JSON.stringify(dumpUnsent(host.store.state.unsent)));
    host = setUp([thread({ ref: "ada/1", body: "twice", mine: true, modified: 20_001 })], kept);
    host.resume();
    expect([host.asked, host.unsent]).toEqual([[], []]);
  });

  it("RV-38: what is being added to a mark as it is refused goes on in the note's composer, and is not sent by itself", async () => {
    host.actions.sendNote({ ...passage, motivation: "highlighting" }, "");
    const own = provisionalRef("i0");
    host.drafts.type(editKey(own), "and");
    host.store.update({ editing: own });
    host.view.idle = false;
    await host.fail(0, REFUSED);
    host.drafts.type(editKey(own), "and I say");
    host.actions.editUnsent("i0");
    expect([host.open?.text, host.store.state.editing, host.drafts.keys()]).toEqual(["and I say", null, [NEW]]);
    host.actions.typedNew("and I say no");
    host.actions.sendNew("and I say no");
    await host.fail(1, REFUSED);
    expect(host.unsent).toEqual(["refused note: and I say no"]);
  });

  it("RV-40: a mark without words is asked about until it is known what became of it", async () => {
    host.actions.sendNote({ ...passage, motivation: "highlighting" }, "");
    await host.fail(0, TIMEOUT);
    expect(host.asked[1]!.params).toEqual(host.asked[0]!.params);
    host.hear(thread({ ref: "ada/1", body: "", intent: "i0", mine: true }));
    expect(host.unsent).toEqual([]);
  });
});

describe("a view that was taken away while something was on its way", () => {
  const own = (more: Partial<ThreadMessage>) =>
    thread({ ref: "ada/1", author: "ada", mine: true, created: 10_000, body: "words", ...more });
  const resumed = (threads: ThreadMessage[], ...kept: Unsent[]) => {
    host = setUp(threads, JSON.parse(JSON.stringify(kept)));
    host.resume();
    return host;
  };

  it("RV-39: sends again, by the same name, what is not known to be stored; and nothing that was put aside", () => {
    resumed(
      [],
      note({ intent: "a" }),
      reply({ intent: "b", state: "refused", unsure: true, reason: "No answer." }),
      note({ intent: "c", state: "refused", reason: "It could not." }),
      note({ intent: "d", state: "aside", unsure: true }),
      edit({ intent: "e" }),
    );
    expect(host.asked.map(({ name, params }) => params["intent"] ?? name)).toEqual(["a", "b", "edit"]);
    expect(host.unsent).toHaveLength(5);
  });

  it("RV-39: finds what the host stored before it was restarted, each thing once", () => {
    const answer = { deleted: false, hidden: false, reactions: [], mine: true, unread: false };
    const replies = [{ ...answer, ref: "ada/r", author: "ada", body: "words", created: 10_000 }];
    resumed([own({}), thread({ ref: "ben/1", replies })], note({ intent: "a" }), note({ intent: "b" }), reply());
    expect(host.asked.map(({ params }) => params["intent"])).toEqual(["b"]);
  });

  it("RV-39: takes nothing else for it: older, somebody's, other words, another passage, another kind", () => {
    const others = [
      own({ created: 5_000 }),
      own({ mine: false }),
      own({ body: "other words" }),
      own({ placement: { state: "placed", start: 40, end: 50 } }),
      own({ motivation: "questioning" }),
      own({ deleted: true }),
    ];
    resumed(
      others.map((each, i) => ({ ...each, ref: `ada/${i}` })),
      note({ intent: "a" }),
    );
    expect(host.asked).toHaveLength(1);
  });

  it("RV-39: sends nothing about a passage that went meanwhile", () => {
    resumed([], note({ intent: "a", passage: { ...passage, fate: "lost" } }));
    expect([host.asked.length, host.unsent]).toEqual([0, ["refused note: words"]]);
  });

  it("RV-39: overwrites nothing that was written on the same entry since", () => {
    resumed([own({ body: "newest", modified: 15_000 })], edit({ intent: "a" }));
    expect([host.asked.length, host.unsent]).toEqual([0, ["refused edit: words"]]);
  });

  it("RV-39: a draft that came back without an answer, and is stored after all, is done", () => {
    host = setUp([own({})]);
    const attempt = { intent: "a", at: 10_000, sent: "words", error: "No answer.", unsure: true };
    host.drafts.set(NEW, { text: "words", passage, attempt });
    host.resume();
    expect(host.drafts.keys()).toEqual([]);
    host.drafts.set(NEW, { text: "words and more", passage, attempt });
    host.resume();
    expect(host.drafts.get(editKey("ada/1"))?.text).toBe("words and more");
  });

  it("RV-39: what does not fit is as if it had not been there", () => {
    const odd = [
      null,
      3,
      { intent: "a" },
      { ...note(), passage: { start: "x" } },
      { ...reply(), thread: 3 },
      { ...edit(), of: 1 },
    ];
    expect(readUnsent(odd).size).toBe(0);
    expect(readUnsent("nonsense").size).toBe(0);
    expect(readUnsent([{ ...edit(), state: "odd", unsure: "yes", reason: 4 }]).get("i")).toMatchObject({
      state: "sending",
      unsure: false,
      reason: "",
    });
  });
});

describe("what is being written when something else is begun", () => {
  it("RV-41: stays with its own passage, put aside; about the same words it goes on", () => {
    host.actions.openNew(passage);
    host.actions.typedNew("about abc");
    host.actions.openNew({ ...passage, start: 2, end: 9 });
    expect(host.open?.text).toBe("about abc");
    host.actions.openNew(elsewhere);
    expect(host.open?.text).toBe("");
    expect(host.unsent).toEqual(["aside note: about abc"]);
    expect([...host.store.state.unsent.values()][0]).toMatchObject({ passage: { start: 2, end: 9 } });
    host.actions.closeNew();
    expect(host.drafts.keys()).toEqual([]);
  });

  it("RV-37: what lost its passage goes to the next one that is chosen", () => {
    host.actions.openNew({ ...passage, fate: "lost" });
    host.actions.typedNew("about abc");
    host.actions.openNew(elsewhere);
    expect(host.open?.text).toBe("about abc");
    expect(host.unsent).toEqual([]);
  });

  it("RV-41: a mark beside an open composer leaves it open", () => {
    host.actions.openNew(passage);
    host.actions.typedNew("half");
    host.actions.sendNote({ ...elsewhere, motivation: "highlighting" }, "");
    expect(host.open?.text).toBe("half");
  });
});

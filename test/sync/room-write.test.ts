import { afterEach, describe, expect, test } from "vitest";
import { entriesOf } from "../../src/core/model/documents.ts";
import { MAX_TIME } from "../../src/core/model/entries.ts";
import type { Thread } from "../../src/core/model/threads.ts";
import { createFakeClock, settle } from "../support/fake-clock.ts";
import { createMemoryFolder } from "../support/memory-files.ts";
import { createRelay } from "../support/relay.ts";
import { openWindow, quiet, TARGET, type Window } from "../support/room-world.ts";

const windows: Window[] = [];
afterEach(async () => {
  for (const window of windows.splice(0)) await window.close();
});

async function open(...args: Parameters<typeof openWindow>): Promise<Window> {
  const window = await openWindow(...args);
  windows.push(window);
  return window;
}

const note = (body: string) => ({ target: TARGET, motivation: "commenting", body }) as const;
const view = ({ room }: Window) =>
  room.threads
    .all()
    .map((thread: Thread) => ({ ...thread }))
    .sort((a, b) => (a.ref < b.ref ? -1 : 1));

function made(result: { ok: boolean; ref?: string; message?: string }): string {
  if (!result.ok || result.ref === undefined) throw new Error(result.message ?? "refused");
  return result.ref;
}

describe("writing", () => {
  test("SY-30 nobody touches what is another's, and what does not exist cannot be answered", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    const ben = await open(relay, "ben");
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    const ref = made(ada.room.write.annotate(note("ada's")));
    await quiet(windows);
    expect(ben.room.write.edit({ ref, body: "mine now" })).toMatchObject({ ok: false, reason: "notAllowed" });
    expect(ben.room.write.remove({ ref })).toMatchObject({ ok: false, reason: "notAllowed" });
    expect(ben.room.write.reattach({ ref, target: TARGET })).toMatchObject({ ok: false, reason: "notAllowed" });
    expect(ben.room.write.setHidden({ about: ref, hidden: true })).toMatchObject({ ok: false, reason: "notAllowed" });
    expect(ben.room.write.reply({ parent: "ada/none", body: "?" })).toMatchObject({ ok: false, reason: "notFound" });
    expect(ben.room.write.link({ from: ref, to: ref, relation: "cites" })).toMatchObject({
      ok: false,
      reason: "invalid",
    });
    expect(ben.room.write.annotate(note("x".repeat(20_001)))).toMatchObject({
      ok: false,
      reason: "invalid",
      message: "Too long by 1 character: 20,000 are the most. Nothing was sent.",
    });
    expect(relay.refusals).toEqual([]);
  });

  test("SY-31 a removed note keeps its place and loses its body; undo brings it back, redo takes it away", async () => {
    const ada = await open(createRelay(), "ada", "owner");
    const { write, threads } = ada.room;
    const ref = made(write.annotate({ ...note("text"), class: "claim" }));
    const before = threads.get(ref);
    made(write.reply({ parent: ref, body: "answer" }));
    made(write.remove({ ref }));
    expect(threads.get(ref)?.annotation).toMatchObject({ body: "", deleted: true, target: TARGET });
    expect(write.edit({ ref, body: "?" })).toMatchObject({ ok: false, reason: "notFound" });
    expect(ada.room.undo()).toBe(true);
    expect(threads.get(ref)?.annotation).toEqual(before?.annotation);
    expect(ada.room.redo()).toBe(true);
    expect(threads.get(ref)?.annotation.deleted).toBe(true);
    expect(ada.room.undo()).toBe(true);
    expect(threads.get(ref)?.annotation.body).toBe("text");
  });

  test("SY-32 undo and redo step through several writes of one note, back and forth", async () => {
    const ada = await open(createRelay(), "ada", "owner");
    const { write, threads } = ada.room;
    const ref = made(write.annotate(note("1")));
    made(write.edit({ ref, body: "2", class: "claim" }));
    made(write.edit({ ref, body: "3", class: null }));
    const now = () => {
      const entry = threads.get(ref)?.annotation;
      return entry && `${entry.body} ${entry.class ?? "-"}`;
    };
    const seen: unknown[] = [now()];
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 3; i++) {
        ada.room.undo();
        seen.push(now());
      }
      for (let i = 0; i < 3; i++) {
        ada.room.redo();
        seen.push(now());
      }
    }
    const down = ["2 claim", "1 -", undefined];
    const up = ["1 -", "2 claim", "3 -"];
    expect(seen).toEqual(["3 -", ...down, ...up, ...down, ...up]);
    ada.room.undo();
    made(write.edit({ ref, body: "4" }));
    expect(ada.room.canRedo()).toBe(false);
  });

  test("SY-33 undo leaves alone what another window has changed since", async () => {
    const folder = createMemoryFolder();
    const one = await open(createRelay(), "ada", "owner", folder);
    const two = await open(createRelay(), "ada", "owner", folder);
    const ref = made(one.room.write.annotate(note("one")));
    await one.store.flush();
    await settle(60);
    made(two.room.write.edit({ ref, body: "two" }));
    await two.store.flush();
    await settle(60);
    expect(one.room.undo()).toBe(false);
    expect(one.room.threads.get(ref)?.annotation.body).toBe("two");
  });

  test("SY-36 a write is taken back by its number, whatever was written after it; never more than that", async () => {
    const ada = await open(createRelay(), "ada", "owner");
    const { write, threads } = ada.room;
    const ref = made(write.annotate(note("precious")));
    const before = threads.get(ref)?.annotation;
    const removed = write.remove({ ref });
    const other = made(write.annotate(note("later")));
    if (!removed.ok) throw new Error(removed.message);
    expect(ada.room.undo(removed.write)).toBe(true);
    expect(threads.get(ref)?.annotation).toEqual(before);
    expect(threads.get(other)?.annotation.body).toBe("later");
    expect(ada.room.undo(removed.write)).toBe(false);
    expect(ada.room.redo()).toBe(true);
    expect(threads.get(ref)).toBeUndefined();
    expect(ada.room.undo()).toBe(true);
    expect(threads.get(ref)?.annotation).toEqual(before);

    const moved = write.reattach({ ref, target: { ...TARGET, position: { start: 9, end: 16 } } });
    made(write.edit({ ref, body: "better" }));
    if (!moved.ok) throw new Error(moved.message);
    // what was written on top of it would go with it
    expect(ada.room.undo(moved.write)).toBe(false);
    expect(threads.get(ref)?.annotation.body).toBe("better");
    expect(ada.room.undo()).toBe(true);
    expect(ada.room.undo(moved.write)).toBe(true);
    expect(threads.get(ref)?.annotation).toEqual(before);
  });

  test("SY-34 the latest word on a thread counts, whosever clock is fast; one entry per person and thing", async () => {
    const relay = createRelay();
    const fast = createFakeClock(1_700_000_000_000 + 3_600_000);
    const ada = await open(relay, "ada", "owner", createMemoryFolder(), fast);
    const ben = await open(relay, "ben");
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    const ref = made(ada.room.write.annotate(note("x")));
    made(ada.room.write.setStatus({ about: ref, status: "resolved" }));
    await quiet(windows);
    for (let i = 0; i < 3; i++) {
      made(ben.room.write.setStatus({ about: ref, status: "open" }));
      await quiet(windows);
      expect(ada.room.threads.get(ref)?.status).toBe("open");
      made(ada.room.write.setStatus({ about: ref, status: "resolved" }));
      await quiet(windows);
      expect(ben.room.threads.get(ref)?.status).toBe("resolved");
    }
    made(ben.room.write.react({ about: ref, emoji: "👍", on: true }));
    made(ben.room.write.react({ about: ref, emoji: "👍", on: false }));
    made(ben.room.write.react({ about: ref, emoji: "👍", on: true }));
    expect(ben.room.threads.get(ref)?.reactions).toEqual([{ emoji: "👍", by: ["ben"] }]);
    expect(entriesOf(ben.room.documents.margin, "ben").size).toBe(2);
  });

  test("SY-34 an entry from the end of time keeps nobody from having a word", async () => {
    const ada = await open(createRelay(), "ada", "owner");
    const created = Date.UTC(9999, 11, 31);
    const entry = { v: 1, created, kind: "annotation", motivation: "commenting", body: "", target: TARGET };
    ada.room.documents.margin.transact(() => entriesOf(ada.room.documents.margin, "eve").set("late", entry), {
      from: "store",
      mine: false,
    });
    expect(ada.room.threads.get("eve/late")).toBeDefined();
    made(ada.room.write.setStatus({ about: "eve/late", status: "resolved" }));
    expect(ada.room.threads.get("eve/late")?.status).toBe("resolved");
  });

  test("SY-96 what somebody resolved or hid at the end of time can be reopened and shown, time after time", async () => {
    const ada = await open(createRelay(), "ada", "owner");
    const { margin } = ada.room.documents;
    const { write, threads } = ada.room;
    const about = made(write.annotate(note("x")));
    const hostile = (author: string, status: string, modified: number) =>
      margin.transact(
        () => entriesOf(margin, author).set(status, { v: 1, created: 0, modified, kind: "status", about, status }),
        { from: "store", mine: false },
      );
    for (const at of [MAX_TIME - 1, MAX_TIME]) {
      for (const author of ["eve", "mallory"]) hostile(author, "resolved", at);
      expect(threads.get(about)?.status).toBe("resolved");
      made(write.setStatus({ about, status: "open" }));
      expect(threads.get(about)?.status).toBe("open");
      expect(ada.room.undo()).toBe(true);
      expect(threads.get(about)?.status).toBe("resolved");
      expect(ada.room.redo()).toBe(true);
      expect(threads.get(about)?.status).toBe("open");
    }
    expect(entriesOf(margin, "ada").size).toBe(2);
  });

  test("SY-96 an answer dated far ahead does not make a clock that is a little fast the last word", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner", createMemoryFolder(), createFakeClock(1_700_000_000_000 + 3_600_000));
    const ben = await open(relay, "ben");
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    const about = made(ada.room.write.annotate(note("x")));
    made(ada.room.write.setStatus({ about, status: "resolved" }));
    await quiet(windows);
    const { margin } = ben.room.documents;
    const late = { v: 1, created: MAX_TIME, kind: "reply", parent: about, body: "late" };
    margin.transact(() => entriesOf(margin, "eve").set("late", late), { from: "store", mine: false });
    made(ben.room.write.setStatus({ about, status: "open" }));
    expect(ben.room.threads.get(about)?.status).toBe("open");
  });

  test.each([-86_400_000, 0, 8.64e15])("SY-96 whose clock says %d loses nothing and has their say", async (now) => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    const ben = await open(relay, "ben", "reader", createMemoryFolder(), createFakeClock(now));
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    const about = made(ben.room.write.annotate(note("first")));
    made(ben.room.write.edit({ ref: about, body: "second" }));
    made(ben.room.write.edit({ ref: about, body: "third" }));
    const answer = made(ben.room.write.reply({ parent: about, body: "answer" }));
    await quiet(windows);
    expect(ada.room.threads.get(about)?.annotation.body).toBe("third");
    expect(ada.room.threads.get(about)?.replies.map(({ ref }) => ref)).toEqual([answer]);
    expect(ada.room.lastSeen(about)).toBeLessThan(ada.room.threads.get(about)!.annotation.created);
    for (let i = 0; i < 3; i++) {
      made(ada.room.write.setStatus({ about, status: "resolved" }));
      await quiet(windows);
      expect(ben.room.threads.get(about)?.status).toBe("resolved");
      made(ben.room.write.setStatus({ about, status: "open" }));
      await quiet(windows);
      expect(ada.room.threads.get(about)?.status).toBe("open");
    }
  });

  test("SY-37 what an intent made is not made twice; asked again with other words, it is changed to them", async () => {
    const ada = await open(createRelay(), "ada", "owner");
    const { write, threads } = ada.room;
    const told: unknown[] = [];
    ada.room.onDidWrite((written) => told.push(written));
    const first = made(write.annotate({ ...note("text"), intent: "i1" }));
    expect(made(write.annotate({ ...note("text"), intent: "i1" }))).toBe(first);
    expect(told).toEqual([{ ref: first, intent: "i1" }]);
    expect(view(ada)).toHaveLength(1);

    const elsewhere = { ...TARGET, quote: { ...TARGET.quote, exact: "another" } };
    expect(made(write.annotate({ ...note("better"), target: elsewhere, class: "claim", intent: "i1" }))).toBe(first);
    expect(told.at(-1)).toEqual({ ref: first, intent: "i1" });
    expect(threads.get(first)?.annotation).toMatchObject({ body: "better", class: "claim", target: elsewhere });

    // the same words at another place
    const there = { ...elsewhere, start: "AQID", end: "AQIE" };
    made(write.annotate({ ...note("better"), target: there, class: "claim", intent: "i1" }));
    expect(threads.get(first)?.annotation.target).toEqual(there);
    const { length } = told;
    made(write.annotate({ ...note("better"), target: there, class: "claim", intent: "i1" }));
    expect(told).toHaveLength(length);

    const answer = made(write.reply({ parent: first, body: "so", intent: "i2" }));
    expect(made(write.reply({ parent: first, body: "so", intent: "i2" }))).toBe(answer);
    expect(made(write.reply({ parent: first, body: "so it is", intent: "i2" }))).toBe(answer);
    expect(threads.get(first)?.replies.map((each) => each.entry.body)).toEqual(["so it is"]);

    // taken back since: it must not rise again by itself
    made(write.remove({ ref: answer }));
    expect(write.reply({ parent: first, body: "so it is", intent: "i2" })).toMatchObject({
      ok: false,
      reason: "notFound",
    });
    expect(view(ada)).toHaveLength(1);
    made(write.annotate({ ...note("text"), intent: "i3" }));
    expect(view(ada)).toHaveLength(2);
  });

  test("SY-35 the caller's own name for a write comes before the thread does", async () => {
    const ada = await open(createRelay(), "ada", "owner");
    const order: string[] = [];
    ada.room.onDidWrite(({ intent }) => order.push(`write ${intent}`));
    ada.room.threads.onDidChange(() => order.push("thread"));
    made(ada.room.write.annotate({ ...note("x"), intent: "i1" }));
    expect(order).toEqual(["write i1", "thread"]);
  });
});

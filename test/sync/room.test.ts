import { afterEach, describe, expect, test } from "vitest";
import { articleMeta, entriesOf } from "../../src/core/model/documents.ts";
import { writePolicy, writeRosterEntry } from "../../src/core/model/session.ts";
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

const META = { title: "T", fileName: "t.md", format: "markdown" } as const;
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

describe("room", () => {
  test("SY-50 alone: what is written is there again tomorrow, and waits for a server that may never be", async () => {
    const folder = createMemoryFolder();
    const relay = createRelay();
    const ada = await openWindow(relay, "ada", "owner", folder);
    expect(await ada.room.loaded).toEqual({ empty: true, whole: true });
    expect(ada.room.seed("A passage.", META)).toBe(true);
    expect(ada.room.seed("Another.", META)).toBe(false);
    const ref = made(ada.room.write.annotate(note("mine")));
    expect(ada.room.status).toMatchObject({ state: "alone", waiting: 2 });
    ada.room.markRead([ref]);
    await ada.close();
    const again = await open(relay, "ada", "owner", folder);
    expect(again.room.text.toString()).toBe("A passage.");
    expect(again.room.threads.get(ref)?.annotation.body).toBe("mine");
    expect(again.room.status.waiting).toBe(2);
    expect(again.room.lastSeen(ref)).toBeGreaterThan(0);
    expect(again.errors).toEqual([]);
  });

  test("SY-50 what was looked at while the disk was full is marked when there is room again", async () => {
    const folder = createMemoryFolder();
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner", folder);
    ada.files.fault = (what) => {
      if (what === "replace") throw new Error("no space left on device");
    };
    const ref = made(ada.room.write.annotate(note("x")));
    ada.room.markRead([ref]);
    await ada.clock.advance(60_000);
    expect(ada.errors).toHaveLength(1);
    ada.files.fault = null;
    await ada.clock.advance(10_000);
    ada.kill();
    const again = await open(relay, "ada", "owner", folder);
    expect(again.room.lastSeen(ref)).toBeGreaterThan(0);
  });

  test("SY-50 what was written before a thread was looked at, and comes after that, has not been seen", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    const ben = await open(relay, "ben", "reader");
    for (const each of [ada, ben]) each.connect();
    await quiet([ada, ben]);
    const ref = made(ada.room.write.annotate(note("first")));
    await quiet([ada, ben]);
    ben.room.disconnect();
    const answer = made(ben.room.write.reply({ parent: ref, body: "offline" }));
    await ada.clock.advance(3_600_000);
    ada.room.markRead([ref]);
    ben.connect();
    await quiet([ada, ben]);
    expect(ada.room.threads.get(ref)?.replies).toHaveLength(1);
    expect([ada.room.lastSeen(ref) > 0, ada.room.lastSeen(answer)]).toEqual([true, -1]);
    ada.room.markRead([ref]);
    expect(ada.room.lastSeen(answer)).toBe(ben.room.threads.get(ref)?.replies[0]?.entry.created);
  });

  test("SY-85 alone a new name counts at once; where there is a roster, that has the word", async () => {
    const ada = await open(createRelay(), "ada", "owner", undefined, undefined, "Ada");
    let told = 0;
    ada.room.onDidChangeSession(() => told++);
    ada.room.rename("Ada L.");
    ada.room.rename("Ada L.");
    expect(told).toBe(1);
    expect([ada.room.me().name, ada.room.roster().get("ada")?.name]).toEqual(["Ada L.", "Ada L."]);
    writeRosterEntry(ada.room.documents.session, "ada", { name: "Reviewer 1", role: "owner", joined: 1 });
    ada.room.rename("Ada Lovelace");
    expect([ada.room.me().name, ada.room.roster().get("ada")?.name]).toEqual(["Reviewer 1", "Reviewer 1"]);
  });

  test("SY-50 a disk that cannot be read is not taken for an empty one: the article is not put in again", async () => {
    const folder = createMemoryFolder();
    const first = await openWindow(createRelay(), "ada", "owner", folder);
    first.room.seed("A passage.", META);
    await first.close();
    const again = await open(createRelay(), "ada", "owner", folder, undefined, "ada", (what) => {
      if (what === "list") throw new Error("input/output error");
    });
    expect(await again.room.loaded).toEqual({ empty: false, whole: false });
    expect(again.room.seed("A passage, changed.", META)).toBe(false);
    expect(again.errors).not.toEqual([]);
  });

  test("SY-50 in a session an article is put in only after the first sync has shown that there is none", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    ada.room.seed("A passage.", META);
    ada.connect();
    await settle();
    await quiet(windows);
    const elsewhere = await open(relay, "ada", "owner");
    elsewhere.connect();
    expect(elsewhere.room.seed("A passage, as it is in my file.", META)).toBe(true);
    expect(elsewhere.room.text.toString()).toBe("");
    await settle();
    await quiet(windows);
    expect(elsewhere.room.text.toString()).toBe("A passage.");
    const other = createRelay();
    const first = await open(other, "ada", "owner");
    first.connect();
    first.room.seed("New.", META);
    await settle();
    await quiet(windows);
    expect(first.room.text.toString()).toBe("New.");
    expect(first.room.status.state).toBe("saved");
  });

  test("SY-51 two people: a comment, an answer, a resolve and a reaction arrive, and the status says when the server has them", async () => {
    const relay = createRelay({ syncAtOnce: false });
    const ada = await open(relay, "ada", "owner");
    const ben = await open(relay, "ben");
    const states: string[] = [];
    ada.room.onDidChangeStatus((status) => states.push(`${status.state} ${status.waiting}`));
    ada.room.seed("A passage.", META);
    ada.connect();
    ben.connect();
    await settle();
    await quiet(windows);
    const ref = made(ada.room.write.annotate({ ...note("why?"), motivation: "questioning" }));
    await quiet(windows);
    const answer = made(ben.room.write.reply({ parent: ref, body: "because" }));
    made(ben.room.write.react({ about: ref, emoji: "👍", on: true }));
    made(ben.room.write.setStatus({ about: answer, status: "resolved" }));
    made(ada.room.write.setStatus({ about: ref, status: "resolved" }));
    await quiet(windows);
    expect(view(ada)).toEqual(view(ben));
    expect(view(ada)).toMatchObject([
      { ref, status: "resolved", reactions: [{ emoji: "👍", by: ["ben"] }], replies: [{ author: "ben" }] },
    ]);
    expect(ben.room.text.toString()).toBe("A passage.");
    expect(ada.room.status.state).toBe("syncing");
    relay.sync();
    await quiet(windows);
    expect(ada.room.status).toMatchObject({ state: "saved", waiting: 0 });
    expect(states[0]).toBe("alone 1");
    expect(states).toContain("connecting 1");
    expect(states.at(-1)).toBe("saved 0");
    expect(relay.refusals).toEqual([]);
  });

  test("SY-52 offline for an hour, the server restarted, the window closed and opened: it all merges on return", async () => {
    const relay = createRelay();
    const folder = createMemoryFolder();
    const ada = await openWindow(relay, "ada", "owner", folder);
    const ben = await open(relay, "ben");
    ada.connect();
    ben.connect();
    await settle();
    await quiet([ada, ben]);
    const ref = made(ada.room.write.annotate(note("first")));
    await quiet([ada, ben]);
    ada.network.setReachable(false);
    made(ada.room.write.annotate(note("offline")));
    made(ben.room.write.reply({ parent: ref, body: "meanwhile" }));
    await quiet([ben]);
    expect(ada.room.status).toMatchObject({ state: "offline", waiting: 1 });
    expect(ada.room.status.detail).toContain("1 change is waiting");
    relay.restart();
    await ada.close();
    const again = await open(relay, "ada", "owner", folder);
    expect(again.room.status.waiting).toBe(1);
    again.connect();
    await again.clock.advance(100);
    await ben.clock.advance(20_000);
    await quiet([again, ben]);
    expect(view(again)).toEqual(view(ben));
    expect(view(ben)).toHaveLength(2);
    expect(again.room.status).toMatchObject({ state: "saved", waiting: 0 });
  });

  test("SY-53 the server lost power: nobody is refused, and everybody's writing comes back", async () => {
    const relay = createRelay({ syncAtOnce: false });
    const ada = await open(relay, "ada", "owner");
    const ben = await open(relay, "ben");
    ada.room.seed("A passage.", META);
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    const ref = made(ada.room.write.annotate(note("ada's")));
    await quiet(windows);
    made(ben.room.write.annotate(note("ben's")));
    made(ben.room.write.reply({ parent: ref, body: "answer" }));
    await quiet(windows);
    expect(ada.room.status.waiting).toBeGreaterThan(0);
    relay.losePower();
    for (const window of windows) await window.clock.advance(20_000);
    await quiet(windows);
    expect(relay.refusals).toEqual([]);
    const cy = await open(relay, "cy");
    cy.connect();
    await settle();
    await quiet(windows);
    expect(view(cy)).toEqual(view(ada));
    expect(view(cy)).toHaveLength(2);
    expect(cy.room.text.toString()).toBe("A passage.");
  });

  test("SY-54 two windows of one person, one disk: each shows at once what the other writes, the undo of each is its own", async () => {
    const relay = createRelay();
    const folder = createMemoryFolder();
    const one = await open(relay, "ada", "owner", folder);
    const two = await open(relay, "ada", "owner", folder);
    const ref = made(one.room.write.annotate(note("from one")));
    await one.store.flush();
    await settle(60);
    expect(view(two)).toEqual(view(one));
    expect(two.room.undo()).toBe(false);
    expect(two.room.status.waiting).toBe(1);
    // only the second is connected: it brings along what the first writes
    two.connect();
    await settle();
    await quiet(windows);
    made(one.room.write.edit({ ref, body: "edited" }));
    await one.store.flush();
    await settle(60);
    await quiet(windows);
    const server = entriesOf(relay.doc("room/margin"), "ada").toJSON();
    expect(Object.values(server)).toMatchObject([{ body: "edited" }]);
    await settle(60);
    expect([one.room.status.waiting, two.room.status.waiting]).toEqual([0, 0]);
    expect(relay.refusals).toEqual([]);
  });

  test("SY-54 a window that sent something and died before it was told: the other one learns that it is saved", async () => {
    const relay = createRelay();
    const folder = createMemoryFolder();
    const one = await openWindow(relay, "ada", "owner", folder);
    const two = await open(relay, "ada", "owner", folder);
    one.connect();
    two.connect();
    await settle();
    await quiet([one, two]);
    made(one.room.write.annotate(note("x")));
    for (const link of one.network.live()) link.deliverToServer();
    await quiet([two]);
    await one.store.flush();
    one.kill();
    await settle(60);
    await two.clock.advance(16_000);
    await quiet([two]);
    expect(two.room.threads.all()).toHaveLength(1);
    expect(two.room.status).toMatchObject({ state: "saved", waiting: 0 });
  });

  test("SY-61 what may no longer be sent is said, and stays on this computer", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    const ben = await open(relay, "ben", "author");
    ada.room.seed("A passage.", META);
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    writePolicy(ada.room.documents.session, { kind: "reading", blindness: "open", phase: "closed" });
    await quiet(windows);
    ben.room.text.insert(0, "Too late. ");
    await quiet(windows);
    expect(ben.room.policy().phase).toBe("closed");
    expect(ben.room.status).toMatchObject({ state: "refused", waiting: 1 });
    expect(ben.room.status.detail).toContain("1 change is kept");
    expect(ada.room.text.toString()).toBe("A passage.");
    expect(relay.refusals).toEqual([]);
    writePolicy(ada.room.documents.session, { kind: "reading", blindness: "open", phase: "discussion" });
    await quiet(windows);
    expect(ada.room.text.toString()).toBe("Too late. A passage.");
    expect(ben.room.status).toMatchObject({ state: "saved", waiting: 0 });
  });

  test("SY-54 two windows that open a new article at once do not put it in twice", async () => {
    const relay = createRelay();
    const folder = createMemoryFolder();
    const one = await open(relay, "ada", "owner", folder);
    const two = await open(relay, "ada", "owner", folder);
    one.room.seed("A passage.", META);
    two.room.seed("A passage.", META);
    await one.store.flush();
    await two.store.flush();
    await settle(60);
    expect(one.room.text.toString()).toBe("A passage.");
    expect(two.room.text.toString()).toBe("A passage.");
    expect(articleMeta(two.room.documents.article).get("title")).toBe("T");
  });

  test("SY-55 a blind review: drafts stay private, the margin stays closed, and handing in moves them", async () => {
    const relay = createRelay();
    const owner = await open(relay, "ada", "owner");
    const reviewer = await open(relay, "rob", "reviewer");
    // before the policy is known nothing can be written: it might be seen by people who must not see it
    expect(reviewer.room.write.annotate(note("too early"))).toMatchObject({
      ok: false,
      reason: "notAllowed",
      message: expect.stringContaining("still being opened"),
    });
    writePolicy(owner.room.documents.session, { kind: "review", blindness: "double-blind", phase: "drafting" });
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    const ref = made(reviewer.room.write.annotate(note("draft")));
    await quiet(windows);
    expect(owner.room.threads.all()).toEqual([]);
    expect(entriesOf(relay.doc("room/margin"), "rob").size).toBe(0);
    expect(entriesOf(relay.doc("room/margin.rob"), "rob").size).toBe(1);
    expect(reviewer.network.live().map((link) => link.url.split("?")[0])).not.toContain("ws://server/room/margin");
    expect(reviewer.room.write.handIn({})).toMatchObject({ ok: false });
    writePolicy(owner.room.documents.session, { kind: "review", blindness: "double-blind", phase: "discussion" });
    await quiet(windows);
    expect(reviewer.room.write.handIn({})).toEqual({ ok: true, count: 1 });
    await quiet(windows);
    expect(owner.room.threads.get(ref)?.annotation.body).toBe("draft");
    expect(reviewer.room.threads.all()).toHaveLength(1);
    writePolicy(owner.room.documents.session, { kind: "review", blindness: "double-blind", phase: "closed" });
    await quiet(windows);
    expect(reviewer.room.write.edit({ ref, body: "late" })).toMatchObject({ ok: false, reason: "notAllowed" });
    expect(relay.refusals).toEqual([]);
  });

  test("SY-55 handing in again, after a crash in the middle of it, takes back nothing that was changed meanwhile", async () => {
    const relay = createRelay();
    const folder = createMemoryFolder();
    const first = await openWindow(relay, "ada", "owner", folder);
    writePolicy(first.room.documents.session, { kind: "review", blindness: "double-blind", phase: "discussion" });
    const ref = made(first.room.write.annotate(note("draft")));
    const id = ref.split("/")[1]!;
    const draft = entriesOf(first.room.documents.margin, "ada").get(id);
    // it stands among the drafts, too
    first.room.documents.private.transact(() => entriesOf(first.room.documents.private, "ada").set(id, draft), {
      from: "me",
    });
    await first.clock.advance(1_000);
    made(first.room.write.edit({ ref, body: "better" }));
    expect(first.room.write.handIn({})).toEqual({ ok: true, count: 0 });
    await settle();
    expect(first.room.threads.get(ref)?.annotation.body).toBe("better");
    expect(entriesOf(first.room.documents.private, "ada").size).toBe(0);
    await first.close();
  });

  test("SY-55 a power cut while drafts are handed in leaves them in one place at least", async () => {
    const folder = createMemoryFolder();
    const rob = await openWindow(createRelay(), "rob", "owner", folder);
    writePolicy(rob.room.documents.session, { kind: "review", blindness: "double-blind", phase: "discussion" });
    const own = entriesOf(rob.room.documents.private, "rob");
    const ref = made(rob.room.write.annotate(note("draft")));
    const shared = entriesOf(rob.room.documents.margin, "rob");
    const id = ref.split("/")[1]!;
    const draft = shared.get(id);
    rob.room.documents.private.transact(() => own.set(id, draft), { from: "me" });
    rob.room.documents.margin.transact(() => shared.delete(id), { from: "me" });
    await rob.room.flush();
    // the disk is slow with the margin's file
    const { sync } = rob.files;
    rob.files.sync = (name) => (name.startsWith("room+margin~") ? new Promise(() => {}) : sync(name));
    expect(rob.room.write.handIn({})).toEqual({ ok: true, count: 1 });
    await settle(200);
    folder.losePower();
    const again = await open(createRelay(), "rob", "owner", folder);
    expect(again.room.threads.get(ref)?.annotation.body).toBe("draft");
    expect(again.room.write.handIn({})).toEqual({ ok: true, count: 1 });
    await settle(200);
    expect(entriesOf(again.room.documents.private, "rob").size).toBe(0);
  });

  test("SY-56 presence carries no name; selections move with the text; nonsense is left out", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    const ben = await open(relay, "ben", "reader", undefined, undefined, "Benjamin");
    ada.room.seed("One passage.", META);
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    ben.room.setPresence({ section: "intro", selection: { start: 4, end: 11 } });
    await quiet(windows);
    ada.room.text.insert(0, "Well: ");
    await quiet(windows);
    expect(ada.room.presence()).toMatchObject([
      { participant: "ben", section: "intro", selection: { start: 10, end: 17 } },
    ]);
    const said = ben.network.links.flatMap((link) => link.sent).map((bytes) => Buffer.from(bytes).toString("latin1"));
    expect(said.some((text) => text.includes("intro"))).toBe(true);
    expect(said.some((text) => text.includes("Benjamin"))).toBe(false);
  });

  test("SY-92 others who move are told of at once, then seldom, and where they are last is always told", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    const crowd = await Promise.all(Array.from({ length: 8 }, (_, i) => open(relay, `reader-${i}`)));
    ada.room.seed("One passage.", META);
    for (const window of windows) window.connect();
    await settle();
    await quiet(windows);
    await ada.clock.advance(1_000);
    const told: number[] = [];
    ada.room.onDidChangePresence(() => told.push(ada.clock.now()));
    const began = ada.clock.now();
    for (let step = 0; step < 10; step++) {
      for (const { room } of crowd) room.setPresence({ section: `s${step}`, selection: null });
      await quiet(windows);
    }
    expect(told).toEqual([began]);
    await ada.clock.advance(1_000);
    expect(told).toEqual([began, began + 100]);
    expect(ada.room.presence().map(({ section }) => section)).toEqual(Array(8).fill("s9"));
    ada.room.setPresence({ section: "s1", selection: null });
    await ada.clock.advance(1_000);
    expect(told).toHaveLength(2);
  });

  test("SY-57 a role that changes changes what counts: the hiding of somebody who is no longer owner", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    const changes: number[] = [];
    ada.room.onDidChangeSession(() => changes.push(1));
    const ref = made(ada.room.write.annotate(note("x")));
    made(ada.room.write.setHidden({ about: ref, hidden: true }));
    expect(ada.room.threads.get(ref)?.hidden).toBe(true);
    writeRosterEntry(ada.room.documents.session, "ada", { name: "Ada", role: "reader", joined: 1 });
    expect(ada.room.threads.get(ref)?.hidden).toBe(false);
    expect(ada.room.me()).toEqual({ participant: "ada", role: "reader", name: "Ada" });
    expect(changes).toHaveLength(1);
  });

  test("SY-58 ten thousand entries at once are taken in piece by piece, and a comment written meanwhile is not lost", async () => {
    const relay = createRelay();
    const ada = await open(relay, "ada", "owner");
    const pieces: number[] = [];
    ada.room.threads.onDidChange(({ threads }) => pieces.push(threads.length));
    // each look at the clock costs a millisecond
    const now = ada.clock.now;
    let ticks = 0;
    ada.clock.now = () => now() + ticks++;
    ada.room.documents.margin.transact(
      () => {
        const map = entriesOf(ada.room.documents.margin, "zoe");
        for (let i = 0; i < 10_000; i++) {
          map.set(`e${i}`, {
            v: 1,
            created: i,
            kind: "annotation",
            motivation: "commenting",
            body: `${i}`,
            target: TARGET,
          });
        }
      },
      { from: "store", mine: false },
    );
    expect(ada.room.threads.all().length).toBeLessThan(200);
    const ref = made(ada.room.write.annotate(note("meanwhile")));
    await ada.room.threads.settled();
    expect(ada.room.threads.all()).toHaveLength(10_001);
    expect(ada.room.threads.get(ref)).toBeDefined();
    expect(pieces.length).toBeGreaterThan(50);
    expect(Math.max(...pieces)).toBeLessThan(200);
  });

  test("SY-59 closing leaves no timer and no open connection", async () => {
    const clock = createFakeClock();
    const ada = await openWindow(createRelay(), "ada", "owner", createMemoryFolder(), clock);
    ada.connect();
    await settle();
    await quiet([ada]);
    ada.room.markRead([made(ada.room.write.annotate(note("x")))]);
    await ada.close();
    expect(clock.timers).toBe(0);
    expect(ada.network.live()).toEqual([]);
  });

  test("SY-59 who waits for the threads of a room that is closed meanwhile does not wait for ever", async () => {
    const ada = await openWindow(createRelay(), "ada", "owner");
    ada.room.documents.margin.transact(
      () => {
        const map = entriesOf(ada.room.documents.margin, "zoe");
        for (let i = 0; i < 100; i++) {
          map.set(`e${i}`, {
            v: 1,
            created: i,
            kind: "annotation",
            motivation: "commenting",
            body: "",
            target: TARGET,
          });
        }
      },
      { from: "store", mine: false },
    );
    let over = false;
    void ada.room.threads.settled().then(() => (over = true));
    await ada.close();
    expect(over).toBe(true);
  });
});

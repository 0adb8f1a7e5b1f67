/** What was written under a client id that is another's at the server, which takes none of it. */
import { afterEach, expect, test } from "vitest";
import { settle } from "../support/fake-clock.ts";
import { createMemoryFolder } from "../support/memory-files.ts";
import { createRelay, type Relay } from "../support/relay.ts";
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

async function close(window: Window): Promise<void> {
  windows.splice(windows.indexOf(window), 1);
  await window.close();
}

const note = (body: string) => ({ target: TARGET, motivation: "commenting", body }) as const;
const bodies = ({ room }: Window) =>
  room.threads
    .all()
    .map((thread) => thread.annotation.body)
    .sort();
const view = ({ room }: Window) => room.threads.all().sort((a, b) => (a.ref < b.ref ? -1 : 1));

function made(result: { ok: boolean; ref?: string; message?: string }): string {
  if (!result.ok || result.ref === undefined) throw new Error(result.message ?? "refused");
  return result.ref;
}

/** Everything arrives, and what is tried again later is tried. */
async function rest(): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await quiet(windows);
    for (const window of windows) await window.clock.advance(1_000);
  }
  await settle(200);
  await quiet(windows);
}

/** Cara, who has written two notes, and the client id under which she did. */
async function cara(relay: Relay) {
  const window = await open(relay, "cara");
  window.connect();
  await rest();
  made(window.room.write.annotate(note("by cara")));
  made(window.room.write.annotate(note("by cara, too")));
  await rest();
  return { window, id: window.room.documents.margin.clientID };
}

const inStep = (...all: Window[]) => {
  for (const each of all) expect(each.room.status).toMatchObject({ state: "saved", waiting: 0 });
  for (const each of all) expect(view(each)).toEqual(view(all[0]!));
};

test("SY-86 an id that was drawn by chance: written offline, refused, written anew, nothing lost and nothing twice", async () => {
  const relay = createRelay();
  const { window: other, id } = await cara(relay);
  const folder = createMemoryFolder();
  const ben = await open(relay, "ben", "owner", folder);
  ben.room.documents.margin.clientID = id;
  const first = made(ben.room.write.annotate(note("first")));
  made(ben.room.write.annotate(note("second")));
  made(ben.room.write.edit({ ref: first, body: "first, edited" }));
  ben.connect();
  await rest();
  expect(relay.refusals).toHaveLength(1);
  expect(bodies(ben)).toEqual(["by cara", "by cara, too", "first, edited", "second"]);
  inStep(ben, other);
  expect(ben.room.documents.margin.clientID).not.toBe(id);

  // it goes on as if nothing had been, in this window and in the next
  made(ben.room.write.edit({ ref: first, body: "first, edited again" }));
  await rest();
  inStep(ben, other);
  await close(ben);
  const again = await open(relay, "ben", "owner", folder);
  expect(bodies(again)).toEqual(["by cara", "by cara, too", "first, edited again", "second"]);
  expect(again.room.status.waiting).toBe(0);
  again.connect();
  made(again.room.write.annotate(note("third")));
  await rest();
  inStep(again, other);
  expect(relay.refusals).toHaveLength(1);
});

test("SY-86 what was refused before this could be put right is put right by the next window", async () => {
  const relay = createRelay();
  const { window: other, id } = await cara(relay);
  const folder = createMemoryFolder();
  const ben = await open(relay, "ben", "owner", folder);
  ben.connect();
  await rest();
  ben.network.setReachable(false);
  ben.room.documents.margin.clientID = id;
  const ref = made(ben.room.write.annotate(note("one")));
  await close(ben);
  const again = await open(relay, "ben", "owner", folder);
  made(again.room.write.reply({ parent: ref, body: "answered" }));
  made(again.room.write.edit({ ref, body: "one, edited" }));
  again.connect();
  await rest();
  expect(bodies(again)).toEqual(["by cara", "by cara, too", "one, edited"]);
  expect(again.room.threads.get(ref)?.replies).toHaveLength(1);
  inStep(again, other);
});

test("SY-86 what builds on what is refused goes with it; what does not stays as it is", async () => {
  const relay = createRelay();
  const { window: other, id } = await cara(relay);
  const folder = createMemoryFolder();
  const ben = await open(relay, "ben", "owner", folder);
  ben.connect();
  await rest();
  const old = made(ben.room.write.annotate(note("old")));
  const kept = made(ben.room.write.annotate(note("kept")));
  await rest();
  const first = ben.room.documents.margin.clientID;
  ben.network.setReachable(false);
  ben.room.documents.margin.clientID = id;
  made(ben.room.write.edit({ ref: old, body: "old, edited" }));
  const two = await open(relay, "ben", "owner", folder);
  await rest();
  expect(two.room.threads.get(old)?.annotation.body).toBe("old, edited");
  await two.clock.advance(60_000);
  made(two.room.write.edit({ ref: old, body: "old, edited twice" }));
  made(two.room.write.annotate(note("new")));
  await rest();
  const keptBefore = ben.room.threads.get(kept);
  ben.network.setReachable(true);
  ben.room.retry();
  two.connect();
  await rest();
  const expected = ["by cara", "by cara, too", "kept", "new", "old, edited twice"];
  for (const each of [ben, two, other]) expect(bodies(each)).toEqual(expected);
  inStep(ben, two, other);
  expect(ben.room.threads.get(kept)).toEqual(keptBefore);
  expect(relay.doc("room/margin").store.clients.has(first)).toBe(true);
  // whoever comes later reads the same from the disk
  await close(two);
  await close(ben);
  const again = await open(relay, "ben", "owner", folder);
  expect(bodies(again)).toEqual(expected);
});

test("SY-86 two windows of one person: both have what is refused, and both come right", async () => {
  const relay = createRelay();
  const { window: other, id } = await cara(relay);
  const folder = createMemoryFolder();
  const one = await open(relay, "ben", "owner", folder);
  const two = await open(relay, "ben", "owner", folder);
  one.connect();
  two.connect();
  await rest();
  one.room.documents.margin.clientID = id;
  const ref = made(one.room.write.annotate(note("from one")));
  await settle();
  made(two.room.write.annotate(note("from two")));
  await rest();
  const expected = ["by cara", "by cara, too", "from one", "from two"];
  for (const each of [one, two, other]) expect(bodies(each)).toEqual(expected);
  inStep(one, two, other);
  made(two.room.write.edit({ ref, body: "from one, edited in two" }));
  await rest();
  inStep(one, two, other);
  await close(one);
  await close(two);
  const again = await open(relay, "ben", "owner", folder);
  again.connect();
  await rest();
  expect(bodies(again)).toEqual(["by cara", "by cara, too", "from one, edited in two", "from two"]);
  inStep(again, other);
});

test("SY-86 a newer word of one's own that the server has is not replaced by an older one", async () => {
  const relay = createRelay();
  const { window: other, id } = await cara(relay);
  const home = await open(relay, "ben", "owner");
  const away = await open(relay, "ben", "owner", createMemoryFolder());
  home.connect();
  away.connect();
  await rest();
  const ref = made(home.room.write.annotate(note("start")));
  await rest();
  home.network.setReachable(false);
  home.room.documents.margin.clientID = id;
  made(home.room.write.edit({ ref, body: "older" }));
  await away.clock.advance(3_600_000);
  made(away.room.write.edit({ ref, body: "newer" }));
  await rest();
  home.network.setReachable(true);
  home.room.retry();
  await rest();
  for (const each of [home, away, other]) expect(each.room.threads.get(ref)?.annotation.body).toBe("newer");
  inStep(home, away, other);
});

test("SY-86 what stays refused is told, after few attempts, and is kept", async () => {
  // a server that takes Ben for somebody else
  const relay = createRelay();
  const ben = await open(relay, "ben", "owner");
  made(ben.room.write.annotate(note("mine")));
  ben.room.connect({ url: "ws://server", token: "zoe" });
  await rest();
  await rest();
  expect(ben.room.status).toMatchObject({ state: "refused" });
  expect(ben.room.status.waiting).toBeGreaterThan(0);
  expect(bodies(ben)).toEqual(["mine"]);
  expect(relay.refusals.length).toBeLessThan(6);
});

test("SY-59 a room that is closed while a document is fetched leaves no timer and no connection", async () => {
  const relay = createRelay();
  const { id } = await cara(relay);
  const ben = await open(relay, "ben", "owner");
  ben.connect();
  await rest();
  ben.room.documents.margin.clientID = id;
  made(ben.room.write.annotate(note("one")));
  const margin = ben.network.live().find((link) => link.url.includes("/margin?"))!;
  margin.deliverToServer();
  await settle();
  expect(ben.network.live().filter((link) => link.state === "connecting")).toHaveLength(1);
  await close(ben);
  expect(ben.network.live()).toEqual([]);
  expect(ben.clock.timers).toBe(0);
});

test("SY-75 what is put right is not asked of another server with this one's token", async () => {
  const relay = createRelay();
  const { id } = await cara(relay);
  const ben = await open(relay, "ben", "owner");
  ben.room.documents.margin.clientID = id;
  for (const body of ["one", "two", "three"]) made(ben.room.write.annotate(note(body)));
  let give = () => {};
  const token = async () => {
    if (relay.refusals.length > 0) await new Promise<void>((resolve) => (give = resolve));
    return "ben";
  };
  ben.room.connect({ url: "ws://server", token });
  await rest();
  expect(relay.refusals).toHaveLength(1);
  ben.room.connect({ url: "ws://elsewhere", token: "another" });
  give();
  await settle();
  const asked = ben.network.links.map(({ url }) => url).filter((url) => url.includes("elsewhere"));
  expect(asked).not.toEqual([]);
  for (const url of asked) expect(url).toContain("token=another");
});

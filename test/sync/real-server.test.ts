/** The client side against the real server, over real sockets. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { createServer, type RunningServer } from "../../server/create-server.ts";
import type { Limits } from "../../server/limits.ts";
import { displayName, writePolicy } from "../../src/core/model/session.ts";
import { openSocketLater } from "../../src/extension/session/later-socket.ts";
import type { Clock } from "../../src/sync/clock.ts";
import {
  createInvite,
  createRoom,
  joinRoom,
  type Membership,
  renameSelf,
  websocketAddress,
} from "../../src/sync/invites.ts";
import { awarenessMessage, readMessage } from "../../src/sync/messages.ts";
import { createOfflineStore } from "../../src/sync/offline-store.ts";
import { keepNameTold } from "../../src/sync/own-name.ts";
import { openRoom, type Room } from "../../src/sync/room.ts";
import { seededBytes } from "../support/fake-clock.ts";
import { createMemoryFolder, type MemoryFolder } from "../support/memory-files.ts";
import { TARGET } from "../support/room-world.ts";

const clock: Clock = {
  now: () => Date.now(),
  setTimer(task, ms) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
const META = { title: "T", fileName: "t.md", format: "markdown" } as const;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function freePort(): Promise<number> {
  const probe = createTcpServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

async function serverIn(data: string, port = 0, limits: Partial<Limits> = {}): Promise<RunningServer> {
  const server = await createServer({ data, port, openCreation: true, limits });
  cleanups.push(() => server.close());
  return server;
}

async function dataFolder(): Promise<string> {
  const data = await mkdtemp(path.join(tmpdir(), "marginalia-sync-"));
  cleanups.push(() => rm(data, { recursive: true, force: true }));
  return data;
}

let seed = 500;

async function enter(
  member: Membership,
  name: string,
  server: string,
  folder: MemoryFolder = createMemoryFolder(),
  connect = true,
): Promise<{ room: Room; close(): Promise<void>; errors: unknown[] }> {
  const errors: unknown[] = [];
  const random = seededBytes(seed++);
  const store = createOfflineStore({ files: folder.window(), clock, random });
  const room = openRoom({
    room: member.room,
    me: { participant: member.participant, role: member.role, name },
    store,
    openSocket: openSocketLater,
    clock,
    random,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    onError: (error) => errors.push(error),
  });
  await room.loaded;
  if (connect) room.connect({ url: websocketAddress(server), token: member.token });
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    await room.close();
    await store.close();
  };
  cleanups.push(close);
  return { room, close, errors };
}

/** Resolves when the condition holds; asked again after everything that a room tells. */
function until(room: Room, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const check = () => {
      if (!condition()) return;
      for (const stop of stops) stop();
      resolve();
    };
    stops.push(room.onDidChangeStatus(check), room.threads.onDidChange(check), room.onDidChangePresence(check));
    stops.push(room.onDidChangeSession(check));
    room.text.observe(check);
    stops.push(() => room.text.unobserve(check));
    check();
  });
}

const saved = (room: Room) => until(room, () => room.status.state === "saved" && room.status.waiting === 0);

async function host(server: string) {
  const api = { fetch };
  const made = await createRoom(api, server, { title: "T", participant: { id: "ada", name: "Ada" } });
  if (!made.ok) throw new Error(made.message);
  const join = async (name: string, role: "reader" | "reviewer" | "author" = "reader") => {
    const invite = await createInvite(api, server, made.value.room, { role }, made.value.token);
    if (!invite.ok) throw new Error(invite.message);
    const joined = await joinRoom(api, invite.value, { name });
    if (!joined.ok) throw new Error(joined.message);
    return joined.value;
  };
  return { owner: made.value, join };
}

describe("with the real server", () => {
  test("SY-80 host, invite, join, talk: everything arrives, is saved, and presence is under the roster's names", async () => {
    const server = await serverIn(await dataFolder());
    const { owner, join } = await host(server.url);
    const ada = await enter(owner, "Ada", server.url);
    ada.room.seed("A passage, no more.", META);
    const ben = await enter(await join("Ben"), "Ben", server.url);
    await saved(ada.room);
    await until(ben.room, () => ben.room.text.toString() === "A passage, no more.");
    await saved(ben.room);
    const note = ada.room.write.annotate({ target: TARGET, motivation: "questioning", body: "why?" });
    if (!note.ok) throw new Error(note.message);
    await until(ben.room, () => ben.room.threads.get(note.ref) !== undefined);
    expect(ben.room.write.reply({ parent: note.ref, body: "because" })).toMatchObject({ ok: true });
    await until(ada.room, () => ada.room.threads.get(note.ref)?.replies.length === 1);
    ben.room.setPresence({ section: "s1", selection: { start: 2, end: 9 } });
    await until(ada.room, () => ada.room.presence().some((each) => each.selection?.start === 2));
    expect(ada.room.presence()).toMatchObject([{ participant: ben.room.me().participant, section: "s1" }]);
    await until(ada.room, () => ada.room.roster().has(ben.room.me().participant));
    expect(ada.room.roster().get(ben.room.me().participant)?.name).toBe("Ben");
    await saved(ben.room);
    expect([...ada.errors, ...ben.errors]).toEqual([]);
  });

  test("SY-81 the server is stopped and started again: both keep writing, and all of it merges on return", async () => {
    const data = await dataFolder();
    const port = await freePort();
    const first = await serverIn(data, port);
    const { owner, join } = await host(first.url);
    const folder = createMemoryFolder();
    const ada = await enter(owner, "Ada", first.url, folder);
    ada.room.seed("A passage.", META);
    const ben = await enter(await join("Ben"), "Ben", first.url);
    await saved(ada.room);
    await saved(ben.room);
    await first.close();
    await until(ada.room, () => ada.room.status.state === "offline");
    for (let i = 0; i < 20; i++) {
      ada.room.write.annotate({ target: TARGET, motivation: "commenting", body: `a${i}` });
      ben.room.write.annotate({ target: TARGET, motivation: "commenting", body: `b${i}` });
    }
    expect(ada.room.status.waiting).toBe(20);
    await ada.close();
    const again = await enter(owner, "Ada", first.url, folder, false);
    expect(again.room.status.waiting).toBe(20);
    await serverIn(data, port);
    again.room.connect({ url: websocketAddress(first.url), token: owner.token });
    ben.room.retry();
    await until(again.room, () => again.room.threads.all().length === 40);
    await until(ben.room, () => ben.room.threads.all().length === 40);
    await saved(again.room);
    await saved(ben.room);
  });

  test("SY-97 a full share: the others are read, it is said why one's own waits, and taking something back sends the rest", async () => {
    const server = await serverIn(await dataFolder(), 0, { personBytes: 30_000 });
    const { owner, join } = await host(server.url);
    const ada = await enter(owner, "Ada", server.url);
    ada.room.seed("A passage, no more.", META);
    await saved(ada.room);
    const folder = createMemoryFolder();
    const member = await join("Ben");
    const ben = await enter(member, "Ben", server.url, folder);
    await saved(ben.room);
    const long = (body: string) => {
      const result = ben.room.write.annotate({ target: TARGET, motivation: "commenting", body });
      if (!result.ok) throw new Error(result.message);
      return result.ref;
    };
    const first = long("x".repeat(15_000));
    await saved(ben.room);
    long("y".repeat(15_000));
    await until(ben.room, () => ben.room.status.state === "full");
    expect(ben.room.status).toEqual({
      state: "full",
      waiting: 1,
      detail:
        "You have written as much in this session as the server allows one person. 1 change is kept on this computer and sent when there is room; what others write arrives.",
    });
    const note = ada.room.write.annotate({ target: TARGET, motivation: "questioning", body: "why?" });
    if (!note.ok) throw new Error(note.message);
    await until(ben.room, () => ben.room.threads.get(note.ref) !== undefined);
    await saved(ada.room);

    // another day, in another window
    await ben.close();
    const again = await enter(member, "Ben", server.url, folder);
    await until(again.room, () => again.room.status.state === "full");
    expect(again.room.threads.all()).toHaveLength(3);
    expect(again.room.write.remove({ ref: first })).toMatchObject({ ok: true });
    again.room.retry();
    await saved(again.room);
    await until(ada.room, () => ada.room.threads.all().length === 2);
    expect([...ada.errors, ...ben.errors, ...again.errors]).toEqual([]);
  });

  test("SY-82 a reviewer of a blind review is let into their drafts and not into the margin, and is not called refused for it", async () => {
    const server = await serverIn(await dataFolder());
    const { owner, join } = await host(server.url);
    const ada = await enter(owner, "Ada", server.url);
    writePolicy(ada.room.documents.session, { kind: "review", blindness: "double-blind", phase: "drafting" });
    await saved(ada.room);
    const rob = await enter(await join("Rob", "reviewer"), "Rob", server.url);
    const states = new Set<string>();
    rob.room.onDidChangeStatus((status) => states.add(status.state));
    await saved(rob.room);
    expect(rob.room.policy().phase).toBe("drafting");
    const draft = rob.room.write.annotate({ target: TARGET, motivation: "commenting", body: "draft" });
    await saved(rob.room);
    expect(ada.room.threads.all()).toEqual([]);
    writePolicy(ada.room.documents.session, { kind: "review", blindness: "double-blind", phase: "discussion" });
    await until(rob.room, () => rob.room.policy().phase === "discussion");
    expect(rob.room.write.handIn({})).toEqual({ ok: true, count: 1 });
    await until(ada.room, () => draft.ok && ada.room.threads.get(draft.ref) !== undefined);
    await saved(rob.room);
    expect([...states]).not.toContain("refused");
  });

  test("SY-85 AC-11 a new name is everybody's at once, on what was written before, too; one chosen offline on return", async () => {
    const data = await dataFolder();
    const port = await freePort();
    const server = await serverIn(data, port);
    const { owner, join } = await host(server.url);
    const ada = await enter(owner, "Ada", server.url);
    ada.room.seed("A passage, no more.", META);
    const member = await join("Ben");
    const ben = await enter(member, "Ben", server.url);
    const me = member.participant;
    await Promise.all([saved(ada.room), saved(ben.room)]);
    const note = ben.room.write.annotate({ target: TARGET, motivation: "commenting", body: "by Ben" });
    await until(ada.room, () => note.ok && ada.room.threads.get(note.ref) !== undefined);
    await saved(ben.room);

    let chosen = "Ben";
    let known = "Ben";
    const name = keepNameTold({
      room: ben.room,
      untold: async () => (chosen === known ? null : chosen),
      async tell(next) {
        const done = await renameSelf({ fetch }, server.url, member.room, next, member.token);
        if (done.ok) known = next;
      },
      onError: (error) => ben.errors.push(error),
    });
    const states = new Set<string>();
    ben.room.onDidChangeStatus(({ state }) => states.add(state));
    const authorFor = (room: Room) => {
      const thread = note.ok ? room.threads.get(note.ref) : undefined;
      return thread && displayName(room.roster(), thread.author);
    };
    expect(authorFor(ada.room)).toBe("Ben");
    chosen = "Benjamin";
    name.check();
    await until(ada.room, () => authorFor(ada.room) === "Benjamin");
    await until(ben.room, () => ben.room.me().name === "Benjamin");
    await saved(ben.room);
    // nobody was disconnected for it
    expect([...states].filter((state) => state !== "saved" && state !== "syncing")).toEqual([]);

    await server.close();
    await until(ben.room, () => ben.room.status.state === "offline");
    chosen = "Ben Okri";
    name.check();
    await serverIn(data, port);
    ada.room.retry();
    ben.room.retry();
    await until(ada.room, () => authorFor(ada.room) === "Ben Okri");
    // as somebody reads it who comes later
    const cara = await enter(await join("Cara"), "Cara", server.url);
    await until(cara.room, () => authorFor(cara.room) === "Ben Okri");
    expect(cara.room.roster().get(me)?.role).toBe("reader");
    name.dispose();
    expect([...ada.errors, ...ben.errors]).toEqual([]);
  });

  test("SY-84 written offline, the session closed meanwhile: the rest stays in step, what may not be sent is said and kept", async () => {
    const server = await serverIn(await dataFolder());
    const { owner, join } = await host(server.url);
    const ada = await enter(owner, "Ada", server.url);
    ada.room.seed("A passage.", META);
    const member = await join("Ben");
    const folder = createMemoryFolder();
    const ben = await enter(member, "Ben", server.url, folder);
    await saved(ada.room);
    await saved(ben.room);
    ben.room.disconnect();
    const late = ben.room.write.annotate({ target: TARGET, motivation: "commenting", body: "late" });
    const open = ada.room.policy();
    ada.room.text.insert(0, "The end. ");
    writePolicy(ada.room.documents.session, { ...open, phase: "closed" });
    await saved(ada.room);
    ben.room.connect({ url: websocketAddress(server.url), token: member.token });
    await until(ben.room, () => ben.room.status.detail.includes("1 change is kept"));
    expect(ben.room.status).toMatchObject({ state: "refused", waiting: 1 });
    expect(ben.room.text.toString()).toContain("The end.");
    writePolicy(ada.room.documents.session, open);
    await until(ada.room, () => late.ok && ada.room.threads.get(late.ref) !== undefined);
    await saved(ben.room);
  });

  test("SY-86 a client id that is another's: what is refused is written anew, at once and in the next window", async () => {
    const data = await dataFolder();
    const port = await freePort();
    const first = await serverIn(data, port);
    const { owner, join } = await host(first.url);
    const ada = await enter(owner, "Ada", first.url);
    ada.room.seed("A passage, no more.", META);
    const cara = await enter(await join("Cara"), "Cara", first.url);
    const folder = createMemoryFolder();
    const member = await join("Ben");
    const ben = await enter(member, "Ben", first.url, folder);
    await Promise.all([saved(ada.room), saved(cara.room), saved(ben.room)]);
    const write = (room: Room, body: string) =>
      room.write.annotate({ target: TARGET, motivation: "commenting", body }).ok;
    const bodies = (room: Room) =>
      room.threads
        .all()
        .map((thread) => thread.annotation.body)
        .sort()
        .join(", ");
    const all = async (expected: string, ...rooms: Room[]) => {
      await Promise.all(rooms.map((room) => until(room, () => bodies(room) === expected)));
      await Promise.all(rooms.map(saved));
    };
    write(cara.room, "cara");
    await all("cara", ada.room, ben.room, cara.room);
    // two windows drew the same number
    ben.room.documents.margin.clientID = cara.room.documents.margin.clientID;
    write(ben.room, "one");
    write(ben.room, "two");
    await all("cara, one, two", ada.room, ben.room, cara.room);

    // the same while the server is away, and the window with it
    await first.close();
    await until(ben.room, () => ben.room.status.state === "offline");
    ben.room.documents.margin.clientID = cara.room.documents.margin.clientID;
    write(ben.room, "three");
    await ben.close();
    await serverIn(data, port);
    const again = await enter(member, "Ben", first.url, folder);
    write(again.room, "four, after a reload");
    for (const { room } of [ada, cara]) room.retry();
    await all("cara, four, after a reload, one, three, two", ada.room, again.room, cara.room);
  });

  test("SY-86 a client id that somebody else has shown as theirs, and not used", async () => {
    const server = await serverIn(await dataFolder());
    const { owner, join } = await host(server.url);
    const ada = await enter(owner, "Ada", server.url);
    ada.room.seed("A passage, no more.", META);
    const eve = await join("Eve");
    const ben = await enter(await join("Ben"), "Ben", server.url);
    await Promise.all([saved(ada.room), saved(ben.room)]);
    const shown = new Y.Doc();
    shown.clientID = ben.room.documents.margin.clientID;
    const socket = openSocketLater(
      `${websocketAddress(server.url)}/${owner.room}/margin?token=${encodeURIComponent(eve.token)}`,
    );
    const awareness = new Awareness(shown);
    cleanups.push(async () => {
      socket.close();
      awareness.destroy();
    });
    awareness.setLocalState({ participant: eve.participant, section: null, selection: null });
    await new Promise<void>((resolve) => {
      socket.onOpen(() => socket.send(awarenessMessage(encodeAwarenessUpdate(awareness, [shown.clientID]))));
      // her own presence comes back when the server has it
      socket.onMessage((bytes) => readMessage(bytes).kind === "awareness" && resolve());
    });
    const note = ben.room.write.annotate({ target: TARGET, motivation: "commenting", body: "mine" });
    await until(ada.room, () => note.ok && ada.room.threads.get(note.ref) !== undefined);
    await saved(ben.room);
    expect(ben.room.documents.margin.clientID).not.toBe(shown.clientID);
  });

  test("SY-83 a token that is not the server's is refused with a sentence, and retried only on request", async () => {
    const server = await serverIn(await dataFolder());
    const { owner } = await host(server.url);
    const eve = await enter({ ...owner, token: "forged" }, "Eve", server.url);
    await until(eve.room, () => eve.room.status.state === "refused");
    expect(eve.room.status.detail).toMatch(/invit|session/i);
  });
});

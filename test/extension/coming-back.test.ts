/** Owners and members who come back to a session, with a real server, a real disk and real sockets. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createServer, type RunningServer } from "../../server/create-server.ts";
import type { Room } from "../../src/sync/room.ts";
import { asked, clipboard, settings, toldErrors, toldNews } from "../support/fake-vscode.ts";
import { articleOf, META, openSessionWindow, tempFolder, untilStatus } from "../support/session-window.ts";
import { request } from "../support/sync-server.ts";

vi.mock("vscode", async () => (await import("../support/fake-vscode.ts")).fakeVscode);

const DAY = 24 * 3_600_000;
const ROOM = "kept-alone";
const TARGET = { quote: { exact: "passage", prefix: "A ", suffix: "," }, position: { start: 2, end: 9 } };

const cleanups: (() => unknown)[] = [];
const cleanup = (task: () => unknown) => void cleanups.push(task);
afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  for (const task of cleanups.splice(0).toReversed()) await task();
});

let server: RunningServer;
/** A server on which anybody, or only the administrator, may make rooms, and to which this computer's settings lead. */
async function startServer(openCreation: boolean): Promise<void> {
  server = await createServer({ data: await tempFolder(cleanup), port: 0, openCreation });
  cleanup(() => server.close());
  settings.set("marginalia.server.url", server.url);
  if (!openCreation) settings.set("marginalia.server.adminKey", server.adminKey);
}
beforeEach(() => {
  toldErrors.length = toldNews.length = asked.questions.length = 0;
  asked.choose = undefined;
  clipboard.text = "";
  settings.clear();
});

/** From now on everybody's clock, the server's too, is so many milliseconds later. */
const later = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });

/** Ada's window, with an article of her own open in it. */
async function openAda(before?: { folder: string; secrets: Map<string, string> }) {
  const ada = await openSessionWindow("Ada", cleanup, before);
  const hold = await ada.rooms.open(ROOM);
  cleanup(() => hold.release());
  hold.room.seed("A passage, no more.", META);
  const article = articleOf(hold.room);
  return { ...ada, room: hold.room, host: () => ada.flow.host(article), leave: () => leaveBy(ada.flow.leave, article) };
}
/** Resolves when something is put into the keychain. */
function nextStored(secrets: Map<string, string>): Promise<void> {
  return new Promise((resolve) => {
    const { set } = secrets;
    secrets.set = (key, value) => {
      secrets.set = set;
      resolve();
      return secrets.set(key, value);
    };
  });
}
type Article = ReturnType<typeof articleOf>;
async function leaveBy(leave: (article: Article) => Promise<void>, article: Article): Promise<void> {
  asked.choose = "Leave";
  await leave(article);
  asked.choose = undefined;
}

/** The session was opened without a word of complaint, and others can join by the link. */
async function expectHosted(room: Room): Promise<void> {
  expect(toldErrors).toEqual([]);
  expect(clipboard.text).toContain(`${server.url}/join/${ROOM}#`);
  await untilStatus(room, "saved");
  const ben = await openSessionWindow("Ben", cleanup);
  expect((await ben.flow.join(clipboard.text))?.toString()).toBe(`marginalia:/t.md?${ROOM}`);
}

describe.each([
  { where: "where anybody makes rooms", openCreation: true },
  { where: "where the administrator makes rooms", openCreation: false },
])("$where", ({ openCreation }) => {
  beforeEach(() => startServer(openCreation));

  test("SY-78 an owner who left hosts again", async () => {
    const ada = await openAda();
    await ada.host();
    await untilStatus(ada.room, "saved");
    await ada.leave();
    expect(ada.room.status.state).toBe("alone");
    clipboard.text = "";
    // the administrator's key is no longer in the settings
    settings.delete("marginalia.server.adminKey");
    await ada.host();
    await expectHosted(ada.room);
    expect(ada.room.me()).toMatchObject({ participant: "ada-alone", role: "owner" });
  });

  test("SY-78 an owner whose token expired long ago is back when the article is opened, and invites", async () => {
    const before = await openAda();
    await before.host();
    await untilStatus(before.room, "saved");
    await before.rooms.dispose();
    later(200 * DAY);
    settings.delete("marginalia.server.adminKey");
    const ada = await openAda(before);
    await untilStatus(ada.room, "saved");
    await ada.host();
    await expectHosted(ada.room);
  });

  test("SY-78 an owner whose token is refused while the session is open invites all the same", async () => {
    const ada = await openAda();
    await ada.host();
    await untilStatus(ada.room, "saved");
    clipboard.text = "";
    later(200 * DAY);
    settings.delete("marginalia.server.adminKey");
    await ada.host();
    await expectHosted(ada.room);
  });

  test("SY-78 an owner who left and stayed away for years hosts again, or comes by an old link", async () => {
    const ada = await openAda();
    await ada.host();
    const link = clipboard.text;
    await untilStatus(ada.room, "saved");
    await ada.leave();
    later(1000 * DAY);
    settings.delete("marginalia.server.adminKey");
    await ada.flow.join(link);
    await untilStatus(ada.room, "saved");
    expect(ada.room.me().role).toBe("owner");
    await ada.leave();
    clipboard.text = "";
    await ada.host();
    await expectHosted(ada.room);
  });

  test("SY-89 what was written after leaving goes to the session only when its writer agrees", async () => {
    const ada = await openAda();
    await ada.host();
    const link = clipboard.text;
    await untilStatus(ada.room, "saved");
    await ada.leave();
    expect(ada.room.write.annotate({ target: TARGET, motivation: "commenting", body: "for myself" }).ok).toBe(true);
    expect(await ada.flow.join(link)).toBeUndefined();
    expect(asked.questions.at(-1)).toContain(
      "Everybody in the session will read the 1 change that you wrote after leaving",
    );
    expect(ada.room.status.state).toBe("alone");
    asked.choose = "Share Them";
    await ada.flow.join(link);
    await untilStatus(ada.room, "saved");
  });

  test("SY-78 the answer to the first request is lost: the second gets the room that the first one made", async () => {
    const ada = await openAda();
    const real = fetch;
    let lost = 0;
    vi.stubGlobal("fetch", async (...call: Parameters<typeof fetch>) => {
      const answer = await real(...call);
      if (lost++ === 0) throw new TypeError("fetch failed");
      return answer;
    });
    await ada.host();
    expect(toldErrors).toEqual(["The session could not be started. The server could not be reached."]);
    expect(await ada.rooms.membership(ROOM)).toBeUndefined();
    toldErrors.length = 0;
    await ada.host();
    await expectHosted(ada.room);
  });

  test("SY-78 somebody else's room is not to be had, and one sentence says so", async () => {
    const ada = await openAda();
    await ada.host();
    const eve = await openSessionWindow("Eve", cleanup);
    const hold = await eve.rooms.open(ROOM);
    cleanup(() => hold.release());
    await eve.flow.host(articleOf(hold.room));
    expect(toldErrors).toEqual([
      "The session could not be started. The server has a session of this article already, and nothing here shows that it is yours.",
    ]);
    expect(await eve.rooms.membership(ROOM)).toBeUndefined();
  });
});

/** Resolves when the room has the annotation. */
function untilThread(room: Room, ref: string): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!room.threads.get(ref)) return;
      stop();
      resolve();
    };
    const stop = room.threads.onDidChange(check);
    check();
  });
}

describe("members", () => {
  beforeEach(() => startServer(true));

  /** Ben's window, in Ada's session. */
  async function joined() {
    const ada = await openAda();
    await ada.host();
    await untilStatus(ada.room, "saved");
    const link = clipboard.text;
    const ben = await openSessionWindow("Ben", cleanup);
    await ben.flow.join(link);
    const hold = await ben.rooms.open(ROOM);
    cleanup(() => hold.release());
    await untilStatus(hold.room, "saved");
    return { ada, ben, link, room: hold.room };
  }

  test("SY-77 a token is renewed in use, and nothing else of the membership changes", async () => {
    const { ben } = await joined();
    const before = (await ben.rooms.membership(ROOM))!;
    await ben.rooms.dispose();
    let { token } = before;
    // away for longer than a token lives, with two visits between
    for (let visit = 0; visit < 3; visit++) {
      later(80 * DAY);
      const again = await openSessionWindow("Ben", cleanup, ben);
      const renewed = nextStored(ben.secrets);
      const hold = await again.rooms.open(ROOM);
      await untilStatus(hold.room, "saved");
      await renewed;
      const now = (await again.rooms.membership(ROOM))!;
      expect(now.token).not.toBe(token);
      expect(now.renew).toBeGreaterThan(Date.now());
      expect({ ...now, token: before.token, renew: before.renew }).toEqual(before);
      token = now.token;
      hold.release();
      await again.rooms.dispose();
    }
  });

  test("SY-88 who comes as somebody new while the article is open is in the session, and told of what stays behind", async () => {
    const { ada, ben, link, room } = await joined();
    const before = room.me().participant;
    expect(room.write.annotate({ target: TARGET, motivation: "commenting", body: "sent" }).ok).toBe(true);
    await untilStatus(room, "syncing");
    await untilStatus(room, "saved");
    await leaveBy(ben.flow.leave, articleOf(room));
    toldNews.length = 0;
    expect(room.write.annotate({ target: TARGET, motivation: "commenting", body: "kept" }).ok).toBe(true);
    await ben.rooms.dispose();
    // the keychain was emptied; the tab of the article is there again
    const again = await openSessionWindow("Ben", cleanup, { folder: ben.folder, secrets: new Map() });
    const stale = await again.rooms.open(ROOM);
    const replaced = new Promise<Room>((resolve) => again.rooms.onDidReplace((old) => resolve(old.room)));
    expect(stale.room.write.annotate({ target: TARGET, motivation: "commenting", body: "in no session" }).ok).toBe(
      true,
    );
    // nobody can know yet who they will be
    asked.choose = "Share Them";
    await again.flow.join(link);
    expect(toldErrors).toEqual([]);
    expect(await replaced).toBe(stale.room);
    expect(toldNews).toEqual([expect.stringContaining("had not sent stays on this computer")]);
    const hold = await again.rooms.open(ROOM);
    cleanup(() => hold.release());
    stale.release();
    await untilStatus(hold.room, "saved");
    const { participant } = hold.room.me();
    expect(participant).toBe((await again.rooms.membership(ROOM))?.participant);
    expect([before, "ben-alone"]).not.toContain(participant);
    const note = hold.room.write.annotate({ target: TARGET, motivation: "commenting", body: "as somebody new" });
    if (!note.ok) throw new Error(note.message);
    await untilThread(ada.room, note.ref);
    const bodies = (of: Room) =>
      of.threads
        .all()
        .map(({ annotation }) => annotation.body)
        .sort();
    expect(bodies(ada.room)).toEqual(["as somebody new", "sent"]);
    await hold.room.threads.settled();
    expect(bodies(hold.room)).toEqual(["as somebody new", "in no session", "kept", "sent"]);
  });

  test("SY-88 nothing is said to who left nothing behind", async () => {
    const { ben, link } = await joined();
    await ben.rooms.dispose();
    const again = await openSessionWindow("Ben", cleanup, { folder: ben.folder, secrets: new Map() });
    const { release } = await again.rooms.open(ROOM);
    toldNews.length = 0;
    await again.flow.join(link);
    release();
    expect([...toldErrors, ...toldNews]).toEqual([]);
    const hold = await again.rooms.open(ROOM);
    cleanup(() => hold.release());
    await untilStatus(hold.room, "saved");
  });

  test("SY-87 who left the session of somebody else does not host it, and is shown the way back", async () => {
    const { ben, room } = await joined();
    const article = articleOf(room);
    await leaveBy(ben.flow.leave, article);
    toldNews.length = 0;
    const before = await ben.rooms.formerMembership(ROOM);
    clipboard.text = "";
    await ben.flow.host(article);
    expect(toldNews).toEqual([expect.stringContaining("belongs to a session that somebody else hosts")]);
    expect([clipboard.text, await ben.rooms.formerMembership(ROOM)]).toEqual(["", before]);
    asked.choose = "Join Again";
    await ben.flow.host(article);
    await untilStatus(room, "saved");
    expect(room.me()).toMatchObject({ participant: before?.participant, role: "reader" });
    expect(toldErrors).toEqual([]);
  });

  test("SY-87 nor does who is known to it no more, whose keychain was emptied; what they own they still do", async () => {
    const { ada, ben } = await joined();
    await ben.rooms.dispose();
    const again = await openSessionWindow("Ben", cleanup, { folder: ben.folder, secrets: new Map() });
    const hold = await again.rooms.open(ROOM);
    cleanup(() => hold.release());
    expect(hold.room.me()).toMatchObject({ participant: "ben-alone", role: "reader" });
    toldNews.length = 0;
    await again.flow.host(articleOf(hold.room));
    expect(toldNews).toEqual([expect.stringContaining("belongs to a session that somebody else hosts")]);
    await ada.rooms.dispose();
    const owner = await openSessionWindow("Ada", cleanup, { folder: ada.folder, secrets: new Map() });
    const own = await owner.rooms.open(ROOM);
    cleanup(() => own.release());
    expect(own.room.me().role).toBe("owner");
  });

  test("SY-79 who was removed is told so, and comes back as who they were when they are let in again", async () => {
    const { ada, ben, link, room } = await joined();
    const { participant } = room.me();
    const owner = (await ada.rooms.membership(ROOM))!.token;
    const change = (body: object) =>
      request(server, "PATCH", `/rooms/${ROOM}/participants/${participant}`, { token: owner, body });
    await change({ removed: true });
    await untilStatus(room, "refused");
    expect(await ben.flow.join(link)).toBeUndefined();
    expect(toldErrors).toEqual(["You could not join the session. You are no longer part of this session."]);
    await change({ removed: false });
    await ben.flow.join(link);
    await untilStatus(room, "saved");
    expect((await ben.rooms.membership(ROOM))?.participant).toBe(participant);
    expect([...ada.room.roster().keys()]).toEqual(["ada-alone", participant]);
  });
});

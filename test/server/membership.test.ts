/** Making rooms, coming back to them, being removed, and tokens that are renewed. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RunningServer } from "../../server/create-server.ts";
import { createMemoryStore } from "../../server/store/memory-store.ts";
import { CLOSE, type InviteCreated, type Joined, type RoomCreated } from "../../src/protocol/wire.ts";
import { connect, request, type Session, startSession } from "../support/sync-server.ts";

type Told<T> = T & { reason?: string };

const DAY = 24 * 3_600_000;
const SECRET = "a-secret-made-by-the-client-0001";

let session: Session;
afterEach(async () => {
  vi.useRealTimers();
  await session.server.close();
});

/** From now on everybody's clock, the server's too, is so many milliseconds later. */
const later = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });

/** Makes, or takes up again, the room that was kept alone. */
function make(
  server: RunningServer,
  { id = "ada", name = "Ada", ...proof }: { id?: string; name?: string; held?: string; secret?: string } = {},
  token?: string,
) {
  return request<Told<RoomCreated>>(server, "POST", "/rooms", {
    ...(token === undefined ? {} : { token }),
    body: { title: "Mine", room: "kept-alone", participant: { id, name }, ...proof },
  });
}
function join(server: RunningServer, room: string, invite: string, name: string, participant?: string) {
  const body = { invite, name, ...(participant === undefined ? {} : { participant }) };
  return request<Told<Joined>>(server, "POST", `/rooms/${room}/join`, { body });
}
async function inviteTo(server: RunningServer, room: string, token: string, wish: object = {}): Promise<string> {
  const made = await request<InviteCreated>(server, "POST", `/rooms/${room}/invites`, {
    token,
    body: { role: "reader", ...wish },
  });
  expect(made.status).toBe(201);
  return made.body.invite;
}
function renew(server: RunningServer, room: string, token?: string) {
  return request<Told<Joined>>(server, "POST", `/rooms/${room}/token`, {
    ...(token === undefined ? {} : { token }),
    body: {},
  });
}
function change(server: RunningServer, room: string, token: string, participant: string, body: object) {
  return request(server, "PATCH", `/rooms/${room}/participants/${participant}`, { token, body });
}
/** The code with which a token is turned away, or null when it opens the article. */
async function closedWith(server: RunningServer, room: string, token: string): Promise<number | null> {
  const client = await connect(server.url, `${room}/article`, token);
  const code = await client.sync().then(
    () => null,
    async () => (await client.closed).code,
  );
  await client.close();
  return code;
}

describe("SV-101 an owner comes back", () => {
  it("SV-101 by a token of theirs, valid or expired, and by nobody else's", async () => {
    session = await startSession({ openCreation: true });
    const { server } = session;
    const made = await make(server);
    expect(made.status).toBe(201);
    const invite = await inviteTo(server, "kept-alone", made.body.token);
    const ben = await join(server, "kept-alone", invite, "Ben");

    const again = await make(server, { held: made.body.token, name: "Ada L." });
    expect([again.status, again.body.participant, again.body.role]).toEqual([200, "ada", "owner"]);
    // Who shows a token is who it says, whatever id they ask for.
    expect((await make(server, { held: made.body.token, id: "somebody" })).body.participant).toBe("ada");
    const list = await request<{ participants: { name: string }[] }>(server, "GET", "/rooms/kept-alone/participants", {
      token: again.body.token,
    });
    expect(list.body.participants.map(({ name }) => name)).toEqual(["Ada", "Ben"]);

    const stranger = await request<RoomCreated>(server, "POST", "/rooms", {
      body: { title: "Another", participant: { id: "ada", name: "Eve" } },
    });
    const forged = `${made.body.token.slice(0, -4)}AAAA`;
    for (const held of [undefined, "", "nonsense", forged, ben.body.token, stranger.body.token]) {
      const refused = await make(server, held === undefined ? {} : { held });
      expect([held, refused.body.reason, refused.body.token]).toEqual([held, "room-taken", undefined]);
    }

    later(91 * DAY);
    expect(await closedWith(server, "kept-alone", made.body.token)).toBe(CLOSE.expired);
    expect((await make(server)).body.reason).toBe("room-taken");
    const back = await make(server, { held: made.body.token });
    expect(back.body.participant).toBe("ada");
    expect(await closedWith(server, "kept-alone", back.body.token)).toBeNull();
    await inviteTo(server, "kept-alone", back.body.token);
  });

  it("SV-101 also where only the administrator makes rooms, and tells nobody else whether there is one", async () => {
    session = await startSession();
    const { server } = session;
    const made = await make(server, {}, "admin");
    expect((await make(server, { held: made.body.token })).body.participant).toBe("ada");
    expect((await make(server)).body.reason).toBe("unauthorized");
    expect((await make(server, { held: "nonsense", secret: SECRET })).body.reason).toBe("unauthorized");
    expect((await make(server, { id: "eve" }, "admin")).body.reason).toBe("room-taken");
    expect((await make(server, {}, "admin")).body.participant).toBe("ada");
  });

  it("SV-101 making a room again with the secret it was made with is making it once", async () => {
    session = await startSession({ openCreation: true });
    const { server } = session;
    // The answer to this one is lost.
    await make(server, { secret: SECRET });
    const again = await make(server, { secret: SECRET });
    expect([again.status, again.body.participant]).toEqual([200, "ada"]);
    expect(await closedWith(server, "kept-alone", again.body.token)).toBeNull();
    for (const proof of [{}, { secret: `${SECRET}x` }, { secret: SECRET, id: "eve" }]) {
      expect([proof, (await make(server, proof)).body.reason]).toEqual([proof, "room-taken"]);
    }
    expect((await make(server, { secret: "short" })).body.reason).toBe("bad-request");
    const whole = await request<object>(server, "GET", "/rooms/kept-alone/export", { token: "admin" });
    expect(JSON.stringify(whole.body)).not.toContain(SECRET);
  });

  it("SV-101 a room that two make at the same moment has one owner", async () => {
    session = await startSession({ openCreation: true });
    const { server } = session;
    const answers = await Promise.all([
      make(server, { secret: SECRET }),
      make(server, { id: "eve", name: "Eve", secret: `${SECRET}-of-eve` }),
      make(server, { secret: SECRET }),
    ]);
    const made = answers.filter(({ body }) => body.token !== undefined).map(({ body }) => body.participant);
    expect(new Set(made).size).toBe(1);
    expect(made).toHaveLength(made[0] === "ada" ? 2 : 1);
  });

  it("SV-101 not once they were removed or run it no more", async () => {
    session = await startSession({ openCreation: true });
    const { server } = session;
    const made = await make(server, { secret: SECRET });
    const invite = await inviteTo(server, "kept-alone", made.body.token);
    const ben = await join(server, "kept-alone", invite, "Ben");
    await change(server, "kept-alone", made.body.token, ben.body.participant, { role: "owner" });
    const proofs = [{ held: made.body.token }, { secret: SECRET }];
    await change(server, "kept-alone", ben.body.token, "ada", { removed: true });
    for (const proof of proofs) expect((await make(server, proof)).body.reason).toBe("removed");
    await change(server, "kept-alone", ben.body.token, "ada", { removed: false });
    for (const proof of proofs) expect((await make(server, proof)).body.participant).toBe("ada");
    await change(server, "kept-alone", ben.body.token, "ada", { role: "reader" });
    for (const proof of proofs) expect((await make(server, proof)).body.reason).toBe("room-taken");
    // Who became an owner later comes back likewise, by a token of the time before.
    const back = await make(server, { id: "ben-alone", held: ben.body.token });
    expect(back.body.participant).toBe(ben.body.participant);
  });

  it("SV-102 by an old link of theirs, too, when the token has expired", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const invite = await inviteTo(server, room, owner, { expiresIn: 60 });
    const ben = await join(server, room, invite, "Ben");
    later(91 * DAY);
    const back = await join(server, room, invite, "Ada", owner);
    expect([back.body.participant, back.body.role]).toEqual(["ada", "owner"]);
    expect((await join(server, room, invite, "Ben", ben.body.token)).body.reason).toBe("invite-expired");
  });
});

describe("SV-115 tokens are renewed", () => {
  it.each(["author", "reviewer", "reader", "observer"] as const)(
    "SV-115 of a member, here %s, in use",
    async (role) => {
      session = await startSession();
      const { server, room } = session;
      const ben = await session.join("Ben", role);
      expect(ben.expiresIn).toBe(90 * 24 * 3600);
      later(89 * DAY);
      const fresh = await renew(server, room, ben.token);
      expect(fresh.status).toBe(200);
      expect(fresh.body).toMatchObject({ room, participant: ben.participant, role, title: "On Reading" });
      expect(fresh.body.expiresIn).toBe(90 * 24 * 3600);
      later(89 * DAY);
      expect(await closedWith(server, room, ben.token)).toBe(CLOSE.expired);
      expect(await closedWith(server, room, fresh.body.token)).toBeNull();
    },
  );

  it("SV-115 an expired or void token renews nobody but an owner", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const [ben, cara] = [await session.join("Ben"), await session.join("Cara")];
    await change(server, room, owner, cara.participant, { removed: true });
    expect((await renew(server, room, cara.token)).body.reason).toBe("removed");
    await change(server, room, owner, cara.participant, { removed: false });
    expect((await renew(server, room, cara.token)).body.reason).toBe("unauthorized");
    for (const token of [undefined, "nonsense", "admin"]) {
      expect((await renew(server, room, token)).body.reason).toBe("unauthorized");
    }
    expect((await renew(server, "elsewhere", ben.token)).body.reason).toBe("forbidden");
    later(91 * DAY);
    expect((await renew(server, room, ben.token)).body.reason).toBe("unauthorized");
    const fresh = await renew(server, room, owner);
    expect(fresh.body).toMatchObject({ participant: "ada", role: "owner" });
    expect(await closedWith(server, room, fresh.body.token)).toBeNull();
  });

  it("SV-115 a renewed token has the role of today", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const ben = await session.join("Ben", "reader");
    await change(server, room, owner, ben.participant, { role: "author" });
    expect((await renew(server, room, ben.token)).body.role).toBe("author");
  });
});

describe("SV-116 removing somebody", () => {
  it("SV-116 shuts the link for their token, used or not, and whoever is let in again is who they were", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const invite = await inviteTo(server, room, owner);
    const ben = await join(server, room, invite, "Ben");
    const { participant, token } = ben.body;
    const article = await connect(server.url, `${room}/article`, token);
    await article.sync();
    await change(server, room, owner, participant, { removed: true });
    expect((await article.closed).code).toBe(CLOSE.gone);
    const refused = await join(server, room, invite, "Ben", token);
    expect([refused.status, refused.body.reason, refused.body.token]).toEqual([403, "removed", undefined]);
    later(91 * DAY);
    expect((await join(server, room, invite, "Ben", token)).body.reason).toBe("removed");
    const fresh = (await renew(server, room, owner)).body.token;

    await change(server, room, fresh, participant, { removed: false });
    // What was made void opens nothing: a link does, and the token says for whom.
    expect((await join(server, room, invite, "Ben", token)).body.reason).toBe("invite-expired");
    const link = await inviteTo(server, room, fresh);
    const back = await join(server, room, link, "Ben", token);
    expect(back.body.participant).toBe(participant);
    expect(await closedWith(server, room, back.body.token)).toBeNull();
  });

  it("SV-116 a token from before the removal needs a link also while it has not expired", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const invite = await inviteTo(server, room, owner, { uses: 1 });
    const { participant, token } = (await join(server, room, invite, "Ben")).body;
    await change(server, room, owner, participant, { removed: true });
    await change(server, room, owner, participant, { removed: false });
    expect((await join(server, room, "nonsense", "Ben", token)).body.reason).toBe("invite-invalid");
    expect((await join(server, room, invite, "Ben", token)).body.participant).toBe(participant);
  });

  it("SV-116 can make the open links void, those of nobody else's room", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const invites = [await inviteTo(server, room, owner), await inviteTo(server, room, owner, { role: "author" })];
    const ben = await join(server, room, invites[0]!, "Ben");
    await change(server, room, owner, ben.body.participant, { removed: true, voidInvites: true });
    for (const invite of invites) {
      expect((await join(server, room, invite, "Somebody new")).body.reason).toBe("invite-invalid");
    }
    const next = await inviteTo(server, room, owner);
    expect((await join(server, room, next, "Cara")).status).toBe(200);
    expect((await join(server, room, next, "Ben", ben.body.token)).body.reason).toBe("removed");
  });
});

describe("SV-109 a room that opens", () => {
  it("SV-109 lets in who comes together with somebody who is turned away, and sends them off when they are removed", async () => {
    const store = createMemoryStore();
    const { read } = store.rooms;
    let opened = Promise.resolve();
    store.rooms.read = async (room) => {
      await opened;
      return read(room);
    };
    session = await startSession({ store });
    const { server, room, owner } = session;
    const [ben, eve] = [await session.join("Ben"), await session.join("Eve")];
    await change(server, room, owner, eve.participant, { removed: true });

    let open = () => {};
    opened = new Promise((resolve) => (open = resolve));
    const [turnedAway, letIn] = [eve, ben].map(({ token }) => connect(server.url, `${room}/article`, token));
    await new Promise((resolve) => setTimeout(resolve, 100));
    open();
    expect((await (await turnedAway!).closed).code).toBe(CLOSE.gone);
    const article = await letIn!;
    await article.sync();
    await change(server, room, owner, ben.participant, { removed: true });
    expect((await article.closed).code).toBe(CLOSE.gone);
  });
});

describe("SV-30 a full disk", () => {
  it("SV-30 keeps nobody out of a room in which nobody was for hours", async () => {
    const store = createMemoryStore();
    session = await startSession({ store });
    const { server, room, owner } = session;
    later(2 * 3_600_000);
    store.rooms.write = () => Promise.reject(new Error("no space left on device"));
    expect(await closedWith(server, room, owner)).toBeNull();
  });
});

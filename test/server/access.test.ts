import * as encoding from "lib0/encoding";
import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { entriesOf, rosterMap, sessionMap } from "../../src/core/model/documents.ts";
import { readRoster, type RosterEntry, writePolicy } from "../../src/core/model/session.ts";
import { CLOSE, type InviteCreated, type Joined } from "../../src/protocol/wire.ts";
import { connect, open, request, type Session, startSession } from "../support/sync-server.ts";

let session: Session;
afterEach(() => session.server.close());

/** What a document says to somebody who joins now. */
async function fresh(document: string, token = session.owner): Promise<Y.Doc> {
  const client = await connect(session.server.url, document, token);
  await client.sync();
  await client.close();
  return client.doc;
}

describe("SV rooms and tokens", () => {
  it("SV-101 makes a room for the administrator only, and the owner keeps the id they wrote under alone", async () => {
    session = await startSession();
    const refused = await request(session.server, "POST", "/rooms", {
      body: { title: "x", participant: { id: "a", name: "A" } },
    });
    expect(refused.status).toBe(401);
    const doc = await fresh(`${session.room}/session`);
    expect(rosterMap(doc).toJSON()).toMatchObject({ ada: { name: "Ada", role: "owner" } });
  });

  it("SV-101 gives a room the id its owner wrote under, once, and lets the owner come back to it", async () => {
    session = await startSession({ openCreation: true });
    const make = (id: string, token?: string) =>
      request<{ room: string; reason: string }>(session.server, "POST", "/rooms", {
        token,
        body: { title: "Mine", room: "kept-alone", participant: { id, name: "Ada" } },
      });
    expect((await make("ada")).body.room).toBe("kept-alone");
    expect((await make("ada")).body.reason).toBe("room-taken");
    expect((await make("eve", "admin")).body.reason).toBe("room-taken");
    expect((await make("ada", "admin")).body.room).toBe("kept-alone");
  });

  it("SV-102 exchanges an invite for a token, as often as it is meant for, until it expires", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const invite = await request<InviteCreated>(server, "POST", `/rooms/${room}/invites`, {
      token: owner,
      body: { role: "reviewer", uses: 1 },
    });
    expect(invite.status).toBe(201);
    expect(invite.body.link).toBe(`${server.url}/join/${room}#${invite.body.invite}`);
    const join = (body: unknown) =>
      request<Joined & { reason: string }>(server, "POST", `/rooms/${room}/join`, { body });
    const ben = await join({ invite: invite.body.invite, name: "Ben\u202e <b>" });
    expect(ben.body).toMatchObject({ role: "reviewer", room, title: "On Reading" });
    expect((await join({ invite: invite.body.invite, name: "Eve" })).body.reason).toBe("invite-used-up");
    expect((await join({ invite: "nonsense", name: "Eve" })).body.reason).toBe("invite-invalid");
    const again = await join({ invite: invite.body.invite, name: "Ben", participant: ben.body.token });
    expect(again.body.participant).toBe(ben.body.participant);
    expect(
      (await request(server, "POST", `/rooms/${room}/invites`, { token: ben.body.token, body: { role: "reader" } }))
        .status,
    ).toBe(403);
    expect(
      (await request(server, "POST", `/rooms/${room}/invites`, { token: owner, body: { role: "owner" } })).status,
    ).toBe(400);
  });

  it("SV-103 checks the token before any document is touched", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const other = await startSession();
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${owner.split(".")[1]}.`;
    for (const [token, document, code] of [
      [undefined, `${room}/article`, CLOSE.unauthorized],
      ["nonsense", `${room}/article`, CLOSE.unauthorized],
      [unsigned, `${room}/article`, CLOSE.unauthorized],
      [other.owner, `${room}/article`, CLOSE.unauthorized],
      [owner, `${room}/nothing`, CLOSE.unknownRoom],
      [owner, "elsewhere/article", CLOSE.forbidden],
      [owner, `${room}/margin.somebody`, CLOSE.forbidden],
      [owner, `${room}/margin.../../x`, CLOSE.unknownRoom],
      [owner, "../../etc/passwd", CLOSE.unknownRoom],
      [owner, "x".repeat(600), CLOSE.unknownRoom],
    ] as const) {
      expect([document.slice(0, 40), (await open(server.url, document, token).closed).code]).toEqual([
        document.slice(0, 40),
        code,
      ]);
    }
    expect((await request<string>(server, "GET", "/metrics")).body).toMatch(/marginalia_documents [01]\n/);
    await other.server.close();
  });

  it("SV-104 lets a role write where it may, and closes a reader who writes", async () => {
    session = await startSession();
    const { server, room } = session;
    const ben = await session.join("Ben", "reader");
    const client = await connect(server.url, `${room}/article`, ben.token);
    await client.sync();
    client.doc.getText("text").insert(0, "graffiti");
    expect((await client.closed).code).toBe(CLOSE.readOnly);
    expect((await fresh(`${room}/article`)).getText("text").toString()).toBe("");
    const cara = await session.join("Cara", "author");
    const author = await connect(server.url, `${room}/article`, cara.token);
    author.doc.getText("text").insert(0, "A revision");
    await author.sync();
    expect((await fresh(`${room}/article`, ben.token)).getText("text").toString()).toBe("A revision");
    await author.close();
  });

  it("SV-105 nobody writes, changes or deletes under another's root, and an attempt leaves no trace", async () => {
    session = await startSession();
    const { server, room } = session;
    const ben = await session.join("Ben");
    const eve = await session.join("Eve");
    const margin = `${room}/margin`;
    const honest = await connect(server.url, margin, ben.token);
    await honest.sync();
    entriesOf(honest.doc, ben.participant).set("e1", { v: 1, text: "mine" });
    await honest.saved(2);
    const truth = { v: 1, text: "mine" };

    const attacks: Record<string, (doc: Y.Doc) => void> = {
      "writes under Ben's root": (doc) => entriesOf(doc, ben.participant).set("e2", { v: 1 }),
      "changes Ben's entry": (doc) => entriesOf(doc, ben.participant).set("e1", { v: 1, text: "forged" }),
      "deletes Ben's entry": (doc) => entriesOf(doc, ben.participant).delete("e1"),
      "plants another root": (doc) => doc.getMap("other").set("x", 1),
      "continues Ben's client id": (doc) => {
        doc.clientID = honest.doc.clientID;
        entriesOf(doc, eve.participant).set("e9", { v: 1 });
      },
    };
    for (const [name, attack] of Object.entries(attacks)) {
      const client = await connect(server.url, margin, eve.token);
      await client.sync();
      attack(client.doc);
      expect([name, (await client.closed).code]).toEqual([name, CLOSE.forged]);
    }
    // Garbage-collected structs name no parent: they must not squat on what Ben will write next.
    const squatter = await connect(server.url, margin, eve.token);
    await squatter.sync();
    const clock = Y.decodeStateVector(Y.encodeStateVector(honest.doc)).get(honest.doc.clientID)!;
    squatter.sendUpdate(gcUpdate(honest.doc.clientID, clock, 5));
    expect((await squatter.closed).code).toBe(CLOSE.forged);

    entriesOf(honest.doc, ben.participant).set("e2", { v: 1, text: "still mine" });
    await honest.saved(3);
    const seen = entriesOf(await fresh(margin), ben.participant).toJSON();
    expect(seen).toEqual({ e1: truth, e2: { v: 1, text: "still mine" } });
    expect(entriesOf(honest.doc, ben.participant).toJSON()).toEqual(seen);
    await honest.close();
  });

  it("SV-106 a step 2 with others' deletions that the server knows is welcome", async () => {
    session = await startSession();
    const { server, room } = session;
    const margin = `${room}/margin`;
    const [ben, cara] = [await session.join("Ben"), await session.join("Cara")];
    const one = await connect(server.url, margin, ben.token);
    await one.sync();
    const own = entriesOf(one.doc, ben.participant);
    own.set("e1", 1);
    own.set("e1", 2);
    own.delete("e1");
    const two = await connect(server.url, margin, cara.token);
    await two.sync();
    entriesOf(two.doc, cara.participant).set("c1", 3);
    // y-websocket answers every step 1 with all the deletions it knows of.
    two.send(0, 1, Y.encodeStateAsUpdate(two.doc));
    await two.saved(2);
    await one.untilDoc((doc) => entriesOf(doc, cara.participant).get("c1") === 3);
    await one.close();
    await two.close();
  });

  it("SV-107 the owner runs the session but does not write the roster", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const client = await connect(server.url, `${room}/session`, owner);
    await client.sync();
    sessionMap(client.doc).set("title", "Seminar");
    await client.saved(2);
    rosterMap(client.doc).set("ada", { name: "The Dean", role: "owner", joined: 0 });
    expect((await client.closed).code).toBe(CLOSE.forged);
    const deleter = await connect(server.url, `${room}/session`, owner);
    await deleter.sync();
    rosterMap(deleter.doc).delete("ada");
    expect((await deleter.closed).code).toBe(CLOSE.forged);
    const doc = await fresh(`${room}/session`);
    expect(sessionMap(doc).get("title")).toBe("Seminar");
    expect(rosterMap(doc).get("ada")).toMatchObject({ name: "Ada" });
  });

  it("SV-108 a change of policy closes what it forbids, at once, and turns names into pseudonyms", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const ben = await session.join("Ben", "reviewer");
    const cara = await session.join("Cara", "reviewer");
    const margin = await connect(server.url, `${room}/margin`, ben.token);
    await margin.sync();
    const host = await connect(server.url, `${room}/session`, owner);
    await host.sync();
    writePolicy(host.doc, { kind: "review", blindness: "double-blind", phase: "drafting" });
    expect((await margin.closed).code).toBe(CLOSE.forbidden);
    await host.untilDoc((doc) => (rosterMap(doc).get(cara.participant) as { name: string }).name === "Reviewer 2");
    expect(rosterMap(host.doc).get(ben.participant)).toMatchObject({ name: "Reviewer 1", role: "reviewer" });
    const own = await connect(server.url, `${room}/margin.${ben.participant}`, ben.token);
    await own.sync();
    entriesOf(own.doc, ben.participant).set("d1", "draft");
    await own.saved(2);
    expect((await open(server.url, `${room}/margin.${ben.participant}`, cara.token).closed).code).toBe(CLOSE.forbidden);
    await host.close();
    await own.close();
  });

  it("SV-109 a removed participant is out at once, and a changed role takes effect at once", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const ben = await session.join("Ben", "reader");
    const path = `/rooms/${room}/participants/${ben.participant}`;
    const article = await connect(server.url, `${room}/article`, ben.token);
    await article.sync();
    await request(server, "PATCH", path, { token: owner, body: { role: "author" } });
    expect((await article.closed).code).toBe(CLOSE.accessChanged);
    const writer = await connect(server.url, `${room}/article`, ben.token);
    await writer.sync();
    writer.doc.getText("text").insert(0, "now an author");
    await writer.saved(2);
    await request(server, "PATCH", path, { token: owner, body: { removed: true } });
    expect((await writer.closed).code).toBe(CLOSE.gone);
    expect((await open(server.url, `${room}/article`, ben.token).closed).code).toBe(CLOSE.gone);
    const list = await request<{ participants: unknown[] }>(server, "GET", `/rooms/${room}/participants`, {
      token: owner,
    });
    expect(list.body.participants).toMatchObject([{ name: "Ada" }, { name: "Ben", removed: true, role: "author" }]);
    const last = await request(server, "PATCH", `/rooms/${room}/participants/ada`, {
      token: owner,
      body: { removed: true },
    });
    expect(last.status).toBe(403);
  });

  it("SV-110 presence carries the name that the server knows, and nobody speaks for another", async () => {
    session = await startSession();
    const { server, room } = session;
    const [ben, eve] = [await session.join("Ben"), await session.join("Eve")];
    const one = await connect(server.url, `${room}/margin`, ben.token);
    const two = await connect(server.url, `${room}/margin`, eve.token);
    await one.sync();
    await two.sync();
    one.sendPresence(11, 1, '{"user":{"name":"The Dean","color":"red"},"__proto__":{"polluted":1}}');
    const heard = await two.until((message) => message.type === 1 && Buffer.from(message.body).includes("Ben"));
    expect(Buffer.from(heard.body).toString()).not.toMatch(/Dean|polluted/);
    expect(Buffer.from(heard.body).toString()).toContain('"color":"red"');
    // An echo of what was heard is what honest clients send; it changes nothing.
    two.send(1, heard.body);
    two.sendPresence(22, 1, '{"user":{}}');
    await one.until((message) => message.type === 1 && Buffer.from(message.body).includes("Eve"));
    two.sendPresence(11, 9, '{"user":{"name":"Ben"}}');
    expect((await two.closed).code).toBe(CLOSE.forgedPresence);
    await one.close();
  });

  it("SV-110 a client id that somebody shows in presence cannot be taken before they write with it", async () => {
    session = await startSession();
    const { server, room } = session;
    const [ben, eve] = [await session.join("Ben"), await session.join("Eve")];
    const one = await connect(server.url, `${room}/margin`, ben.token);
    const two = await connect(server.url, `${room}/margin`, eve.token);
    await Promise.all([one.sync(), two.sync()]);
    one.sendPresence(one.doc.clientID, 1, "{}");
    await two.until((message) => message.type === 1 && Buffer.from(message.body).includes("Ben"));
    two.doc.clientID = one.doc.clientID;
    entriesOf(two.doc, eve.participant).set("e1", 1);
    expect((await two.closed).code).toBe(CLOSE.forged);
    entriesOf(one.doc, ben.participant).set("b1", 1);
    await one.saved(2);
    await one.close();
  });

  it("SV-111 removing a room closes it and forgets it", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const client = await connect(server.url, `${room}/article`, owner);
    client.doc.getText("text").insert(0, "to be forgotten");
    await client.sync();
    expect((await request(server, "DELETE", `/rooms/${room}`, { token: owner })).status).toBe(204);
    expect((await client.closed).code).toBe(CLOSE.gone);
    expect((await open(server.url, `${room}/article`, owner).closed).code).toBe(CLOSE.unknownRoom);
    expect((await request(server, "GET", `/join/${room}`)).status).toBe(404);
  });

  it("SV-114 a member renames themself: roster and presence follow at once, for everybody", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const ben = await session.join("Ben");
    const [host, guest] = [
      await connect(server.url, `${room}/session`, owner),
      await connect(server.url, `${room}/session`, ben.token),
    ];
    await Promise.all([host.sync(), guest.sync()]);
    guest.sendPresence(7, 1, '{"user":{"name":"The Dean"}}');
    await host.until((message) => message.type === 1 && Buffer.from(message.body).includes("Ben"));
    const rename = (name: unknown, token?: string, where = room) =>
      request<{ name: string; reason: string }>(server, "POST", `/rooms/${where}/name`, { token, body: { name } });

    const done = await rename("  Benjamin\u202e\nOkri ", ben.token);
    expect(done).toEqual({ status: 200, body: { name: "Benjamin Okri" } });
    await host.untilDoc((doc) => rowOf(doc, ben.participant)?.name === "Benjamin Okri");
    expect(rowOf(host.doc, "ada")?.name).toBe("Ada");
    await host.until((message) => message.type === 1 && Buffer.from(message.body).includes("Benjamin Okri"));
    // Neither connection was closed for it, and the token is as good as before.
    expect([host.ws.readyState, guest.ws.readyState]).toEqual([1, 1]);
    expect(rowOf(await fresh(`${room}/session`, ben.token), ben.participant)).toMatchObject({ role: "reader" });

    for (const name of ["", " \u200b ", 7, undefined]) expect((await rename(name, ben.token)).status).toBe(400);
    expect((await rename("Eve")).body.reason).toBe("unauthorized");
    expect((await rename("Eve", "admin")).body.reason).toBe("unauthorized");
    const other = await request<{ room: string }>(server, "POST", "/rooms", {
      token: "admin",
      body: { title: "Another", participant: { id: ben.participant, name: "Ben" } },
    });
    expect((await rename("Eve", ben.token, other.body.room)).body.reason).toBe("forbidden");
    await request(server, "PATCH", `/rooms/${room}/participants/${ben.participant}`, {
      token: owner,
      body: { removed: true },
    });
    expect((await rename("Eve", ben.token)).body.reason).toBe("unauthorized");
    expect(rowOf(await fresh(`${room}/session`), ben.participant)?.name).toBe("Benjamin Okri");
    await host.close();
  });

  it("SV-33 nobody holds up all readers by piling up structs under one entry", async () => {
    session = await startSession();
    const { server, room } = session;
    const [eve, ben] = [await session.join("Eve"), await session.join("Ben")];
    const attacker = await connect(server.url, `${room}/margin`, eve.token);
    await attacker.sync();
    const encoder = encoding.createEncoder();
    for (const n of [1, 20_000, 7, 0]) encoding.writeVarUint(encoder, n);
    for (let i = 0; i < 20_000; i++) {
      for (const n of [0x28, 1]) encoding.writeVarUint(encoder, n);
      for (const text of [`p:${eve.participant}`, "entry"]) encoding.writeVarString(encoder, text);
      encoding.writeVarUint(encoder, 1);
      encoding.writeAny(encoder, i);
    }
    encoding.writeVarUint(encoder, 0);
    attacker.sendUpdate(encoding.toUint8Array(encoder));
    expect((await attacker.closed).code).toBe(CLOSE.entryFull);
    const reader = await connect(server.url, `${room}/margin`, ben.token);
    await reader.sync();
    expect(reader.doc.store.clients.size).toBe(0);
    entriesOf(reader.doc, ben.participant).set("e1", 1);
    await reader.saved(1);
    await reader.close();
  });

  it("SV-28 nobody fills a margin for the others, neither with words nor with client ids", async () => {
    session = await startSession({ limits: { personBytes: 100_000 } });
    const { server, room } = session;
    const [eve, fay, ben] = [await session.join("Eve"), await session.join("Fay"), await session.join("Ben")];
    const inMargin = async ({ token }: { token: string }) => {
      const client = await connect(server.url, `${room}/margin`, token);
      await client.sync();
      return client;
    };
    const many = await inMargin(eve);
    for (let i = 0; i < 30; i++) {
      // what was written anew in the same place takes no more than once
      entriesOf(many.doc, eve.participant).set("e1", "x".repeat(30_000));
      await many.sync();
    }
    for (let i = 0; i < 30; i++) entriesOf(many.doc, eve.participant).set(`f${i}`, "x".repeat(10_000));
    expect((await many.closed).code).toBe(CLOSE.shareFull);
    const shifting = await inMargin(fay);
    for (let i = 0; i < 30; i++) {
      shifting.doc.clientID = i + 1;
      entriesOf(shifting.doc, fay.participant).set(`e${i}`, 1);
    }
    expect((await shifting.closed).code).toBe(CLOSE.shareFull);
    const reader = await inMargin(ben);
    entriesOf(reader.doc, ben.participant).set("e1", "x".repeat(50_000));
    const late = await inMargin({ token: session.owner });
    await late.untilDoc((doc) => entriesOf(doc, ben.participant).has("e1"));
    expect(entriesOf(late.doc, eve.participant).get("e1")).toBe("x".repeat(30_000));
    expect(late.doc.store.clients.size).toBeLessThan(30);
    await Promise.all([reader.close(), late.close()]);
  });

  it("SV-117 nobody takes another's name: who had it first keeps it, whatever signs it is written with", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const ben = await session.join("Ben");
    const eve = await session.join("Eve");
    const host = await connect(server.url, `${room}/session`, owner);
    await host.sync();
    const rename = (name: string, token: string) =>
      request<{ name: string }>(server, "POST", `/rooms/${room}/name`, { token, body: { name } });
    const shown = (participant: string, name: string) => host.untilDoc((doc) => rowOf(doc, participant)?.name === name);
    const guest = await connect(server.url, `${room}/session`, eve.token);
    guest.sendPresence(7, 1, "{}");
    for (const [name, as] of [
      ["ADA", "ADA (2)"],
      ["Ad\u0430", "Ad\u0430 (2)"],
      ["Ada\u3164", "Ada\u3164 (2)"],
    ] as const) {
      expect((await rename(name, eve.token)).status).toBe(200);
      await shown(eve.participant, as);
      await host.until((message) => message.type === 1 && Buffer.from(message.body).includes(as));
      expect(rowOf(host.doc, "ada")?.name).toBe("Ada");
    }
    // it does not count who joined first, but who has had the name longer
    await rename("Benjamin", ben.token);
    await rename("Ben", eve.token);
    await shown(eve.participant, "Ben");
    await rename("Ben", ben.token);
    await shown(ben.participant, "Ben (2)");
    await rename("ben", eve.token);
    await shown(eve.participant, "ben");
    expect(rowOf(host.doc, ben.participant)?.name).toBe("Ben (2)");
    expect((await rename("\u3164", eve.token)).status).toBe(400);
    await Promise.all([host.close(), guest.close()]);
  });

  it("AC-12 a name is written down with the joiners that its letters need", async () => {
    session = await startSession();
    const { server, room } = session;
    for (const name of ["زهرا محمدی\u200Cنژاد", "👩\u200D🔬 Dr. Okonkwo"]) {
      const { participant, token } = await session.join(name);
      expect(rowOf(await fresh(`${room}/session`), participant)?.name).toBe(name);
      const renamed = await request(server, "POST", `/rooms/${room}/name`, { token, body: { name } });
      expect(renamed.body).toEqual({ name });
    }
  });

  it("SV-114 in a blind room a new name reaches nobody but who sees the real ones", async () => {
    session = await startSession();
    const { server, room, owner } = session;
    const ben = await session.join("Ben", "reviewer");
    const host = await connect(server.url, `${room}/session`, owner);
    await host.sync();
    writePolicy(host.doc, { kind: "review", blindness: "double-blind", phase: "drafting" });
    await host.untilDoc((doc) => rowOf(doc, ben.participant)?.name === "Reviewer 1");
    const before = Y.encodeStateAsUpdate(await fresh(`${room}/session`, ben.token));
    const done = await request(server, "POST", `/rooms/${room}/name`, { token: ben.token, body: { name: "Benjamin" } });
    expect(done.status).toBe(200);
    const after = await fresh(`${room}/session`, ben.token);
    expect(Buffer.from(Y.encodeStateAsUpdate(after)).equals(before)).toBe(true);
    expect(JSON.stringify(rosterMap(after).toJSON())).not.toContain("Benjamin");
    const rows = await request<{ participants: { name: string }[] }>(server, "GET", `/rooms/${room}/participants`, {
      token: owner,
    });
    expect(rows.body.participants.map(({ name }) => name)).toEqual(["Ada", "Benjamin"]);
    await host.close();
  });

  it("SV-112 the landing page shows the title as text and runs nothing but its own script", async () => {
    session = await startSession();
    const made = await request<{ room: string }>(session.server, "POST", "/rooms", {
      token: "admin",
      body: { title: '<img src=x onerror="alert(1)">', participant: { id: "ada", name: "Ada" } },
    });
    const response = await fetch(`${session.server.url}/join/${made.body.room}`);
    const html = await response.text();
    expect(html).not.toContain("<img");
    expect(html).toContain("&#60;img");
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });

  it("SV-113 a token for plain documents opens those under its prefix and no room's", async () => {
    session = await startSession();
    const { server, room } = session;
    const token = (prefix: string) =>
      request<{ token: string }>(server, "POST", "/tokens", { token: "admin", body: { prefix } }).then(
        (r) => r.body.token,
      );
    const plain = await connect(server.url, "wiki/page one", await token("wiki/"));
    plain.doc.getText("t").insert(0, "hello");
    await plain.sync();
    await plain.saved(2);
    expect((await open(server.url, "other", await token("wiki/")).closed).code).toBe(CLOSE.forbidden);
    expect((await open(server.url, `${room}/article`, await token(room)).closed).code).toBe(CLOSE.forbidden);
    await plain.close();
  });
});

function rowOf(doc: Y.Doc, participant: string): RosterEntry | undefined {
  return readRoster(doc).get(participant);
}

/** An update with nothing but a garbage-collected struct in it. */
function gcUpdate(client: number, clock: number, length: number): Uint8Array {
  const bytes: number[] = [1, 1];
  const number = (value: number) => {
    let rest = value;
    while (rest > 0x7f) {
      bytes.push(0x80 | (rest % 0x80));
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  };
  number(client);
  number(clock);
  bytes.push(0);
  number(length);
  bytes.push(0);
  return Uint8Array.from(bytes);
}

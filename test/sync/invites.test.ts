import { describe, expect, test } from "vitest";
import {
  createInvite,
  createRoom,
  type Fetch,
  formatInviteLink,
  joinRoom,
  parseInviteLink,
  renameSelf,
  renewToken,
  websocketAddress,
} from "../../src/sync/invites.ts";

const LINK = { server: "http://192.168.1.5:4433", room: "abc-1", invite: "s3cret_S3CRET-x" };

describe("invite links", () => {
  test("SY-70 a link is read back as it was written, alone or for the editor", () => {
    for (const server of [
      "http://localhost:1",
      "https://notes.example.edu",
      "https://example.edu/sync",
      "http://[::1]:80",
    ]) {
      const link = { ...LINK, server };
      expect(parseInviteLink(formatInviteLink(link))).toEqual(link);
      const wrapped = `://marginalia.marginalia/join?link=${encodeURIComponent(formatInviteLink(link))}`;
      expect(parseInviteLink(`vscode${wrapped}`)).toEqual(link);
      expect(parseInviteLink(`vscode-insiders${wrapped}`)).toEqual(link);
      expect(parseInviteLink(`\n <${formatInviteLink(link)}> `)).toEqual(link);
    }
    expect(parseInviteLink("HTTPS://Notes.Example.EDU/join/abc#s3cret_S3CRET")?.server).toBe(
      "https://notes.example.edu",
    );
  });

  test.each([
    "",
    "http://",
    "http://host/join/abc",
    "http://host/join/abc#",
    "http://host/join/abc#short",
    "http://host/join/ABC DEF#s3cret_S3CRET",
    "http://host/join/../abc#s3cret_S3CRET",
    "http://user:pw@host/join/abc#s3cret_S3CRET",
    "http://host:99999/join/abc#s3cret_S3CRET",
    "http://host:0/join/abc#s3cret_S3CRET",
    "http://ho_st\\x/join/abc#s3cret_S3CRET",
    "ftp://host/join/abc#s3cret_S3CRET",
    "javascript:alert(1)//join/abc#s3cret_S3CRET",
    "file:///join/abc#s3cret_S3CRET",
    "vscode://other.extension/join?link=http%3A%2F%2Fhost%2Fjoin%2Fabc%23s3cret_S3CRET",
    "vscode://marginalia.marginalia/join?link=%E0%A4%A",
    "vscode://marginalia.marginalia/join",
    `http://host/join/abc#${"x".repeat(3_000)}`,
  ])("SY-70 %j is no invite", (text) => {
    expect(parseInviteLink(text)).toBeNull();
  });

  test("SY-70 the websocket is at the same address", () => {
    expect(websocketAddress("https://example.edu/sync/")).toBe("wss://example.edu/sync");
    expect(websocketAddress("http://localhost:1")).toBe("ws://localhost:1");
  });
});

describe("the server's routes", () => {
  const answering = (status: number, body: unknown) => {
    const calls: { url: string; init: Parameters<Fetch>[1] }[] = [];
    const fetch: Fetch = async (url, init) => {
      calls.push({ url, init });
      return { status, text: async () => (typeof body === "string" ? body : JSON.stringify(body)) };
    };
    return { api: { fetch }, calls };
  };
  const member = { room: "abc-1", title: "T", participant: "ada", role: "reader", token: "tok" };

  test("SY-71 joining sends the invite in the body only, and gives a membership", async () => {
    const { api, calls } = answering(200, { ...member, extra: 1 });
    expect(await joinRoom(api, LINK, { name: "Ada" })).toEqual({ ok: true, value: member });
    expect(calls[0]!.url).toBe("http://192.168.1.5:4433/rooms/abc-1/join");
    expect(calls[0]!.url + JSON.stringify(calls[0]!.init.headers)).not.toContain(LINK.invite);
    expect(JSON.parse(calls[0]!.init.body ?? "")).toEqual({ invite: LINK.invite, name: "Ada" });
    expect(calls[0]!.init.redirect).toBe("error");
  });

  test("SY-71 making a room and inviting carry their keys as bearer tokens; the server says how it is reached", async () => {
    const made = answering(201, { ...member, role: "owner" });
    const request = { title: "T", participant: { id: "ada", name: "Ada" } };
    expect(await createRoom(made.api, LINK.server, request, "admin")).toMatchObject({
      ok: true,
      value: { role: "owner" },
    });
    expect(made.calls[0]!.init.headers.authorization).toBe("Bearer admin");
    const invited = answering(201, {
      invite: LINK.invite,
      link: "https://public.edu/join/abc-1#s3cret_S3CRET-x",
      expires: 5,
    });
    expect(await createInvite(invited.api, LINK.server, "abc-1", { role: "reader" }, "tok")).toEqual({
      ok: true,
      value: { ...LINK, server: "https://public.edu", expires: 5 },
    });
  });

  test("SY-71 renaming oneself carries the personal token as a bearer token", async () => {
    const { api, calls } = answering(200, { name: "Ada L." });
    expect(await renameSelf(api, LINK.server, "abc-1", "Ada L.", "tok")).toEqual({
      ok: true,
      value: { name: "Ada L." },
    });
    expect(calls[0]!.url).toBe("http://192.168.1.5:4433/rooms/abc-1/name");
    expect(calls[0]!.init.headers.authorization).toBe("Bearer tok");
    expect(JSON.parse(calls[0]!.init.body ?? "")).toEqual({ name: "Ada L." });
  });

  test("SY-71 renewing sends the token that is to be replaced as a bearer token only", async () => {
    const { api, calls } = answering(200, { ...member, expiresIn: 60 });
    expect(await renewToken(api, LINK.server, "abc-1", "held-token")).toEqual({
      ok: true,
      value: { ...member, expiresIn: 60 },
    });
    expect(calls[0]!.url).toBe("http://192.168.1.5:4433/rooms/abc-1/token");
    expect(calls[0]!.init.headers.authorization).toBe("Bearer held-token");
    expect(calls[0]!.init.body).toBe("{}");
  });

  test("SY-72 what goes wrong is a sentence of ours: never the server's words, never a secret", async () => {
    const cases: [number, unknown, string][] = [
      [403, { reason: "invite-expired", message: "<b>evil</b>" }, "invite-expired"],
      [500, "<html>", "unexpected"],
      [404, { reason: "constructor", message: "" }, "unexpected"],
      [200, { ...member, participant: "../ada" }, "unexpected"],
      [200, { ...member, role: "god" }, "unexpected"],
      [200, "not json", "unexpected"],
    ];
    for (const [status, body, reason] of cases) {
      const result = await joinRoom(answering(status, body).api, LINK, { name: "Ada", heldToken: "held-token" });
      expect(result).toMatchObject({ ok: false, reason });
      expect(JSON.stringify(result)).not.toMatch(/evil|s3cret|held-token/);
    }
    const broken: Fetch = () => Promise.reject(new Error(`cannot reach ${LINK.server} with ${LINK.invite}`));
    const result = await joinRoom({ fetch: broken }, LINK, { name: "Ada" });
    expect(result).toEqual({ ok: false, reason: "unreachable", message: "The server could not be reached." });
  });
});

import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../src/cli/run.ts";
import type { RoomCreated } from "../../src/protocol/wire.ts";
import {
  canMove,
  runCli,
  type ServerProcess,
  startMovingServer,
  startServer,
  tempFolder,
} from "../support/cli-process.ts";
import { connect, request } from "../support/sync-server.ts";

let folder: Awaited<ReturnType<typeof tempFolder>>;
let server: ServerProcess | null = null;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  await server?.kill("SIGKILL");
  server = null;
  await folder.remove();
});

const makeRoom = (at: ServerProcess) =>
  request<RoomCreated>(at, "POST", "/rooms", {
    token: at.adminKey,
    body: { title: "On Reading\u001b[2J", participant: { id: "ada", name: "Ada" } },
  }).then((answer) => answer.body);

/** Runs a command in this process: for what ends before anything starts. */
async function runHere(args: readonly string[], env: Record<string, string> = {}) {
  let out = "";
  let err = "";
  const code = await run(args, { env, out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

describe("SV command line", () => {
  it("SV-40 serves, is found through its file, refuses a second server on the folder, and drains on SIGTERM", async () => {
    server = await startServer(folder.path);
    expect((await stat(join(folder.path, "server.json"))).mode & 0o077).toBe(0);
    expect((await request(server, "GET", "/readyz")).status).toBe(200);
    const second = await runCli(["rooms", "list", "--data", folder.path]);
    expect(second).toMatchObject({ code: 0, out: "There are no rooms.\n" });
    const room = await makeRoom(server);
    const client = await connect(server.url, `${room.room}/article`, room.token);
    await client.sync();
    client.doc.getText("text").insert(0, "kept");
    const gone = server.kill("SIGTERM");
    expect((await client.closed).code).toBe(1001);
    expect(await gone).toBe(0);

    server = await startServer(folder.path);
    const again = await connect(server.url, `${room.room}/article`, room.token);
    await again.sync();
    expect(again.doc.getText("text").toString()).toBe("kept");
    await again.close();
  });

  it("SV-41 ends by itself when nobody is connected", async () => {
    server = await startServer(folder.path, ["--exit-when-idle", "1s"]);
    expect(await server.exited).toBe(0);
  });

  it.skipIf(!canMove)(
    "SV-41 ends when the computer went to another network, and leaves its folder to the next",
    async () => {
      const args = ["--host", "10.99.0.1", "--exit-when-idle", "8s", "--log-level", "info"];
      const moving = await startMovingServer(folder.path, "10.99.0.1", args);
      moving.leave();
      expect(await moving.ended).toContain("another address");
      server = await startServer(folder.path);
      expect((await request(server, "GET", "/healthz")).status).toBe(200);
    },
  );

  it("SV-42 lists, exports, invites to and deletes rooms, with and without a running server", async () => {
    server = await startServer(folder.path);
    const { room, token } = await makeRoom(server);
    const client = await connect(server.url, `${room}/article`, token);
    client.doc.getText("text").insert(0, "The text");
    await client.sync();
    await client.saved(1);
    await client.close();
    const invited = await runCli(["invite", room, "--role", "reviewer", "--data", folder.path]);
    expect(invited.out.trim()).toMatch(new RegExp(`^${server.url}/join/${room}#[a-z0-9]{32}$`));
    await server.kill("SIGTERM");
    server = null;
    const list = await runCli(["rooms", "list", "--data", folder.path]);
    expect(list.out).toMatch(new RegExp(`^${room} {2}used \\d{4}-\\d\\d-\\d\\d {2}1 person {2}On Reading`));
    expect(list.out).not.toContain("\u001b");
    const exported = await runCli(["rooms", "export", room, "--data", folder.path]);
    expect(JSON.parse(exported.out)).toMatchObject({
      room,
      participants: [{ name: "Ada", role: "owner" }],
      documents: { [`${room}/article`]: { content: { text: "The text" } } },
    });
    expect((await runCli(["rooms", "delete", room, "--data", folder.path])).code).toBe(0);
    expect((await runCli(["rooms", "delete", room, "--data", folder.path])).code).toBe(1);
    expect((await runCli(["rooms", "list", "--data", folder.path])).out).toBe("There are no rooms.\n");
  });

  it.each([
    [["serve", "--port", "http"], "--port must be a number from 0 to 65535"],
    [["serve", "--prot", "1"], "Unknown option"],
    [["serve", "--log-level", "loud"], "--log-level must be one of"],
    [["serve", "--exit-when-idle", "10"], "--exit-when-idle must be a time like"],
    [["serve", "--cert", "x.pem"], "--cert and --key are given together"],
    [["serve", "--public-url", "notes.example.edu"], "--public-url must be like https://"],
    [["serve", "--redis", "localhost"], "--redis must be like redis://"],
    [["rooms", "burn"], "Say rooms list"],
    [["invite", "x", "--role", "owner"], "--role must be one of author"],
    [["dance"], "There is no command"],
  ])("SV-43 says what is wrong in one sentence: %j", async (args, sentence) => {
    const finished = await runHere(args);
    expect(finished.code).toBe(2);
    expect(finished.err).toContain(sentence);
    expect(finished.err.trim().split("\n")).toHaveLength(1);
  });

  it("SV-43 reads options from the environment", async () => {
    const finished = await runHere(["serve"], { MARGINALIA_PORT: "many" });
    expect(finished).toMatchObject({ code: 2 });
    expect(finished.err).toContain('"many"');
  });

  it("SV-44 says which folder cannot be had, or which file cannot be written", async () => {
    const file = join(folder.path, "a-file");
    await writeFile(file, "");
    for (const args of [["rooms", "list"], ["invite", "seminar"], ["serve"]]) {
      const refused = await runHere([...args, "--data", join(file, "data")]);
      expect(refused, args[0]).toMatchObject({ code: 1, out: "" });
      expect(refused.err.trim().split("\n"), args[0]).toEqual([expect.stringContaining(file)]);
    }
    server = await startServer(folder.path);
    const { room } = await makeRoom(server);
    const out = join(folder.path, "missing", "room.json");
    const refused = await runHere(["rooms", "export", room, "--out", out, "--data", folder.path]);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err.trim().split("\n")).toEqual([expect.stringContaining(out)]);
  });

  it("SV-44 says that a port is taken", async () => {
    server = await startServer(folder.path);
    const other = await tempFolder();
    const finished = await runCli(["serve", "--port", new URL(server.url).port, "--data", other.path]);
    expect(finished).toMatchObject({ code: 1 });
    expect(finished.err).toContain("is in use. Choose another with --port.");
    await other.remove();
  });
});

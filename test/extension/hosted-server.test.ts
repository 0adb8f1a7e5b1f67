import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ensureHostedServer, reviveHostedServer } from "../../src/extension/session/hosted-server.ts";
import { bundleOf, tempFolder } from "../support/cli-process.ts";

let folder: Awaited<ReturnType<typeof tempFolder>>;
beforeEach(async () => {
  said.length = 0;
  folder = await tempFolder();
});
afterEach(() => folder.remove());

const said: string[] = [];
const note = (message: string) => void said.push(message);
const log = { info: note, warn: note, error: note };

describe("SV-41 the server that the extension starts", () => {
  it("SV-41 is found by whoever asks next, and makes way for one at another address", async () => {
    const hosting = { cli: await bundleOf("src/cli/main.ts"), data: join(folder.path, "server"), log };
    const pids: number[] = [];
    const ensure = async (host: string) => {
      const result = await ensureHostedServer(host, hosting);
      if (!result.ok) throw new Error(result.message);
      if (!pids.includes(result.server.pid)) pids.push(result.server.pid);
      return result.server.url;
    };
    try {
      const url = await ensure("127.0.0.1");
      expect(await ensure("127.0.0.1")).toBe(url);
      expect(await reviveHostedServer(url, hosting)).toBe(url);
      expect(pids).toHaveLength(1);
      const other = await ensure("localhost");
      expect(new URL(other).port).toBe(new URL(url).port);
      expect(pids).toHaveLength(2);
      await vi.waitFor(() => expect(() => process.kill(pids[0]!, 0)).toThrow("ESRCH"), 5_000);
    } finally {
      for (const pid of pids.slice(-1)) process.kill(pid, "SIGTERM");
      for (const pid of pids) await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 5_000);
    }
  });

  it("SV-41, ED-29 cannot be had where its folder cannot be made: the reader is told so, and a session keeps its address", async () => {
    const file = join(folder.path, "a-file");
    await writeFile(file, "");
    const hosting = { cli: "cli.cjs", data: join(file, "server"), log };
    expect(await ensureHostedServer("127.0.0.1", hosting)).toEqual({
      ok: false,
      message: "The server could not be started on this computer: its folder cannot be written. Is the disk full?",
    });
    expect(said.some((line) => line.includes("cannot be written"))).toBe(true);
    const address = "http://127.0.0.1:9";
    expect(await reviveHostedServer(address, hosting)).toBe(address);
  });

  it("SV-41 is ended when it does not come up in time: it would keep the folder from the next", async () => {
    const cli = join(folder.path, "silent.cjs");
    const pidFile = join(folder.path, "pid");
    await writeFile(
      cli,
      `require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`,
    );
    const started = await ensureHostedServer("127.0.0.1", { cli, data: folder.path, log, startTimeout: 2_000 });
    expect(started).toEqual({ ok: false, message: expect.stringContaining(join(folder.path, "server.log")) });
    const pid = Number(await readFile(pidFile, "utf8"));
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 5_000);
  });

  it("SV-41 the server that runs is found by its file", async () => {
    const server = createServer((_request, response) => response.end("ok"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const running = { pid: process.pid, url, adminKey: "key" };
    await writeFile(join(folder.path, "server.json"), JSON.stringify(running));
    const found = await ensureHostedServer("127.0.0.1", { cli: join(folder.path, "none.cjs"), data: folder.path, log });
    expect(found).toEqual({ ok: true, server: running });
    server.close();
    server.closeAllConnections();
  });

  it.each([
    '{"pid":1,"url":"not an address","adminKey":"x"}',
    '{"pid":1',
    "",
    "[]",
    '{"pid":1,"url":"ftp://x","adminKey":"x"}',
  ])("ED-29 what a damaged file says of the last server is nothing: %s", async (text) => {
    const data = join(folder.path, "data");
    await mkdir(data);
    await writeFile(join(data, "server.json"), text);
    const result = await ensureHostedServer("127.0.0.1", { cli: join(folder.path, "none.cjs"), data, log });
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(/could not be started.*\.$/) });
  });
});

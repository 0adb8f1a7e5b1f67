import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type * as vscode from "vscode";
import { packVsix } from "../../src/tools/vsix.ts";

/** The extension that runs functions of a test inside the extension host; test windows alone have it. */
const BRIDGE_SOURCE = `
const vscode = require("vscode"), http = require("node:http"), fs = require("node:fs");
exports.activate = (context) => {
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    let answer;
    try {
      const { source, args } = JSON.parse(body);
      answer = { ok: true, value: await (0, eval)("(" + source + ")")(vscode, ...args) };
    } catch (error) {
      answer = { ok: false, error: String((error && error.stack) || error) };
    }
    response.end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1", () => {
    const file = process.env.MARGINALIA_BRIDGE_FILE;
    fs.writeFileSync(file + ".new", String(server.address().port));
    fs.renameSync(file + ".new", file);
  });
  context.subscriptions.push({ dispose: () => server.close() });
};
`;

const BRIDGE_MANIFEST = {
  name: "bridge",
  displayName: "Test bridge",
  publisher: "marginalia-test",
  version: "0.0.1",
  engines: { vscode: "^1.100.0" },
  main: "./bridge.cjs",
  files: ["bridge.cjs"],
  activationEvents: ["onStartupFinished"],
};

/** Packs the bridge into `folder` and returns the VSIX's path. */
export const packBridge = async (folder: string): Promise<string> => {
  const source = await mkdtemp(path.join(tmpdir(), "marginalia-bridge-"));
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(source, "package.json"), JSON.stringify(BRIDGE_MANIFEST));
  await writeFile(path.join(source, "bridge.cjs"), BRIDGE_SOURCE);
  const vsix = await packVsix(source, path.join(folder, "bridge.vsix"));
  await rm(source, { recursive: true, force: true });
  return vsix.file;
};

interface Answer {
  readonly ok: boolean;
  readonly value?: unknown;
  readonly error?: string;
}

/** The host may be starting, or a reloaded window may have just replaced it: asks until someone listens. */
const ask = async (file: string, body: string, timeoutMs: number): Promise<Answer> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      const port = Number(await readFile(file, "utf8"));
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
      return (await response.json()) as Answer;
    } catch (error) {
      if (Date.now() > deadline) throw new Error("The extension host does not answer.", { cause: error });
      await delay(100);
    }
  }
};

/**
 * Runs `work` in the extension host behind the bridge that wrote `file`. The function is sent as text: it sees its
 * arguments (JSON) and the `vscode` module, and nothing of the test around it. Its result must be JSON too.
 */
export const evaluateInHost = async <A extends readonly unknown[], R>(
  file: string,
  work: (api: typeof vscode, ...args: A) => R | Thenable<R>,
  args: A,
): Promise<R> => {
  // The test runner's compiler may name functions through a helper of its own; the host has none.
  const source = `(...args) => { const __name = (f) => f; return (${work.toString()})(...args); }`;
  const answer = await ask(file, JSON.stringify({ source, args }), 30_000);
  if (!answer.ok) throw new Error(`In the extension host: ${answer.error}`);
  return answer.value as R;
};

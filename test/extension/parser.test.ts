import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createParser } from "../../src/extension/article/parser.ts";

let folder = "";
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), "marginalia-parser-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const log = { info() {}, warn() {}, error() {} };

/** A worker that does `work` with each text that it is given. */
function workerOf(name: string, work: string): string {
  const file = path.join(folder, `${name}.cjs`);
  writeFileSync(
    file,
    `const { parentPort } = require("node:worker_threads"); parentPort.on("message", (task) => { ${work} });`,
  );
  return file;
}

test("a text that a worker dies of is read once more, in another one", async () => {
  const marker = JSON.stringify(path.join(folder, "died"));
  const work = `const fs = require("node:fs");
    if (!fs.existsSync(${marker})) { fs.writeFileSync(${marker}, ""); process.exit(1); }
    parentPort.postMessage({ id: task.id, ok: true, parsed: { source: task.source } });`;
  const parser = createParser(workerOf("dies-once", work), log);
  expect(await parser.parse("a", "text", "markdown")).toEqual({ source: "text" });
  parser.dispose();
});

test("what is being read when the parser is disposed of fails, and starts no other worker", async () => {
  const parser = createParser(workerOf("silent", ""), log);
  const reading = parser.parse("a", "text", "markdown");
  parser.dispose();
  await expect(reading).rejects.toThrow("closed");
  await expect(parser.parse("a", "text", "markdown")).rejects.toThrow("closed");
});

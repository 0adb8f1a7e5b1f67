/**
 * `npm run test:workbench [-- --suite | --e2e] [--grep PATTERN] [--tally FILE]`: the tests that need a real VS Code. First the suite
 * inside the extension host, then the end-to-end tests in browser windows.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../../src/tools/paths.ts";
import { explain } from "../../src/tools/problem.ts";
import { consoleProgress } from "../../src/tools/progress.ts";
import { ensureProduct } from "../../src/tools/product.ts";
import { addTallies, emptyTally, readVitestReport, type Tally, tallyLine } from "../../src/tools/tally.ts";
import { ensureBrowser, ensureVscode } from "../../src/tools/workbench/fetch.ts";
import { buildSuite, runSuite } from "./run-host.ts";

const SUITE_TIMEOUT_MS = 240_000;

const { values } = parseArgs({
  options: {
    suite: { type: "boolean" },
    e2e: { type: "boolean" },
    grep: { type: "string" },
    tally: { type: "string" },
  },
});
const wanted = values.suite || values.e2e ? values : { suite: true, e2e: true };

const hostTests = async (progress: (line: string) => void): Promise<Tally> => {
  await buildSuite();
  const started = Date.now();
  const vscode = await ensureVscode(progress);
  const browser = await ensureBrowser(progress);
  const results = await runSuite(vscode, browser, { timeoutMs: SUITE_TIMEOUT_MS, grep: values.grep });
  for (const { state, title, error } of results) {
    if (state !== "passed") console.log(`${state === "failed" ? "FAILED" : "skipped"} ${title}`);
    if (error) console.log(error.replace(/^/gm, "    "));
  }
  const count = (state: string): number => results.filter((result) => result.state === state).length;
  const tally: Tally = { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
  console.log(`extension host: ${tallyLine(tally)} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return tally;
};

const endToEndTests = async (progress: (line: string) => void): Promise<Tally> => {
  const dir = path.join(projectRoot, "test", "workbench", "e2e");
  if (!existsSync(dir) || (await readdir(dir)).every((name) => !name.endsWith(".e2e.ts"))) return emptyTally;
  await ensureVscode(progress);
  await ensureBrowser(progress);
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-e2e-"));
  const report = path.join(folder, "report.json");
  const child = spawn(
    process.execPath,
    [
      path.join(projectRoot, "node_modules", "vitest", "vitest.mjs"),
      "run",
      "--config",
      path.join(projectRoot, "test", "workbench", "vitest.e2e.config.ts"),
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...(values.grep ? ["-t", values.grep] : []),
    ],
    { cwd: projectRoot, stdio: "inherit" },
  );
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  const tally = await readVitestReport(report);
  await rm(folder, { recursive: true, force: true });
  // An error outside any test, such as an unhandled rejection, fails the run without a failed test.
  const result = code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
  console.log(`end to end: ${tallyLine(result)}`);
  return result;
};

const progress = consoleProgress();
try {
  await ensureProduct(progress.report);
  progress.done();
  let tally = emptyTally;
  if (wanted.suite) tally = addTallies(tally, await hostTests(progress.report));
  if (wanted.e2e) tally = addTallies(tally, await endToEndTests(progress.report));
  if (values.tally) {
    await mkdir(path.dirname(values.tally), { recursive: true });
    await writeFile(values.tally, JSON.stringify(tally));
  } else console.log(tallyLine(tally));
  if (tally.failed > 0) process.exitCode = 1;
} catch (error) {
  progress.done();
  console.error(explain(error));
  process.exitCode = 1;
}

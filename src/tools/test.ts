/**
 * `npm test`: builds, runs the unit tests, fetches VS Code and a browser where they are missing, runs the tests that need
 * them, and ends with one line that counts everything.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { projectRoot } from "./paths.ts";
import { explain } from "./problem.ts";
import { consoleProgress } from "./progress.ts";
import { ensureProduct } from "./product.ts";
import { ensureBrowser } from "./workbench/fetch.ts";
import { addTallies, emptyTally, readTally, readVitestReport, type Tally, tallyLine } from "./tally.ts";

const run = (args: readonly string[]): Promise<number | null> =>
  new Promise((resolve) => {
    spawn(process.execPath, args, { cwd: projectRoot, stdio: "inherit" }).once("exit", resolve);
  });

const bin = (...parts: string[]): string => path.join(projectRoot, "node_modules", ...parts);

/** A run that failed without a failed test still is a failure. */
const withExitCode = (tally: Tally, code: number | null): Tally =>
  code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;

/** Runs the tests of one vitest configuration. */
const vitestTests = async (folder: string, name: string, ...config: string[]): Promise<Tally> => {
  const report = path.join(folder, `${name}.json`);
  const code = await run([
    bin("vitest", "vitest.mjs"),
    "run",
    "--config",
    path.join(projectRoot, "test", ...config),
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  return withExitCode(await readVitestReport(report), code);
};

const workbenchTests = async (folder: string): Promise<Tally> => {
  const report = path.join(folder, "workbench.json");
  const code = await run(["--import", "tsx", path.join(projectRoot, "test", "workbench", "run.ts"), "--tally", report]);
  return withExitCode(await readTally(report), code);
};

const progress = consoleProgress();
const folder = await mkdtemp(path.join(tmpdir(), "marginalia-test-"));
let tally = emptyTally;
try {
  const built = await ensureProduct(progress.report).then(
    () => true,
    (error: unknown) => {
      console.error(explain(error));
      return false;
    },
  );
  progress.done();
  tally = addTallies(tally, await vitestTests(folder, "unit", "vitest.config.ts"));
  await ensureBrowser(progress.report);
  progress.done();
  tally = addTallies(tally, await vitestTests(folder, "view", "webview-browser", "vitest.config.ts"));
  // What does not build counts as one failure; the unit tests run on the sources and say more.
  tally = addTallies(tally, built ? await workbenchTests(folder) : { ...emptyTally, failed: 1 });
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(tallyLine(tally));
if (tally.failed > 0) process.exitCode = 1;

import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";

/** What one test of the suite came to; the runner outside reads a list of these, rewritten after each test. */
export interface SuiteResult {
  readonly title: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly error?: string;
}

/**
 * The module that VS Code loads as `extensionTestsPath`: runs every bundled `*.test.cjs` beside it with mocha inside the
 * extension host, and writes the results to the file named in `MARGINALIA_SUITE_RESULTS`.
 */
export const run = async (): Promise<void> => {
  const mocha = new Mocha({ ui: "tdd", timeout: 60_000, color: false, reporter: "spec" });
  const grep = process.env["MARGINALIA_SUITE_GREP"];
  if (grep) mocha.grep(new RegExp(grep));
  for (const file of readdirSync(__dirname)) if (file.endsWith(".test.cjs")) mocha.addFile(path.join(__dirname, file));
  const file = process.env["MARGINALIA_SUITE_RESULTS"];
  const results: SuiteResult[] = [];
  const add = (result: SuiteResult): void => {
    results.push(result);
    if (file) writeFileSync(file, JSON.stringify(results));
  };
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on("pass", (test) => add({ title: test.fullTitle(), state: "passed" }));
    runner.on("pending", (test) => add({ title: test.fullTitle(), state: "skipped" }));
    runner.on("fail", (test, error: Error) =>
      add({ title: test.fullTitle(), state: "failed", error: error.stack ?? error.message }),
    );
  });
  if (failures > 0) throw new Error(`${failures} of ${results.length} tests failed`);
};

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addTallies, readVitestReport, tallyLine } from "../../src/tools/tally.ts";

describe("counting tests", () => {
  let folder: string;
  const report = async (content: string): Promise<string> => {
    const file = path.join(folder, "report.json");
    await writeFile(file, content);
    return file;
  };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "marginalia-tally-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("counts what passed, failed and was skipped", async () => {
    const file = await report(
      JSON.stringify({
        numPassedTests: 3,
        numFailedTests: 1,
        numPendingTests: 1,
        numTodoTests: 1,
        testResults: [{ status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] }],
      }),
    );
    expect(await readVitestReport(file)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it("counts a file that did not load as a failure", async () => {
    const file = await report(
      JSON.stringify({
        numPassedTests: 3,
        numFailedTests: 0,
        numPendingTests: 0,
        numTodoTests: 0,
        testResults: [
          { status: "passed", assertionResults: [{ status: "passed" }] },
          { status: "failed", assertionResults: [] },
        ],
      }),
    );
    expect(await readVitestReport(file)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it("counts a report that is missing, cut off or something else as a failure", async () => {
    expect(await readVitestReport(path.join(folder, "none.json"))).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(await readVitestReport(await report('{"numPassed'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(await readVitestReport(await report("[]"))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it("says it in one line", () => {
    const sum = addTallies({ passed: 1, failed: 2, skipped: 0 }, { passed: 3, failed: 0, skipped: 0 });
    expect(tallyLine(sum)).toBe("4 passed, 2 failed");
    expect(tallyLine({ ...sum, skipped: 5 })).toBe("4 passed, 2 failed, 5 skipped");
  });
});

import { readFile } from "node:fs/promises";
import * as z from "zod/mini";

/** How many tests came to what. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const emptyTally: Tally = { passed: 0, failed: 0, skipped: 0 };

export const addTallies = (a: Tally, b: Tally): Tally => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** `12 passed, 0 failed`, and the skipped where there are any. */
export const tallyLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

const tallyShape = z.object({ passed: z.number(), failed: z.number(), skipped: z.number() });

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/** What a file holds, or undefined where it is missing or no JSON. */
const readJson = async (file: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(file, "utf8")) as unknown;
  } catch {
    return undefined;
  }
};

/**
 * Counts vitest's JSON report. A file that failed without a failed test in it (it did not load, or a hook threw)
 * counts as one failed test; a report that is missing or broken as one as well.
 */
export const readVitestReport = async (file: string): Promise<Tally> => {
  const report = vitestReport.safeParse(await readJson(file));
  if (!report.success) return { ...emptyTally, failed: 1 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report.data;
  const silent = testResults.filter(
    (result) => result.status === "failed" && result.assertionResults.every((test) => test.status !== "failed"),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + silent.length,
    skipped: numPendingTests + numTodoTests,
  };
};

/** Reads a tally that another process wrote; one that is missing or broken counts as one failed test. */
export const readTally = async (file: string): Promise<Tally> => {
  const tally = tallyShape.safeParse(await readJson(file));
  return tally.success ? tally.data : { ...emptyTally, failed: 1 };
};

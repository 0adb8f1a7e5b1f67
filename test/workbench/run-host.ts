import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { projectRoot } from "../../src/tools/paths.ts";
import { launchBrowser } from "../../src/tools/workbench/browser.ts";
import type { Browser, Vscode } from "../../src/tools/workbench/fetch.ts";
import { startVscode } from "../../src/tools/workbench/server.ts";
import type { SuiteResult } from "./run-suite.ts";

/** Where the bundled suite goes; `.vscode-test.mjs` names it too. */
const suiteDir = path.join(projectRoot, ".build", "suite");

/** Bundles each file of the suite, and the runner, for the extension host. */
export const buildSuite = async (): Promise<void> => {
  const source = path.join(projectRoot, "test", "workbench", "suite");
  const names = existsSync(source) ? await readdir(source) : [];
  await rm(suiteDir, { recursive: true, force: true });
  await build({
    absWorkingDir: projectRoot,
    entryPoints: [
      path.join(projectRoot, "test", "workbench", "run-suite.ts"),
      ...names.filter((name) => name.endsWith(".test.ts")).map((name) => path.join(source, name)),
    ],
    outdir: suiteDir,
    outExtension: { ".js": ".cjs" },
    entryNames: "[name]",
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode", "mocha", "bufferutil", "utf-8-validate"],
    sourcemap: "inline",
    logLevel: "warning",
  });
};

/**
 * Runs the bundled suite in the extension host of a real VS Code, on a copy of `test/workbench/workspace`, and returns
 * what each test came to. A host that ends without results counts as one failed test.
 */
export const runSuite = async (
  vscode: Vscode,
  browser: Browser,
  options: { readonly timeoutMs: number; readonly grep?: string },
): Promise<readonly SuiteResult[]> => {
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-suite-"));
  const workspace = path.join(folder, "workspace");
  const results = path.join(folder, "results.json");
  const template = path.join(projectRoot, "test", "workbench", "workspace");
  if (existsSync(template)) await cp(template, workspace, { recursive: true });
  else await mkdir(workspace);
  const server = await startVscode({
    vscode,
    dataDir: path.join(folder, "data"),
    smokeTest: true,
    env: { MARGINALIA_SUITE_RESULTS: results, ...(options.grep ? { MARGINALIA_SUITE_GREP: options.grep } : {}) },
  });
  try {
    const chromium = await launchBrowser(browser);
    try {
      const context = await chromium.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
      const page = await context.newPage();
      const said: string[] = [];
      const code = await new Promise<number | undefined>((resolve, reject) => {
        const timer = setTimeout(() => resolve(undefined), options.timeoutMs);
        const exit = (status: number): void => {
          clearTimeout(timer);
          resolve(status);
        };
        // The workbench calls these two where its page has them: for what the suite prints, and at the end.
        const open = async (): Promise<void> => {
          await page.exposeFunction("codeAutomationExit", exit);
          await page.exposeFunction("codeAutomationLog", (_type: string, args: readonly unknown[]) => {
            said.push(args.map(String).join(" "));
          });
          const tests = path.join(suiteDir, "run-suite.cjs");
          await page.goto(server.url({ workspace, developmentPath: projectRoot, testsPath: tests }));
        };
        open().catch((error: unknown) => {
          clearTimeout(timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      });
      const done = existsSync(results) ? (JSON.parse(await readFile(results, "utf8")) as SuiteResult[]) : [];
      if (code !== undefined && (code === 0 || done.some((result) => result.state === "failed"))) return done;
      const why = code === undefined ? `no end after ${options.timeoutMs / 1000} s` : `ended with code ${code}`;
      const error = `${why}; the host's last words:\n${said.slice(-20).join("\n")}`;
      return [...done, { title: "extension host suite", state: "failed", error }];
    } finally {
      await chromium.close();
    }
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
};

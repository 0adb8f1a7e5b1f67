/**
 * `npm run bench:reader [-- --runs 5] [--only open,comment,scroll,share,start] [--counts 1000,10000]`: the reading view in real VS
 * Code windows, as a reader meets it, beside the same text in a plain page of the same browser. Prints medians.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { consoleProgress } from "../../../src/tools/progress.ts";
import { ensureProduct } from "../../../src/tools/product.ts";
import { startServer } from "../../support/cli-process.ts";
import { setUpWorkbench, type User, type Workbench } from "../../support/workbench.ts";
import { makeArticle, makePassages } from "./article.ts";
import { createFigures } from "./figures.ts";
import { makeFloorPage } from "./floor.ts";
import {
  bundleHostSide,
  comesToRest,
  lookOutFor,
  pressAndSee,
  scrollThrough,
  type Scrolling,
  selectText,
} from "./workbench.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    only: { type: "string", default: "start,open,comment,scroll,share" },
    counts: { type: "string", default: "1000,10000" },
  },
});
const runs = Number(values.runs);
const only = new Set(values.only.split(","));
const counts = values.counts.split(",").map(Number);
const LENGTH = 50_000;
const SIZE = { width: 1280, height: 850 };
/** Between two things that are measured in the same window, in milliseconds. */
const REST = 2000;
/** How long a window is open that VS Code is still busy starting, in milliseconds. */
const STARTING = 2000;
/** Comments sent in a shared session, and own ones written. */
const COMMENTS = 30;
const OWN = 10;
/** Pixels scrolled in each run. */
const DISTANCE = 12_000;
/** A frame that came so much later than the one before missed at least one refresh of a 60 Hz screen. Milliseconds. */
const LATE = 25;

const TARGETS: Record<string, string> = {
  "open, 1000 annotations, extension loaded: highlights painted, ms": "700",
  "open, 1000 annotations, first of the window: highlights painted, ms": "700",
  "open, 10000 annotations, extension loaded: highlights painted, ms": "2000",
  "open, 10000 annotations, first of the window: highlights painted, ms": "2000",
  "activation, ms": "50",
  "VSIX, MB": "2",
  "comment by Ada to visible for Ben, ms": "60",
};
for (const count of counts) {
  TARGETS[`scroll, ${count} annotations: pictures a second`] = "60";
  TARGETS[`own comment, ${count} annotations: work of the main thread, ms`] = "16";
  TARGETS[`own comment, ${count} annotations: frames until it is painted`] = "1";
  TARGETS[`open, ${count} annotations, extension loaded: longest block of the extension host, ms`] = "16";
}

const progress = consoleProgress();
const say = (line: string): void => progress.report(line);
const figures = createFigures();
const host = await bundleHostSide();
const text = makeArticle(LENGTH);

const noteScrolling = (name: string, { pictures, frames, distance }: Scrolling): void => {
  if (distance < DISTANCE / 2) throw new Error(`${name}: scrolled only ${distance} pixels.`);
  if (pictures.length < 10) throw new Error(`${name}: no pictures were counted.`);
  const rate = (times: readonly number[]): number => (1000 * times.length) / times.reduce((sum, time) => sum + time, 0);
  const late = (times: readonly number[]): number => (100 * times.filter((time) => time > LATE).length) / times.length;
  figures.note(`${name}: pictures a second`, rate(pictures));
  figures.note(`${name}: late pictures, %`, late(pictures));
  figures.note(`${name}: longest time between pictures, ms`, Math.max(...pictures));
  figures.note(`${name}: frames a second of the main thread`, rate(frames));
  figures.note(`${name}: late frames of the main thread, %`, late(frames));
  figures.note(`${name}: longest frame of the main thread, ms`, Math.max(...frames));
};

/**
 * What a window had open is not opened again: it would be there before anything is measured. Nor does VS Code look for ports to
 * forward, which it does in the extension host, through the files of every process of the machine, for 30 ms and more.
 */
const FORGETFUL = { "workbench.editor.restoreEditors": false, "remote.autoForwardPorts": false };

/** A window with a fresh extension host and no editor, at rest or still starting. */
const freshWindow = async (user: User, state: "at rest" | "starting" = "at rest"): Promise<void> => {
  await user.window.leave();
  await user.window.visit();
  if (state === "at rest") await comesToRest(user, host);
  else await delay(STARTING);
  if ((await host.call(user, "openTabs")) > 0) throw new Error("VS Code restored its editors.");
};

async function opening(user: User, file: string, count: number): Promise<void> {
  const note = (how: string, opened: object): void => {
    for (const [moment, at] of Object.entries(opened) as [string, number][]) {
      const what: Record<string, string> = {
        resolve: "editor asked for, ms",
        scriptStart: "script of the view runs, ms",
        snapshot: "snapshot is there, ms",
        blocksPainted: "text painted, ms",
        highlightsPainted: "highlights painted, ms",
        longest: "longest block of the extension host, ms",
      };
      figures.note(`open, ${count} annotations, ${how}: ${what[moment]}`, at);
    }
  };
  for (let run = 0; run < runs; run++) {
    say(`Opening with ${count} annotations (${run + 1} of ${runs})`);
    await freshWindow(user);
    figures.note("empty webview, first of the window: script runs, ms", await host.call(user, "emptyWebview"));
    await freshWindow(user);
    note("first of the window", await host.call(user, "open", file));
    await freshWindow(user, "starting");
    note("first of a window that still starts", await host.call(user, "open", file));
    await freshWindow(user);
    await user.execute("marginalia.sample.open");
    await (await user.window.webviewFrame()).waitForSelector("h1");
    await delay(REST);
    figures.note("empty webview, not the first: script runs, ms", await host.call(user, "emptyWebview"));
    await delay(REST);
    note("extension loaded", await host.call(user, "open", file));
  }
}

async function ownComments(user: User, file: string, count: number): Promise<void> {
  await freshWindow(user);
  await host.call(user, "open", file);
  const { page } = user.window;
  const frame = await user.window.webviewFrame();
  const paragraphs = text.split("\n\n").filter((part) => /^[A-Z]/.test(part) && !/[*[]/.test(part.slice(0, 60)));
  for (let i = 0; i < OWN; i++) {
    say(`Own comment ${i + 1} of ${OWN}, ${count} annotations`);
    const passage = paragraphs[Math.floor((i * paragraphs.length) / OWN)]!.slice(0, 40);
    if (!(await selectText(frame, passage))) throw new Error(`Not in the view: ${passage}`);
    await delay(300);
    await frame
      .locator("[role=toolbar] button", { hasText: /comment/i })
      .first()
      .click();
    await frame.locator("m-composer textarea").waitFor();
    const words = `Remark ${i} on this.`;
    await page.keyboard.type(words);
    await delay(300);
    const { painted, frames, work } = await pressAndSee(page, frame, "Control+Enter", words);
    figures.note(`own comment, ${count} annotations: work of the main thread, ms`, work);
    figures.note(`own comment, ${count} annotations: frames until it is painted`, frames);
    figures.note(`own comment, ${count} annotations: key press to painted, ms`, painted);
    await delay(500);
  }
}

async function scrolling(user: User, file: string, count: number): Promise<void> {
  for (let run = 0; run < runs; run++) {
    say(`Scrolling with ${count} annotations (${run + 1} of ${runs})`);
    await freshWindow(user);
    await host.call(user, "open", file);
    const frame = await user.window.webviewFrame();
    await frame.evaluate(() => scrollTo(0, 0));
    await delay(REST);
    noteScrolling(`scroll, ${count} annotations`, await scrollThrough(user.window.page, frame, DISTANCE));
  }
}

async function floor(workbench: Workbench, count: number): Promise<void> {
  const plain = await makeFloorPage(text, makePassages(text, count));
  const context = await workbench.browser.newContext({ viewport: SIZE });
  try {
    for (let run = 0; run < runs; run++) {
      say(`Plain page with ${count} highlights (${run + 1} of ${runs})`);
      const page = await context.newPage();
      await page.goto(plain.url);
      await page.waitForFunction(() => performance.getEntriesByName("painted").length > 0);
      const painted = await page.evaluate(() => performance.getEntriesByName("painted")[0]!.startTime);
      figures.note(`plain page, ${count} highlights: painted, ms`, painted);
      await delay(REST);
      noteScrolling(`plain page, ${count} highlights: scroll`, await scrollThrough(page, page.mainFrame(), DISTANCE));
      await page.evaluate(() => scrollTo(0, 0));
      await delay(500);
      const { work, painted: shown } = await pressAndSee(page, page.mainFrame(), "Enter", "A comment.");
      figures.note(`plain page, ${count} highlights: a line more, work of the main thread, ms`, work);
      figures.note(`plain page, ${count} highlights: a line more, key press to painted, ms`, shown);
      await page.close();
    }
  } finally {
    await context.close();
    await plain.remove();
  }
}

async function starting(user: User): Promise<void> {
  for (let run = 0; run < runs; run++) {
    say(`Starting a window (${run + 1} of ${runs})`);
    await freshWindow(user);
    const files = await host.call(user, "loaded");
    if (files.some((file) => file !== "extension.cjs")) throw new Error(`Loaded at the start: ${files.join(", ")}`);
    await user.execute("workbench.action.showRuntimeExtensions");
    const row = user.window.page
      .locator(".runtime-extensions-editor .monaco-list-row")
      .filter({ hasText: "Marginalia" });
    const said = await row.filter({ hasNotText: "bridge" }).first().innerText();
    const time = /Activation: (\d+)ms/.exec(said.replaceAll("\n", " "))?.[1];
    if (time === undefined) throw new Error(`No activation time: ${said}`);
    figures.note("activation, ms", Number(time));
  }
  const { file } = await ensureProduct(say);
  figures.note("VSIX, MB", (await stat(file)).size / 1e6);
}

async function sharing(workbench: Workbench): Promise<void> {
  const data = await mkdtemp(path.join(tmpdir(), "marginalia-bench-server-"));
  const server = await startServer(data);
  try {
    const settings = { "marginalia.server.url": server.url, "marginalia.server.adminKey": server.adminKey };
    const [ada, ben] = await Promise.all([
      workbench.user("Ada", { settings, files: { "article.md": text }, size: SIZE }),
      workbench.user("Ben", { settings, size: SIZE }),
    ]);
    const file = path.join(ada.workspace!, "article.md");
    await host.call(ada, "open", file);
    await host.call(ben, "join", await host.call(ada, "share", file));
    const frame = await ben.window.webviewFrame();
    await frame.waitForSelector("h2");
    await delay(REST);
    for (let i = 0; i < COMMENTS; i++) {
      say(`Comment ${i + 1} of ${COMMENTS} from Ada to Ben`);
      const name = `Remark ${i} to Ben`;
      const seen = await lookOutFor(frame, name);
      const at = await host.call(ada, "comment", file, i * 8, i * 8 + 40, name);
      figures.note("comment by Ada to visible for Ben, ms", (await seen()) - at);
      await delay(200);
      await host.call(ada, "undo", file);
      await delay(200);
    }
    await Promise.all([ada.close(), ben.close()]);
  } finally {
    await server.kill("SIGTERM");
    await rm(data, { recursive: true, force: true });
  }
}

const print = (): void => {
  const [cpu] = cpus();
  console.log(`${cpus().length} x ${cpu?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GB; ${runs} runs\n`);
  console.log(figures.table(TARGETS));
};

const workbench = await setUpWorkbench();
// cut short, it says what it knows; the servers end with this process
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    progress.done();
    print();
    process.exit(1);
  });
}
try {
  if (only.has("start")) {
    // the list of extensions is drawn as far as it is seen
    const user = await workbench.user("Starter", { settings: FORGETFUL, size: { ...SIZE, height: 2400 } });
    await starting(user);
    await user.close();
  }
  for (const count of counts) {
    if (!["open", "comment", "scroll"].some((each) => only.has(each))) break;
    const user = await workbench.user(`Reader of ${count}`, {
      settings: FORGETFUL,
      files: { "article.md": text },
      size: SIZE,
    });
    const file = path.join(user.workspace!, "article.md");
    say(`Writing ${count} annotations`);
    const written = await host.call(user, "fill", file, makePassages(text, count));
    if (written !== count) throw new Error(`${written} of ${count} annotations are there.`);
    if (only.has("open")) await opening(user, file, count);
    if (only.has("scroll")) await scrolling(user, file, count);
    if (only.has("comment")) await ownComments(user, file, count);
    await user.close();
    await floor(workbench, count);
  }
  if (only.has("share")) await sharing(workbench);
} finally {
  await workbench.close();
  await host.remove();
  progress.done();
}

print();

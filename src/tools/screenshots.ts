/**
 * `npm run screenshots [-- FOLDER]`: takes the pictures of the documentation from the running product: two readers in two real
 * VS Code windows, in one session on the sample article. Without a folder they go to docs/images.
 */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Browser, Frame } from "playwright-core";
import { createServer } from "../../server/create-server.ts";
import { cacheDir, projectRoot } from "./paths.ts";
import { explain } from "./problem.ts";
import { ensureProduct } from "./product.ts";
import { consoleProgress } from "./progress.ts";
import { ensureSampleRoom } from "./sample-room.ts";
import { launchBrowser } from "./workbench/browser.ts";
import { ensureBrowser, ensureVscode } from "./workbench/fetch.ts";
import { startVscode } from "./workbench/server.ts";
import { openWindow, type VscodeWindow } from "./workbench/window.ts";

const folder = path.resolve(process.argv[2] ?? path.join(projectRoot, "docs", "images"));
const home = path.join(cacheDir, "screenshots");
const progress = consoleProgress();
const SIZE = { width: 1360, height: 850 };

type Kind = "Highlight" | "Comment" | "Question" | "Claim" | "Evidence" | "Source";

/** Selects a passage by its words, as a reader would with the mouse. */
const select = (frame: Frame, words: string): Promise<void> =>
  frame.evaluate((text) => {
    const main = document.querySelector("main")!;
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent!.indexOf(text);
      if (at < 0) continue;
      node.parentElement!.scrollIntoView({ block: "center" });
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      const selection = getSelection()!;
      selection.removeAllRanges();
      selection.addRange(range);
      main.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
      return;
    }
    throw new Error(`The article does not say "${text}".`);
  }, words);

/** Annotates a passage; the card is there when this resolves. */
const annotate = async (window: VscodeWindow, words: string, kind: Kind, note = ""): Promise<void> => {
  const frame = await window.webviewFrame();
  await select(frame, words);
  await frame.getByRole("toolbar").getByRole("button", { name: kind, exact: true }).click();
  if (kind === "Comment" || kind === "Question") {
    await frame.locator("textarea").first().waitFor();
    await window.page.keyboard.type(note);
    await window.page.keyboard.press("Control+Enter");
    // set as Markdown, so look for the words up to the first emphasis
    await frame.getByText(note.split("*")[0]!.trim()).first().waitFor();
  }
};

const openAll = async (browser: Browser): Promise<void> => {
  await rm(home, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const product = await ensureProduct(progress.report);
  const vscode = await ensureVscode(progress.report);
  const sync = await createServer({ adminKey: "screenshots-only" });
  const links = await ensureSampleRoom(sync, ["author", "reader"]);
  const users = [
    { name: "Ada", link: links.get("author") },
    { name: "Ben", link: links.get("reader") },
  ];
  const servers = await Promise.all(
    users.map(({ name, link }) =>
      startVscode({
        vscode,
        dataDir: path.join(home, name.toLowerCase()),
        vsixes: [product.file],
        settings: {
          "marginalia.user.name": name,
          "marginalia.session.joinOnStartup": link,
          "workbench.colorTheme": "Light Modern",
        },
      }),
    ),
  );
  try {
    const [ada, ben] = (await Promise.all(servers.map((server) => openWindow(browser, server, { size: SIZE })))) as [
      VscodeWindow,
      VscodeWindow,
    ];
    for (const window of [ada, ben]) await (await window.webviewFrame()).locator("h1").first().waitFor();
    progress.report("Reading and annotating");
    await tellTheStory(ada, ben);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    await sync.close();
  }
};

const shot = (window: VscodeWindow, name: string) => window.screenshot(path.join(folder, `${name}.png`));

const tellTheStory = async (ada: VscodeWindow, ben: VscodeWindow): Promise<void> => {
  await annotate(ada, "Fermat’s own copy is lost", "Evidence");
  await annotate(ben, "marvellous proof", "Question", "Does he say *proof*, or only that it would not fit?");
  await annotate(ada, "A margin is an institution.", "Claim");
  await annotate(
    ben,
    "The sentence is told and retold as a story about paper",
    "Comment",
    "A good opening: the *reader* is the one who retells it.",
  );
  const frame = await ada.webviewFrame();
  await frame.getByText("A good opening").first().click();
  await frame.locator("button.reply-open").first().click();
  await frame.getByPlaceholder("Reply…").first().waitFor();
  await ada.page.keyboard.type("And the edition of 1670 is where it stops being private.");
  await ada.page.keyboard.press("Control+Enter");
  await frame.getByText("stops being private").first().waitFor();
  await (await ben.webviewFrame()).getByText("stops being private").first().waitFor();
  await shot(ada, "reading-view");
  await ada.openViewContainer("Marginalia");
  const rows = ada.page.locator(".pane .monaco-list-row");
  await rows.filter({ hasText: "Does he say proof" }).waitFor();
  await rows.filter({ hasText: "reading “1" }).waitFor();
  await shot(ada, "annotations");
  await ben.setTheme("dark");
  await shot(ben, "dark");
  await ben.setTheme("high-contrast");
  await shot(ben, "high-contrast");
  await ben.setTheme("light");
  await ben.page.setViewportSize({ width: 620, height: 800 });
  // the margin is drawn anew a moment after the text has found its lines
  await (
    await ben.webviewFrame()
  ).waitForFunction(() => {
    const mark = document.querySelector("[data-part=rail] > .mark.question")?.getBoundingClientRect();
    const passage = [...document.querySelectorAll("main p")].find((each) =>
      each.textContent?.includes("marvellous proof"),
    );
    const end = passage?.getBoundingClientRect().bottom;
    return mark !== undefined && end !== undefined && mark.top < end && mark.bottom > end - 30;
  });
  await shot(ben, "narrow");
  await ben.page.setViewportSize(SIZE);
  await ada.runCommand("Marginalia: Show Plain Text");
  await ada.page.locator(".comment-range-glyph, .comment-thread").first().waitFor();
  await shot(ada, "text-editor");
};

try {
  const browser = await launchBrowser(await ensureBrowser(progress.report));
  try {
    await openAll(browser);
  } finally {
    await browser.close();
  }
  progress.done();
  console.log(`Pictures are in ${path.relative(process.cwd(), folder)}.`);
} catch (error) {
  progress.done();
  console.error(explain(error));
  process.exitCode = 1;
}
process.exit();

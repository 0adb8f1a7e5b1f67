import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../../src/tools/paths.ts";
import type { User } from "../../support/workbench.ts";
import {
  expectBodies,
  expectStatus,
  knownText,
  knownThreads,
  openAsReader,
  ownParticipant,
  PATIENCE,
  readingView,
  type ReadingView,
  currentScheme,
} from "./reading-view.ts";
import { setUpTogether, type Together } from "./together.ts";

const SAMPLE = "reading-in-the-margin.md";
const TITLE = "Reading in the Margin";

describe("reading together", () => {
  let together: Together;
  let ada: User;
  let ben: User;
  let adas: ReadingView;
  let bens: ReadingView;
  let link: string;

  beforeAll(async () => {
    const copyFrom = path.join(projectRoot, "media", "sample");
    together = await setUpTogether({ copyFrom }, { width: 1440, height: 900 });
    ({ ada, ben } = together);
    adas = readingView(ada);
    bens = readingView(ben);
  });
  afterAll(async () => {
    // A hosted server is a process of its own, which outlives the window.
    const hosted = await hostedPid().catch(() => undefined);
    await together.close();
    if (hosted !== undefined) process.kill(hosted, "SIGKILL");
  });

  /** The process of the server that Ben's window started. */
  const hostedPid = async (): Promise<number> => {
    const state = path.join(
      ben.window.server.dataDir,
      "data",
      "User",
      "globalStorage",
      "marginalia.marginalia",
      "server",
    );
    return (JSON.parse(await readFile(path.join(state, "server.json"), "utf8")) as { pid: number }).pid;
  };
  const openRecent = async (): Promise<void> => {
    await ben.window.runCommand("Marginalia: Open Recent Article...");
    await ben.window.pick(new RegExp(TITLE));
    await bens.opened(TITLE);
  };
  const bothSaved = async (): Promise<void> => {
    await Promise.all([expectStatus(ada, "Saved"), expectStatus(ben, "Saved")]);
  };
  /** Both windows know the same threads, and these are all of them. */
  const expectSame = async (bodies: readonly string[]): Promise<void> => {
    await Promise.all([expectBodies(ada, bodies), expectBodies(ben, bodies)]);
    await expect.poll(async () => await knownThreads(ben), PATIENCE).toEqual(await knownThreads(ada));
    expect(await knownText(ben)).toBe(await knownText(ada));
  };

  it("J-10 a session is hosted, and the invite link is on the clipboard", async () => {
    await openAsReader(ada, SAMPLE, TITLE);
    await adas.annotate("Fermat’s own copy is lost", "Comment", "Is that certain?");
    await ada.window.runCommand("Marginalia: Host a Session");
    // what she wrote for herself is not given away without a word
    await ada.window.page
      .locator(".monaco-dialog-box")
      .filter({ hasText: "the 1 annotation that you wrote" })
      .waitFor();
    await ada.window.pressButton("Share Them");
    await ada.window.notification(/The invite link is on the clipboard/).waitFor({ timeout: PATIENCE.timeout });
    link = await ada.window.readClipboard();
    expect(link.startsWith(`${together.server().url}/join/`)).toBe(true);
    await expectStatus(ada, "Saved");
  });

  it("J-11 whoever joins needs no file: the article and its threads come with the link", async () => {
    await ben.window.runCommand("Marginalia: Join Session");
    await ben.window.answer(link);
    await bens.opened(TITLE);
    await bothSaved();
    await expectSame(["Is that certain?"]);
    await bens.cards("Is that certain?").first().waitFor();
    // above the text stands its name, and nothing of the room
    const steps = ben.window.page.locator(".breadcrumbs-below-tabs .monaco-breadcrumb-item");
    await expect.poll(() => steps.allInnerTexts(), PATIENCE).toEqual([SAMPLE]);
    expect(await ownParticipant(ben)).not.toBe(await ownParticipant(ada));
  });

  it("J-12 what one writes the other sees: notes, replies, resolving", async () => {
    await bens.openCard("Is that certain?");
    await bens.reply("Samuel says so.");
    await bens.annotate("an heir with standing", "Claim");
    await bens.annotate("A margin is an institution.", "Question", "Whose?");
    await adas.openCard("Is that certain?");
    await adas.activeCard.locator(".reply").filter({ hasText: "Samuel says so." }).waitFor();
    await adas.openCard("Whose?");
    await adas.reply("That is section 2.");
    await bens.activeCard.locator(".reply").filter({ hasText: "That is section 2." }).waitFor();
    await adas.activeCard.getByRole("button", { name: "Resolve" }).click();
    await bens.activeCard.getByText("Resolved by Ada").waitFor();
    await bothSaved();
    await expectSame(["Is that certain?", "", "Whose?"]);
  });

  it("J-39 whoever is mentioned is told, and led to the card", async () => {
    await adas.select("Who is expected to read the note?");
    await adas.toolbar.getByRole("button", { name: "Comment", exact: true }).click();
    const box = adas.locator(".card.draft textarea");
    await box.pressSequentially("Is it so, @be");
    await adas.locator("[role=option]").filter({ hasText: "Ben" }).waitFor();
    await box.press("Enter");
    await box.press("Control+Enter");
    // the list has every notification, also one that VS Code does not pop up
    await ben.execute("notifications.showList");
    const told = ben.window.page
      .locator(".notifications-center .notification-list-item")
      .filter({ hasText: "Ada mentioned you in" });
    await told.waitFor({ timeout: PATIENCE.timeout });
    await told.getByRole("button", { name: "Show", exact: true }).click();
    await bens.activeCard.filter({ hasText: "Is it so, @Ben" }).waitFor();
    await adas.choose("More", "Delete");
    await bens.cards("Is it so, @Ben").waitFor({ state: "detached" });
  });

  it("J-12 nobody is offered to change what another wrote", async () => {
    await bens.openCard("Is that certain?");
    await bens.activeCard.locator(":scope > header").getByRole("button", { name: "More" }).click();
    const menu = bens.activeCard.getByRole("menu");
    await menu.getByText("Copy link", { exact: true }).waitFor();
    const items = (await menu.locator("[role^=menuitem]").allInnerTexts()).map((each) => each.trim());
    expect(items).not.toContain("Delete");
    expect(items).not.toContain("Edit");
    await ben.window.page.keyboard.press("Escape");
  });

  it("J-13 one sees who is here, where they read and what they have selected", async () => {
    await bens.select("What preserved it was");
    await adas.locator(".flag").filter({ hasText: "Ben" }).waitFor();
    await adas.locator("header .people button[title^='Ben (']").waitFor();
    await bens.article
      .locator("h2")
      .filter({ hasText: "5. Reading together" })
      .evaluate((heading) => {
        heading.scrollIntoView({ block: "start", behavior: "instant" });
        scrollBy({ top: 100, behavior: "instant" });
      });
    await ada.window.openViewContainer("Marginalia");
    const people = ada.window.page.locator(".pane .monaco-list-row");
    await people.filter({ hasText: "Ben" }).filter({ hasText: "reading “5" }).waitFor();
    await people.filter({ hasText: "Ada (you)" }).waitFor();
  });

  it("J-19 a name that one changes is everybody's at once, on what was written before, too", async () => {
    const { page } = ada.window;
    const rename = async (name: string): Promise<void> => {
      await ben.window.runCommand("Marginalia: Set Your Name");
      await ben.window.answer(name);
      await adas.locator(`header .people button[title^='${name} (']`).waitFor();
      await adas.openCard("Is that certain?");
      await adas.activeCard
        .locator(".reply")
        .filter({ hasText: "Samuel says so." })
        .getByText(name, { exact: true })
        .waitFor();
      await page.locator(".pane .monaco-list-row").filter({ hasText: name }).first().waitFor();
      await bothSaved();
    };
    await rename("Benjamin Okri");
    expect((await knownThreads(ada)).flatMap(({ replies }) => replies)).toContain("Benjamin Okri: Samuel says so.");
    await rename("Ben");
  });

  it("J-14 the server is killed: both go on offline, and everything merges when it is back", async () => {
    await together.killServer();
    await Promise.all([expectStatus(ada, "Offline"), expectStatus(ben, "Offline")]);
    await adas.annotate("so on without end", "Comment", "Ada, offline");
    await bens.annotate("a printer with a format", "Comment", "Ben, offline");
    await bens.openCard("Is that certain?");
    await bens.reply("And I am sure, offline too.");
    const waits = /Offline \(\d+ changes? waiting\)/;
    await Promise.all([expectStatus(ada, waits), expectStatus(ben, waits)]);
    await together.restartServer();
    await bothSaved();
    await expectSame(["Is that certain?", "", "Whose?", "Ada, offline", "Ben, offline"]);
    const replies = (await knownThreads(ada)).flatMap((thread) => thread.replies).sort();
    expect(replies).toEqual(["Ada: That is section 2.", "Ben: And I am sure, offline too.", "Ben: Samuel says so."]);
    await adas.cards("Ben, offline").first().waitFor();
  });

  it("J-15 a reload brings one back into the room as the same participant", async () => {
    const before = await ownParticipant(ben);
    const threads = await knownThreads(ben);
    await ben.window.reload();
    await bens.opened(TITLE);
    await expectStatus(ben, "Saved");
    expect(await ownParticipant(ben)).toBe(before);
    await expect.poll(() => knownThreads(ben), PATIENCE).toEqual(threads);
    await bens.annotate("Some time around 1637", "Source");
    await expect.poll(() => knownThreads(ada), PATIENCE).toHaveLength(threads.length + 1);
  });

  it("J-35 an article of a session whose tab was closed is found again, and is in the session", async () => {
    const before = await ownParticipant(ben);
    await ben.execute("workbench.action.closeAllEditors");
    await bens.heading.waitFor({ state: "detached" });
    await openRecent();
    await expectStatus(ben, "Saved");
    expect(await ownParticipant(ben)).toBe(before);
    await expect.poll(() => knownThreads(ben), PATIENCE).toEqual(await knownThreads(ada));
  });

  it("J-16 both windows crash while the server is away: nothing is lost, nothing is doubled", async () => {
    await bothSaved();
    await together.killServer();
    await Promise.all([expectStatus(ada, "Offline"), expectStatus(ben, "Offline")]);
    await bens.annotate("We can read what he wrote", "Comment", "Ben, before the crash");
    await expect
      .poll(async () => (await knownThreads(ben)).map(({ body }) => body), PATIENCE)
      .toContain("Ben, before the crash");
    const bensThreads = await knownThreads(ben);
    const adasThreads = await knownThreads(ada);
    await Promise.all([ada.crash(), ben.crash()]);
    await openAsReader(ada, SAMPLE, TITLE);
    // which editors were open VS Code writes down now and then only
    await openRecent();
    await expect.poll(() => knownThreads(ada), PATIENCE).toEqual(adasThreads);
    await expect.poll(() => knownThreads(ben), PATIENCE).toEqual(bensThreads);
    await together.restartServer();
    await bothSaved();
    await expectSame(bensThreads.map(({ body }) => body));
  });

  it("J-17 whoever leaves keeps what they read and wrote, and comes back as who they were", async () => {
    const me = await ownParticipant(ben);
    const threads = await knownThreads(ben);
    const leave = async (): Promise<void> => {
      await ben.window.runCommand("Marginalia: Leave Session");
      await ben.window.pressButton("Leave");
      await expectStatus(ben, "Alone");
    };
    await leave();
    expect(await knownThreads(ben)).toEqual(threads);
    await bens.locator("header [data-menu=share]").click();
    await bens.locator("[role=menu]:visible [role^=menuitem]").first().waitFor();
    const offered = await bens.locator("[role=menu]:visible [role^=menuitem]").allInnerTexts();
    expect(offered.map((each) => each.trim())).toEqual(["Join a session…", "Change your name…"]);
    await ben.window.page.keyboard.press("Escape");
    await adas.locator("header .people button[title^='Ben (']").waitFor({ state: "detached" });
    await ben.window.runCommand("Marginalia: Join Session");
    await ben.window.answer(link);
    await bothSaved();
    expect(await ownParticipant(ben)).toBe(me);
    await adas.locator("header .people button[title^='Ben (']").waitFor();
    await leave();
    await adas.locator("header .people button[title^='Ben (']").waitFor({ state: "detached" });
  });

  it("J-18 without any server of one's own one hosts on this computer; a killed server is started again", async () => {
    await ben.window.runCommand("Marginalia: Open Sample Article");
    // the session's article, which is open too, has the same title: wait for the one that is a file
    await expect.poll(() => currentScheme(ben), PATIENCE).toBe("file");
    await bens.opened(TITLE);
    await bens.annotate("Fermat’s own copy is lost", "Comment", "On Ben's computer");
    await ben.window.runCommand("Marginalia: Host a Session");
    await ben.window.pressButton("Share Them");
    // Without a network there is nothing to choose.
    const choice = ben.window.page
      .locator(".quick-input-list .monaco-list-row")
      .filter({ hasText: "Only this computer" });
    const done = ben.window.notification(/The invite link is on the clipboard/);
    await choice.or(done).first().waitFor({ timeout: PATIENCE.timeout });
    if (await choice.isVisible()) await choice.click();
    await done.first().waitFor({ timeout: PATIENCE.timeout });
    const own = await ben.window.readClipboard();
    await ada.window.runCommand("Marginalia: Join Session");
    await ada.window.answer(own);
    await adas.cards("On Ben's computer").first().waitFor({ timeout: PATIENCE.timeout });
    await bothSaved();
    const first = await hostedPid();
    process.kill(first, "SIGKILL");
    await bens.annotate("an heir with standing", "Comment", "Said while the server was dead");
    await expect.poll(hostedPid, PATIENCE).not.toBe(first);
    await bothSaved();
    await expectSame(["On Ben's computer", "Said while the server was dead"]);
  });

  it("shows no error of ours", () => {
    expect([...ada.window.errors, ...ben.window.errors]).toEqual([]);
  });
});

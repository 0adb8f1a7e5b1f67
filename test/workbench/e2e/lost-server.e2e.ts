import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../../src/tools/paths.ts";
import type { User } from "../../support/workbench.ts";
import {
  threadInText,
  expectStatus,
  knownThreads,
  openAsReader,
  ownParticipant,
  PATIENCE,
  readingView,
  type ReadingView,
} from "./reading-view.ts";
import { setUpTogether, type Together } from "./together.ts";

const SAMPLE = "reading-in-the-margin.md";
const TITLE = "Reading in the Margin";

describe("a server that knows nobody any more", () => {
  let together: Together;
  let ada: User;
  let ben: User;
  let adas: ReadingView;
  let bens: ReadingView;

  beforeAll(async () => {
    const copyFrom = path.join(projectRoot, "media", "sample");
    together = await setUpTogether({ copyFrom }, { width: 1440, height: 900 });
    ({ ada, ben } = together);
    adas = readingView(ada);
    bens = readingView(ben);
  });
  afterAll(() => together.close());

  const host = async () => {
    // what was said of the session before says nothing of the next
    await ada.execute("notifications.clearAll");
    await ada.window.page.locator(".notification-toast").first().waitFor({ state: "detached" });
    await ada.window.runCommand("Marginalia: Host a Session");
  };
  /** The link that is on the clipboard once this is said. */
  const linkAfter = async (said: string): Promise<string> => {
    await ada.window.notification(said).first().waitFor({ timeout: PATIENCE.timeout });
    return ada.window.readClipboard();
  };
  const join = async (link: string): Promise<void> => {
    await ben.window.runCommand("Marginalia: Join Session");
    await ben.window.answer(link);
  };
  /** The server comes back knowing nobody; Ada hosts again, and Ben joins as somebody new. */
  const loseServerAndMeetAgain = async (): Promise<void> => {
    const before = await ownParticipant(ben);
    await together.replaceServer();
    await Promise.all([expectStatus(ada, "Refused"), expectStatus(ben, "Refused")]);
    await host();
    await ada.window.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "Readers" }).click();
    const link = await linkAfter("Readers join with this link.");
    await expectStatus(ada, "Saved");
    await join(link);
    await expectStatus(ben, "Saved");
    await expect.poll(() => ownParticipant(ben), PATIENCE).not.toBe(before);
  };
  const bodies = async (user: User): Promise<string[]> => (await knownThreads(user)).map(({ body }) => body).sort();

  it("J-34 who hosts opens the session again, and whoever joins it anew goes on in the view that is open", async () => {
    await openAsReader(ada, SAMPLE, TITLE);
    await adas.annotate("Fermat’s own copy is lost", "Comment", "Ada, before");
    await host();
    await ada.window.pressButton("Share Them");
    await join(await linkAfter("The session is open."));
    await bens.opened(TITLE);
    await bens.annotate("an heir with standing", "Comment", "Ben, before");
    await expect.poll(() => bodies(ada), PATIENCE).toEqual(["Ada, before", "Ben, before"]);
    await Promise.all([expectStatus(ada, "Saved"), expectStatus(ben, "Saved")]);
    await loseServerAndMeetAgain();
    await ben.window.notification(/You are a new participant of this session/).waitFor({ timeout: PATIENCE.timeout });
    expect(await ben.window.page.locator(".tabs-container .tab").count()).toBe(1);
  });

  it("J-34 and what each writes from then on reaches the other, with what was there before", async () => {
    await bens.annotate("A margin is an institution.", "Question", "Ben, as somebody new");
    await adas.annotate("What preserved it was", "Comment", "Ada, after");
    const all = ["Ada, after", "Ada, before", "Ben, as somebody new", "Ben, before"];
    await expect.poll(() => bodies(ada), PATIENCE).toEqual(all);
    await expect.poll(() => bodies(ben), PATIENCE).toEqual(all);
    await bens.cards("Ada, after").first().waitFor();
    await adas.cards("Ben, as somebody new").first().waitFor();
  });

  it("J-34 what is being written in the text editor meanwhile is still there, and is sent", async () => {
    const { page } = ben.window;
    await ben.window.runCommand("Marginalia: Show Plain Text");
    await page.locator(".monaco-editor .view-line:visible").first().waitFor();
    const answer = threadInText(ben, "Ada, after");
    await answer.begin("Begun before");

    await loseServerAndMeetAgain();

    // who joins is shown the reading view, above the text
    await page.locator(".tabs-container .tab").nth(1).click();
    await answer.isWritten("Begun before");
    await answer.finish(", sent after.");
    await expect
      .poll(async () => (await knownThreads(ada)).flatMap(({ replies }) => replies), PATIENCE)
      .toEqual(["Ben: Begun before, sent after."]);
  });

  it("shows no error of ours", () => {
    expect([...ada.window.errors, ...ben.window.errors]).toEqual([]);
  });
});

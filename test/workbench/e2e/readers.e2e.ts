import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { InviteCreated } from "../../../src/protocol/wire.ts";
import { request } from "../../support/sync-server.ts";
import type { User } from "../../support/workbench.ts";
import {
  expectStatus,
  knownText,
  knownThreads,
  openAsReader,
  PATIENCE,
  readingView,
  type ReadingView,
} from "./reading-view.ts";
import { setUpTogether, type Together } from "./together.ts";

const TITLE = "On Reading Along";
const ESSAY = `# ${TITLE}

The first paragraph says that whoever reads along sees every word as it comes.

The second paragraph holds a passage that somebody has something to say about.
`;

describe("those who may only read", () => {
  let together: Together;
  let ada: User;
  let ben: User;
  let bens: ReadingView;
  let link: string;

  beforeAll(async () => {
    together = await setUpTogether({ files: { "essay.md": ESSAY } }, { width: 1800, height: 900 });
    ({ ada, ben } = together);
    bens = readingView(ben);
  });
  afterAll(() => together.close());

  /** Asks the server as its administrator would. */
  const ask = <T>(path: string, body: unknown) =>
    request<T>(together.server(), "POST", path, { token: together.server().adminKey, body });
  const join = async (given: string): Promise<void> => {
    await ben.window.runCommand("Marginalia: Join Session");
    await ben.window.answer(given);
  };
  /** Types at the first place of some words in Ada's plain text editor. */
  const adaTypes = async (words: string, text: string): Promise<void> => {
    await ada.evaluate(async (vscode, words: string) => {
      const { document, viewColumn } = vscode.window.visibleTextEditors[0]!;
      const at = document.positionAt(document.getText().indexOf(words));
      await vscode.window.showTextDocument(document, {
        viewColumn: viewColumn!,
        selection: new vscode.Range(at, at),
      });
      return true;
    }, words);
    await ada.window.page.locator(".monaco-editor.focused").first().waitFor();
    await ada.window.page.keyboard.type(text);
  };
  const bensEditor = (): Promise<string | undefined> =>
    ben.evaluate((vscode) => vscode.window.visibleTextEditors[0]?.document.getText());
  /** Ben tries to type into his plain text editor, which says that he may not. */
  const benTypesInVain = async (): Promise<void> => {
    const before = await knownText(ben);
    await ben.window.page.locator(".monaco-editor .view-line").first().click();
    await ben.window.page.keyboard.type("graffiti");
    await ben.window.page
      .locator(".monaco-editor-overlaymessage")
      .filter({ hasText: /read-only/i })
      .waitFor();
    expect(await bensEditor()).toBe(before);
    expect([await knownText(ben), await knownText(ada)]).toEqual([before, before]);
  };

  it("J-9 a link that is used up, was never given or is of no session is answered with one sentence", async () => {
    await openAsReader(ada, "essay.md", TITLE);
    await ada.window.runCommand("Marginalia: Host a Session");
    await ada.window.notification(/The invite link is on the clipboard/).waitFor({ timeout: PATIENCE.timeout });
    link = await ada.window.readClipboard();
    const room = /\/join\/([^#]+)#/.exec(link)![1]!;
    const usedUp = await ask<InviteCreated>(`/rooms/${room}/invites`, { role: "reader", uses: 1 });
    const taken = await ask(`/rooms/${room}/join`, { invite: usedUp.body.invite, name: "Cara" });
    expect(taken.status).toBe(200);
    for (const [given, sentence] of [
      [usedUp.body.link, "The invite link has been used as often as it may be."],
      [link.replace(room, "nowhere"), "The session does not exist on this server."],
      [link.replace(/#.*/, "#abcdefgh12345678"), "The invite link is not valid."],
    ] as const) {
      await join(given);
      await ben.execute("notifications.showList");
      const said = ben.window.page
        .locator(".notifications-center .notification-list-item")
        .filter({ hasText: `You could not join the session. ${sentence}` });
      await said.first().waitFor({ timeout: PATIENCE.timeout });
      expect(await said.count()).toBe(1);
      await ben.execute("notifications.clearAll");
      await said.first().waitFor({ state: "hidden" });
      expect(await ben.window.page.locator(".tab").filter({ hasText: "essay" }).count()).toBe(0);
    }
  });

  it("J-28 a reader sees at once what the owner types, in the reading view and in the plain text, and changes nothing", async () => {
    await join(link);
    await bens.opened(TITLE);
    await bens.annotate("somebody has something to say", "Comment", "Ben says it.");
    await ada.window.runCommand("Marginalia: Show Plain Text");
    await ben.window.runCommand("Marginalia: Show Plain Text");
    await expect.poll(bensEditor, PATIENCE).toBe(ESSAY);
    await adaTypes("The first", "Typed before Ben’s eyes. ");
    await bens.article.getByText("Typed before Ben’s eyes.").waitFor();
    await expect.poll(bensEditor, PATIENCE).toBe(await knownText(ada));
    await expect
      .poll(() => knownThreads(ben), PATIENCE)
      .toMatchObject([{ placement: "placed", passage: "somebody has something to say" }]);
    await benTypesInVain();
    await adaTypes("The second", "And once more. ");
    await bens.article.getByText("And once more.").waitFor();
    await expect.poll(bensEditor, PATIENCE).toContain("And once more. The second");
    await expectStatus(ben, "Saved");
  });

  it("J-29 an observer sees it, too, and is not offered to annotate or to answer", async () => {
    await ben.execute("workbench.action.closeAllEditors");
    await ada.window.runCommand("Marginalia: Copy Invite Link");
    await ada.window.pick(/Observers/);
    await ada.window.notification(/Observers join with this link/).waitFor({ timeout: PATIENCE.timeout });
    const observing = await ada.window.readClipboard();
    const cara = await together.workbench.user("Cara", { size: { width: 1440, height: 900 } });
    const caras = readingView(cara);
    await cara.window.runCommand("Marginalia: Join Session");
    await cara.window.answer(observing);
    await caras.opened(TITLE);
    await expectStatus(cara, "Saved");
    await adaTypes("The first", "For Cara. ");
    await caras.article.getByText("For Cara.").waitFor();
    await expect.poll(() => knownText(cara), PATIENCE).toBe(await knownText(ada));
    await caras.openCard("Ben says it.");
    expect(await caras.activeCard.getByText("Reply…", { exact: true }).count()).toBe(0);
    expect(await caras.activeCard.getByRole("button", { name: "Resolve" }).count()).toBe(0);
    await caras.article.getByText("every word as it comes").dblclick();
    await cara.window.page.keyboard.press("c");
    await caras.locator("[data-part=live]").filter({ hasText: "You are looking on" }).waitFor({ state: "attached" });
    expect(await caras.toolbar.count()).toBe(0);
    expect(cara.window.errors).toEqual([]);
  });

  it("shows no error of ours", () => {
    expect([...ada.window.errors, ...ben.window.errors]).toEqual([]);
  });
});

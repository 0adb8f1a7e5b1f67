import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { User } from "../../support/workbench.ts";
import {
  threadInText,
  expectStatus,
  type KnownThread,
  knownText,
  knownThreads,
  openAsReader,
  openAsText,
  PATIENCE,
  readingView,
  type ReadingView,
} from "./reading-view.ts";
import { setUpTogether, type Together } from "./together.ts";

const TITLE = "On Marginal Notes";
const ESSAY = `# ${TITLE}

The first paragraph says that a margin is an institution of reading.

The second paragraph holds a passage that its author will revise before long.

The third paragraph will vanish for a while, and then return to its place.

The fourth paragraph stays as it is, for whoever reads to the end.

<script>globalThis.harmed = "script"</script>

<img src="x" onerror="globalThis.harmed = 'image'"> An image of harm.

![A harbour](https://pictures.example/harbour.png) and [what is beside it](beside.md).

[a command](command:workbench.action.closeAllEditors), [a script](javascript:globalThis.harmed=1) and [a page](https://example.org/).
`;
const HARM = [
  "**Look:** [run it](command:workbench.action.closeAllEditors) and [or this](javascript:globalThis.harmed=2)",
  '<script>globalThis.harmed = 3</script><img src="x" onerror="globalThis.harmed = 4">',
].join("\n\n");

describe("an article that changes while it is read", () => {
  let together: Together;
  let ada: User;
  let ben: User;
  let adas: ReadingView;
  let bens: ReadingView;

  beforeAll(async () => {
    together = await setUpTogether(
      { files: { "essay.md": ESSAY, "beside.md": "# Beside" } },
      { width: 1800, height: 900 },
    );
    ({ ada, ben } = together);
    adas = readingView(ada);
    bens = readingView(ben);
  });
  afterAll(() => together.close());

  /** Puts the caret of the plain text editor before, or around, the first place of some words. */
  const caretAt = (user: User, words: string, around = false): Promise<boolean> =>
    user.evaluate(
      async (vscode, words: string, around: boolean) => {
        const { document, viewColumn } = vscode.window.visibleTextEditors.find((each) =>
          each.document.getText().includes(words),
        )!;
        const at = document.getText().indexOf(words);
        const start = document.positionAt(at);
        const selection = new vscode.Range(start, around ? document.positionAt(at + words.length) : start);
        await vscode.window.showTextDocument(document, { viewColumn: viewColumn!, selection });
        // a reading view that has the focus may keep it
        await vscode.commands.executeCommand("workbench.action.focusActiveEditorGroup");
        return true;
      },
      words,
      around,
    );
  const type = async (user: User, text: string): Promise<void> => {
    await user.window.page.locator(".monaco-editor.focused").first().waitFor();
    await user.window.page.keyboard.type(text);
  };
  const threadOn = async (user: User, quote: string): Promise<KnownThread | undefined> =>
    (await knownThreads(user)).find((thread) => thread.quote === quote);
  const expectPlacement = async (quote: string, placement: string, passage: string): Promise<void> => {
    for (const user of [ada, ben])
      await expect.poll(() => threadOn(user, quote), PATIENCE).toMatchObject({ placement, passage });
  };
  const sameText = async (part: string): Promise<void> => {
    for (const user of [ada, ben]) await expect.poll(() => knownText(user), PATIENCE).toContain(part);
    await expect.poll(async () => (await knownText(ben)) === (await knownText(ada)), PATIENCE).toBe(true);
  };
  /** The text in a user's editor, which follows the room's a moment later. */
  const typedText = (user: User): Promise<string> =>
    user.evaluate((vscode) =>
      vscode.window.visibleTextEditors.find((each) => each.document.fileName.endsWith("essay.md"))!.document.getText(),
    );

  const showPlainText = async (user: User): Promise<void> => {
    await user.window.runCommand("Marginalia: Show Plain Text");
    await expect
      .poll(() => user.evaluate((vscode) => vscode.window.visibleTextEditors.length), PATIENCE)
      .toBeGreaterThan(0);
  };

  it("J-20 an author joins by a link for authors", async () => {
    await openAsReader(ada, "essay.md", TITLE);
    await adas.annotate("a margin is an institution", "Claim");
    await adas.annotate("a passage that its author will revise", "Comment", "Which way?");
    await adas.annotate("vanish for a while", "Question", "Why should it?");
    await ada.window.runCommand("Marginalia: Host a Session");
    await ada.window.pressButton("Share Them");
    await ada.window.notification(/The invite link is on the clipboard/).waitFor({ timeout: PATIENCE.timeout });
    await ada.window.runCommand("Marginalia: Copy Invite Link");
    await ada.window.pick(/Authors/);
    await ada.window.notification(/Authors join with this link/).waitFor({ timeout: PATIENCE.timeout });
    await ben.window.runCommand("Marginalia: Join Session");
    await ben.window.answer(await ada.window.readClipboard());
    await bens.opened(TITLE);
    await expectStatus(ben, "Saved");
    await expect.poll(() => knownThreads(ben), PATIENCE).toEqual(await knownThreads(ada));
  });

  it("J-21 what is typed above a passage moves it; the others read the new text at once", async () => {
    await showPlainText(ada);
    await caretAt(ada, "The first paragraph");
    await type(ada, "Typed while you read. ");
    await bens.article.getByText("Typed while you read.").waitFor();
    await sameText("Typed while you read. The first paragraph");
    await expectPlacement("a margin is an institution", "placed", "a margin is an institution");
    await expectPlacement("vanish for a while", "placed", "vanish for a while");
  });

  it("J-22 a passage that is revised keeps its annotation, which says so", async () => {
    await caretAt(ada, "revise before long");
    await type(ada, "thoroughly ");
    const now = "a passage that its author will thoroughly revise";
    await expectPlacement("a passage that its author will revise", "changed", now);
    await bens.openCard("Which way?");
    await bens.activeCard.getByText("The passage changed since.").waitFor();
    await bens.activeCard.getByRole("button", { name: "Show change" }).click();
    expect(await bens.activeCard.locator("ins").innerText()).toContain("thoroughly");
    // what is shown follows the text
    await caretAt(ada, "thoroughly revise");
    await type(ada, "and ");
    await bens.activeCard.locator("ins").filter({ hasText: "and thoroughly" }).waitFor();
    for (let i = 0; i < 4; i++) await ada.window.page.keyboard.press("Backspace");
    await bens.activeCard.locator("ins").filter({ hasNotText: "and" }).waitFor();
  });

  it("J-23 an annotation whose passage is deleted is kept, and returns with it", async () => {
    await caretAt(ada, "The third paragraph will vanish for a while, and then return to its place.\n\n", true);
    await ada.window.page.locator(".monaco-editor.focused").first().waitFor();
    await ada.window.page.keyboard.press("Delete");
    await expectPlacement("vanish for a while", "orphaned", "");
    await bens.locator("header .pill").filter({ hasText: "without a place" }).waitFor();
    await ada.window.page.keyboard.press("Control+z");
    await expectPlacement("vanish for a while", "placed", "vanish for a while");
    await bens.locator("header .pill").filter({ hasText: "without a place" }).waitFor({ state: "detached" });
  });

  it("J-24 two who may write type at the same time, and both texts are there", async () => {
    await showPlainText(ben);
    await Promise.all([caretAt(ada, "The second paragraph"), caretAt(ben, "The fourth paragraph")]);
    await Promise.all([
      type(ada, "Ada wrote this sentence at the same time. "),
      type(ben, "And Ben wrote that one, elsewhere. "),
    ]);
    await sameText("Ada wrote this sentence at the same time. The second");
    await sameText("And Ben wrote that one, elsewhere. The fourth");
    await adas.article.getByText("And Ben wrote that one, elsewhere.").waitFor();
    for (const user of [ada, ben]) await expect.poll(() => typedText(user), PATIENCE).toBe(await knownText(user));
    await Promise.all([expectStatus(ada, "Saved"), expectStatus(ben, "Saved")]);
  });

  it("J-42 undo takes back one's own words, one by one, and nothing of what the other wrote", async () => {
    const { keyboard } = ada.window.page;
    // a step ends where the text is saved
    await ada.execute("workbench.action.files.saveAll");
    await caretAt(ada, "The second paragraph");
    await type(ada, "Ada, undone. ");
    await caretAt(ben, "The fourth paragraph");
    await type(ben, "Ben, staying. ");
    await sameText("Ada, undone. The second");
    await sameText("Ben, staying. The fourth");
    await expect.poll(() => typedText(ada), PATIENCE).toBe(await knownText(ada));
    const whole = await knownText(ada);
    // "Ada,", " undone." and the last blank
    for (let i = 0; i < 3; i++) await keyboard.press("Control+z");
    const without = whole.replace("Ada, undone. ", "");
    for (const user of [ada, ben]) await expect.poll(() => typedText(user), PATIENCE).toBe(without);
    await sameText("Ben, staying. The fourth");
    const caret = () =>
      ada.evaluate((vscode) => {
        const { document, selection } = vscode.window.activeTextEditor!;
        return document.getText().slice(document.offsetAt(selection.active)).slice(0, 10);
      });
    await expect.poll(caret, PATIENCE).toBe("The second");
    for (let i = 0; i < 3; i++) await keyboard.press("Control+y");
    for (const user of [ada, ben]) await expect.poll(() => typedText(user), PATIENCE).toBe(whole);
    // in the box of a comment the keys are the box's
    const { page } = ada.window;
    const answer = threadInText(ada, "Which way?");
    await answer.begin("Undone.");
    await keyboard.press("Control+z");
    await answer.widget.locator(".comment-form .view-lines").filter({ hasNotText: "Undone." }).waitFor();
    expect(await typedText(ada)).toBe(whole);
    await keyboard.press("Escape");
    // and in the other fields of the window
    await ada.execute("workbench.view.extensions");
    const search = page.locator(".extensions-viewlet .suggest-input-container");
    await search.locator(".monaco-editor.focused").waitFor();
    await keyboard.type("elsewhere");
    await search.locator(".view-lines").filter({ hasText: "elsewhere" }).waitFor();
    await keyboard.press("Control+z");
    await search.locator(".view-lines").filter({ hasNotText: "elsewhere" }).waitFor();
    expect(await typedText(ada)).toBe(whole);
    await Promise.all([expectStatus(ada, "Saved"), expectStatus(ben, "Saved")]);
  });

  it("J-25 what another program writes into the file is taken in", async () => {
    await ada.execute("workbench.action.files.saveAll");
    const file = path.join(ada.workspace!, "essay.md");
    await expect
      .poll(() => ada.evaluate((vscode) => vscode.workspace.textDocuments.some((each) => each.isDirty)), PATIENCE)
      .toBe(false);
    expect(await readFile(file, "utf8")).toBe(await knownText(ada));
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("for whoever reads to the end", "for whoever has read to the end"));
    await sameText("for whoever has read to the end");
    await expectPlacement("a margin is an institution", "placed", "a margin is an institution");
    await bens.article.getByText("for whoever has read to the end").waitFor();
  });

  it("J-32 who closes the plain text without saving takes back their own words, and nothing of the others", async () => {
    const file = path.join(ada.workspace!, "essay.md");
    await ada.evaluate((vscode) => vscode.workspace.getConfiguration("files").update("autoSave", "off", true));
    for (const way of ["Revert File", "Don't Save"] as const) {
      const before = await knownText(ada);
      await openAsText(ada, "essay.md");
      await caretAt(ada, "The first paragraph says");
      await type(ada, `Better not, said Ada (${way}). `);
      await sameText(`Better not, said Ada (${way}). The first`);
      await caretAt(ben, "The fourth paragraph stays");
      await type(ben, `Ben stays with this (${way}). `);
      await sameText(`Ben stays with this (${way}). The fourth`);
      await expect.poll(() => typedText(ada), PATIENCE).toBe(await knownText(ada));
      expect(await readFile(file, "utf8")).toBe(before);
      if (way === "Revert File") await ada.execute("workbench.action.files.revert");
      else {
        // only the last of the document's tabs asks
        const tabs = ada.window.page.locator(".tab.dirty");
        for (let left = await tabs.count(); left > 0; left--) {
          await tabs.first().hover();
          await tabs.first().locator(".tab-actions .action-label").click();
          if (left > 1) await expect.poll(() => tabs.count(), PATIENCE).toBe(left - 1);
        }
        await ada.window.pressButton("Don't Save");
        await expect.poll(() => ada.evaluate((vscode) => vscode.window.visibleTextEditors.length), PATIENCE).toBe(0);
      }
      const after = before.replace(
        "The fourth paragraph stays",
        `Ben stays with this (${way}). The fourth paragraph stays`,
      );
      for (const user of [ada, ben]) await expect.poll(() => knownText(user), PATIENCE).toBe(after);
      await expect.poll(() => readFile(file, "utf8"), PATIENCE).toBe(after);
      await expect.poll(() => typedText(ben), PATIENCE).toBe(after);
      await expectStatus(ada, "Saved");
    }
    await adas.opened(TITLE);
    await showPlainText(ada);
  });

  it("J-26 the thread is answered and resolved in the plain text editor", async () => {
    await caretAt(ada, "a passage that its author");
    const thread = threadInText(ada, "Which way?");
    await thread.begin("That way:");
    await thread.finish(" more slowly.");
    await bens.openCard("Which way?");
    await bens.activeCard.locator(".reply").filter({ hasText: "That way: more slowly." }).waitFor();
    await thread.widget.locator(`.action-label[aria-label^="Resolve"]`).first().click();
    await bens.activeCard.getByText("Resolved by Ada").waitFor();
  });

  it("J-27 harm in an article or a note is shown as text, or not at all, and does nothing", async () => {
    await bens.annotate("The fourth paragraph stays", "Comment", HARM);
    await adas.article.getByText("The fourth paragraph stays").waitFor();
    await expect.poll(async () => (await threadOn(ada, "The fourth paragraph stays"))?.body, PATIENCE).toBe(HARM);
    await adas.openAt("The fourth paragraph stays");
    await adas.activeCard.getByText("Look:").waitFor();
    await adas.activeCard.getByText("run it").click();
    await adas.activeCard.getByText("or this").click();
    await adas.article.getByText("a command", { exact: false }).last().click();
    for (const view of [adas, bens]) {
      expect(await view.article.evaluate(() => (globalThis as { harmed?: unknown }).harmed)).toBeUndefined();
      expect(await view.locator("[data-part=page] script, [data-part=page] [onerror]").count()).toBe(0);
      const links = await view
        .locator("[data-part=page] a")
        .evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
      expect(links.filter((href) => /^(command|javascript|vscode):/i.test(href))).toEqual([]);
    }
    // Both reading views and both text editors are still there: no command was run.
    await adas.opened(TITLE);
    await bens.opened(TITLE);
    await caretAt(ada, "The fourth paragraph stays");
    const harmful = threadInText(ada, "Look:");
    await harmful.open();
    const hrefs = await harmful.widget
      .locator("a")
      .evaluateAll((all) => all.map((a) => a.getAttribute("data-href") ?? a.getAttribute("href") ?? ""));
    expect(hrefs.filter((href) => /^(command|javascript):/i.test(href))).toEqual([]);
  });

  it("J-37 a picture from the web is a link, and a link to a file beside the article opens it", async () => {
    expect(await adas.article.locator("img[src^=http]").count()).toBe(0);
    await adas.article.getByRole("link", { name: "A harbour (pictures.example)" }).waitFor();
    await adas.article.getByRole("link", { name: "what is beside it" }).click();
    await expect
      .poll(() => ada.evaluate((vscode) => vscode.window.activeTextEditor?.document.getText()), PATIENCE)
      .toBe("# Beside");
    await ada.execute("workbench.action.closeActiveEditor");
  });

  it("J-33 unsaved words come back with the window, beside what others wrote meanwhile, each once", async () => {
    await caretAt(ada, "The second paragraph");
    await type(ada, "Ada never saved this. ");
    await sameText("Ada never saved this. ");
    await ada.window.leave();
    await caretAt(ben, "The fourth paragraph stays");
    await type(ben, "Ben wrote while she was away. ");
    await expect.poll(() => knownText(ben), PATIENCE).toContain("Ben wrote while she was away. The fourth");
    await ada.window.visit();
    await openAsText(ada, "essay.md");
    await sameText("Ben wrote while she was away. ");
    for (const user of [ada, ben])
      for (const words of ["Ada never saved this. ", "Ben wrote while she was away. "])
        await expect.poll(async () => (await typedText(user)).split(words).length, PATIENCE).toBe(2);
    expect(await typedText(ada)).toBe(await knownText(ada));
    expect(await readFile(path.join(ada.workspace!, "essay.md"), "utf8")).not.toContain("never saved");
  });

  it("shows no error of ours", () => {
    expect([...ada.window.errors, ...ben.window.errors]).toEqual([]);
  });
});

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../../src/tools/paths.ts";
import { setUpWorkbench, type User, type Workbench } from "../../support/workbench.ts";
import {
  threadInText,
  expectStatus,
  knownThreads,
  openAsReader,
  openAsText,
  PATIENCE,
  readingView,
  type ReadingView,
} from "./reading-view.ts";

const SAMPLE = "reading-in-the-margin.md";
const TITLE = "Reading in the Margin";
const NOTES = `A Reader's Notes

First paragraph, which says
one thing on two lines.

Second paragraph.
`;

describe("reading alone", () => {
  let workbench: Workbench;
  let ada: User;
  let ben: User;
  let view: ReadingView;

  beforeAll(async () => {
    workbench = await setUpWorkbench();
    const size = { width: 1440, height: 900 };
    const copyFrom = path.join(projectRoot, "media", "sample");
    [ada, ben] = await Promise.all([
      workbench.user("Ada", { copyFrom, files: { "notes.txt": NOTES }, size }),
      workbench.user("Ben", { size }),
    ]);
    view = readingView(ada);
  });
  afterAll(() => workbench.close());

  const closeEditors = async (user: User): Promise<void> => {
    await user.execute("workbench.action.closeAllEditors");
    await user.window.page.locator(".tab").first().waitFor({ state: "detached" });
  };

  it("J-1 opens an article by command", async () => {
    await openAsReader(ada, SAMPLE, TITLE);
    await expectStatus(ada, "Alone");
    // the tab has a sign of its own, and not that of a file
    const sign = ada.window.page.locator(".tab.active .monaco-icon-label-iconpath");
    await sign.waitFor();
    expect(await sign.getAttribute("style")).toContain("tab-light.svg");
    await closeEditors(ada);
  });

  it("J-1 opens an article by the button of its editor", async () => {
    await openAsText(ada, SAMPLE);
    await ada.window.page.locator(`.editor-actions .action-label[aria-label^="Open in Reading View"]`).click();
    await view.opened(TITLE);
    await closeEditors(ada);
  });

  it("J-1 opens an article from the explorer's menu", async () => {
    const { page } = ada.window;
    await ada.window.openViewContainer("Explorer");
    await page
      .locator(".explorer-folders-view .monaco-list-row")
      .filter({ hasText: SAMPLE })
      .click({ button: "right" });
    // The menu does not take the click that opened it for a choice, so it is chosen by key.
    await page.locator(".monaco-menu .action-label").filter({ hasText: "Open in Reading View" }).hover();
    await page.keyboard.press("Enter");
    await view.opened(TITLE);
    await closeEditors(ada);
  });

  it("J-1 opens an article by Reopen Editor With", async () => {
    await openAsText(ada, SAMPLE);
    await ada.window.runCommand("View: Reopen Editor With...");
    await ada.window.pick(/^Marginalia Reading View/);
    await view.opened(TITLE);
    await closeEditors(ada);
  });

  it("J-1 opens plain text, with its paragraphs", async () => {
    await openAsText(ada, "notes.txt");
    await ada.window.runCommand("Marginalia: Open in Reading View");
    await view.article.getByText("Second paragraph.").waitFor();
    expect(await view.article.locator("p").allInnerTexts()).toContain("Second paragraph.");
    await closeEditors(ada);
  });

  it("J-2 opens the sample article in an empty window", async () => {
    await ben.window.runCommand("Marginalia: Open Sample Article");
    await readingView(ben).opened(TITLE);
    await expectStatus(ben, "Alone");
  });

  it("J-3 a passage chosen with the mouse gets a comment, and its card stands level with it", async () => {
    await openAsReader(ada, SAMPLE, TITLE);
    await view.drag("Fermat’s own copy is lost");
    await view.toolbar.getByRole("button", { name: "Comment", exact: true }).click();
    const box = view.locator(".card.draft textarea");
    await box.waitFor();
    await ada.window.page.keyboard.type("Is that *certain*?");
    await ada.window.page.keyboard.press("Control+Enter");
    await view.activeCard.filter({ hasText: "Is that certain?" }).waitFor();
    await expect
      .poll(async () => (await knownThreads(ada)).map(({ quote, body, author }) => ({ quote, body, author })), PATIENCE)
      .toEqual([{ quote: "Fermat’s own copy is lost", body: "Is that *certain*?", author: "Ada" }]);
    const card = (await view.activeCard.boundingBox())!;
    const passage = (await view.article.locator("p").filter({ hasText: "Fermat’s own copy" }).first().boundingBox())!;
    expect(await view.overlaps()).toEqual([]);
    expect(card.y).toBeGreaterThan(passage.y - 10);
    expect(card.y).toBeLessThan(passage.y + passage.height);
  });

  it("J-3 the classes have a key each", async () => {
    for (const [key, words, kind] of [
      ["1", "A margin is an institution.", "claim"],
      ["2", "Samuel gathered his father’s observations", "evidence"],
      ["3", "a Toulouse edition of 1670", "source"],
      ["h", "an heir with standing", "highlighting"],
    ] as const) {
      await view.select(words);
      await view.locator("main").focus();
      await ada.window.page.keyboard.press(key);
      await expect
        .poll(async () => (await knownThreads(ada)).find(({ quote }) => quote === words)?.kind, PATIENCE)
        .toBe(kind);
    }
  });

  it("J-4 a comment is edited, answered, marked with a reaction, resolved and reopened", async () => {
    await view.openCard("Is that certain?");
    await view.choose("More", "Edit");
    const box = view.activeCard.locator("textarea");
    await box.fill("Is that certain? Samuel says so.");
    await box.press("Control+Enter");
    await view.activeCard.locator(".body").filter({ hasText: "Samuel says so." }).waitFor();
    await view.reply("I looked: he does.");
    await view.choose("React", "💡");
    await view.activeCard.locator(".reactions").getByText("💡 1").waitFor();
    await view.activeCard.getByRole("button", { name: "Resolve" }).click();
    const first = async () => (await knownThreads(ada)).find(({ quote }) => quote.startsWith("Fermat"));
    await expect.poll(async () => (await first())?.status, PATIENCE).toBe("resolved");
    await view.activeCard.getByText("Resolved by Ada").waitFor();
    await view.activeCard.getByRole("button", { name: "Reopen" }).click();
    await expect.poll(first, PATIENCE).toMatchObject({
      status: "open",
      body: "Is that certain? Samuel says so.",
      replies: ["Ada: I looked: he does."],
      reactions: "💡1",
    });
  });

  it("J-4 cards do not lie on each other, also while one of them is being written in", async () => {
    await view.openCard("Is that certain?");
    await view.choose("More", "Edit");
    await view.activeCard.locator("textarea").waitFor();
    await expect.poll(() => view.overlaps(), PATIENCE).toEqual([]);
    await view.cards("A margin is an institution.").first().click();
    await view.activeCard.filter({ hasText: "Claim" }).waitFor();
    await expect.poll(() => view.overlaps(), PATIENCE).toEqual([]);
    await view.cards("Fermat").or(view.cards("Cancel")).first().getByText("Cancel", { exact: true }).click();
    await expect.poll(() => view.overlaps(), PATIENCE).toEqual([]);
  });

  it("J-5 what was deleted comes back with Undo", async () => {
    const before = await knownThreads(ada);
    await view.annotate("Had the printer been more generous", "Question", "Would it have been mathematics?");
    await expect.poll(async () => (await knownThreads(ada)).length, PATIENCE).toBe(before.length + 1);
    const whole = await knownThreads(ada);
    await view.choose("More", "Delete");
    await expect.poll(() => knownThreads(ada), PATIENCE).toEqual(before);
    await view.locator(".toast").getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => knownThreads(ada), PATIENCE).toEqual(whole);
    await view.cards("Would it have been mathematics?").first().waitFor();
  });

  it("J-6 from the keyboard alone: by sentences, with a class, a note and a reply", async () => {
    const { keyboard } = ada.window.page;
    const count = (await knownThreads(ada)).length;
    await view.article.locator("h2").filter({ hasText: "2. Margins that were built" }).scrollIntoViewIfNeeded();
    await view.locator("main").focus();
    await keyboard.press("Escape");
    await keyboard.press("j");
    await view.toolbar.waitFor();
    const one = await view.article.evaluate(() => getSelection()?.toString().trim() ?? "");
    await keyboard.press("Shift+J");
    await expect
      .poll(() => view.article.evaluate(() => getSelection()?.toString().trim().length ?? 0), PATIENCE)
      .toBeGreaterThan(one.length);
    await keyboard.press("2");
    await expect.poll(async () => (await knownThreads(ada)).length, PATIENCE).toBe(count + 1);
    await keyboard.press("Enter");
    await expect
      .poll(() => view.activeCard.evaluate((card) => card.contains(document.activeElement)), PATIENCE)
      .toBe(true);
    await keyboard.press("r");
    await view.activeCard.locator(".foot textarea").waitFor();
    await keyboard.type("Said without a mouse.");
    await keyboard.press("Control+Enter");
    await expect
      .poll(async () => (await knownThreads(ada)).flatMap(({ replies }) => replies), PATIENCE)
      .toContain("Ada: Said without a mouse.");
  });

  it("J-8 the annotations are exported as a report and as JSON-LD", async () => {
    const exported = async (format: string, file: string): Promise<string> => {
      const target = path.join(ada.workspace!, file);
      await ada.window.runCommand("Marginalia: Export Annotations...");
      await ada.window.pick(format);
      await ada.window.page
        .locator(".quick-input-widget:visible .quick-input-title")
        .getByText("Export Annotations", { exact: true })
        .waitFor();
      // the dialog puts its own proposal in when it has looked at the folder: not before that
      const name = ada.window.page.locator(".quick-input-widget:visible .quick-input-box input").first();
      await expect.poll(() => name.inputValue(), PATIENCE).toMatch(/reading-in-the-margin\./);
      await ada.window.answer(target);
      await expect.poll(() => readFile(target, "utf8").catch(() => ""), PATIENCE).not.toBe("");
      return await readFile(target, "utf8");
    };
    const report = await exported("Markdown Report", "report.md");
    expect(report).toContain("Fermat’s own copy is lost");
    expect(report).toContain("I looked: he does.");
    const collection = JSON.parse(await exported("W3C Web Annotations (JSON-LD)", "report.jsonld")) as unknown;
    const text = JSON.stringify(collection);
    expect(text).toContain("http://www.w3.org/ns/anno.jsonld");
    for (const { quote } of await knownThreads(ada)) expect(text).toContain(JSON.stringify(quote).slice(1, -1));
  });

  it("J-9 a link that leads nowhere is answered with one sentence", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const foreign = createServer((_, response) => response.writeHead(404).end("<h1>Not here</h1>"));
    await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
    const elsewhere = (foreign.address() as AddressInfo).port;
    try {
      for (const [link, sentence] of [
        [`http://127.0.0.1:${port}/join/somewhere#abcdefgh12345678`, "The server could not be reached."],
        [`http://127.0.0.1:${elsewhere}/join/somewhere#abcdefgh12345678`, "Is it a Marginalia server?"],
      ] as const) {
        await ben.window.runCommand("Marginalia: Join Session");
        await ben.window.answer(link);
        // The list has every notification, also one that VS Code does not pop up.
        await ben.execute("notifications.showList");
        const said = ben.window.page
          .locator(".notifications-center .notification-list-item")
          .filter({ hasText: sentence });
        await said.first().waitFor({ timeout: PATIENCE.timeout });
        expect(await said.count()).toBe(1);
        await ben.execute("notifications.clearAll");
        await said.first().waitFor({ state: "hidden" });
      }
      await ben.window.runCommand("Marginalia: Join Session");
      await ben.window.answer("https://example.org/an/article");
      await ben.window.page
        .locator(".quick-input-message")
        .getByText("This is not an invite link of Marginalia.")
        .waitFor();
      await ben.window.page.keyboard.press("Escape");
    } finally {
      foreign.close();
    }
  });

  it("J-7 after a reload of the window, and after a crash, everything is there, once", async () => {
    const before = await knownThreads(ada);
    expect(before.length).toBeGreaterThan(5);
    await ada.window.reload();
    await view.opened(TITLE);
    await expect.poll(() => knownThreads(ada), PATIENCE).toEqual(before);
    await view.annotate("so on without end", "Comment", "Written just before the lights went out.");
    await expect.poll(async () => (await knownThreads(ada)).length, PATIENCE).toBe(before.length + 1);
    const whole = await knownThreads(ada);
    await ada.crash();
    await openAsReader(ada, SAMPLE, TITLE);
    await expect.poll(() => knownThreads(ada), PATIENCE).toEqual(whole);
  });

  it("J-30 follows its file without a text editor, also when VS Code has closed the file meanwhile", async () => {
    const notes = path.join(ada.workspace!, "notes.txt");
    await closeEditors(ada);
    await ada.evaluate(
      (vscode, file: string) =>
        vscode.commands.executeCommand("vscode.openWith", vscode.Uri.file(file), "marginalia.reader"),
      notes,
    );
    await view.opened("A Reader's Notes");
    await view.annotate("one thing on two", "Comment", "Which thing?");
    const isOpen = () =>
      ada.evaluate((vscode) => vscode.workspace.textDocuments.some((each) => each.uri.path.endsWith("/notes.txt")));
    await expect.poll(isOpen, PATIENCE).toBe(true);
    // VS Code keeps the last fifty files that extensions asked for
    await ada.evaluate(async (vscode, folder: string) => {
      await new Promise<void>((resolve) => {
        vscode.workspace.onDidCloseTextDocument((each) => {
          if (each.uri.path.endsWith("/notes.txt")) resolve();
        });
        const openMany = async () => {
          for (let i = 0; i < 60; i++) {
            const file = vscode.Uri.file(`${folder}/other-${i}.txt`);
            await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(`Other ${i}`));
            await vscode.workspace.openTextDocument(file);
          }
        };
        void openMany();
      });
    }, ada.workspace!);
    await expect.poll(isOpen, PATIENCE).toBe(true);
    await writeFile(notes, NOTES.replace("Second paragraph.", "Second paragraph, longer by now."));
    await view.article.getByText("Second paragraph, longer by now.").waitFor();
    await view.openCard("Which thing?");
  });

  it("J-30 follows its file when that is taken away and put back", async () => {
    const notes = path.join(ada.workspace!, "notes.txt");
    const before = (await knownThreads(ada)).length;
    await ada.evaluate(async (vscode, file: string) => {
      const watcher = vscode.workspace.createFileSystemWatcher(file);
      await new Promise<void>((resolve) => {
        watcher.onDidDelete(() => resolve());
        void vscode.workspace.fs.delete(vscode.Uri.file(file));
      });
      watcher.dispose();
    }, notes);
    await writeFile(notes, NOTES.replace("Second paragraph.", "Second paragraph, put back."));
    await view.article.getByText("Second paragraph, put back.").waitFor();
    expect((await knownThreads(ada)).length).toBe(before);
  });

  it("J-38 words that were not sent are there again when the tab was closed over them", async () => {
    await closeEditors(ada);
    await openAsReader(ada, "notes.txt", "A Reader's Notes");
    await view.select("one thing on two");
    await view.toolbar.getByRole("button", { name: "Question", exact: true }).click();
    const box = view.locator(".card.draft textarea");
    await box.fill("Is it one");
    await closeEditors(ada);
    await openAsReader(ada, "notes.txt", "A Reader's Notes");
    await expect.poll(() => box.inputValue(), PATIENCE).toBe("Is it one");
    await box.fill("Is it one, or two?");
    await box.press("Control+Enter");
    await view.openCard("Is it one, or two?");
    await closeEditors(ada);
    await openAsReader(ada, "notes.txt", "A Reader's Notes");
    await view.openCard("Is it one, or two?");
    expect(await box.count()).toBe(0);
  });

  it("J-36 a file that is renamed outside keeps its annotations; one that was changed, too, is asked about", async () => {
    const file = (name: string) => path.join(ada.workspace!, name);
    const quote = "held on to their margins";
    const text = `# The Wanderer\n\n${"Readers of all ages wrote beside their texts, and held on to their margins as to a place of their own. ".repeat(3)}\n`;
    const knows = (count: number) =>
      expect
        .poll(async () => (await knownThreads(ada)).filter((each) => each.quote === quote).length, PATIENCE)
        .toBe(count);
    await closeEditors(ada);
    await writeFile(file("k1.md"), text);
    await openAsReader(ada, "k1.md", "The Wanderer");
    await view.annotate(quote, "Comment", "As to a place.");
    await knows(1);
    await rename(file("k1.md"), file("k2.md"));
    await openAsReader(ada, "k2.md", "The Wanderer");
    await knows(1);
    // a copy is another article
    await writeFile(file("k3.md"), text);
    await openAsReader(ada, "k3.md", "The Wanderer");
    await knows(0);
    await closeEditors(ada);
    await openAsReader(ada, "k2.md", "The Wanderer");
    await knows(1);
    await closeEditors(ada);
    await rename(file("k2.md"), file("k4.md"));
    await writeFile(file("k4.md"), `${text}\nA line that was added meanwhile.\n`);
    await openAsText(ada, "k4.md");
    await ada.window.runCommand("Marginalia: Open in Reading View");
    await ada.window.pressButton("Same Article");
    await view.article.getByText("A line that was added meanwhile.").waitFor();
    await knows(1);
    await closeEditors(ada);
    await rename(file("k4.md"), file("k2.md"));
    await openAsReader(ada, "k2.md", "The Wanderer");
    await knows(1);
    await view.openCard("As to a place.");
  });

  it("J-41 files in a folder that is renamed keep their annotations, with what is unsaved, and copies theirs", async () => {
    const folder = (name: string) => path.join(ada.workspace!, name);
    await mkdir(folder("before"));
    for (const name of ["one.md", "two.md"]) {
      await writeFile(path.join(folder("before"), name), "# Twins\n\nBoth have these words.\n");
      await openAsReader(ada, `before/${name}`, "Twins");
      await view.annotate("Both have these words.", "Comment", `In ${name}.`);
      await expect
        .poll(async () => (await knownThreads(ada)).map(({ body }) => body), PATIENCE)
        .toEqual([`In ${name}.`]);
      await closeEditors(ada);
    }
    await openAsText(ada, "before/one.md");
    await ada.window.page.keyboard.type("Unsaved. ");
    await ada.evaluate(
      async (vscode, from: string, to: string) => {
        const edit = new vscode.WorkspaceEdit();
        edit.renameFile(vscode.Uri.file(from), vscode.Uri.file(to));
        return vscode.workspace.applyEdit(edit);
      },
      folder("before"),
      folder("after"),
    );
    await openAsReader(ada, "after/two.md", "Twins");
    await expect.poll(async () => (await knownThreads(ada)).map(({ body }) => body), PATIENCE).toEqual(["In two.md."]);
    await openAsReader(ada, "after/one.md", "Twins");
    await expect.poll(async () => (await knownThreads(ada)).map(({ body }) => body), PATIENCE).toEqual(["In one.md."]);
    await view.article.getByText("Twins").first().waitFor();
    await ada.execute("workbench.action.files.saveAll");
    await closeEditors(ada);
  });

  it("J-40 an answer that is being written in the text editor is there after a look at another file", async () => {
    const { page } = ada.window;
    await writeFile(path.join(ada.workspace!, "answered.md"), "# Answered\n\nWhat is asked here is answered.\n");
    await openAsReader(ada, "answered.md", "Answered");
    await view.annotate("What is asked here", "Question", "Is it?");
    await closeEditors(ada);
    await openAsText(ada, "answered.md");
    const answer = threadInText(ada, "Is it?");
    await answer.begin("Half an answer");
    await openAsText(ada, "notes.txt");
    await page.locator(".tab.active").filter({ hasText: "notes.txt" }).waitFor();
    await answer.widget.waitFor({ state: "detached" });
    await openAsText(ada, "answered.md");
    await answer.isWritten("Half an answer");
    await answer.finish(", and the rest.");
    await expect
      .poll(async () => (await knownThreads(ada)).flatMap(({ replies }) => replies), PATIENCE)
      .toEqual(["Ada: Half an answer, and the rest."]);
    await closeEditors(ada);
  });

  it("J-31 a file that is gone, or holds no text, is answered by VS Code itself", async () => {
    await closeEditors(ada);
    await writeFile(path.join(ada.workspace!, "gone.md"), "# Gone\n");
    await openAsReader(ada, "gone.md", "Gone");
    await closeEditors(ada);
    await rm(path.join(ada.workspace!, "gone.md"));
    await writeFile(path.join(ada.workspace!, "binary.md"), Buffer.from([0, 1, 2, 3, 0, 255, 254, 0, 0, 7]));
    for (const name of ["gone.md", "binary.md"]) {
      await ada.evaluate(
        (vscode, file: string) =>
          void vscode.commands.executeCommand("vscode.openWith", vscode.Uri.file(file), "marginalia.reader"),
        path.join(ada.workspace!, name),
      );
      await ada.window.page.locator(".monaco-editor-pane-placeholder:visible").waitFor();
      await closeEditors(ada);
    }
  });

  it("shows no error of ours", () => {
    expect([...ada.window.errors, ...ben.window.errors]).toEqual([]);
  });
});

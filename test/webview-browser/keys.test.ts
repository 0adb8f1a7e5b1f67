import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { annotate, letSelect, passageOf, pointOf, selectText, useReader } from "./reader.ts";

const open = useReader();
const mine = `.card[data-key^="ada/"]`;
const selected = (page: Page) => page.evaluate(() => document.getSelection()!.toString());
const focused = (page: Page) =>
  page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.getAttribute("aria-label")}`);

describe("the focus", () => {
  for (const by of ["mouse", "Enter"]) {
    it(`RV-45: Edit in the menu of a note puts the caret into its text, by ${by}`, async () => {
      const { page } = await open("article=short&n=0");
      await annotate(page, "second thoughts", { ref: "ada/a", body: "Before." });
      await page.locator(mine).click();
      await page.getByRole("button", { name: "More" }).click();
      const edit = page.getByRole("menuitem", { name: "Edit" });
      if (by === "mouse") await edit.click();
      else await edit.press("Enter");
      await page.waitForFunction(() => document.activeElement?.matches("m-composer textarea"));
      await twoFrames(page);
      await page.keyboard.type(" And after j.");
      await page.keyboard.press("Control+Enter");
      await page.locator(`${mine} .body`, { hasText: "Before. And after j." }).waitFor();
    });
  }

  it("RV-45: Edit in the menu of a reply puts the caret into its text", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await page.locator(".card").click();
    await page.keyboard.press("r");
    await page.keyboard.type("Mine");
    await page.keyboard.press("Control+Enter");
    const reply = page.locator(".reply:not(.sending)");
    await reply.waitFor();
    await reply.hover();
    await reply.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Edit" }).press("Enter");
    await page.waitForFunction(() => document.activeElement?.matches(".reply m-composer textarea"));
    await twoFrames(page);
    expect(await focused(page)).toBe("TEXTAREA Your reply");
  });

  it("RV-45: a menu that is left by Escape gives the focus back to its button", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ada/a", body: "Before." });
    await page.locator(mine).click();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Edit" }).press("Escape");
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "More");
  });

  for (const article of ["short", "rtl"]) {
    it(`RV-71: reactions stand in a row with their names, and arrow keys walk them, ${article}`, async () => {
      const { page, problems } = await open(`article=${article}&n=0`);
      await annotate(page, article === "rtl" ? "حاشیه" : "second thoughts", { ref: "ben/a" });
      await page.locator(".card").click();
      await page.getByRole("button", { name: "React" }).press("Enter");
      const items = page.getByRole("menu", { name: "React" }).getByRole("menuitemcheckbox");
      await items.first().waitFor();
      const tops = await items.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
      expect(tops.length).toBe(6);
      expect(new Set(tops).size).toBe(1);
      const on = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
      const [forward, backward] = article === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
      const walked: (string | null | undefined)[] = [await on()];
      for (const key of [forward, forward, backward, "ArrowDown", "ArrowUp", "End", forward]) {
        await page.keyboard.press(key);
        walked.push(await on());
      }
      expect(walked).toEqual([
        "I agree",
        "I love it",
        "Enlightening",
        "I love it",
        "Enlightening",
        "I love it",
        "It made me laugh",
        "I agree",
      ]);
      const before = await items.nth(0).boundingBox();
      const after = await items.nth(1).boundingBox();
      expect(Math.sign(after!.x - before!.x)).toBe(article === "rtl" ? -1 : 1);
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "I agree, 1: Ada Lovelace" }).waitFor();
      await page.getByRole("button", { name: "React" }).press("Enter");
      expect(await items.first().getAttribute("aria-checked")).toBe("true");
      expect(problems).toEqual([]);
    });
  }

  it("RV-23: Escape selects nothing that was selected long ago", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("1");
    await page.locator(mine).waitFor();
    await page.keyboard.press("Escape");
    const { x, y } = await pointOf(page, "Then say what it claims");
    await page.mouse.click(x, y);
    await page.keyboard.press("/");
    await page.waitForFunction(() => document.activeElement?.matches(".filter input"));
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.tagName === "MAIN");
    expect(await selected(page)).toBe("");
    expect(await page.locator(".toolbar").isHidden()).toBe(true);
  });

  it("RV-23: a selection over a footnote that is written between its paragraphs comes back as it was", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() =>
      globalThis.fakeHost.edit("One.[^a]\n\n[^a]: A footnote.\n\nTwo. Three.\n\nThe last paragraph.\n"),
    );
    await selectText(page, "One", "Two");
    const before = await selected(page);
    await page.keyboard.press("c");
    await page.locator("m-composer textarea").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("m-composer").waitFor({ state: "detached" });
    expect(await selected(page)).toBe(before);
  });

  it("RV-23: a note that was sent leaves nothing to go back to", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "stand", { ref: "ben/a" });
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Sent.");
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    await page.locator('.card[data-key="ben/a"]').click();
    await page.waitForFunction(() => document.activeElement?.matches('[data-key="ben/a"]'));
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.tagName === "MAIN");
    expect(await selected(page)).toBe("");
  });

  it("RV-23: who leaves a card again before it is drawn stays in the text", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "stand", { ref: "ben/a" });
    await page.locator('.card[data-key="ben/a"]').waitFor();
    await page.evaluate(async () => {
      const card = document.querySelector<HTMLElement>('.card[data-key="ben/a"]')!;
      card.focus();
      card.click();
      card.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
      for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
    });
    expect(await focused(page)).toBe("MAIN On Reading Slowly");
  });

  it("RV-23: Escape closes the filter, from its field and from the text", async () => {
    const { page } = await open("article=short&n=3");
    const filter = page.locator(".filter");
    await page.keyboard.press("/");
    await filter.waitFor();
    await page.keyboard.press("Escape");
    await filter.waitFor({ state: "hidden" });
    await page.keyboard.press("/");
    await filter.waitFor();
    const { x, y } = await pointOf(page, "Then say what it claims");
    await page.mouse.click(x, y);
    await page.keyboard.press("Escape");
    await filter.waitFor({ state: "hidden" });
  });

  it("RV-79: the menu of the article offers to annotate only to who may", async () => {
    const { page } = await open("article=short&n=0");
    const section = () =>
      page.evaluate(
        () =>
          (
            JSON.parse(document.querySelector<HTMLElement>("main")!.dataset["vscodeContext"]!) as Record<
              string,
              unknown
            >
          )["webviewSection"],
      );
    expect(await section()).toBe("article");
    for (const annotate of [false, true]) {
      const capabilities = { annotate, moderate: false, editArticle: false };
      await page.evaluate((may) => globalThis.fakeHost.news({ type: "capabilities", capabilities: may }), capabilities);
      await expect.poll(section).toBe(annotate ? "article" : "onlyRead");
    }
  });

  it("RV-46: Control+Enter sends and Escape closes from anywhere in a composer, and plain keys do nothing there", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Looked at *before*.");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.locator("m-composer .preview em").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("h");
    expect(await selected(page)).toBe("");
    await page.keyboard.press("Control+Enter");
    await page.locator(`${mine} .body em`).waitFor();
    await page.keyboard.press("r");
    await page.keyboard.type("Well");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.keyboard.press("Escape");
    await page.locator("m-composer").waitFor({ state: "detached" });
  });
});

describe("what had the focus and is gone", () => {
  const onCard = (key: string) => (page: Page) =>
    page.waitForFunction((key) => document.activeElement?.matches(`.card[data-key="${key}"]`), key);
  const onText = (page: Page) => page.waitForFunction(() => document.activeElement?.tagName === "MAIN");
  const enter = async (page: Page, key: string) => {
    await page.locator(`.card[data-key="${key}"]`).waitFor();
    await page.evaluate((ref) => globalThis.fakeHost.news({ type: "revealThread", ref, focus: true }), key);
    await onCard(key)(page);
  };
  const chooseByKey = async (page: Page, item: string) => {
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.matches("[role=menuitem]"));
    await page.getByRole("menuitem", { name: item }).press("Enter");
  };

  it("RV-70: a card that is deleted leaves its reader at the passage", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ada/a" });
    await page.keyboard.press("j");
    await enter(page, "ada/a");
    await page.locator(mine).getByRole("button", { name: "More" }).focus();
    await chooseByKey(page, "Delete");
    await onText(page);
    expect(await selected(page)).toBe("On Reading Slowly");
    await page.getByRole("button", { name: "Undo" }).press("Enter");
    await page.locator(mine).waitFor();
    await onText(page);
  });

  it("RV-70: a card that somebody else deletes does so, too, and it is told", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await enter(page, "ben/a");
    await page.evaluate(() => globalThis.fakeHost.news({ type: "threads", epoch: 1, threads: [], removed: ["ben/a"] }));
    await onText(page);
    await page.getByRole("status").filter({ hasText: "Ben Okri deleted the annotation that was open." }).waitFor();
  });

  it("RV-70: a reply that is deleted and a reaction that is taken back leave their reader at the card", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await page.evaluate(() => {
      const host = globalThis.fakeHost;
      const reply = { ref: "ada/r", author: "ada", body: "Mine.", created: 1_700_000_001_000, deleted: false };
      host.put({
        ...host.thread("ben/a")!,
        reactions: [{ emoji: "👍", by: ["ada"] }],
        replies: [{ ...reply, hidden: false, reactions: [], mine: true, unread: false }],
      });
    });
    await enter(page, "ben/a");
    await page.getByRole("button", { name: /^I agree, 1/ }).press("Enter");
    await onCard("ben/a")(page);
    await page.locator(".reply").getByRole("button", { name: "More" }).focus();
    await chooseByKey(page, "Delete");
    await page.evaluate(() => {
      const host = globalThis.fakeHost;
      host.put({ ...host.thread("ben/a")!, replies: [] });
    });
    await onCard("ben/a")(page);
  });

  it("RV-70: a button of the filter that goes leaves its reader at the filter's field", async () => {
    const { page } = await open("article=short&n=4");
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("no such words");
    await page.getByRole("button", { name: "Show all open" }).press("Enter");
    await page.getByRole("button", { name: "Show all open" }).waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.matches(".filter input"));
  });

  it("RV-70: the outline that is closed leaves its reader in the text", async () => {
    const { page } = await open("article=short&n=0", { width: 1500, height: 860 });
    await page.locator(".outline a").first().focus();
    await page.keyboard.press("o");
    await page.locator(".outline").waitFor({ state: "hidden" });
    await onText(page);
  });
});

describe("without a mouse", () => {
  it("RV-22: a list of annotations at one mark is opened, walked and left by keys", async () => {
    const { page } = await open("article=short&n=0", { width: 700, height: 800 });
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await annotate(page, "holds second thoughts", { ref: "ben/b", body: "Another." });
    const mark = page.locator(".mark").first();
    await mark.filter({ hasText: "2" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.closest(".chooser"));
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.matches(".mark"));
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.closest(".chooser"));
    await page.keyboard.press("ArrowDown");
    const chosen = await page.evaluate(() => document.activeElement!.textContent.trim());
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.matches(".sheet .card"));
    expect(chosen).toContain((await page.locator(".sheet .card .body").innerText()).trim());
  });

  it("RV-22: in a narrow window the arrows walk from sheet to sheet, and Escape closes it, back to the sentence", async () => {
    const { page } = await open("article=short&n=0", { width: 700, height: 800 });
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await annotate(page, "first glossed Bibles", { ref: "ben/b" });
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    const on = (ref: string) =>
      page.waitForFunction((ref) => document.activeElement?.matches(`.sheet .card[data-key="${ref}"]`), ref);
    await on("ben/a");
    await page.keyboard.press("ArrowDown");
    await on("ben/b");
    await page.keyboard.press("ArrowUp");
    await on("ben/a");
    await page.keyboard.press("Escape");
    await page.locator(".sheet").waitFor({ state: "hidden" });
    expect(await focused(page)).toBe("MAIN On Reading Slowly");
    expect(await selected(page)).toBe("On Reading Slowly");
  });

  it("RV-22: an annotation is moved to another passage by keys, and told how", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "virtue", { ref: "ada/a" });
    await page.locator(mine).click();
    await page.getByRole("button", { name: "More" }).press("Enter");
    await page.getByRole("menuitem", { name: "Move to another passage" }).press("Enter");
    await page.waitForFunction(() => document.activeElement?.tagName === "MAIN");
    await page
      .getByRole("status")
      .filter({ hasText: /press Enter. Escape gives it up/ })
      .waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect.poll(() => passageOf(page, "ada/a")).toBe("A reader who hurries finds what she expected.");
  });

  it("RV-22: the tray is walked by arrows, entered by Enter and left by Escape", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "holds second", { ref: "ada/a" });
    await annotate(page, "thoughts. It", { ref: "ben/b" });
    await page.evaluate(() =>
      globalThis.fakeHost.edit(globalThis.fakeHost.source().replace("holds second thoughts. It is", "")),
    );
    await page.getByTitle("Annotations whose passage is gone").press("Enter");
    await page.locator(".tray .card").nth(1).waitFor();
    await page.locator(".tray .card").first().focus();
    const on = (ref: string) =>
      page.waitForFunction((ref) => document.activeElement?.matches(`.tray .card[data-key="${ref}"]`), ref);
    await page.keyboard.press("ArrowDown");
    await on("ben/b");
    await page.keyboard.press("Enter");
    await page.locator('.tray .card.active[data-key="ben/b"]').waitFor();
    await on("ben/b");
    await page.keyboard.press("Escape");
    await page.locator(".tray").first().waitFor({ state: "hidden" });
    await page.locator('[data-part="tray"]').waitFor({ state: "hidden" });
  });
});

describe("undo", () => {
  it("RV-75: the editor's command takes back the last deed, says so, and says when there is none", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ada/a" });
    await page.locator(mine).click();
    await page.getByRole("button", { name: "More" }).press("Enter");
    await page.getByRole("menuitem", { name: "Delete" }).press("Enter");
    await page.locator(".toast", { hasText: "Deleted." }).waitFor();
    const perform = () => page.evaluate(() => globalThis.fakeHost.news({ type: "perform", action: "undo" }));
    await perform();
    await page.locator(mine).waitFor();
    await page.getByRole("status").filter({ hasText: "Undone" }).waitFor();
    await page.locator(".toast").waitFor({ state: "hidden" });
    await perform();
    await page.locator(".toast", { hasText: "There is nothing to undo." }).waitFor();
  });
});

describe("the sentence cursor", () => {
  it("RV-47: begins where one clicked, beside the words too", async () => {
    const { page } = await open("article=short&n=0");
    const { x, y } = await pointOf(page, "too narrow for a theory");
    await page.mouse.click(x, y);
    await page.keyboard.press("j");
    expect(await selected(page)).toMatch(/^It is wide enough for a sentence/);
    await page.keyboard.press("j");
    expect(await selected(page)).toMatch(/^Annotators have known this/);
    const last = await page.locator(".article li", { hasText: "and in one sentence." }).last().boundingBox();
    await page.mouse.click(last!.x + last!.width - 4, last!.y + last!.height / 2);
    await page.keyboard.press("k");
    expect(await selected(page)).toBe("and in one sentence.");
  });

  it("RV-47: goes on where one went by the outline, by a link, and to somebody else", async () => {
    const { page } = await open("article=short&n=0");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("o");
    await page.getByRole("navigation").getByRole("link", { name: "What the margin is for" }).press("Enter");
    await page.keyboard.press("j");
    expect(await selected(page)).toBe("What the margin is for");
    await page.locator(".footnote-ref").press("Enter");
    await page.waitForFunction(() => document.activeElement?.matches(".footnotes li"));
    await page.keyboard.press("j");
    expect(await selected(page)).toMatch(/^Nietzsche calls philology/);
    await letSelect(page, "ben", "Annotators have known");
    await page.locator(".flag").waitFor();
    await page.getByRole("button", { name: /^Ben Okri/ }).press("Enter");
    await page.keyboard.press("j");
    expect(await selected(page)).toMatch(/^Annotators have known/);
  });

  it("RV-23: Escape goes from the header back to the text, and leaves what is selected", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.getByRole("button", { name: "Keys", exact: true }).focus();
    await page.keyboard.press("Escape");
    expect(await focused(page)).toBe("MAIN On Reading Slowly");
    expect(await selected(page)).toBe("second thoughts");
  });

  it("RV-22: walks through footnotes that are written between the paragraphs, to the last and back", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() =>
      globalThis.fakeHost.edit("One.[^a] Two.[^b]\n\n[^b]: Of two.\n\n[^a]: Of one.\n\nThree. Four.\n"),
    );
    const { x, y } = await pointOf(page, "Three");
    await page.mouse.click(x, y);
    const walked: string[] = [];
    for (const key of ["j", "j", "j", "j", "j", "k", "k", "k"]) {
      await page.keyboard.press(key);
      walked.push((await selected(page)).trim());
    }
    expect(walked).toEqual(["Three.", "Four.", "Of one.", "Of two.", "Of two.", "Of one.", "Four.", "Three."]);
  });

  it("RV-47: begins at the first sentence in the window when nothing was clicked", async () => {
    const { page } = await open("n=0");
    await page.evaluate(() => window.scrollTo(0, 2500));
    await twoFrames(page);
    await page.keyboard.press("j");
    const top = await page.evaluate(() => document.getSelection()!.getRangeAt(0).getBoundingClientRect().top);
    expect(top).toBeGreaterThan(38);
    expect(top).toBeLessThan(300);
    expect(await page.evaluate(() => window.scrollY)).toBe(2500);
  });
});

function twoFrames(page: Page): Promise<void> {
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
}

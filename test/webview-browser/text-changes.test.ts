import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { annotate, passageOf, selectText, useReader } from "./reader.ts";

const open = useReader();
const mine = `.card[data-key^="ada/"]`;
const box = "m-composer textarea";
const selected = (page: Page) => page.evaluate(() => document.getSelection()!.toString());
const bodies = (page: Page) =>
  page.evaluate(() => globalThis.fakeHost.threads().map((thread) => [thread.body, thread.quote]));

/** Another author puts a paragraph before the first one of the article. */
const writeAbove = (page: Page) =>
  page.evaluate(() => {
    const source = globalThis.fakeHost.source();
    const at = source.indexOf("\n\n") + 2;
    const added = "A whole new paragraph, in which a reader finds what was written.\n\n";
    globalThis.fakeHost.edit(source.slice(0, at) + added + source.slice(at));
  });

/** Somebody replaces words of the article. */
const replace = (page: Page, words: string, by: string) =>
  page.evaluate(
    ([from, to]) => globalThis.fakeHost.edit(globalThis.fakeHost.source().replace(from!, to!)),
    [words, by],
  );

/** What the view last told of the selection, in the host's text. */
const told = (page: Page) =>
  page.evaluate(() => {
    const { heard, source } = globalThis.fakeHost;
    const { selection } = heard.filter(({ name }) => name === "presence").at(-1)!.params as {
      selection: { start: number; end: number } | null;
    };
    return selection && source().slice(selection.start, selection.end);
  });

describe("the text changes under the reader", () => {
  it("RV-36: what is selected stays selected, and a key means it at once", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.evaluate(async () => {
      const source = globalThis.fakeHost.source();
      globalThis.fakeHost.edit(source.replace("\n\n", "\n\nNew words above, before the next frame.\n\n"));
      await new Promise((resolve) => setTimeout(resolve));
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "h", bubbles: true, cancelable: true }));
    });
    await page.locator(mine).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe("second thoughts");
  });

  it("RV-36: the others see the selection on the same words", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await expect.poll(() => told(page)).toBe("second thoughts");
    await writeAbove(page);
    await expect.poll(() => told(page)).toBe("second thoughts");
    expect(await selected(page)).toBe("second thoughts");
  });

  it("RV-36: a selection in the paragraph that is edited stays on its words, and is dropped with them", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await replace(page, "The margin holds", "Every margin there is holds");
    await expect.poll(() => selected(page)).toBe("second thoughts");
    await replace(page, "second thoughts", "nothing much, really nothing");
    await page.locator(".toolbar").waitFor({ state: "hidden" });
    expect(await selected(page)).toBe("");
    await page.keyboard.press("h");
    await page.locator(".toast", { hasText: "Select a passage first" }).waitFor();
    expect(await bodies(page)).toEqual([]);
  });

  it("RV-36: an annotation is attached to the words that are selected", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "virtue", { ref: "ada/a" });
    await page.locator(mine).click();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Move to another passage" }).click();
    await selectText(page, "second thoughts");
    await writeAbove(page);
    await page.locator(".toolbar").getByRole("button", { name: "Attach here" }).click();
    await expect.poll(() => passageOf(page, "ada/a")).toBe("second thoughts");
  });

  it("RV-36: the sentence cursor walks on from its sentence", async () => {
    const { page } = await open("article=short&n=0");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    expect(await selected(page)).toMatch(/^A reader who hurries/);
    await page.keyboard.press("Escape");
    expect(await selected(page)).toBe("");
    await writeAbove(page);
    await page.keyboard.press("j");
    expect(await selected(page)).toMatch(/^A reader who waits/);
  });

  it("RV-36: Escape in a composer goes back to the words that were selected", async () => {
    const { page } = await open("article=short&n=0");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const sentence = await selected(page);
    await page.keyboard.press("c");
    await page.locator(box).waitFor();
    await writeAbove(page);
    await page.keyboard.press("Escape");
    await expect.poll(() => selected(page)).toBe(sentence);
  });

  it("RV-36: a note goes to its own words, though the same ones stand nearer by now", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "A reader who", "A reader who");
    await page.keyboard.press("c");
    await page.keyboard.type("This one.");
    await page.evaluate(() => {
      const source = globalThis.fakeHost.source();
      const at = source.indexOf("\n\n") + 2;
      globalThis.fakeHost.edit(source.slice(0, at) + "A reader who skips. ".repeat(20) + "\n\n" + source.slice(at));
    });
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    const { start } = await page.evaluate(
      () => globalThis.fakeHost.thread("ada/n0")!.placement as { start: number; end: number },
    );
    expect(await page.evaluate((at) => globalThis.fakeHost.source().slice(at, at + 20), start)).toBe(
      "A reader who hurries",
    );
  });

  it("RV-36: a text that comes as a whole, of another host even, is no different", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.evaluate(() =>
      globalThis.fakeHost.restart(globalThis.fakeHost.source().replace("\n\n", "\n\nWhile you were away.\n\n")),
    );
    await page.getByText("While you were away.").waitFor();
    expect(await selected(page)).toBe("second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Here.");
    await page.evaluate(() =>
      globalThis.fakeHost.restart(globalThis.fakeHost.source().replace("\n\n", "\n\nAnd once more.\n\n")),
    );
    await page.locator(".article").getByText("And once more.").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe("second thoughts");
  });

  it("RV-36: whoever is writing keeps the caret where it is", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("one three");
    for (let i = 0; i < "three".length; i++) await page.keyboard.press("ArrowLeft");
    await writeAbove(page);
    await page.locator(".article").getByText("A whole new paragraph").waitFor();
    await page.keyboard.type("two ");
    expect(await page.locator(box).inputValue()).toBe("one two three");
  });

  it("RV-37: a note whose passage is gone is not sent, says so, and is put on another passage", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("On second thoughts");
    await replace(page, "second thoughts", "nothing much, really nothing");
    await page.locator(".composer .error", { hasText: "The passage is gone" }).waitFor();
    await page.locator(box).press("Control+Enter");
    await page.locator(".composer .error", { hasText: "The passage is gone" }).waitFor();
    expect(await page.evaluate(() => globalThis.fakeHost.heard.filter(({ name }) => name === "annotate"))).toEqual([]);
    expect(await page.locator(box).inputValue()).toBe("On second thoughts");
    await selectText(page, "too narrow for a theory");
    await page.getByRole("button", { name: "Put the note here" }).click();
    await page.locator(".composer .error").waitFor({ state: "detached" });
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    expect(await bodies(page)).toEqual([["On second thoughts", "too narrow for a theory"]]);
  });

  it("RV-37: when its words come back it is on them again, and one that changed says so", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "holds second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Mine");
    await replace(page, "holds second thoughts", "is empty");
    await page.locator(".composer .error", { hasText: "gone" }).waitFor();
    await replace(page, "is empty", "holds second thoughts");
    await page.locator(".composer .error").waitFor({ state: "detached" });
    await replace(page, "holds second thoughts", "holds second and better thoughts");
    await page.locator(".composer .error", { hasText: "was changed" }).waitFor();
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    expect(await bodies(page)).toEqual([["Mine", "holds second and better thoughts"]]);
  });

  it("RV-37: a draft whose passage went while the view was away opens again, and says so", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Unfinished");
    await page.goto(page.url().replace("article=short", "article=short&without=second%20thoughts"));
    await page.locator(".composer .error", { hasText: "The passage is gone" }).waitFor();
    expect(await page.locator(box).inputValue()).toBe("Unfinished");
  });
});

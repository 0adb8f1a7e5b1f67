import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { annotate, selectText, useReader } from "./reader.ts";

const open = useReader();

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const boxOf = (page: Page, selector: string): Promise<Box> =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { left, right, top, bottom };
    });
/** The part of the window that nothing lies on; a gutter is kept for the scroll bar. */
const room = (page: Page) => boxOf(page, "#marginalia");

describe("room", () => {
  it("RV-51: the toolbar stays beside its passage when the window gets another width", async () => {
    const { page } = await open("n=0", { width: 1300, height: 860 });
    await selectText(page, "no fourth power");
    await page.setViewportSize({ width: 500, height: 860 });
    await page.locator(".narrow").waitFor();
    await page.waitForFunction(() => {
      const toolbar = document.querySelector(".toolbar")!.getBoundingClientRect();
      const boxes = [...document.getSelection()!.getRangeAt(0).getClientRects()];
      const bottom = Math.max(...boxes.map((box) => box.bottom));
      return toolbar.top >= bottom && toolbar.top - bottom < 20;
    });
    expect((await boxOf(page, ".toolbar")).right).toBeLessThanOrEqual((await room(page)).right);
  });

  it("RV-51: marks that are piled on a letter of a note do not leave its card", async () => {
    const { page } = await open("n=0", { width: 1300, height: 860 });
    await annotate(page, "no fourth power", { ref: "ben/1", body: `H${"\u0341\u0316".repeat(300)}ello` });
    await page.locator(".card").click();
    await page.locator(".card.active .body").waitFor();
    const { left, right, top, bottom } = await boxOf(page, ".card.active");
    const around = () =>
      Promise.all(
        [
          { x: right + 12, y: top, width: 60, height: bottom - top },
          { x: left, y: top - 92, width: right - left, height: 80 },
        ].map((clip) => page.screenshot({ clip })),
      );
    const shown = await around();
    await page.locator(".card.active .body").evaluate((body) => (body.style.visibility = "hidden"));
    const without = await around();
    expect(shown.map((picture, i) => picture.equals(without[i]!))).toEqual([true, true]);
  });

  for (const article of ["short", "rtl"]) {
    it(`RV-51: the toolbar lies on no card, ${article}`, async () => {
      const { page } = await open(`article=${article}&n=0`, { width: 1200, height: 860 });
      const words = await page.evaluate(() => {
        const text = [...document.querySelectorAll(".article p")].find((each) => each.textContent.length > 200)!;
        const range = document.createRange();
        range.selectNodeContents(text);
        const lines = [...range.getClientRects()];
        const at = lines[0]!;
        const rtl = getComputedStyle(text).direction === "rtl";
        // the last words of the first line
        const x = rtl ? at.left + 40 : at.right - 40;
        document.getSelection()!.removeAllRanges();
        const caret = document.caretRangeFromPoint(x, at.top + at.height / 2)!;
        caret.setEnd(caret.startContainer, caret.startOffset + 3);
        document.getSelection()!.addRange(caret);
        return caret.toString();
      });
      expect(words).not.toBe("");
      await page.locator(".toolbar:not([hidden])").waitFor();
      const toolbar = await boxOf(page, ".toolbar");
      const column = await boxOf(page, "main");
      expect([toolbar.left - column.left, column.right - toolbar.right].map((gap) => Math.round(gap) >= 0)).toEqual([
        true,
        true,
      ]);
    });
  }

  it("RV-51: a list of annotations is whole, beside the gutter of the scroll bar too", async () => {
    const { page } = await open("article=short&n=60", { width: 920, height: 860 });
    await page.locator(".mark > span:first-child").first().click();
    await page.locator(".chooser").waitFor();
    expect((await boxOf(page, ".chooser")).right).toBeLessThanOrEqual((await room(page)).right);
  });

  for (const article of ["short", "rtl"]) {
    it(`RV-51: the menus of a sheet are whole, ${article}`, async () => {
      const { page } = await open(`article=${article}&n=0`, { width: 600, height: 500 });
      await annotate(page, article === "rtl" ? "حاشیه" : "second thoughts", { ref: "ada/a" });
      await page.locator(".mark").click();
      for (const name of ["More", "React"]) {
        await page.locator(".sheet").getByRole("button", { name }).click();
        const items = page.getByRole("menu").locator("[role^=menuitem]");
        await items.last().waitFor();
        const covered = await items.evaluateAll((all) =>
          all.filter((item) => {
            const { left, top, width, height } = item.getBoundingClientRect();
            return !item.contains(document.elementFromPoint(left + width / 2, top + height / 2));
          }),
        );
        expect(covered.length).toBe(0);
        await page.keyboard.press("Escape");
        await page.getByRole("menu").waitFor({ state: "detached" });
      }
    });
  }

  it("RV-51: a message covers nothing of a sheet, and not the filter", async () => {
    const { page } = await open("article=short&n=0", { width: 600, height: 700 });
    await annotate(page, "second thoughts", { ref: "ada/a" });
    await page.keyboard.press("/");
    await page.locator(".mark").click();
    await page.keyboard.press("n");
    await page.locator(".toast", { hasText: "No further annotation" }).waitFor();
    const toast = await boxOf(page, ".toast");
    expect(toast.bottom).toBeLessThanOrEqual((await boxOf(page, ".sheet")).top);
    expect(toast.top).toBeGreaterThanOrEqual((await boxOf(page, ".top")).bottom);
  });

  for (const width of [480, 900, 1300]) {
    it(`RV-51: a composer's buttons are inside it, ${width} wide`, async () => {
      const { page } = await open("article=short&n=0", { width, height: 860 });
      await selectText(page, "second thoughts");
      await page.keyboard.press("c");
      await page.locator("m-composer textarea").waitFor();
      const field = await boxOf(page, "m-composer textarea");
      const send = await boxOf(page, "m-composer button.primary");
      expect(send.right).toBeLessThanOrEqual(field.right + 1);
      expect(await page.locator(".hint").evaluate((hint) => hint.scrollWidth - hint.clientWidth)).toBeLessThan(1);
    });
  }

  it("RV-51: an author's name is whole before the kind's word is", async () => {
    const { page } = await open("article=short&n=0", { width: 905, height: 860 });
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await annotate(page, "first glossed Bibles", { ref: "eve/b" });
    await page.locator('.card[data-key="eve/b"]').waitFor();
    const cut = await page
      .locator(".card .name")
      .evaluateAll((all) => all.map((name) => name.scrollWidth - name.clientWidth));
    expect(cut).toEqual([0, 0]);
  });

  it("RV-29: presence is told in a section with the longest of titles, too", async () => {
    const { page } = await open("article=short&n=0");
    const title = "An inquiry into the nature and causes of slow reading ".repeat(5).trim();
    await page.evaluate((title) => globalThis.fakeHost.edit(`# ${title}\n\nHere it is.\n`), title);
    await selectText(page, "Here it is");
    const told = () =>
      page.evaluate(() => globalThis.fakeHost.heard.findLast(({ name }) => name === "presence")?.params);
    await expect.poll(told).toMatchObject({ selection: { start: title.length + 4 } });
    expect(await page.evaluate(() => globalThis.fakeHost.errors)).toEqual([]);
  });

  it("RV-52: what is shown for a moment stays while the reader points at it, and goes after them", async () => {
    const { page } = await open("article=short&n=0");
    await page.clock.install();
    await page.keyboard.press("n");
    const toast = page.locator(".toast");
    await page.clock.runFor(100);
    await toast.getByText("No further annotation").waitFor();
    await toast.hover();
    await page.clock.runFor(10_000);
    expect(await toast.isVisible()).toBe(true);
    await page.mouse.move(5, 5);
    await page.clock.runFor(5_000);
    await toast.waitFor({ state: "hidden" });
  });

  it("RV-52: that there is no further annotation is shown, unless an offer to undo would go", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ada/a" });
    await page.locator(".card").waitFor();
    await page.keyboard.press("n");
    await page.keyboard.press("n");
    await page.locator(".toast", { hasText: "No further annotation" }).waitFor();
    await page.locator(".card").getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.locator(".toast", { hasText: "Deleted" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.getByRole("status").filter({ hasText: "No further annotation" }).waitFor();
    expect(await page.locator(".toast").getByRole("button", { name: "Undo" }).count()).toBe(1);
  });

  it("RV-53: who reads alone is not offered to hide from a group, and kinds are marked", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ada/a" });
    await page.locator(".card").click();
    const items = async () => {
      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem").first().waitFor();
      const texts = await page.getByRole("menu").locator("[role^=menuitem]").allInnerTexts();
      await page.keyboard.press("Escape");
      return texts.map((text) => text.trim());
    };
    expect(await items()).toEqual(expect.arrayContaining(["Mark as claim", "Hide from the group"]));
    await page.evaluate(() => globalThis.fakeHost.status({ state: "alone", detail: "", waiting: 0 }));
    await page.locator(".status", { hasText: "Reading alone" }).waitFor();
    expect(await items()).not.toContain("Hide from the group");
  });
});

import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { annotate, selectText, useReader } from "./reader.ts";

const open = useReader();
const mine = `.card[data-key^="ada/"]`;

describe("what is heard", () => {
  /** What the live region said from here on. */
  const listen = (page: Page) =>
    page.evaluate(() => {
      const live = document.querySelector("[data-part=live]")!;
      const said: string[] = [];
      new MutationObserver(() => live.textContent && said.push(live.textContent)).observe(live, { childList: true });
      Object.assign(globalThis, { said });
    });
  const said = (page: Page) => page.evaluate(() => (globalThis as unknown as { said: string[] }).said);

  it("RV-73: who comes upon an annotation hears whose it is, on what, and its words, once", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a", body: "That is *the point*." });
    await annotate(page, "first glossed Bibles", { ref: "eve/b", body: "Which?" });
    await listen(page);
    await page.keyboard.press("n");
    await expect.poll(() => said(page)).toEqual(["Comment by Ben Okri on “second thoughts”: That is the point."]);
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.matches('.card[data-key="ben/a"]'));
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(() => document.activeElement?.matches('.card[data-key="eve/b"]'));
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    // the card that has the focus says the rest itself
    expect((await said(page)).length).toBe(1);
    const card = page.locator('.card[data-key="eve/b"]');
    expect(await card.getAttribute("aria-label")).toBe("Comment by Eve Kosofsky on “first glossed Bibles”");
    expect(await card.getAttribute("aria-description")).toBe("Which?");
  });

  it("RV-73: how much a filter shows is heard when it is set, once, and not whenever somebody writes", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a", class: "claim" });
    await annotate(page, "first glossed Bibles", { ref: "eve/b" });
    await page.keyboard.press("/");
    await listen(page);
    await page.locator(".chip.claim").click();
    await expect.poll(() => said(page)).toEqual(["1 of 2 shown"]);
    await annotate(page, "virtue", { ref: "eve/c" });
    await page.locator(".filter .shown", { hasText: "1 of 3" }).waitFor();
    await page.getByRole("button", { name: "Show all open" }).click();
    await expect.poll(() => said(page)).toEqual(["1 of 2 shown", "3 of 3 shown"]);
    expect(await page.getByRole("status").count()).toBe(1);
  });

  it("RV-73: what others do in the card that is open is heard", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ada/a" });
    await page.locator(mine).click();
    await listen(page);
    await page.evaluate(() => {
      const host = globalThis.fakeHost;
      const reply = { ref: "ben/r", author: "ben", body: "I *doubt* it.", created: 1_700_000_001_000, deleted: false };
      host.put({
        ...host.thread("ada/a")!,
        replies: [{ ...reply, hidden: false, reactions: [], mine: false, unread: true }],
      });
    });
    await expect.poll(() => said(page)).toEqual(["Reply by Ben Okri: I doubt it."]);
    await page.evaluate(() => {
      const host = globalThis.fakeHost;
      host.put({ ...host.thread("ada/a")!, status: "resolved", statusBy: "eve" });
    });
    await expect.poll(() => said(page)).toEqual(["Reply by Ben Okri: I doubt it.", "Resolved by Eve Kosofsky"]);
    // one's own deed is told by itself
    await page.locator(mine).getByRole("button", { name: "Reopen" }).click();
    await page.waitForFunction(() => globalThis.fakeHost.thread("ada/a")!.status === "open");
    expect((await said(page)).slice(2)).toEqual(["Reopened"]);
  });

  it("RV-73: what a narrow window has no room for is heard all the same", async () => {
    const { page } = await open("article=short&n=0", { width: 600, height: 700 });
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await annotate(page, "virtue", { ref: "ben/b" });
    await page.evaluate(() => {
      const host = globalThis.fakeHost;
      host.people((people) =>
        people.map((each) => (each.id === "ben" ? { ...each, section: host.article().sections[1]!.id } : each)),
      );
      host.edit(host.source().replace("second thoughts. ", ""));
    });
    await page.getByRole("button", { name: "1 without a place" }).waitFor();
    expect(await page.locator(".status").ariaSnapshot()).toContain("Saved");
    await page.keyboard.press("o");
    await page.getByRole("link", { name: "What the margin is for (Ben Okri reading here) 1 annotation" }).waitFor();
  });

  it("RV-73: the article has the language that it names, notes have none, and the view's own words have theirs", async () => {
    const { page } = await open("article=short&n=0&boundaries");
    await page.evaluate(() =>
      globalThis.fakeHost.edit("---\ntitle: در ستایش\nlang: fa\n---\n\nحاشیه جای اندیشه است.\n"),
    );
    await annotate(page, "حاشیه", { ref: "ben/a", body: "Ein Rand." });
    await selectText(page, "اندیشه");
    const language = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => element.closest("[lang]")!.getAttribute("lang"));
    await page.locator("[data-aside]").first().waitFor({ state: "attached" });
    expect({
      title: await language("main h1"),
      text: await language(".article p"),
      boundary: await language("[data-aside]"),
      toolbar: await language(".toolbar button"),
      note: await language(".card .body"),
      card: await language(".card"),
    }).toEqual({ title: "fa", text: "fa", boundary: "en", toolbar: "en", note: "", card: "en" });
  });
});

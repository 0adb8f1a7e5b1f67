import { describe, expect, it } from "vitest";
import { annotate, pointOf, selectText, useReader } from "./reader.ts";

const open = useReader();

describe("the filter", () => {
  it("RV-48: one press shows only the claims, and All everything again", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/claim", class: "claim" });
    await annotate(page, "first glossed Bibles", { ref: "ben/evidence", class: "evidence" });
    await annotate(page, "finished when it is answered", { ref: "ben/comment" });
    await page.locator('.card[data-key="ben/comment"]').waitFor();
    const cards = () => page.locator(".cards > .card").evaluateAll((all) => all.map((card) => card.dataset["key"]));
    const pressed = async () => {
      const texts = await page.locator(".kinds [aria-pressed=true]").allInnerTexts();
      return texts.map((text) => /^\p{L}+/u.exec(text)?.[0]);
    };
    await page.keyboard.press("/");
    expect(await pressed()).toEqual(["All"]);
    await page.getByRole("button", { name: "Claim" }).click();
    await page.locator('.card[data-key="ben/comment"]').waitFor({ state: "detached" });
    expect([await cards(), await pressed()]).toEqual([["ben/claim"], ["Claim"]]);
    await page.getByRole("button", { name: "Comment" }).click();
    await page.locator('.card[data-key="ben/comment"]').waitFor();
    expect([await cards(), await pressed()]).toEqual([
      ["ben/claim", "ben/comment"],
      ["Claim", "Comment"],
    ]);
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.locator('.card[data-key="ben/evidence"]').waitFor();
    expect(await pressed()).toEqual(["All"]);
  });

  it("RV-26: author and status say what is shown, chosen, cleared and chosen again", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await annotate(page, "first glossed Bibles", { ref: "chiara/a" });
    await page.keyboard.press("/");
    const author = page.locator(".filter select").first();
    const status = page.locator(".filter select").last();
    const chosen = async () => [await author.inputValue(), await status.inputValue()];
    await author.selectOption("ben");
    await status.selectOption("resolved");
    await page.locator(".filter .shown", { hasText: "0 of 2" }).waitFor();
    await page.getByRole("button", { name: "Show all open" }).click();
    await page.locator(".filter .shown", { hasText: "2 of 2" }).waitFor();
    expect(await chosen()).toEqual(["", "open"]);
    await author.selectOption("ben");
    await page.locator(".filter .shown", { hasText: "1 of 2" }).waitFor();
    await annotate(page, "level with its passage", { ref: "chiara/b" });
    await page.locator(".filter .shown", { hasText: "1 of 3" }).waitFor();
    expect(await chosen()).toEqual(["ben", "open"]);
    await page.getByRole("button", { name: "New since I last looked" }).click();
    await page.locator(".filter .shown", { hasText: "0 of 3" }).waitFor();
    expect(await chosen()).toEqual(["ben", "all"]);
    // the same view of an article in which that author wrote nothing
    await page.reload();
    await page.locator(".filter .shown", { hasText: "0 of 0" }).waitFor();
    expect(await chosen()).toEqual(["ben", "all"]);
  });

  it("RV-68: the list of authors keeps its order and its choice while others write, and shows what the filter is", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "chiara/a" });
    await annotate(page, "first glossed Bibles", { ref: "ben/a" });
    await page.keyboard.press("/");
    const author = page.getByRole("combobox", { name: "By" });
    const chosen = () => author.evaluate((list: HTMLSelectElement) => list.selectedOptions[0]!.text);
    const names = async () => (await author.locator("option").allInnerTexts()).map((text) => text.replace(/ \(.*/, ""));
    expect(await names()).toEqual(["everybody", "Ben Okri", "Chiara Frugoni"]);
    for (const id of ["chiara", "", "chiara"]) await author.selectOption(id);
    await annotate(page, "level with its passage", { ref: "chiara/b" });
    await annotate(page, "finished when it is answered", { ref: "ada/a" });
    await author.locator("option", { hasText: "Ada Lovelace (1)" }).waitFor({ state: "attached" });
    expect(await names()).toEqual(["everybody", "Ada Lovelace", "Ben Okri", "Chiara Frugoni"]);
    expect(await chosen()).toBe("Chiara Frugoni (2)");
    await page.getByRole("button", { name: "Show all open" }).click();
    await page.locator('.card[data-key="ben/a"]').waitFor();
    expect(await chosen()).toBe("everybody");
    const status = page.getByRole("combobox", { name: "Status" });
    for (const value of ["resolved", "open", "resolved"]) await status.selectOption(value);
    await page.getByRole("button", { name: "Show all open" }).click();
    await page.locator('.card[data-key="ben/a"]').waitFor();
    expect(await status.inputValue()).toBe("open");
  });

  it("RV-56: what mentions the reader says so, and can be shown alone", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/other" });
    await page.keyboard.press("/");
    await page.locator('.card[data-key="ben/other"]').waitFor();
    expect(await page.getByRole("button", { name: "Mentions me" }).count()).toBe(0);
    await annotate(page, "first glossed Bibles", { ref: "ben/named", body: "@[Ada](ada)?", mentioned: true });
    const named = page.locator('.card[data-key="ben/named"]');
    await named.locator(".mentioned").waitFor();
    expect(await named.getAttribute("aria-label")).toContain("mentions you");
    await annotate(page, "finished when it is answered", {
      ref: "ben/line",
      class: "claim",
      body: "",
      mentioned: true,
    });
    await page.locator('.card.line[data-key="ben/line"] .mentioned').waitFor();
    await page.getByRole("button", { name: "Mentions me" }).click();
    await page.locator('.card[data-key="ben/other"]').waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Mentions me" }).click();
    await page.locator('.card[data-key="ben/other"]').waitFor();
  });

  it("RV-23: the focus goes through header and filter, and the article stays where it is", async () => {
    const { page } = await open("article=long&n=0");
    await page.evaluate(() => window.scrollTo({ top: 3000, behavior: "instant" }));
    await page.keyboard.press("/");
    await page.waitForFunction(() => document.activeElement?.matches(".filter input"));
    const top = () => page.evaluate(() => Math.round(window.scrollY));
    const before = await top();
    const passed: string[] = [];
    for (let n = 0; n < 40 && passed.at(-1) !== "Outline"; n++) {
      await page.keyboard.press("Shift+Tab");
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      passed.push(
        await page.evaluate(
          () => document.activeElement!.getAttribute("aria-label") ?? document.activeElement!.tagName,
        ),
      );
    }
    expect(passed.at(-1)).toBe("Outline");
    expect(await top()).toBe(before);
  });

  it("RV-56: the outline begins below the filter", async () => {
    const { page } = await open("article=short&n=0", { width: 1500, height: 860 });
    const edges = () =>
      page.evaluate(() => [
        Math.round(document.querySelector(".top")!.getBoundingClientRect().bottom),
        Math.round(document.querySelector(".outline")!.getBoundingClientRect().top),
      ]);
    const [bar] = await edges();
    await page.keyboard.press("/");
    await page.locator(".filter:not([hidden])").waitFor();
    await expect.poll(async () => (await edges())[1]! - (await edges())[0]!).toBe(0);
    expect((await edges())[0]).toBeGreaterThan(bar!);
  });

  it("RV-57: what the filter left is one press away, wherever it stands", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/first", class: "claim" });
    await annotate(page, "first glossed Bibles", { ref: "ben/second", class: "claim" });
    await page.keyboard.press("/");
    const walk = async (name: RegExp) => {
      await page.getByRole("button", { name }).click();
      await page.locator(".card.active").waitFor();
      return page.locator(".card.active").getAttribute("data-key");
    };
    const order = [await walk(/^Next annotation/), await walk(/^Next annotation/), await walk(/^Previous annotation/)];
    expect(new Set(order)).toEqual(new Set(["ben/first", "ben/second"]));
    expect(order[2]).toBe(order[0]);
    await page.getByRole("searchbox").fill("no such words");
    await page.getByRole("button", { name: /^Next annotation/ }).waitFor({ state: "detached" });
  });

  it("RV-49: a note that is written while a filter is on stays when one goes elsewhere", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "first glossed Bibles", { ref: "ben/claim", class: "claim" });
    await page.keyboard.press("/");
    await page.getByRole("button", { name: "Claim" }).click();
    await page.keyboard.press("Escape");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Fits nothing");
    await page.keyboard.press("Control+Enter");
    const card = page.locator('.card[data-key^="ada/"]');
    await card.waitFor();
    const { x, y } = await pointOf(page, "Then say what it claims");
    await page.mouse.click(x, y);
    await page.locator(".card.active").waitFor({ state: "detached" });
    expect(await card.innerText()).toContain("Fits nothing");
    await page.keyboard.press("/");
    await page.locator(".filter .shown", { hasText: "what you wrote since" }).waitFor();
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.getByRole("button", { name: "Claim" }).click();
    await card.waitFor({ state: "detached" });
  });

  for (const [width, lines] of [
    [900, 2],
    [700, 2],
    [320, 4],
  ] as const) {
    it(`RV-72: takes ${lines} lines in a window ${width} wide, and loses no name`, async () => {
      const { page } = await open("article=short&n=40", { width, height: 700 });
      await annotate(page, "second thoughts", { ref: "ben/b", class: "claim", mentioned: true, unread: true });
      await page.keyboard.press("/");
      const filter = page.locator(".filter");
      await filter.locator(".chip.claim").click();
      const named = [
        filter.getByRole("button", { name: /^Highlight \d+$/ }),
        filter.getByRole("button", { name: /^New since I last looked \d+$/ }),
        filter.getByRole("button", { name: /^Mentions me \d+$/ }),
        filter.getByRole("combobox", { name: "By" }),
        filter.getByRole("combobox", { name: "Status" }),
        filter.getByRole("searchbox"),
        filter.locator(".shown").filter({ hasText: /^\d+ of \d+ shown$/ }),
        filter.getByRole("button", { name: "Show all open" }),
        filter.getByRole("button", { name: "Close the filter" }),
      ];
      const middles: number[] = [];
      for (const each of named) {
        const box = (await each.boundingBox())!;
        middles.push(box.y + box.height / 2);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
      }
      const starts = middles.toSorted((a, b) => a - b).filter((y, i, all) => i === 0 || y - all[i - 1]! > 8);
      expect(starts.length).toBe(lines);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
        0,
      );
    });
  }
});

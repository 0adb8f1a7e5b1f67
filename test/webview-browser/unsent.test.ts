import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { faults } from "./faults.ts";
import { annotate, passageOf, selectText, useReader } from "./reader.ts";

const open = useReader();
const mine = `.card[data-key^="ada/"]`;
const box = "m-composer textarea";
const unsent = (page: Page) => page.locator(".card.unsent");
const pill = (page: Page) => page.getByRole("button", { name: /not sent$/ });
const notes = (page: Page) =>
  page.evaluate(() =>
    globalThis.fakeHost
      .threads()
      .map((thread) => `${thread.quote}: ${thread.body}`)
      .toSorted(),
  );
const hold = (page: Page) => page.evaluate(() => globalThis.fakeHost.hold());
const letGo = (page: Page) => page.evaluate(() => globalThis.fakeHost.letGo());
const refuse = (page: Page, name: string, reason: "failed" | null = "failed") =>
  page.evaluate(([name, reason]) => globalThis.fakeHost.refuse(name, reason), [name, reason] as const);

/** Writes and sends a note on words of the article. */
async function write(page: Page, words: string, body: string): Promise<void> {
  await selectText(page, words);
  await page.keyboard.press("c");
  await page.keyboard.type(body);
  await page.keyboard.press("Control+Enter");
}

/** A note that was refused while its writer was busy with another one. */
async function refusedWhileBusy(page: Page): Promise<void> {
  await hold(page);
  await refuse(page, "annotate");
  await write(page, "second thoughts", "The first.");
  await selectText(page, "A reader who hurries");
  await page.keyboard.press("c");
  await page.keyboard.type("The second");
  await letGo(page);
  await unsent(page).waitFor();
}

describe("what was not sent", () => {
  it("RV-38: a refusal leaves the note that is being written alone; the refused one waits at its passage", async () => {
    const { page, problems } = await open("article=short&n=0");
    await refusedWhileBusy(page);
    expect(await page.locator(box).inputValue()).toBe("The second");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("TEXTAREA");
    expect(await unsent(page).innerText()).toContain("Not sent. The editor could not do that.");
    await page.locator(".toast", { hasText: "Your comment was not sent." }).waitFor();
    await refuse(page, "annotate", null);
    await page.keyboard.type("!");
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    expect(await notes(page)).toEqual(["A reader who hurries: The second!"]);
    await unsent(page).getByRole("button", { name: "Retry" }).click();
    await page.locator(mine).nth(1).waitFor();
    expect(await notes(page)).toEqual(["A reader who hurries: The second!", "second thoughts: The first."]);
    expect(await pill(page).count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("RV-38: it counts as no annotation until it is sent", async () => {
    const { page } = await open("article=short&n=3", { width: 1500, height: 860 });
    const counts = async () => {
      const numbers = await page.locator(".outline .number").allInnerTexts();
      return [await page.locator(".filter .shown").innerText(), numbers.map((each) => parseInt(each, 10))];
    };
    await page.keyboard.press("/");
    const before = await counts();
    await page.keyboard.press("Escape");
    await selectText(page, "A reader who hurries");
    await page.keyboard.press("c");
    await page.keyboard.type("Not yet");
    await page.keyboard.press("Escape");
    await unsent(page).waitFor();
    await page.keyboard.press("/");
    expect(await counts()).toEqual(before);
  });

  it("RV-38: the header counts it and lists it; discarded, it can be had back", async () => {
    const { page } = await open("article=short&n=0");
    await refusedWhileBusy(page);
    await page.keyboard.press("Escape");
    await pill(page).click();
    const list = page.getByRole("region", { name: "Not sent" });
    expect(await list.getByRole("article").count()).toBe(2);
    const first = list.getByRole("article").filter({ hasText: "The first." });
    await first.getByRole("button", { name: "Copy text" }).click();
    await expect
      .poll(() => page.evaluate(() => globalThis.fakeHost.heard.at(-1)))
      .toEqual({ name: "copyText", params: { text: "The first." } });
    await first.getByRole("button", { name: "Show place" }).click();
    await page.locator(".cards .card.unsent.active").waitFor();
    await list.getByRole("article").filter({ hasText: "The second" }).getByRole("button", { name: "Discard" }).click();
    await first.getByRole("button", { name: "Discard" }).click();
    await list.waitFor({ state: "hidden" });
    expect(await unsent(page).count()).toBe(0);
    await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
    await unsent(page).first().waitFor();
  });

  for (const theme of ["light", "dark", "high-contrast", "high-contrast-light"]) {
    it(`RV-24: axe finds nothing in what was not sent, in ${theme}`, async () => {
      const { page } = await open(`article=short&n=0&theme=${theme}`);
      await refusedWhileBusy(page);
      await pill(page).click();
      await page.getByRole("region", { name: "Not sent" }).waitFor();
      expect(await faults(page)).toEqual([]);
    });
  }

  it("RV-38: it is opened again with its reason; what is in the composer by then is put aside", async () => {
    const { page } = await open("article=short&n=0");
    await refusedWhileBusy(page);
    await unsent(page).getByRole("button", { name: "Edit" }).click();
    await expect.poll(() => page.locator(box).inputValue()).toBe("The first.");
    expect(await page.locator(".composer .error").innerText()).toContain("could not do that");
    expect(await unsent(page).innerText()).toContain("Not sent yet.");
    await refuse(page, "annotate", null);
    await page.locator(box).press("Control+Enter");
    await page.locator(mine).waitFor();
    await unsent(page).getByRole("button", { name: "Go on writing" }).click();
    await expect.poll(() => page.locator(box).inputValue()).toBe("The second");
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).nth(1).waitFor();
    expect(await notes(page)).toEqual(["A reader who hurries: The second", "second thoughts: The first."]);
  });

  it("RV-38: a reply that was refused waits in its thread, also after a reload", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "virtue", { ref: "ben/a", body: "Which?" });
    await page.locator(".card").click();
    await page.keyboard.press("r");
    await page.keyboard.type("This one.");
    await hold(page);
    await refuse(page, "reply");
    await page.keyboard.press("Control+Enter");
    await page.locator(".reply.sending").waitFor();
    await selectText(page, "second thoughts");
    await letGo(page);
    await page.locator(".reply.unsent", { hasText: "Not sent. The editor could not do that." }).waitFor();
    await page.reload();
    // its thread is gone with the host: the words are not
    await page.getByRole("button", { name: "1 not sent" }).click();
    const list = page.getByRole("region", { name: "Not sent" });
    await list.getByText("This one.").waitFor();
    expect(await list.getByRole("button", { name: "Retry" }).count()).toBe(0);
    await annotate(page, "virtue", { ref: "ben/a", body: "Which?" });
    await list.getByRole("button", { name: "Retry" }).click();
    await page.waitForFunction(() => globalThis.fakeHost.thread("ben/a")?.replies[0]?.body === "This one.");
  });

  it("RV-38: what changes a note that goes meanwhile is kept, and so is a draft in a card that goes", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "virtue", { ref: "ben/a", body: "Which?" });
    await page.locator(".card").click();
    await page.keyboard.press("r");
    await page.keyboard.type("Half a reply");
    await page.evaluate(() => globalThis.fakeHost.news({ type: "threads", epoch: 1, threads: [], removed: ["ben/a"] }));
    await page.locator(".toast", { hasText: "kept" }).waitFor();
    await pill(page).click();
    await page.getByRole("region", { name: "Not sent" }).getByText("Half a reply").waitFor();
  });

  it("RV-39: a view that is taken away while a note is on its way sends it, once", async () => {
    const { page } = await open("article=short&n=0");
    await hold(page);
    await write(page, "second thoughts", "On its way.");
    await page.locator(".card.sending").waitFor();
    await page.reload();
    await page.locator(mine).waitFor();
    expect(await notes(page)).toEqual(["second thoughts: On its way."]);
    expect(await passageOf(page, "ada/n0")).toBe("second thoughts");
    expect(await unsent(page).count()).toBe(0);
    await page.reload();
    await page.locator(".article .block").first().waitFor();
    expect(await notes(page)).toEqual([]);
  });

  it("RV-39: words that were written on one article do not come up on another, and are there on return", async () => {
    const { page } = await open("article=short&n=0");
    const here = page.url();
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Unfinished");
    await page.goto(here.replace("article=short", "article=rtl"));
    await page.locator(".article .block").first().waitFor();
    await page.waitForFunction(() => globalThis.fakeHost.timings["highlightsPainted"] !== undefined);
    expect(await page.locator("m-composer").count()).toBe(0);
    await page.goto(here);
    await page.locator(box).waitFor();
    expect(await page.locator(box).inputValue()).toBe("Unfinished");
  });

  it("RV-40: an answer that comes after all closes what had been opened again: the note is there once", async () => {
    const { page } = await open("article=short&n=0");
    await page.clock.install();
    await hold(page);
    await write(page, "second thoughts", "Slow.");
    await page.locator(".card.sending").waitFor();
    await page.clock.fastForward(10_000);
    await page.locator(".composer .error", { hasText: "did not answer in time" }).waitFor();
    expect(await page.locator(box).inputValue()).toBe("Slow.");
    await page.locator(box).press("Control+Enter");
    await letGo(page);
    await page.locator(mine).waitFor();
    await expect.poll(() => page.locator(".card.sending, .card.unsent, m-composer").count()).toBe(0);
    expect(await notes(page)).toEqual(["second thoughts: Slow."]);
  });

  it("RV-54: what another view had that was closed is among what is not sent, and disturbs nothing that is being written", async () => {
    const { page, problems } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Mine");
    await page.evaluate(() => {
      const start = globalThis.fakeHost.source().indexOf("A reader who hurries");
      const passage = {
        start,
        end: start + "A reader who hurries".length,
        epoch: 1,
        quote: "A reader who hurries",
        motivation: "questioning",
      };
      const words = { drafts: { new: { text: "Theirs", passage } }, unsent: [] };
      globalThis.fakeHost.news({ type: "leftWords", words });
    });
    await unsent(page).getByText("Theirs").waitFor();
    expect(await pill(page).count()).toBe(1);
    await page.keyboard.type(", too");
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    await unsent(page).getByRole("button", { name: "Send" }).click();
    await page.locator(mine).nth(1).waitFor();
    expect(await notes(page)).toEqual(["A reader who hurries: Theirs", "second thoughts: Mine, too"]);
    expect(problems).toEqual([]);
  });

  it("RV-41: a note that is begun elsewhere leaves the unfinished one at its passage", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("About these");
    await page.keyboard.press("Escape");
    await page.locator("m-composer").waitFor({ state: "detached" });
    await selectText(page, "A reader who hurries");
    await page.keyboard.press("c");
    expect(await page.locator(box).inputValue()).toBe("");
    await page.keyboard.type("About her");
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    await unsent(page).getByRole("button", { name: "Send" }).click();
    await page.locator(mine).nth(1).waitFor();
    expect(await notes(page)).toEqual(["A reader who hurries: About her", "second thoughts: About these"]);
  });

  it("RV-41: words in a reply stay in reach when one may no longer write", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "virtue", { ref: "ben/a", body: "Which?" });
    await page.locator(".card").click();
    await page.keyboard.press("r");
    await page.keyboard.type("Half a reply");
    const may = { annotate: false, moderate: false, editArticle: false };
    await page.evaluate((capabilities) => globalThis.fakeHost.news({ type: "capabilities", capabilities }), may);
    await page.locator(".toolbar").waitFor({ state: "hidden" });
    await page.keyboard.type(", whole");
    expect(await page.locator(box).inputValue()).toBe("Half a reply, whole");
  });
});

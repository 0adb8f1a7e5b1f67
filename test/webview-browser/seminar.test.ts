/** The reading view in a room of thirty who all annotate, answer and select. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { annotate, boxOf, useReader } from "./reader.ts";

const open = useReader();

/** Gives an annotation as many replies as `unread` has letters: `n` for a new one. */
const answer = (page: Page, ref: string, unread: string): Promise<void> =>
  page.evaluate(
    ([ref, unread]) => {
      const thread = globalThis.fakeHost.thread(ref)!;
      const replies = Array.from(unread, (each, i) => ({
        ref: `ben/reply-${i}`,
        author: "ben",
        body: `Reply number ${i + 1}.`,
        created: 1_700_000_000_000 + i,
        deleted: false,
        hidden: false,
        reactions: [],
        mine: false,
        unread: each === "n",
      }));
      globalThis.fakeHost.put({ ...thread, replies, unread: unread.includes("n") });
    },
    [ref, unread] as const,
  );

/** Thirty people who read, by number; what each has selected is what `words` gives for them. */
const crowd = (page: Page, words: readonly (string | null)[]): Promise<void> =>
  page.evaluate((words) => {
    const source = globalThis.fakeHost.source();
    const names = ["Anna", "Wolfeschlegelsteinhausenbergerdorff-von-und-zu-Hohenlohe", "علی رضایی", "陈思思", "J."];
    globalThis.fakeHost.people((people) => [
      ...people.filter((person) => person.me),
      ...words.map((words, i) => {
        const start = words === null ? -1 : source.indexOf(words);
        return {
          id: `reader-${i}`,
          name: `${names[i % names.length]}`,
          role: "reader" as const,
          colour: i % 8,
          me: false,
          online: true,
          ...(i < 12 ? { section: globalThis.fakeHost.article().sections[1]!.id } : {}),
          ...(words === null ? {} : { selection: { start, end: start + words.length } }),
        };
      }),
    ]);
  }, words);

/** The contrast between a passage's letters and what most of it stands on, as they are on the screen. */
const contrastOf = async (page: Page, passage: string): Promise<number> => {
  const box = await boxOf(page, passage);
  // above the lines that tell the kinds
  const clip = { ...box, height: box.height * 0.65 };
  const picture = (await page.screenshot({ clip })).toString("base64");
  return page.evaluate(async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, image.width, image.height);
    const counts = new Map<string, number>();
    for (let at = 0; at < data.length; at += 4) {
      const colour = data.slice(at, at + 3).join();
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    const light = (colour: string) => {
      const [r, g, b] = colour.split(",").map((value) => {
        const part = Number(value) / 255;
        return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    };
    const ground = light([...counts].reduce((most, each) => (each[1] > most[1] ? each : most))[0]);
    const contrasts = [...counts.keys()].map((colour) => {
      const ink = light(colour);
      return (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    });
    return Math.max(...contrasts);
  }, picture);
};

describe("a seminar", () => {
  for (const theme of ["light", "dark", "high-contrast", "high-contrast-light"]) {
    it(`RV-7: a passage that everybody annotated, and some have selected, can be read, ${theme}`, async () => {
      const { page } = await open(`article=short&n=0&theme=${theme}`);
      const kinds = ["highlight", "claim", "evidence", "source", "comment", "question"] as const;
      const contrasts: number[] = [];
      for (const passage of ["the source", "second thoughts"]) {
        await page.keyboard.press("Escape");
        await page.locator(".article").getByText(passage).scrollIntoViewIfNeeded();
        for (const [i, kind] of kinds.entries()) {
          const how = {
            ...(kind === "claim" || kind === "evidence" || kind === "source" ? { class: kind } : {}),
            ...(kind === "highlight" || kind === "question"
              ? {
                  motivation: kind === "question" ? ("questioning" as const) : ("highlighting" as const),
                  body: kind === "question" ? "?" : "",
                }
              : {}),
          };
          // one alone, which is of each kind in turn, then one of each kind
          for (const ref of [`ben/${passage}`, `ben/${passage}-${i}`]) {
            await annotate(page, passage, { ref, ...how });
            await page.waitForFunction((name) => CSS.highlights.get(`marginalia-${name}`)?.size, kind);
            contrasts.push(await contrastOf(page, passage));
          }
          await crowd(page, Array<string>(12).fill(passage));
          await page.locator(".flag .label:not(.taken)").waitFor();
          contrasts.push(await contrastOf(page, passage));
          await crowd(page, []);
          await page.locator(".flag").first().waitFor({ state: "detached" });
        }
        // the later passage first: its annotations are all that there are
        await page.keyboard.press("n");
        await page.waitForFunction(() => CSS.highlights.get("marginalia-active")?.size);
        await page.locator(".card.active").waitFor();
        contrasts.push(await contrastOf(page, passage));
      }
      expect(Math.min(...contrasts), contrasts.map((each) => each.toFixed(1)).join(" ")).toBeGreaterThanOrEqual(4.5);
    });
  }

  for (const width of [700, 1300]) {
    it(`RV-67: the names of those who selected the same can be read, and what they selected, ${width} wide`, async () => {
      const { page } = await open("article=short&n=0", { width, height: 860 });
      await crowd(page, [
        ...Array<string>(12).fill("A reader who waits may find what was written"),
        ...Array<string>(12).fill("second thoughts"),
        "virtue",
        "wide enough",
        "a sentence",
        "A reader who hurries finds what she expected",
        null,
      ]);
      await page.locator(".flag .label:not(.taken)").first().waitFor();
      const labels = await page.locator(".flag .label:not(.taken)").evaluateAll((all) =>
        all.map((label) => {
          const { left, right, top, bottom } = label.getBoundingClientRect();
          return { left, right, top, bottom, text: (label as HTMLElement).innerText.replace(/\s+/g, " ") };
        }),
      );
      expect(labels.filter(({ text }) => text.endsWith("+11"))).toHaveLength(2);
      const column = (await page.locator("main").boundingBox())!;
      for (const [i, one] of labels.entries()) {
        expect(one.right, one.text).toBeLessThanOrEqual(column.x + column.width + 1);
        for (const other of labels.slice(i + 1)) {
          const apart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top;
          expect(apart, `${one.text} on ${other.text}`).toBe(true);
        }
      }
      const painted = await page.evaluate(() =>
        [...CSS.highlights]
          .filter(([name]) => name.startsWith("marginalia-person-"))
          .flatMap(([, ranges]) => [...ranges])
          .map((each) => {
            const range = document.createRange();
            range.setStart(each.startContainer, each.startOffset);
            range.setEnd(each.endContainer, each.endOffset);
            return range.toString();
          })
          .toSorted(),
      );
      expect(painted).toEqual([
        "A reader who hurries finds what she expected",
        "A reader who waits may find what was written",
        "a sentence",
        "second thoughts",
        "virtue",
        "wide enough",
      ]);
    });
  }

  it("RV-66: a card that is higher than the window is there to its end", async () => {
    const { page, problems } = await open("n=0");
    await annotate(page, "marvellous proof", { ref: "ben/a" });
    await answer(page, "ben/a", "-".repeat(40));
    await page.locator(".card").click();
    await page.getByRole("button", { name: "Show 38 earlier replies" }).click();
    await page.getByRole("button", { name: "Reply…" }).click();
    await page.locator(".card.active .foot textarea").fill("The fortieth was the best.");
    await page.locator(".card.active .foot textarea").press("Control+Enter");
    await page.locator(".card.active .reply:not(.sending)").filter({ hasText: "The fortieth was the best." }).waitFor();
    expect(problems).toEqual([]);
  });

  it("RV-58: of many replies the new ones are shown and marked, and stay so while others answer", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a", unread: true });
    await annotate(page, "first glossed Bibles", { ref: "eve/b" });
    await answer(page, "ben/a", "-----n-n----");
    const replies = page.locator(".card.active .reply");
    const marked = async () =>
      await replies
        .filter({ has: page.locator(".unread") })
        .locator(".body")
        .allInnerTexts();
    await page.locator('.card[data-key="ben/a"]').click();
    await page.waitForFunction(() => !globalThis.fakeHost.thread("ben/a")!.unread);
    await page.locator(".pill").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Show 5 earlier replies" }).waitFor();
    expect(await replies.count()).toBe(7);
    expect(await marked()).toEqual(["Reply number 6.", "Reply number 8."]);
    await answer(page, "ben/a", "------------n");
    await replies.filter({ hasText: "Reply number 13." }).waitFor();
    expect(await replies.count()).toBe(8);
    expect(await marked()).toEqual(["Reply number 6.", "Reply number 8.", "Reply number 13."]);
    await page.locator('.card[data-key="eve/b"]').click();
    await page.waitForFunction(() => !globalThis.fakeHost.thread("ben/a")!.unread);
    await page.locator('.card[data-key="ben/a"]').click();
    await page.getByRole("button", { name: "Show 11 earlier replies" }).waitFor();
    expect(await marked()).toEqual([]);
  });

  for (const width of [480, 700, 1500]) {
    it(`RV-69: whoever is here is found, with the section they read, ${width} wide`, async () => {
      const { page, problems } = await open("article=short&n=0", { width, height: 700 });
      await crowd(page, Array<null>(29).fill(null));
      if (width === 1500) await page.locator(".outline .readers", { hasText: "+8" }).waitFor();
      await page.getByRole("button", { name: "Everybody here, 24 more" }).click();
      const menu = page.getByRole("menu", { name: "Everybody here" });
      const people = menu.getByRole("menuitem");
      await page.waitForFunction(() => document.activeElement?.matches(".menu button"));
      expect(await people.count()).toBe(29);
      expect((await people.first().innerText()).trim()).toBe(
        "\u2068Anna\u2069 (Reader), reading “What the margin is for”",
      );
      const box = (await menu.boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(width);
      expect(box.y + box.height).toBeLessThanOrEqual(700);
      await page.keyboard.press("End");
      await page.waitForFunction(
        () => document.activeElement === [...document.querySelectorAll(".menu button")].at(-1),
      );
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.activeElement?.matches("[data-menu=people]"));
      await page.keyboard.press("Enter");
      await people.first().click();
      await page.waitForFunction(() => document.activeElement?.textContent === "What the margin is for");
      await menu.waitFor({ state: "detached" });
      expect(problems).toEqual([]);
    });
  }

  it("RV-34: of the cards that come near, those that cannot be seen yet are made a few at a time", async () => {
    const { page } = await open("n=2000&length=50000");
    const made = await page.evaluate(async () => {
      const batches: number[] = [];
      const cards = document.querySelector(".cards")!;
      // one batch for each drawing
      const observer = new MutationObserver((changes) => {
        const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node instanceof HTMLElement);
        const unseen = added.filter((card) => card.isConnected && card.getBoundingClientRect().top > innerHeight + 200);
        if (added.length > 0) batches.push(unseen.length);
      });
      observer.observe(cards, { childList: true });
      scrollTo({ top: 6000, behavior: "instant" });
      for (let quiet = 0, seen = 0; quiet < 60; quiet = seen === batches.length ? quiet + 1 : 0) {
        seen = batches.length;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      observer.disconnect();
      return batches;
    });
    expect(Math.max(...made)).toBeLessThanOrEqual(12);
    expect(made.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(12);
  });

  it("RV-34: cards glide to another place when the reader opened something, not because others write", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await annotate(page, "too narrow for a theory", { ref: "ben/b" });
    await page.locator('.card[data-key="ben/b"]').waitFor();
    const glides = () => page.locator(".cards.settling");
    await glides().waitFor({ state: "detached" });
    const moved = await page.evaluate(async () => {
      const cards = document.querySelector(".cards")!;
      const thread = globalThis.fakeHost.thread("ben/a")!;
      globalThis.fakeHost.put({ ...thread, body: "Much more than that. ".repeat(20) });
      let glided = false;
      for (let frame = 0; frame < 10; frame++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        glided ||= cards.classList.contains("settling");
      }
      return glided;
    });
    expect(moved).toBe(false);
    await page.locator('.card[data-key="ben/b"]').click();
    await glides().waitFor();
  });
});

/** The reading view in a room of thirty who all annotate, answer and select. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { annotate, useReader } from "./reader.ts";

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

describe("a seminar", () => {
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
});

import { describe, expect, it } from "vitest";
import { annotate, passageOf, pointOf, selectText, useReader } from "./reader.ts";

const open = useReader();
const mine = `.card[data-key^="ada/"]`;

describe("annotating", () => {
  it("RV-2, RV-17: a selection and the toolbar make a comment on exactly that passage", async () => {
    const { page, problems } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.getByRole("button", { name: "Comment", exact: true }).click();
    await page.getByRole("textbox", { name: /Comment on/ }).fill("Third thoughts are *better*.");
    await page.keyboard.press("Control+Enter");
    await page.locator(`${mine} .body em`).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe("second thoughts");
    expect(await page.evaluate(() => CSS.highlights.get("marginalia-comment")?.size)).toBe(1);
    expect(problems).toEqual([]);
  });

  it("TX-4: a selection is from its first to its last character that is not white space; one of white space only is none", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, " second thoughts. ");
    await page.keyboard.press("h");
    await page.locator(mine).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe("second thoughts.");
    // from the end of a paragraph into the items of a list
    await selectText(page, "is answered.", "Then say what it claims:\n");
    await page.keyboard.press("1");
    await page.locator('.card[data-key="ada/n1"]').waitFor();
    expect(await passageOf(page, "ada/n1")).toBe(
      "is answered.\n\n1. First, read the passage twice.\n2. Then say what it claims:",
    );
    await selectText(page, "Then say");
    await page.evaluate(() => {
      const { node, offset } = (() => {
        const { anchorNode, anchorOffset } = document.getSelection()!;
        return { node: anchorNode!, offset: anchorOffset };
      })();
      document.getSelection()!.setBaseAndExtent(node, offset + 4, node, offset + 5);
    });
    await page.locator(".toolbar").waitFor({ state: "hidden" });
  });

  it("RV-55: a copied link in a note leads to its annotation; one that is elsewhere says so", async () => {
    const { page, problems } = await open("article=short&n=0");
    const link = (ref: string) => `vscode://marginalia.marginalia/annotation?room=r&ref=${encodeURIComponent(ref)}`;
    await annotate(page, "second thoughts", { ref: "ben/1", body: "Where it began." });
    await selectText(page, "second thoughts");
    await page.getByRole("button", { name: "Comment", exact: true }).click();
    await page.getByRole("textbox", { name: /Comment on/ }).fill(`See ${link("ben/1")} and [that](${link("cy/9")}).`);
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).getByRole("link", { name: "that" }).click();
    await page.getByText("That annotation is not in this article.").first().waitFor();
    await page.locator(mine).getByRole("link", { name: "annotation" }).click();
    await page.locator(".card.active").filter({ hasText: "Where it began." }).waitFor();
    expect(problems).toEqual([]);
  });

  it("RV-17: one's own note is drawn before the host has answered, and is the same card afterwards", async () => {
    const { page } = await open("article=short&n=0&delay=400");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.locator("m-composer textarea").fill("At once.");
    const seen = await page.evaluate(async () => {
      const field = document.querySelector("m-composer textarea")!;
      field.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true }),
      );
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const card = document.querySelector<HTMLElement>(".card.sending");
      if (card) card.dataset["witness"] = "the same";
      return { text: card?.querySelector(".body")?.textContent?.trim(), threads: globalThis.fakeHost.threads().length };
    });
    expect(seen).toEqual({ text: "At once.", threads: 0 });
    await page.locator(`${mine}[data-witness]`).waitFor();
    expect(await page.locator(".card.sending").count()).toBe(0);
    expect(await page.locator(".card.active").count()).toBe(1);
  });

  it("RV-2: a selection over two footnotes between which the body goes on is of the first", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() =>
      globalThis.fakeHost.edit("One.[^a]\n\n[^a]: A first note.\n\nTwo, in the body.[^b]\n\n[^b]: A second note.\n"),
    );
    await selectText(page, "first note", "second");
    await page.keyboard.press("1");
    await page.locator(mine).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe("first note.");
  });

  it("RV-2: a selection over table cells, a formula and a list gives the source range", async () => {
    const { page } = await open("article=short&n=0");
    await page.locator(".math[data-length]").first().waitFor();
    await selectText(page, "interlinear gloss", "ordinaria");
    await page.keyboard.press("1");
    await page.locator(`${mine}.claim`).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe("interlinear gloss | 12 |\n| 13th century | *glossa ordinaria");
    await selectText(page, "may be written as", "and its");
    await page.keyboard.press("2");
    await page.locator(`${mine}.evidence`).waitFor();
    expect(await passageOf(page, "ada/n1")).toBe("may be written as $d(t) = d_0 e^{-\\lambda t}$, and its");
  });

  it("RV-22: an annotation is made, answered and closed by keys alone", async () => {
    const { page } = await open("article=short&n=0");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Shift+J");
    const selected = await page.evaluate(() => document.getSelection()!.toString());
    expect(selected).toMatch(/^A reader who hurries.*may find what was written\.$/s);
    await page.keyboard.press("c");
    await page.keyboard.type("By hand.");
    await page.keyboard.press("Control+Enter");
    await page.locator(mine).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe(selected);
    await page.keyboard.press("r");
    await page.getByRole("textbox", { name: /Reply/ }).waitFor();
    await page.keyboard.type("And a reply");
    await page.keyboard.press("Control+Enter");
    await page.locator(".reply:not(.sending)").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
  });

  it("RV-23: Escape in a card gives the focus back to the text, the sentence still selected", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await page.locator(".card").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const sentence = await page.evaluate(() => document.getSelection()!.toString());
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.matches(".card.active"));
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
    expect(await page.evaluate(() => document.getSelection()!.toString())).toBe(sentence);
  });

  it("RV-8: clicks go round the annotations at a point, the most specific first, and list them", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "The margin holds second thoughts.", { ref: "ben/long" });
    await annotate(page, "second", { ref: "ben/short", class: "claim" });
    await annotate(page, "holds second thoughts", { ref: "ben/middle", class: "source" });
    await page.waitForFunction(() => CSS.highlights.get("marginalia-claim")?.size === 1);
    const { x, y } = await pointOf(page, "second");
    const active = () => page.locator(".card.active").getAttribute("data-key");
    const visited: (string | null)[] = [];
    for (let i = 0; i < 4; i++) {
      await page.mouse.click(x, y);
      await page.locator(".chooser").waitFor();
      visited.push(await active());
    }
    expect(visited).toEqual(["ben/short", "ben/middle", "ben/long", "ben/short"]);
    expect(await page.locator(".chooser button").count()).toBe(3);
    await page.locator(".chooser button").nth(2).click();
    expect(await active()).toBe("ben/long");
  });

  it("RV-18: what the host refuses is in the composer again, with the reason", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() => globalThis.fakeHost.refuse("annotate", "failed"));
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Do not lose me");
    await page.keyboard.press("Control+Enter");
    await page.locator(".composer .error").waitFor();
    expect(await page.locator("m-composer textarea").inputValue()).toBe("Do not lose me");
    expect(await page.locator(".composer .error").innerText()).toContain("could not do that");
    await page.evaluate(() => globalThis.fakeHost.refuse("annotate", null));
    await page.locator("m-composer textarea").press("Control+Enter");
    await page.locator(mine).waitFor();
  });

  it("RV-60: what is too long is kept in the field and not sent, and says by how much; names count as they are kept", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    const field = page.locator("m-composer textarea");
    await field.fill("x".repeat(20_123));
    const error = page.locator(".composer .error");
    expect(await error.innerText()).toContain("Too long by 123 characters: 20,000");
    await field.press("Control+Enter");
    await page.locator("m-composer .primary").click();
    expect(await page.evaluate(() => globalThis.fakeHost.heard.some((each) => each.name === "annotate"))).toBe(false);
    expect((await field.inputValue()).length).toBe(20_123);
    await field.fill(`@Chiara Frugoni ${"x".repeat(19_984)}`);
    expect((await field.inputValue()).length).toBe(20_000);
    expect(await error.innerText()).toContain("Too long by");
    await field.fill("x".repeat(20_000));
    await error.waitFor({ state: "detached" });
    await field.press("Control+Enter");
    await page.locator(mine).waitFor();
  });

  it.each(["Escape", "Cancel"])("RV-19: a draft survives %s and a reload, and waits at its passage", async (how) => {
    const { page } = await open("article=short&n=0");
    const box = page.locator("m-composer textarea");
    const waits = page.locator(".card.unsent").filter({ hasText: "Unfinished" });
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("Unfinished");
    if (how === "Escape") await page.keyboard.press("Escape");
    else await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator("m-composer").waitFor({ state: "detached" });
    await waits.getByText("Not sent yet.").waitFor();
    await page.reload();
    await waits.waitFor();
    expect(await box.count()).toBe(0);
    // who writes about the same words goes on
    await selectText(page, "holds second thoughts");
    await page.keyboard.press("c");
    expect(await box.inputValue()).toBe("Unfinished");
    await waits.waitFor({ state: "detached" });
    await box.press("Control+Enter");
    await page.locator(mine).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe("holds second thoughts");
    expect(await page.locator(".card.unsent, .card.sending").count()).toBe(0);
    await page.reload();
    await page.locator(".article .block").first().waitFor();
    expect(await page.locator("m-composer").count()).toBe(0);
  });

  it("RV-19: a card that was opened takes no key from the composer that was opened in it", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ben/a" });
    await page.locator(".card").waitFor();
    const focused = await page.evaluate(async () => {
      document.querySelector<HTMLElement>(".card")!.click();
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true, cancelable: true }));
      for (let i = 0; i < 5; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
      return document.activeElement?.tagName;
    });
    expect(focused).toBe("TEXTAREA");
  });

  it("RV-20: an intent on an older text is made anew where its words stand now", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() =>
      globalThis.fakeHost.lagNextEdit(
        globalThis.fakeHost.source().replace("The margin holds", "Every margin there is holds"),
      ),
    );
    await selectText(page, "second thoughts");
    await page.keyboard.press("3");
    await page.locator(`${mine}.source`).waitFor();
    expect(await passageOf(page, "ada/n0")).toBe("second thoughts");
  });

  it("RV-21: a name after an @ is completed to a mention", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("What say you, @chi");
    await page.getByRole("option", { name: "Chiara Frugoni" }).waitFor();
    const list = (await page.getByRole("listbox").boundingBox())!;
    const send = (await page.getByRole("button", { name: "Comment", exact: true }).last().boundingBox())!;
    expect(list.y + list.height).toBeLessThanOrEqual(send.y);
    await page.keyboard.press("Enter");
    expect(await page.locator("m-composer textarea").inputValue()).toBe("What say you, @Chiara Frugoni ");
    await page.keyboard.press("Control+Enter");
    expect(await page.locator(`${mine} .mention`).innerText()).toBe("@Chiara Frugoni");
    await page.waitForFunction(() => globalThis.fakeHost.thread("ada/n0"));
    expect(await page.evaluate(() => globalThis.fakeHost.thread("ada/n0")!.body)).toContain(
      "@[Chiara Frugoni](chiara)",
    );
    await page.keyboard.press("e");
    expect(await page.locator("m-composer textarea").inputValue()).toContain("@Chiara Frugoni");
    await page.keyboard.type("indeed?");
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => globalThis.fakeHost.thread("ada/n0")!.body.endsWith("indeed?"));
    expect(await page.evaluate(() => globalThis.fakeHost.thread("ada/n0")!.body)).toContain(
      "@[Chiara Frugoni](chiara)",
    );
  });

  it("RV-21: a whole name that is written without choosing it is a mention, too", async () => {
    const { page } = await open("article=short&n=0");
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("What say you, @Ben O");
    await page.getByRole("option", { name: "Ben Okri" }).waitFor();
    await page.keyboard.type("kri? Not @Ben.");
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => globalThis.fakeHost.thread("ada/n0"));
    expect(await page.evaluate(() => globalThis.fakeHost.thread("ada/n0")!.body)).toBe(
      "What say you, @[Ben Okri](ben)? Not @Ben.",
    );
  });

  it("RV-21: who is here is offered before a namesake who is away, which is said", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() =>
      globalThis.fakeHost.people((people) => [
        { ...people[1]!, id: "before", name: "Dora", online: false },
        ...people,
        { ...people[1]!, id: "now", name: "Dora", online: true },
      ]),
    );
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    await page.keyboard.type("@dor");
    await page.getByRole("option").nth(1).waitFor();
    const offered = await page.getByRole("option").allInnerTexts();
    expect(offered.map((each) => each.includes("away"))).toEqual([false, true]);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => globalThis.fakeHost.thread("ada/n0"));
    expect(await page.evaluate(() => globalThis.fakeHost.thread("ada/n0")!.body.trim())).toBe("@[Dora](now)");
  });

  it("RV-21: whatever is in a name is shown as it is", async () => {
    const { page } = await open("article=short&n=0");
    const names = ["Mary_Jane *Doe*", "A & B <i>", "ada@example.org", "#1 `x` [y](z)"];
    await page.evaluate(
      (names) =>
        globalThis.fakeHost.people((people) => [
          ...people,
          ...names.map((name, i) => ({ ...people[1]!, id: `p-${i}`, name })),
        ]),
      names,
    );
    const body = names.map((_, i) => `@[An old name](p-${i})`).join(", ");
    await annotate(page, "second thoughts", {
      ref: "ben/1",
      body: `${body} and \`@[Somebody](p-1)\`, not @[An old name](nobody).`,
    });
    const shown = page.locator('.card[data-key="ben/1"] m-body, .card[data-key="ben/1"] .body').first();
    await page.locator('.card[data-key="ben/1"] .mention').first().waitFor();
    expect(await page.locator('.card[data-key="ben/1"] .mention').allInnerTexts()).toEqual(
      [...names, "Somebody"].map((name) => `@${name}`),
    );
    expect(await shown.innerText()).toContain("and @A & B <i>, not @Somebody.");
    expect(await page.locator('.card[data-key="ben/1"] .mention a, .card[data-key="ben/1"] .mention em').count()).toBe(
      0,
    );
  });

  it("RV-21: people are offered whatever signs their names are written with", async () => {
    const { page } = await open("article=short&n=0");
    const names = {
      "सीमा राव": "सीमा",
      "Siobhán O’Neill": "O’Nei",
      "Kate O'Hara": "o'h",
      "علی‌رضا تهرانی": "علی‌ر",
      "สุนทร ภู่": "สุน",
    };
    await page.evaluate(
      (names) =>
        globalThis.fakeHost.people((people) => [
          ...people,
          ...names.map((name, i) => ({ ...people[1]!, id: `p-${i}`, name })),
        ]),
      Object.keys(names),
    );
    await selectText(page, "second thoughts");
    await page.keyboard.press("c");
    for (const [name, typed] of Object.entries(names)) {
      await page.keyboard.insertText(`@${typed}`);
      await page.getByRole("option", { name }).waitFor({ timeout: 2000 });
      await page.keyboard.press("Enter");
    }
    expect(await page.locator("m-composer textarea").inputValue()).toBe(
      `${Object.keys(names)
        .map((name) => `@${name}`)
        .join(" ")} `,
    );
  });

  it.each(["by Escape", "for a new note"])(
    "RV-58: what came while its card was open is read when it is left %s",
    async (how) => {
      const { page } = await open("article=short&n=0");
      await annotate(page, "second thoughts", { ref: "ben/a" });
      const card = page.locator('.card[data-key="ben/a"]');
      await card.click();
      await page.evaluate(() => {
        const host = globalThis.fakeHost;
        const thread = host.thread("ben/a")!;
        const reply = { ref: "ben/r", author: "ben", body: "And this.", created: 1_700_000_001_000, deleted: false };
        host.put({
          ...thread,
          unread: true,
          replies: [{ ...reply, hidden: false, reactions: [], mine: false, unread: true }],
        });
      });
      await card.getByText("And this.").waitFor();
      expect(await page.evaluate(() => globalThis.fakeHost.thread("ben/a")!.unread)).toBe(true);
      // out of the card, and then away from its passage
      if (how === "by Escape") await page.keyboard.press("Escape");
      else await selectText(page, "the company one keeps");
      await page.keyboard.press(how === "by Escape" ? "Escape" : "c");
      await page.waitForFunction(() => !globalThis.fakeHost.thread("ben/a")!.unread);
    },
  );

  it("RV-16: deleting offers to undo", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ada/a" });
    await page.locator(mine).click();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.locator(mine).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.locator(mine).waitFor();
  });

  it("RV-35: Undo beside a message takes back what the message tells of, not what was done since", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", { ref: "ada/x", body: "precious" });
    await page.locator(mine).click();
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.locator(".toast", { hasText: "Deleted" }).waitFor();
    await selectText(page, "A reader who hurries");
    await page.keyboard.press("h");
    await page.locator(mine).waitFor();
    await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
    await page.locator(mine, { hasText: "precious" }).waitFor();
    const quotes = await page.evaluate(() => globalThis.fakeHost.threads().map((thread) => thread.quote));
    expect(quotes.toSorted()).toEqual(["A reader who hurries", "second thoughts"]);
  });
});

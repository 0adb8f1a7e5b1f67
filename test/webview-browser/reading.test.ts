import { describe, expect, it } from "vitest";
import { faults } from "./faults.ts";
import { annotate, letSelect, selectText, useReader } from "./reader.ts";

const open = useReader();
describe("for everybody", () => {
  for (const theme of ["light", "dark", "high-contrast", "high-contrast-light"]) {
    for (const width of [1440, 560]) {
      it(`RV-24: axe finds nothing in ${theme}, ${width} wide, with a card, a filter and a composer open`, async () => {
        const { page, problems } = await open(`theme=${theme}&article=short&n=14&seed=3&friend`, {
          width,
          height: 860,
        });
        await annotate(page, "second thoughts", {
          ref: "ben/a",
          body: "A note with `code` and [a link](https://example.org).",
        });
        await page.evaluate(() => globalThis.fakeHost.news({ type: "revealThread", ref: "ben/a", focus: true }));
        await page.locator(".card.active").first().waitFor();
        await page.keyboard.press("r");
        await page.locator("m-composer textarea").waitFor();
        await page.evaluate(() => globalThis.fakeHost.news({ type: "perform", action: "toggleFilter" }));
        await page.locator(".filter:not([hidden])").waitFor();
        expect(await faults(page)).toEqual([]);
        await selectText(page, "Only then disagree");
        expect(await faults(page)).toEqual([]);
        expect(problems).toEqual([]);
      });
    }
  }

  it("RV-74: a theme of high contrast keeps its colours when the system forces its own; elsewhere what is new still has its dot", async () => {
    for (const theme of ["high-contrast", "light"]) {
      const { page } = await open(`theme=${theme}&article=short&n=0`);
      await annotate(page, "second thoughts", { ref: "ben/a", unread: true });
      const dot = page.locator(".card .unread");
      await dot.waitFor();
      const colours = () =>
        page.evaluate(() =>
          [".card .unread", "body", ".card .kind .icon"].map((each) => {
            const style = getComputedStyle(document.querySelector(each)!);
            return each === "body"
              ? style.backgroundColor
              : each.endsWith("icon")
                ? style.color
                : style.backgroundColor;
          }),
        );
      const before = await colours();
      await page.emulateMedia({ forcedColors: "active", colorScheme: "dark" });
      const forced = await colours();
      if (theme === "high-contrast") expect(forced).toEqual(before);
      else expect(forced[0]).not.toBe(forced[1]);
    }
  });

  for (const theme of ["light", "dark", "high-contrast", "high-contrast-light"]) {
    it(`RV-24: axe finds nothing in reactions, a list, names to mention, a preview and a notice, in ${theme}`, async () => {
      const { page } = await open(`theme=${theme}&article=rtl&n=0`, { width: 400, height: 800 });
      await annotate(page, "حاشیه", { ref: "ada/a", body: "یادداشت" });
      await annotate(page, "حاشیه به چه", { ref: "ben/b" });
      await page.locator(".mark").first().click();
      await page.locator(".chooser").waitFor();
      expect(await faults(page)).toEqual([]);
      await page.locator(".chooser button", { hasText: "یادداشت" }).click();
      await page.locator(".sheet").getByRole("button", { name: "React" }).click();
      await page.getByRole("menuitemcheckbox").first().waitFor();
      expect(await faults(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.locator(".sheet").getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Move to another passage" }).click();
      await page.locator(".notice:not([hidden])").waitFor();
      expect(await faults(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await selectText(page, "خواننده");
      await page.keyboard.press("c");
      await page.keyboard.type("@");
      await page.getByRole("option").first().waitFor();
      expect(await faults(page)).toEqual([]);
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Preview" }).click();
      await page.locator(".preview .mention").waitFor();
      expect(await faults(page)).toEqual([]);
    });
  }

  it("RV-24: axe finds nothing in the tray, the menus, the keys and the outline", async () => {
    const { page } = await open("article=short&n=14&seed=3");
    await page.evaluate(() =>
      globalThis.fakeHost.edit(globalThis.fakeHost.source().replace(/The margin holds[^]*?lost\./, "No.")),
    );
    await page.getByTitle("Annotations whose passage is gone").click();
    await page.locator(".tray .card").first().click();
    await page.locator(".tray .card.active").getByRole("button", { name: "More" }).click();
    await page.getByRole("menu").waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Outline" }).click();
    await page.locator(".outline:not([hidden])").waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole("button", { name: "Keys", exact: true }).click();
    await page.locator("dialog[open]").waitFor();
    expect(await page.locator("dialog[open]").innerText()).toContain("Next, previous annotation");
    expect(await faults(page)).toEqual([]);
  });

  it("RV-3, RV-25: boundaries are spoken, and change neither the text nor the mapping", async () => {
    const { page } = await open("article=short&n=0&boundaries");
    const before = await page.evaluate(() => globalThis.fakeHost.source());
    await annotate(page, "holds second thoughts", { ref: "ben/a", class: "claim" });
    await page.locator("[data-aside]").first().waitFor({ state: "attached" });
    expect((await page.locator("[data-aside]").allTextContents()).map((text) => text.trim())).toEqual([
      "(Claim by Ben Okri begins)",
      "(Claim by Ben Okri ends)",
    ]);
    await selectText(page, "thoughts", "It is wide");
    await page.keyboard.press("2");
    await page.locator('.card[data-key="ada/n0"]').waitFor();
    const range = await page.evaluate(() => globalThis.fakeHost.thread("ada/n0")!.placement);
    expect(range).toEqual({
      state: "placed",
      start: before.indexOf("thoughts. It"),
      end: before.indexOf(" enough for a"),
    });
  });

  it("RV-78: what is copied is what is read: formulas as they were written, and no spoken boundaries", async () => {
    const { page } = await open("article=short&n=0&boundaries");
    await annotate(page, "holds second thoughts", { ref: "ben/a", class: "claim" });
    await annotate(page, "interlinear gloss", { ref: "ben/b" });
    await page.locator("[data-aside]").nth(3).waitFor({ state: "attached" });
    await page.locator(".katex").nth(1).waitFor({ state: "attached" });
    const copied = async (from: string, to: string) => {
      await selectText(page, from, to);
      const copy = page.evaluate(
        () =>
          new Promise<string>((resolve) => {
            const heard = (event: ClipboardEvent) => resolve(event.clipboardData!.getData("text/plain"));
            addEventListener("copy", heard, { once: true });
          }),
      );
      await page.keyboard.press("Control+c");
      return await copy;
    };
    expect(await copied("The margin", "second thoughts")).toBe("The margin holds second thoughts");
    expect(await copied("9th century", "12")).toBe("9th century\tinterlinear gloss\t12");
    expect(await copied("decays may be", "seminar as")).toBe(
      "decays may be written as $d(t) = d_0 e^{-\\lambda t}$, and its sum over a seminar as",
    );
    // begun within a formula, it is copied whole
    expect((await copied("λ", "and its")).startsWith("$d(t) = d_0 e^{-\\lambda t}$, and its")).toBe(true);
    expect(await copied("seminar as", "Code is")).toContain("$$\\sum_{i=1}^{n} \\frac{d_i}{1 + r_i}");
  });

  it("RV-31: a right-to-left article has its margin on the left, and each block its own direction", async () => {
    const { page } = await open("article=rtl&n=6");
    const places = await page.evaluate(() => ({
      article: document.querySelector(".article")!.getBoundingClientRect().left,
      margin: document.querySelector(".margin")!.getBoundingClientRect().left,
      english: getComputedStyle(
        [...document.querySelectorAll(".article p")].find((p) => p.textContent.startsWith("The term"))!,
      ).direction,
      item: getComputedStyle(document.querySelector(".footnotes li")!).direction,
    }));
    expect(places.margin).toBeLessThan(places.article);
    expect(places.english).toBe("ltr");
    expect(places.item).toBe("rtl");
  });

  for (const width of [1440, 700]) {
    it(`RV-31: its outline stands where its lines begin, ${width} wide`, async () => {
      const { page } = await open("article=rtl&n=6", { width, height: 800 });
      if (width < 1000) await page.keyboard.press("o");
      await page.locator(".outline:not([hidden])").waitFor();
      const [outline, root] = await page.evaluate(() =>
        [".outline", "#marginalia"].map((each) => document.querySelector(each)!.getBoundingClientRect().right),
      );
      expect(Math.abs(outline! - root!)).toBeLessThan(2);
      if (width < 1000) return;
      const text = (await page.locator(".article").boundingBox())!;
      expect(text.x + text.width).toBeLessThanOrEqual((await page.locator(".outline").boundingBox())!.x);
    });
  }

  it("RV-31: the name of who selects something stands where the selection ends as it is read, and so does the toolbar", async () => {
    const { page } = await open("article=rtl&n=0");
    const words = "حاشیه جای اندیشهٔ دوم است.";
    await letSelect(page, "ben", words);
    await page.locator(".flag").waitFor({ state: "attached" });
    await selectText(page, words);
    const seen = await page.evaluate(() => {
      const selection = document.getSelection()!.getRangeAt(0).getBoundingClientRect();
      const toolbar = document.querySelector(".toolbar")!.getBoundingClientRect();
      return {
        end: selection.left,
        flag: document.querySelector(".flag")!.getBoundingClientRect().left,
        middle: toolbar.left + toolbar.width / 2,
      };
    });
    expect(Math.abs(seen.flag - seen.end)).toBeLessThan(3);
    expect(Math.abs(seen.middle - seen.end)).toBeLessThan(3);
  });
});

describe("margin", () => {
  it("RV-10, RV-11: cards do not overlap, and the active one stands at its passage", async () => {
    const { page } = await open("article=short&n=40&seed=2");
    const key = await page.locator(".cards > .card").nth(3).getAttribute("data-key");
    await page.locator(".cards > .card").nth(3).click();
    await page.locator(".card.active").waitFor();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const seen = await page.evaluate((key) => {
      const boxes = [...document.querySelectorAll<HTMLElement>(".cards > .card")]
        .map((card) => card.getBoundingClientRect())
        .sort((a, b) => a.top - b.top);
      const overlaps = boxes.filter((box, i) => i > 0 && box.top < boxes[i - 1]!.bottom - 0.5).length;
      const range = [...(CSS.highlights.get("marginalia-active") ?? [])][0]!;
      const live = document.createRange();
      live.setStart(range.startContainer, range.startOffset);
      live.setEnd(range.startContainer, range.startOffset + 1);
      const card = document.querySelector(`.card[data-key="${key}"]`)!.getBoundingClientRect();
      return { overlaps, off: Math.abs(card.top - live.getBoundingClientRect().top) };
    }, key);
    expect(seen.overlaps).toBe(0);
    expect(seen.off).toBeLessThan(2);
  });

  it("RV-14: in a narrow window every annotation is reachable through its mark, and opens in a sheet", async () => {
    const { page } = await open("article=short&n=14", { width: 480, height: 800 });
    const refs = await page.evaluate(() =>
      globalThis.fakeHost
        .threads()
        .filter((each) => each.status === "open")
        .map((each) => each.ref),
    );
    const reached = new Set<string>();
    const close = page.getByRole("button", { name: "Close", exact: true });
    const list = page.locator(".chooser button");
    // only marks near the window are drawn, and the window follows the card: go by key, not by count
    const asked = new Set<string>();
    const next = () =>
      page.locator(".mark").evaluateAll(
        (all, known) => {
          const keys = all.map((mark) => (mark as HTMLElement).dataset["key"]!);
          return keys.find((key) => !known.includes(key)) ?? null;
        },
        [...asked],
      );
    for (let key = await next(); key !== null; key = await next()) {
      asked.add(key);
      // a mark of several is asked again for each of them
      for (let k = 0, several = 1; k < several; k++) {
        await page.locator(`.mark[data-key="${key}"]`).click();
        several = Math.max(1, await list.count());
        if (several > 1) await list.nth(k).click();
        reached.add((await page.locator(".sheet .card").getAttribute("data-key"))!);
        await close.click();
      }
    }
    expect([...reached].toSorted()).toEqual(refs.toSorted());
  }, 90_000);

  it("RV-77: annotations of what is not shown have their cards beside what is", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() =>
      globalThis.fakeHost.edit(
        "---\ntitle: Front\n---\n\n# Heading\n\nA paragraph with a [link].\n\nThe last one.\n\n[link]: https://example.org/\n",
      ),
    );
    await page.getByText("The last one.").waitFor();
    await annotate(page, "title: Front", { ref: "ben/front" });
    await annotate(page, "[link]: https", { ref: "ben/definition" });
    const topOf = async (selector: string) => (await page.locator(selector).first().boundingBox())!.y;
    await page.locator('.card[data-key="ben/front"]').waitFor();
    await page.locator('.card[data-key="ben/definition"]').waitFor();
    const heading = await topOf(".article h1");
    expect(Math.abs((await topOf('.card[data-key="ben/front"]')) - heading)).toBeLessThan(30);
    expect(await topOf('.card[data-key="ben/definition"]')).toBeGreaterThan(await topOf(".article p:last-of-type"));
  });

  it("RV-13: with 10,000 annotations each is in a card or a mark near the window, and the last is a key away", async () => {
    const { page, problems } = await open("n=10000&length=50000");
    const drawn = await page.evaluate(() => document.querySelectorAll(".card, .mark").length);
    expect(drawn).toBeGreaterThan(20);
    expect(drawn).toBeLessThan(1500);
    const last = await page.evaluate(() => {
      const threads = globalThis.fakeHost
        .threads()
        .flatMap((each) =>
          each.placement.state === "placed" && each.status === "open"
            ? [{ ref: each.ref, at: each.placement.start }]
            : [],
        );
      const last = threads.sort((a, b) => b.at - a.at)[0]!.ref;
      globalThis.fakeHost.news({ type: "revealThread", ref: last, focus: true });
      return last;
    });
    await page.waitForFunction((ref) => document.activeElement?.getAttribute("data-key") === ref, last);
    expect(problems).toEqual([]);
  });

  it("RV-15: an orphan is listed with its quote, and its author attaches it again", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "wide enough for a sentence", { ref: "ada/a", body: "My note" });
    await page.evaluate(() =>
      globalThis.fakeHost.edit(globalThis.fakeHost.source().replace("wide enough for a sentence and ", "")),
    );
    await page.getByTitle("Annotations whose passage is gone").click();
    const card = page.locator(".tray .card");
    expect(await card.innerText()).toContain("wide enough for a sentence");
    await card.click();
    await page.getByRole("button", { name: /Re-attach/ }).click();
    await selectText(page, "second thoughts");
    await page.locator(".toolbar").getByRole("button", { name: "Attach here" }).click();
    await page.waitForFunction(() => globalThis.fakeHost.thread("ada/a")!.placement.state === "placed");
    await page.locator('.cards > .card[data-key="ada/a"]').waitFor();
  });

  it("RV-15: whoever closes the tray is where they were reading", async () => {
    const { page } = await open("article=sample&n=0");
    await annotate(page, "marvellous proof", { ref: "ada/a" });
    await page.evaluate(() =>
      globalThis.fakeHost.edit(globalThis.fakeHost.source().replace("marvellous proof", "demonstration")),
    );
    await page.locator("h2", { hasText: "Reading together" }).evaluate((heading) => {
      heading.scrollIntoView({ block: "start", behavior: "instant" });
    });
    await page.waitForTimeout(300);
    const top = () =>
      page.locator("h2", { hasText: "Reading together" }).evaluate((it) => Math.round(it.getBoundingClientRect().top));
    const before = await top();
    const pill = page.getByTitle("Annotations whose passage is gone");
    await pill.click();
    await page.locator(".tray .card").waitFor();
    await expect.poll(top).toBeGreaterThan(before + 500);
    await pill.click();
    await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThan(3);
  });
});

describe("news", () => {
  it("RV-50: an article that became empty says so, and says no more when something is written", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() => globalThis.fakeHost.edit("\n"));
    await page.getByText("This article is empty.").waitFor();
    await page.evaluate(() => globalThis.fakeHost.edit("Something."));
    await page.getByText("This article is empty.").waitFor({ state: "detached" });
    expect(await page.locator(".article").innerText()).toBe("Something.");
  });

  it("RV-27: only changed blocks are replaced; place and selection stay", async () => {
    const { page } = await open("n=40");
    await page.evaluate(() => window.scrollTo(0, 3000));
    await page.evaluate(() => {
      const blocks = [...document.querySelectorAll<HTMLElement>(".article > .block")];
      blocks.forEach((block, i) => (block.dataset["before"] = String(i)));
      const seen = blocks.find((block) => block.getBoundingClientRect().top > 100 && block.matches(".paragraph"))!;
      seen.dataset["seen"] = "yes";
      document.getSelection()!.selectAllChildren(seen);
    });
    const top = () => page.locator("[data-seen]").evaluate((block) => block.getBoundingClientRect().top);
    const before = { top: await top(), text: await page.evaluate(() => document.getSelection()!.toString()) };
    await page.evaluate(() => {
      const source = globalThis.fakeHost.source();
      const at = source.indexOf("\n## ") + 1;
      globalThis.fakeHost.edit(
        `${source.slice(0, at)}A whole new paragraph stands here now.\n\nAnd another.\n\n${source.slice(at)}`,
      );
    });
    await page.getByText("A whole new paragraph").waitFor();
    expect(Math.abs((await top()) - before.top)).toBeLessThan(2);
    expect(await page.evaluate(() => document.getSelection()!.toString())).toBe(before.text);
    expect(await page.locator(".article > .block:not([data-before])").count()).toBe(2);
  });

  it("RV-28: news about a block that the view never had makes it ask for everything", async () => {
    const { page } = await open("article=short&n=3");
    await page.evaluate(() => {
      const { epoch: _epoch, ...rest } = globalThis.fakeHost.article();
      globalThis.fakeHost.news({
        type: "article",
        epoch: 99,
        ...rest,
        blocks: [{ key: "unknown", start: 0, end: 4 }],
        placements: [],
      });
    });
    await page.waitForFunction(() => globalThis.fakeHost.heard.filter((each) => each.name === "ready").length === 2);
    expect(await page.locator(".article h1").innerText()).toBe("On Reading Slowly");
  });

  it("RV-30: a message that fits no schema is reported, and the view goes on", async () => {
    const { page } = await open("article=short&n=3");
    await page.evaluate(() => globalThis.fakeHost.news({ type: "nonsense" } as never));
    await page.waitForFunction(() => globalThis.fakeHost.errors.length > 0);
    expect(await page.evaluate(() => globalThis.fakeHost.errors[0])).toContain("fits no schema");
    await selectText(page, "second thoughts");
  });
});

describe("strangers' text", () => {
  it("RV-3: a formula is set whatever signs are in it", async () => {
    const { page } = await open("article=short&n=0");
    await page.evaluate(() =>
      globalThis.fakeHost.edit("Since $E[X]>0$ and $a-->b$, $x\\text{</title>}$ and $$\n\\Pr[Y]>p\n$$\n\nfollow.\n"),
    );
    await page.locator(".math[data-length]").first().waitFor();
    expect(await page.locator(".math-inline, .math-display").count()).toBe(4);
    expect(await page.locator(".math[data-length]").count()).toBe(4);
  });

  it("RV-59: formulas in notes are set, in the preview too, and what cannot be set stays as it was written", async () => {
    const { page } = await open("article=short&n=0");
    await annotate(page, "second thoughts", {
      ref: "ben/a",
      body: "From $5 to $10, but $\\sqrt{x}<y$ and $\\frac{1$, $\\href{https://example.org}{z}$:\n\n$$\n\\sum_{n=1}^\\infty \\frac{1}{n^2}\n$$",
    });
    const body = page.locator(".card .body");
    await body.locator(".math-display .katex").waitFor();
    expect(await body.locator(".math-inline").count()).toBe(3);
    expect(await body.locator(".math-inline .katex").count()).toBe(2);
    expect(await body.locator(".math-off").innerText()).toBe("\\frac{1");
    expect(await body.locator("a").count()).toBe(0);
    expect(await body.innerText()).toContain("From $5 to $10");
    await page.locator(".card header").click();
    await page.getByRole("button", { name: "Reply" }).click();
    const box = page.locator(".card textarea");
    await box.fill("So $\\pi^2/6$");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.locator(".preview .katex").waitFor();
  });

  it("RV-4: nothing in an article runs, loads a frame, or poses as the view", async () => {
    const { page } = await open("article=hostile&n=2");
    expect(await page.evaluate(() => globalThis.pwned)).toBeUndefined();
    expect(
      await page.locator(".article").locator("script, iframe, style, input, form, [onerror], [onfocus]").count(),
    ).toBe(0);
    expect(await page.locator(".article [style]:not(.katex *)").count()).toBe(0);
    expect(await page.locator("#marginalia").count()).toBe(1);
    expect(await page.locator('.article a[href^="javascript"], .article a[href^="command"]').count()).toBe(0);
    expect(await page.locator(".article .toolbar").count()).toBe(0);
  });

  it("RV-4, RV-5: nothing in a note runs or is loaded, and its links go to the host", async () => {
    const { page, problems } = await open("article=short&n=0");
    const body = `<img src=x onerror="window.pwned=1"> ![pixel](https://example.invalid/track.png) [run](command:quit) [js](javascript:window.pwned=2) [ok](https://example.org/ok) <script>window.pwned=3</script>`;
    await annotate(page, "second thoughts", { ref: "ben/a", body });
    await page.locator(".card header").click();
    await page.getByRole("link", { name: "ok", exact: true }).click();
    await page.waitForFunction(() => globalThis.fakeHost.heard.some((each) => each.name === "openLink"));
    expect(await page.evaluate(() => globalThis.pwned)).toBeUndefined();
    expect(await page.locator(".card img").count()).toBe(0);
    expect(await page.evaluate(() => globalThis.fakeHost.heard.filter((each) => each.name === "openLink"))).toEqual([
      { name: "openLink", params: { href: "https://example.org/ok" } },
    ]);
    expect(problems).toEqual([]);
  });
});

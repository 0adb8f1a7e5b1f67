import path from "node:path";
import type { Locator } from "playwright-core";
import { expect } from "vitest";
import type { App } from "../../../src/extension/app.ts";
import type { User } from "../../support/workbench.ts";

/** How long something on the screen may take on a busy machine, in milliseconds. */
export const PATIENCE = { timeout: 20_000, interval: 100 };

export type Kind = "Highlight" | "Comment" | "Question" | "Claim" | "Evidence" | "Source";

/** The reading view that a user sees, driven as a reader does. Every step waits for what it brings about. */
export interface ReadingView {
  /** Anything in the view. */
  locator(selector: string): Locator;
  readonly heading: Locator;
  readonly article: Locator;
  readonly toolbar: Locator;
  /** The one card that is open in full. */
  readonly activeCard: Locator;
  /** Every card whose text has these words. */
  cards(words: string): Locator;
  /** Waits until the article is shown, with these words in its first heading. */
  opened(title: string | RegExp): Promise<void>;
  /** Selects words that stand within one run of text, and waits for the toolbar. */
  select(words: string): Promise<void>;
  /** The same with the mouse, by dragging over the words. */
  drag(words: string): Promise<void>;
  /** Selects words and chooses a kind in the toolbar; comments and questions are written and sent. */
  annotate(words: string, kind: Kind, body?: string): Promise<void>;
  /** Opens a card by a click on it. */
  openCard(words: string): Promise<void>;
  /** Opens the card of an annotation by a click on its passage; in a narrow view, where it has no card, too. */
  openAt(passage: string): Promise<void>;
  /** Chooses from the open card's menu. */
  choose(menu: "More" | "React", item: string): Promise<void>;
  reply(body: string): Promise<void>;
  /** Cards of the margin that lie on each other, by their texts; there must be none. */
  overlaps(): Promise<string[]>;
  /** The text of the status at the top of the view. */
  readonly status: Locator;
}

/** Of words that stand in the article, in pixels of the view: the middle of their first and of their last character. */
interface Spot {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

/** Runs in the page. Finds the words within one run of text, brings them into the middle of the view, perhaps selects them. */
const goToWords = (article: Element, { words, select }: { words: string; select: boolean }): Spot => {
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = (node.textContent ?? "").indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + words.length);
    node.parentElement?.scrollIntoView({ block: "center", behavior: "instant" });
    if (select) {
      getSelection()?.removeAllRanges();
      getSelection()?.addRange(range);
    }
    const boxes = [...range.getClientRects()];
    const first = boxes[0]!;
    const last = boxes.at(-1)!;
    return {
      from: [first.left + 1, first.top + first.height / 2],
      to: [last.right - 1, last.top + last.height / 2],
    };
  }
  throw new Error(`The article does not show “${words}”.`);
};

export const readingView = ({ window }: User): ReadingView => {
  const locator = (selector: string): Locator => window.webview().locator(selector);
  const article = locator("[data-part=article]");
  const toolbar = locator("[role=toolbar]:visible");
  const activeCard = locator("article.card.active");
  const goTo = async (words: string, select: boolean): Promise<Spot> => {
    await article.getByText(words).first().waitFor();
    return await article.evaluate(goToWords, { words, select });
  };

  /** Where the view begins in the window. */
  const corner = async (): Promise<[x: number, y: number]> => {
    const box = await window.page.locator("iframe.webview.ready:visible").first().boundingBox();
    if (!box) throw new Error("The reading view is not visible.");
    return [box.x, box.y];
  };

  const self: ReadingView = {
    locator,
    heading: locator("main h1"),
    article,
    toolbar,
    activeCard,
    status: locator("header .status"),
    cards: (words) => locator("article.card").filter({ hasText: words }),
    async opened(title) {
      await locator("main h1").filter({ hasText: title }).first().waitFor({ timeout: PATIENCE.timeout });
    },
    async select(words) {
      await goTo(words, true);
      await toolbar.waitFor();
    },
    async drag(words) {
      const { from, to } = await goTo(words, false);
      const [x, y] = await corner();
      await window.page.mouse.move(x + from[0], y + from[1]);
      await window.page.mouse.down();
      await window.page.mouse.move(x + to[0], y + to[1], { steps: 5 });
      await window.page.mouse.up();
      await toolbar.waitFor();
    },
    async annotate(words, kind, body) {
      await self.select(words);
      await toolbar.getByRole("button", { name: kind, exact: true }).click();
      if (kind === "Comment" || kind === "Question") {
        const box = locator(".card.draft textarea");
        await box.fill(body ?? "");
        await box.press("Control+Enter");
        await box.waitFor({ state: "detached" });
      }
      await activeCard.waitFor();
    },
    async openCard(words) {
      const card = self.cards(words).first();
      await card.scrollIntoViewIfNeeded();
      if (!(await card.evaluate((element) => element.classList.contains("active"))))
        await card.click({ position: { x: 40, y: 12 } });
      await activeCard.filter({ hasText: words }).waitFor();
    },
    async openAt(passage) {
      const { from } = await goTo(passage, false);
      const [x, y] = await corner();
      await window.page.mouse.click(x + from[0] + 10, y + from[1]);
      await activeCard.waitFor();
    },
    async choose(menu, item) {
      const button = menu === "React" ? activeCard.locator(".foot") : activeCard.locator(":scope > header");
      await button.getByRole("button", { name: menu, exact: true }).click();
      await activeCard.getByRole("menu").getByText(item, { exact: true }).click();
    },
    overlaps: () =>
      locator("[data-part=cards]").evaluate((margin) => {
        const cards = [...margin.children].map((card) => ({ card, box: card.getBoundingClientRect() }));
        return cards.flatMap(({ card, box }, i) =>
          cards
            .slice(i + 1)
            .filter((other) => other.box.top < box.bottom - 1 && other.box.bottom > box.top + 1)
            .map((other) => `${card.textContent?.trim() ?? ""} | ${other.card.textContent?.trim() ?? ""}`),
        );
      }),
    async reply(body) {
      await activeCard.getByText("Reply…", { exact: true }).click();
      const box = activeCard.locator(".foot textarea");
      await box.fill(body);
      await box.press("Control+Enter");
      await activeCard.locator(".reply:not(.sending)").filter({ hasText: body }).waitFor();
    },
  };
  return self;
};

/** A comment thread in the plain text editor, which is open, and the answer in its box. */
export const threadInText = ({ window, execute }: User, note: string) => {
  const { page } = window;
  const widget = page.locator(".review-widget").filter({ hasText: note });
  const box = widget.locator(".comment-form .monaco-editor").first();
  const focused = widget.locator(".comment-form .monaco-editor.focused").first();
  const self = {
    widget,
    async open() {
      await execute("workbench.action.focusCommentsPanel");
      // VS Code lists a thread before the editor has its box, and draws the list anew with every change: a click may be lost
      const opens = async () => {
        await page.locator(".comments-panel .monaco-list-row").filter({ hasText: note }).first().click();
        return widget.waitFor({ timeout: 2000 }).then(
          () => true,
          () => false,
        );
      };
      await expect.poll(opens, PATIENCE).toBe(true);
    },
    async begin(words: string) {
      await self.open();
      await widget.locator(".review-thread-reply-button, .comment-form").first().click();
      await focused.waitFor();
      await page.keyboard.type(words);
      await self.isWritten(words);
    },
    isWritten: (words: string) =>
      widget.locator(".comment-form .view-lines").filter({ hasText: words }).waitFor({ timeout: PATIENCE.timeout }),
    /** Writes the rest behind what was begun, and sends it. */
    async finish(rest: string) {
      await box.click();
      await focused.waitFor();
      await page.keyboard.press("Control+End");
      await page.keyboard.type(rest);
      await widget.locator(".form-actions .monaco-button").filter({ hasText: "Reply" }).first().click();
    },
  };
  return self;
};

/** Opens a file of the workspace as plain text, whatever it was opened as before. */
export const openAsText = async (user: User, name: string): Promise<void> => {
  await user.evaluate(
    (vscode, file: string) =>
      vscode.commands.executeCommand<undefined>("vscode.openWith", vscode.Uri.file(file), "default"),
    path.join(user.workspace!, name),
  );
  await user.window.page.locator(".monaco-editor .view-line:visible").first().waitFor();
};

/** Opens a file of the workspace in the reading view, by the command. */
export const openAsReader = async (user: User, name: string, title: string | RegExp): Promise<void> => {
  await openAsText(user, name);
  await user.window.runCommand("Marginalia: Open in Reading View");
  await readingView(user).opened(title);
};

/** A thread as the window knows it, without what differs from one window to the next. */
export interface KnownThread {
  readonly quote: string;
  readonly kind: string;
  readonly author: string;
  readonly body: string;
  readonly status: string;
  readonly placement: string;
  /** What stands in the article where the annotation stands now; nothing for one that lost its passage. */
  readonly passage: string;
  readonly deleted: boolean;
  readonly reactions: string;
  readonly replies: readonly string[];
}

/** Every thread of the article that the window is about: what is in it, and that nothing is in it twice. */
export const knownThreads = (user: User): Promise<KnownThread[]> =>
  user.evaluate(async (vscode) => {
    const extension = vscode.extensions.getExtension<{ app(): Promise<App> }>("marginalia.marginalia")!;
    const article = (await extension.exports.app()).current.get();
    if (!article) return [];
    const source = article.published()?.source ?? "";
    return article.threads().map((thread) => ({
      quote: thread.quote,
      kind: thread.class ?? thread.motivation,
      author: article.nameOf(thread.author),
      body: thread.body,
      status: thread.status,
      placement: thread.placement.state,
      passage: thread.placement.state === "orphaned" ? "" : source.slice(thread.placement.start, thread.placement.end),
      deleted: thread.deleted,
      reactions: thread.reactions.map(({ emoji, by }) => `${emoji}${by.length}`).join(" "),
      replies: thread.replies.map((reply) => `${article.nameOf(reply.author)}: ${reply.body}`),
    }));
  });

/** Where the article that the window is about comes from: `file`, or `marginalia` for one that came with a session. */
export const currentScheme = (user: User): Promise<string | undefined> =>
  user.evaluate(async (vscode) => {
    const extension = vscode.extensions.getExtension<{ app(): Promise<App> }>("marginalia.marginalia")!;
    return (await extension.exports.app()).current.get()?.uri.scheme;
  });

/** The text of the article as the window has it. */
export const knownText = (user: User): Promise<string> =>
  user.evaluate(async (vscode) => {
    const extension = vscode.extensions.getExtension<{ app(): Promise<App> }>("marginalia.marginalia")!;
    return (await extension.exports.app()).current.get()?.room.text.toString() ?? "";
  });

/** Waits until the user's window knows exactly these bodies of annotations, in any order. */
export const expectBodies = async (user: User, bodies: readonly string[]): Promise<void> => {
  await expect
    .poll(async () => (await knownThreads(user)).map((thread) => thread.body).sort(), PATIENCE)
    .toEqual([...bodies].sort());
};

/** Waits for the status bar to say this. */
export const expectStatus = async (user: User, text: string | RegExp): Promise<void> => {
  await user.window.statusItem(text).first().waitFor({ timeout: PATIENCE.timeout });
};

/** The name under which the user's window writes in the room. */
export const ownParticipant = (user: User): Promise<string | undefined> =>
  user.evaluate(async (vscode) => {
    const extension = vscode.extensions.getExtension<{ app(): Promise<App> }>("marginalia.marginalia")!;
    return (await extension.exports.app()).current.get()?.room.me().participant;
  });

/** Opens the reading view with its fake host in a headless Chromium. */
import { type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type DevServer, startDevServer } from "../../src/tools/dev.ts";
import { launchBrowser } from "../../src/tools/workbench/browser.ts";
import { ensureBrowser } from "../../src/tools/workbench/fetch.ts";
import type { FakeHost } from "../../src/webview/dev/fake-host.ts";

declare global {
  var fakeHost: FakeHost;
  /** Answered no, whatever hostile content tries. */
  var pwned: unknown;
}

export interface Opened {
  page: Page;
  /** Errors of the page and of the console, violations of the policy among them. */
  problems: string[];
}

/** Call at the top of a test file; the result opens pages until the file ends. */
export function useReader(): (query: string, size?: { width: number; height: number }) => Promise<Opened> {
  let server: DevServer;
  let browser: Browser;
  const pages: Page[] = [];
  beforeAll(async () => {
    server = await startDevServer({ port: 0, watch: false });
    browser = await launchBrowser(await ensureBrowser(() => {}));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return async (query, size = { width: 1200, height: 860 }) => {
    await Promise.all(pages.splice(0).map((page) => page.close()));
    const page = await browser.newPage({ viewport: size, reducedMotion: "reduce" });
    pages.push(page);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    // tests are compiled by a tool that names functions
    await page.addInitScript("globalThis.__name = (value) => value");
    await page.goto(`${server.url}?${query}`);
    await page.waitForFunction(() => globalThis.fakeHost?.timings["highlightsPainted"] !== undefined);
    return { page, problems };
  };
}

/** Selects the first occurrence of a text as a mouse would. */
export async function selectText(page: Page, text: string, until = text): Promise<void> {
  await page.evaluate(
    ([from, to]) => {
      const root = document.querySelector(".article")!;
      const find = (words: string): { node: Text; at: number } => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
          const at = node.data.indexOf(words);
          if (at >= 0) return { node, at };
        }
        throw new Error(`The article has no “${words}”.`);
      };
      const start = find(from!);
      const end = find(to!);
      document.getSelection()!.setBaseAndExtent(start.node, start.at, end.node, end.at + to!.length);
    },
    [text, until],
  );
  await page.locator(".toolbar:not([hidden])").waitFor();
}

/** The box in the window of the first occurrence of a text. */
export function boxOf(page: Page, text: string): Promise<{ x: number; y: number; width: number; height: number }> {
  return page.evaluate((words) => {
    const walker = document.createTreeWalker(document.querySelector(".article")!, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
      const at = node.data.indexOf(words);
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + words.length);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x, y, width, height };
    }
    throw new Error(`The article has no “${words}”.`);
  }, text);
}

/** The point of the window at the middle of the first occurrence of a text. */
export async function pointOf(page: Page, text: string): Promise<{ x: number; y: number }> {
  const { x, y, width, height } = await boxOf(page, text);
  return { x: x + width / 2, y: y + height / 2 };
}

/** Lets somebody of the room select the first occurrence of a text. */
export function letSelect(page: Page, who: string, text: string): Promise<void> {
  return page.evaluate(
    ([who, words]) => {
      const start = globalThis.fakeHost.source().indexOf(words);
      const selection = { start, end: start + words.length };
      globalThis.fakeHost.people((people) =>
        people.map((person) => (person.id === who ? { ...person, selection } : person)),
      );
    },
    [who, text] as const,
  );
}

/** Puts a thread of somebody's on the first occurrence of a text. */
export function annotate(
  page: Page,
  text: string,
  more: {
    ref: string;
    body?: string;
    author?: string;
    class?: "claim" | "evidence" | "source";
    motivation?: "highlighting" | "questioning";
    unread?: boolean;
    mentioned?: boolean;
  },
): Promise<void> {
  return page.evaluate(
    ([words, more]) => {
      const start = globalThis.fakeHost.source().indexOf(words);
      if (start < 0) throw new Error(`The source has no “${words}”.`);
      const author = more.author ?? more.ref.split("/")[0]!;
      globalThis.fakeHost.put({
        ref: more.ref,
        author,
        motivation: more.motivation ?? (more.class ? "classifying" : "commenting"),
        ...(more.class ? { class: more.class } : {}),
        body: more.body ?? "A note.",
        quote: words,
        created: 1_700_000_000_000,
        touched: 1_700_000_000_000,
        deleted: false,
        hidden: false,
        status: "open",
        placement: { state: "placed", start, end: start + words.length },
        replies: [],
        reactions: [],
        mine: author === "ada",
        unread: more.unread ?? false,
        ...(more.mentioned ? { mention: { by: author, at: 1_700_000_000_000, unread: more.unread ?? false } } : {}),
      });
    },
    [text, more] as const,
  );
}

/** The source of an annotation's passage, as the host has it. */
export function passageOf(page: Page, ref: string): Promise<string | null> {
  return page.evaluate((ref) => {
    const placement = globalThis.fakeHost.thread(ref)?.placement;
    if (!placement || placement.state === "orphaned") return null;
    return globalThis.fakeHost.source().slice(placement.start, placement.end);
  }, ref);
}

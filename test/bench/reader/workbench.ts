/** Readers in real VS Code windows, for the benchmark: how the extension host is asked, and how a page is watched. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import type { Frame, Page } from "playwright-core";
import { projectRoot } from "../../../src/tools/paths.ts";
import type { User } from "../../support/workbench.ts";
import type * as hostSide from "./host-side.ts";

type HostSide = typeof hostSide;
type Rest<F> = F extends (api: never, ...rest: infer R) => unknown ? R : never;

export interface HostCalls {
  /** Runs one of the functions of host-side.ts in a reader's extension host. */
  call<N extends keyof HostSide>(
    user: User,
    name: N,
    ...rest: Rest<HostSide[N]>
  ): Promise<Awaited<ReturnType<HostSide[N]>>>;
  remove(): Promise<void>;
}

export async function bundleHostSide(): Promise<HostCalls> {
  const folder = await mkdtemp(path.join(tmpdir(), "marginalia-bench-"));
  const file = path.join(folder, "host-side.cjs");
  await build({
    absWorkingDir: projectRoot,
    entryPoints: ["test/bench/reader/host-side.ts"],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
    logLevel: "error",
  });
  return {
    call: (user, name, ...rest) =>
      user.evaluate(
        async (api, module: string, called: string, args: readonly unknown[]) => {
          const require = process.getBuiltinModule("node:module").createRequire(module);
          const functions = require(module) as Record<string, (...all: unknown[]) => unknown>;
          return (await functions[called]!(api, ...args)) as never;
        },
        file,
        name,
        rest,
      ),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A window is at rest when page and extension host together worked less than this in a second, in milliseconds. */
const RESTING = 50;
const SECOND = 1000;

/**
 * Resolves when a window that was just opened has come to rest: VS Code starts a good part of itself two to three seconds after
 * it shows its first editor. @throws Error when it does not within half a minute.
 */
export async function comesToRest(user: User, host: HostCalls): Promise<void> {
  const session = await user.window.page.context().newCDPSession(user.window.page);
  try {
    await session.send("Performance.enable");
    const worked = async (): Promise<number> => {
      const { metrics } = await session.send("Performance.getMetrics");
      const page = metrics.find(({ name }) => name === "TaskDuration");
      if (!page) throw new Error("The browser does not tell how long a page worked.");
      return page.value * 1000 + (await host.call(user, "worked"));
    };
    const quiet = 3;
    let inRow = 0;
    for (let turn = 0, before = await worked(); inRow < quiet; turn++) {
      if (turn === 30) throw new Error("The window does not come to rest.");
      await delay(SECOND);
      const now = await worked();
      inRow = now - before < RESTING ? inRow + 1 : 0;
      before = now;
    }
  } finally {
    await session.detach();
  }
}

/** The compiler names functions through a helper of its own, which a page has not. */
const readyForFunctions = (frame: Frame): Promise<unknown> => frame.evaluate("globalThis.__name ??= (f) => f");

/** The box of a frame's element in the page, in pixels. */
async function boxOf(frame: Frame): Promise<{ x: number; y: number; width: number; height: number }> {
  const body = await frame.evaluate(() => ({ width: innerWidth, height: innerHeight }));
  let x = 0;
  let y = 0;
  for (let at: Frame | null = frame; at?.parentFrame(); at = at.parentFrame()) {
    const element = await at.frameElement();
    const box = await element.boundingBox();
    // boxes of nested frames are already in the page's own pixels
    if (box) return { x: box.x, y: box.y, ...body };
  }
  return { x, y, ...body };
}

export interface Scrolling {
  /** Milliseconds between the pictures that came on the screen, in order. Text is moved by the compositor, whatever a page does. */
  pictures: number[];
  /** Milliseconds between frames of the page's main thread, in order: what it adds to those pictures comes in these. */
  frames: number[];
  /** Pixels that were scrolled. */
  distance: number;
}

/** Pixels per second: a flick of the wheel, a screen in a third of a second. */
const SPEED = 2400;

/** Scrolls a frame through `distance` pixels of its page as a wheel would, and takes the time of every frame meanwhile. */
export async function scrollThrough(page: Page, frame: Frame, distance: number): Promise<Scrolling> {
  await readyForFunctions(frame);
  const box = await boxOf(frame);
  await frame.evaluate(() => {
    const watch = { times: [] as number[], on: true, from: scrollY };
    Object.assign(globalThis, { watch });
    const tick = (time: number): void => {
      watch.times.push(time);
      if (watch.on) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ["-*", "viz"] });
  const session = await page.context().newCDPSession(page);
  await session.send("Input.synthesizeScrollGesture", {
    x: box.x + box.width / 3,
    y: box.y + box.height / 2,
    yDistance: -distance,
    speed: SPEED,
    gestureSourceType: "mouse",
    preventFling: true,
  });
  await session.detach();
  const scrolled = await frame.evaluate(() => {
    const { watch } = globalThis as unknown as { watch: { times: number[]; on: boolean; from: number } };
    watch.on = false;
    const frames = watch.times.slice(1).map((time, i) => time - watch.times[i]!);
    return { frames, distance: scrollY - watch.from };
  });
  const trace = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: readonly { name: string; ph: string; ts: number }[];
  };
  const drawn = trace.traceEvents
    .filter(({ name, ph }) => name === "Display::DrawAndSwap" && ph === "X")
    .map(({ ts }) => ts / 1000)
    .sort((one, other) => one - other);
  return { ...scrolled, pictures: drawn.slice(1).map((time, i) => time - drawn[i]!) };
}

export interface KeyPress {
  /** Milliseconds from the key press to the end of the frame that shows what came of it. */
  painted: number;
  /** Frames that began until then: 1 is the next one. */
  frames: number;
  /** Milliseconds of the main thread: the key's handlers, and the making of that frame. */
  work: number;
}

/** Presses `keys` and waits until a card with `words` is in the page and painted. */
export async function pressAndSee(page: Page, frame: Frame, keys: string, words: string): Promise<KeyPress> {
  await readyForFunctions(frame);
  const key = keys.split("+").at(-1)!;
  await frame.evaluate(
    ({ key, words }) => {
      const seen = new Promise<KeyPress>((resolve) => {
        const onKey = (event: KeyboardEvent): void => {
          if (event.key !== key) return;
          window.removeEventListener("keydown", onKey, true);
          const pressed = event.timeStamp;
          const handling = performance.now();
          let handled = 0;
          const after = new MessageChannel();
          let frames = 0;
          let frameStart = 0;
          // after all handlers of the key, and after each frame
          queueMicrotask(() => (handled ||= performance.now() - handling));
          after.port1.addEventListener("message", () => {
            const now = performance.now();
            const shown = [...document.querySelectorAll(".card")].some((card) => card.textContent?.includes(words));
            if (shown) resolve({ painted: now - pressed, frames, work: handled + now - frameStart });
            else requestAnimationFrame(tick);
          });
          after.port1.start();
          const tick = (): void => {
            frames++;
            frameStart = performance.now();
            after.port2.postMessage(null);
          };
          requestAnimationFrame(tick);
        };
        window.addEventListener("keydown", onKey, true);
      });
      Object.assign(globalThis, { seen });
    },
    { key, words },
  );
  await page.keyboard.press(keys);
  return await frame.evaluate(() => (globalThis as unknown as { seen: Promise<KeyPress> }).seen);
}

/** Starts to look out for a card with `words`; the answer is the moment at which it was painted, milliseconds since 1970. */
export async function lookOutFor(frame: Frame, words: string): Promise<() => Promise<number>> {
  await readyForFunctions(frame);
  await frame.evaluate((words) => {
    const seen = new Promise<number>((resolve) => {
      const observer = new MutationObserver(() => {
        if (![...document.querySelectorAll(".card")].some((card) => card.textContent?.includes(words))) return;
        observer.disconnect();
        requestAnimationFrame(() => {
          const after = new MessageChannel();
          after.port1.addEventListener("message", () => resolve(Date.now()));
          after.port1.start();
          after.port2.postMessage(null);
        });
      });
      observer.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
    });
    Object.assign(globalThis, { seen });
  }, words);
  return () => frame.evaluate(() => (globalThis as unknown as { seen: Promise<number> }).seen);
}

/** Selects source text in the reading view, as a mouse would have; false when it is not there in one piece. */
export async function selectText(frame: Frame, text: string): Promise<boolean> {
  return await frame.evaluate((text) => {
    const main = document.querySelector("main")!;
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent?.indexOf(text) ?? -1;
      if (at < 0) continue;
      node.parentElement?.scrollIntoView({ block: "center" });
      getSelection()?.setBaseAndExtent(node, at, node, at + text.length);
      main.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
      return true;
    }
    return false;
  }, text);
}

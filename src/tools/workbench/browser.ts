import { type Browser as PlaywrightBrowser, chromium } from "playwright-core";
import { Problem } from "../problem.ts";
import type { Browser } from "./fetch.ts";

// Playwright adds its own: no sandbox unless asked, no throttling of windows in the background.
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--font-render-hinting=none",
];

/** Starts a headless Chromium; `close()` it. Throws a Problem when it does not start. */
export const launchBrowser = async (browser: Browser): Promise<PlaywrightBrowser> => {
  const env: Record<string, string> = { ...browser.env };
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] ??= value;
  try {
    return await chromium.launch({
      executablePath: browser.executablePath,
      args: browser.kind === "carried" ? [...FLAGS, "--no-zygote"] : FLAGS,
      env,
      handleSIGINT: false,
      handleSIGTERM: false,
    });
  } catch (error) {
    const said = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new Problem("no-browser", `The browser ${browser.executablePath} does not start: ${said}`);
  }
};

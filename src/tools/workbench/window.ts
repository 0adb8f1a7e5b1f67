import type { Browser, BrowserContext, Frame, FrameLocator, Locator, Page } from "playwright-core";
import type { Settings, VscodeServer, WindowOptions } from "./server.ts";

/**
 * The four kinds of colour theme, by a theme of each that VS Code carries: its value of `workbench.colorTheme`, its
 * name in the picker, and the class that it sets on the workbench.
 */
export const THEMES = {
  light: { setting: "Light Modern", label: "Light Modern", rootClass: "vs" },
  dark: { setting: "Dark Modern", label: "Dark Modern", rootClass: "vs-dark" },
  "high-contrast": { setting: "Default High Contrast", label: "Dark High Contrast", rootClass: "hc-black" },
  "high-contrast-light": {
    setting: "Default High Contrast Light",
    label: "Light High Contrast",
    rootClass: "hc-light",
  },
} as const;
export type ThemeKind = keyof typeof THEMES;

/** The workbench's own code, and what it misses without its native parts and without a network. */
const WORKBENCH_SOURCE =
  /\/static\/(out\/vs\/code|out\/vs\/workbench\/services|node_modules)\/|\/_static\/|\/update\/check|open-vsx\.org/;
/** Something that names this extension or the place where it is installed is ours, whoever logs it. */
const OURS = /marginalia\.marginalia/;

/** Whether an error was logged by a webview or by the extension, and not by VS Code on its own account. */
const isOurs = (text: string, source: string): boolean =>
  OURS.test(text) ||
  !(
    WORKBENCH_SOURCE.test(source) ||
    text.startsWith("A bad HTTP response code (404) was received when fetching the script")
  );

const COMMAND_TIMEOUT = 60_000;

export interface WindowTimeouts {
  /** Milliseconds; a cold server on a slow machine needs most of the default of 60,000. */
  readonly open?: number;
}

/** One VS Code window in a page of its own, with what a person does in it. Every wait is for something to be seen. */
export interface VscodeWindow {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly server: VscodeServer;
  /** Errors that the page or a webview logged, without those of VS Code itself. */
  readonly errors: readonly string[];
  /** Opens the command palette and runs the command with exactly this title (`Marginalia: Open Sample Article`). */
  runCommand(title: string): Promise<void>;
  /** The titles that the command palette offers for a search text. */
  commandTitles(search: string): Promise<string[]>;
  /** Opens a file of the workspace in the default editor, by its path in it. */
  openFile(relativePath: string): Promise<void>;
  /** Types into the input box that is open and confirms it. */
  answer(text: string): Promise<void>;
  /** Chooses the row with this label in the quick pick that is open. */
  pick(label: string | RegExp): Promise<void>;
  /** The labels of the quick pick that is open. */
  picks(): Promise<string[]>;
  /** The inside of the visible webview, for locators; it follows a reload of the webview. */
  webview(): FrameLocator;
  /** The inside of the visible webview as a frame, for `evaluate`; waits until it is there. */
  webviewFrame(): Promise<Frame>;
  /** The texts of the status bar, left to right. */
  statusTexts(): Promise<string[]>;
  /** A status bar item by its text or accessible name. */
  statusItem(text: string | RegExp): Locator;
  /** The messages of the notifications that are shown. */
  notifications(): Promise<string[]>;
  notification(text: string | RegExp): Locator;
  /** Presses a button of a notification, or of a modal dialog. */
  pressButton(label: string | RegExp): Promise<void>;
  /** An item of the Activity Bar or another part, by its accessible name; opens the view container. */
  openViewContainer(name: string): Promise<void>;
  readClipboard(): Promise<string>;
  /** Changes the user's settings, and reloads the window: this VS Code does not watch the file. */
  changeSettings(changes: Settings): Promise<void>;
  /** Chooses a colour theme by the picker, without a reload. */
  setTheme(kind: ThemeKind): Promise<void>;
  /** Leaves the workbench for an empty page: the window is closed and its extension host ends. */
  leave(): Promise<void>;
  /** Opens a window of this server in the same browser storage, in place of the one before. */
  visit(options?: WindowOptions): Promise<void>;
  /**
   * Runs "Developer: Reload Window", and waits until the workbench stands again. Unlike a reload of the page, the
   * command waits until VS Code has written down which editors are open; otherwise it does so every five seconds.
   */
  reload(): Promise<void>;
  /** Writes a PNG of the window. */
  screenshot(file: string): Promise<void>;
  close(): Promise<void>;
}

const ready = async (page: Page, timeout: number): Promise<void> => {
  await page.locator(".monaco-workbench").waitFor({ timeout });
  await page.locator(".statusbar-item").first().waitFor({ timeout });
  // Where the server offers its driver, the workbench itself says when it is restored.
  await page.evaluate(async () => {
    const { driver } = globalThis as { driver?: { whenWorkbenchRestored(): Promise<void> } };
    await driver?.whenWorkbenchRestored();
  });
};

const exactly = (text: string): RegExp => new RegExp(`^\\s*${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\s*$`);

/**
 * Opens a window of `server` in a browser context of its own (its own storage and clipboard permission), and waits
 * until the workbench stands.
 */
export const openWindow = async (
  browser: Browser,
  server: VscodeServer,
  options: WindowOptions & {
    readonly size?: { readonly width: number; readonly height: number };
    /** Device pixels per CSS pixel; 2 makes pictures for a page. */
    readonly scale?: number;
    readonly timeouts?: WindowTimeouts;
  } = {},
): Promise<VscodeWindow> => {
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1280, height: 800 },
    deviceScaleFactor: options.scale ?? 1,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && isOurs(message.text(), message.location().url))
      errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => {
    const text = error.stack ?? String(error);
    if (isOurs(text, text)) errors.push(text);
  });
  const openTimeout = options.timeouts?.open ?? 60_000;
  // A window that warns of unsaved changes before it closes is closed all the same.
  page.on("dialog", (dialog) => void dialog.accept());
  const visit = async (where: WindowOptions): Promise<void> => {
    await page.goto(server.url(where), { timeout: openTimeout });
    await ready(page, openTimeout);
  };
  await visit(options);

  const quickInput = page.locator(".quick-input-widget:visible");
  const quickText = quickInput.locator(".quick-input-box input").first();
  const quickRows = quickInput.locator(".quick-input-list .monaco-list-row");

  /** True when the step was taken within the time; milliseconds. */
  const within = (timeout: number, step: (options: { timeout: number }) => Promise<void>): Promise<boolean> =>
    step({ timeout }).then(
      () => true,
      () => false,
    );
  const openPalette = async (prefix: string): Promise<void> => {
    // A webview that has the focus swallows keys until it has loaded, and one that takes the focus closes the palette: ask
    // until the palette is there.
    for (;;) {
      await page.keyboard.press("F1");
      // a palette that is open already looks for commands anew when its text changes
      const other = prefix.startsWith(">") ? ">" : "";
      if (
        (await within(2000, (options) => quickText.fill(other, options))) &&
        (await within(2000, (options) => quickText.fill(prefix, options)))
      )
        return;
      await page
        .locator(".part.titlebar, .part.statusbar")
        .first()
        .click({ position: { x: 2, y: 2 }, force: true });
    }
  };

  const rowTitles = async (): Promise<string[]> => {
    const names = await quickRows.evaluateAll((rows) =>
      rows.map((row) => row.querySelector(".monaco-icon-label .label-name")?.textContent?.trim() ?? ""),
    );
    return names.filter((name) => name !== "");
  };

  const self: VscodeWindow = {
    page,
    context,
    server,
    errors,
    async runCommand(title) {
      const deadline = Date.now() + COMMAND_TIMEOUT;
      const row = quickRows.filter({ has: page.locator(".label-name").filter({ hasText: exactly(title) }) }).first();
      for (;;) {
        // The list does not grow when an extension arrives after the palette opened: open it anew.
        await openPalette(`>${title}`);
        if (await within(1500, (options) => row.waitFor(options))) {
          if (await within(5000, (options) => row.click(options))) break;
        }
        if (Date.now() > deadline)
          throw new Error(`The command palette does not offer "${title}", but: ${(await rowTitles()).join(" | ")}`);
      }
      // The palette's input box is the one that the command itself may ask its questions in: wait for it to go.
      await page.waitForFunction(() => {
        const boxes = [...document.querySelectorAll<HTMLInputElement>(".quick-input-widget .quick-input-box input")];
        return boxes.every((box) => box.offsetParent === null || !box.value.startsWith(">"));
      });
    },
    async commandTitles(search) {
      await openPalette(`>${search}`);
      await quickRows.first().waitFor();
      const titles = await rowTitles();
      await page.keyboard.press("Escape");
      return titles;
    },
    async openFile(relativePath) {
      await openPalette(relativePath);
      const name = relativePath.split("/").at(-1) ?? relativePath;
      await quickRows
        .filter({ has: page.locator(".label-name").filter({ hasText: exactly(name) }) })
        .first()
        .click({ timeout: COMMAND_TIMEOUT });
      await page.locator(`.tab[data-resource-name="${name}"]`).first().waitFor();
    },
    async answer(text) {
      await quickText.waitFor();
      await quickText.fill(text);
      await quickText.press("Enter");
    },
    async pick(label) {
      const pattern = typeof label === "string" ? exactly(label) : label;
      await quickRows
        .filter({ has: page.locator(".label-name").filter({ hasText: pattern }) })
        .first()
        .click();
    },
    async picks() {
      await quickRows.first().waitFor();
      return await rowTitles();
    },
    webview: () =>
      page.locator("iframe.webview.ready:visible").first().contentFrame().locator("#active-frame").contentFrame(),
    async webviewFrame() {
      const inner = page.locator("iframe.webview.ready:visible").first().contentFrame().locator("#active-frame");
      await inner.waitFor({ state: "attached", timeout: COMMAND_TIMEOUT });
      const frame = await (await inner.elementHandle())?.contentFrame();
      if (!frame) throw new Error("The webview has no inner frame.");
      await frame.waitForLoadState("domcontentloaded");
      return frame;
    },
    async statusTexts() {
      return (await page.locator(".statusbar-item").allInnerTexts()).map((text) => text.trim()).filter(Boolean);
    },
    statusItem: (text) => page.locator(".statusbar-item").filter({ hasText: text }),
    async notifications() {
      return await page.locator(".notification-toast .notification-list-item-message").allInnerTexts();
    },
    notification: (text) => page.locator(".notification-toast").filter({ hasText: text }),
    async pressButton(label) {
      const pattern = typeof label === "string" ? exactly(label) : label;
      await page
        .locator(".notification-toast .monaco-button, .monaco-dialog-box .monaco-button")
        .filter({ hasText: pattern })
        .first()
        .click();
    },
    async openViewContainer(name) {
      const item = page.locator(`.activitybar .action-item[role="tab"]`).filter({
        has: page.locator(`[aria-label^="${name}"]`),
      });
      await item.first().waitFor();
      if ((await item.first().getAttribute("aria-expanded")) !== "true") await item.first().click();
    },
    readClipboard: () => page.evaluate(() => navigator.clipboard.readText()),
    async setTheme(kind) {
      await self.runCommand("Preferences: Color Theme");
      await quickText.fill(THEMES[kind].label);
      await self.pick(THEMES[kind].label);
      await page.locator(`.monaco-workbench.${THEMES[kind].rootClass}`).waitFor({ timeout: COMMAND_TIMEOUT });
    },
    async changeSettings(changes) {
      await server.changeSettings(changes);
      await self.reload();
    },
    async leave() {
      await page.goto("about:blank");
    },
    visit: (where = options) => visit(where),
    async reload() {
      const loaded = page.waitForEvent("load", { timeout: openTimeout });
      await Promise.all([loaded, self.runCommand("Developer: Reload Window")]);
      await ready(page, openTimeout);
    },
    async screenshot(file) {
      await page.screenshot({ path: file, animations: "disabled", caret: "initial" });
    },
    close: () => context.close(),
  };
  return self;
};

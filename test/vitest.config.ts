import { defineConfig } from "vitest/config";

/** Unit, contract and property tests: everything that needs neither VS Code nor a browser. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/{core,protocol,sync,server,webview,tools,contract,fuzz,house,extension}/**/*.test.ts"],
    pool: "threads",
    testTimeout: 60_000,
  },
});

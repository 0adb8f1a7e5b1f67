import { defineConfig } from "vitest/config";

/** The reading view in a real browser, over the page of `npm run dev`. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/webview-browser/**/*.test.ts"],
    // one browser at a time: these tests wait for frames
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

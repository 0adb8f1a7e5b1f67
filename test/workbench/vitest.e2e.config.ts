import { defineConfig } from "vitest/config";

/** End-to-end tests in real VS Code windows: one after the other, each with the time that a slow machine needs. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/workbench/e2e/**/*.e2e.ts"],
    setupFiles: ["test/support/workbench-failures.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 240_000,
    teardownTimeout: 30_000,
    // a whole VS Code and a browser on a busy machine now and then miss a key or a click; the report says which test was retried
    retry: 1,
  },
});

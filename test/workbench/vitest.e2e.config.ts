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
  },
});

import { availableParallelism } from "node:os";
import { configDefaults, defineConfig, mergeConfig } from "vitest/config";
import whole from "./vitest.config.ts";

/**
 * What `npm run check` runs: everything that takes no processes, no disk and no long fuzz, so that it is done in seconds. The
 * rest runs in `npm test`.
 */
export default mergeConfig(
  whole,
  defineConfig({
    test: {
      // somebody waits for it: no core is left idle
      maxWorkers: availableParallelism(),
      exclude: [
        ...configDefaults.exclude,
        "test/{fuzz,contract}/**",
        "test/server/{crash,cli,several-servers,hostile,access}.test.ts",
        "test/sync/real-server.test.ts",
        "test/extension/{joining,coming-back,hosted-server}.test.ts",
        "test/core/export/contain-markdown.test.ts",
        "test/house/walls.test.ts",
      ],
    },
  }),
);

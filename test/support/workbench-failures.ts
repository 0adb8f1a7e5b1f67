import path from "node:path";
import { afterEach } from "vitest";
import { projectRoot } from "../../src/tools/paths.ts";
import { photographEveryone } from "./workbench.ts";

// A set-up file of the end-to-end tests: what every window showed when a test failed.
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await photographEveryone(path.join(projectRoot, ".build", "failures"), task.name);
});

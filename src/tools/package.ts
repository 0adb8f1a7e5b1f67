/** `npm run package`: builds the extension and writes `marginalia-VERSION.vsix` into the project's folder. */
import { copyFile } from "node:fs/promises";
import path from "node:path";
import { projectRoot } from "./paths.ts";
import { explain } from "./problem.ts";
import { consoleProgress } from "./progress.ts";
import { ensureProduct } from "./product.ts";

const progress = consoleProgress();
try {
  const vsix = await ensureProduct(progress.report);
  const target = path.join(projectRoot, `marginalia-${vsix.version}.vsix`);
  await copyFile(vsix.file, target);
  progress.done();
  console.log(`${path.basename(target)}: ${(vsix.size / 1024).toFixed(0)} KB`);
} catch (error) {
  progress.done();
  console.error(explain(error));
  process.exitCode = 1;
}

// For a conformance checker of source positions: segments(markdown) -> [{ text, start, end }], from the sources themselves.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url);
mkdirSync(new URL(".build/", root), { recursive: true });
const outfile = fileURLToPath(new URL(".build/source-map.mjs", root));
await build({
  stdin: {
    contents: `
      import { parseArticle } from "./src/core/text/article.ts";
      import { segments as segmentsOf } from "./test/support/segments.ts";
      export const segments = (source) => segmentsOf(parseArticle(source));
    `,
    resolveDir: fileURLToPath(root),
  },
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["worker", "import"],
  outfile,
  logLevel: "error",
});
export const { segments } = await import(outfile);

// For a conformance checker of re-anchoring: anchor(text, { exact, prefix?, suffix?, hint? }) -> { start, end } | null, from the
// sources themselves.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url);
mkdirSync(new URL(".build/", root), { recursive: true });
const outfile = fileURLToPath(new URL(".build/reanchor.mjs", root));
await build({
  stdin: {
    contents:
      'export { placeForeignQuote } from "./src/core/anchor/foreign-quote.ts"; export { createAnchorIndex } from "./src/core/anchor/resolve.ts";',
    resolveDir: fileURLToPath(root),
    loader: "ts",
  },
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["worker", "import"],
  external: ["node:*"],
  outfile,
  logLevel: "error",
});
const { createAnchorIndex, placeForeignQuote } = await import(outfile);

export function anchor(text, quote) {
  return placeForeignQuote(createAnchorIndex(text), quote);
}

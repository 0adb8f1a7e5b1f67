/** How the reading view is bundled: for the extension, and for the page of `npm run dev`. */
import { readFile } from "node:fs/promises";
import type { BuildOptions, Plugin } from "esbuild";

/** Every Chromium reads woff2: the other two of each font stay at home. */
const onlyWoff2: Plugin = {
  name: "only woff2",
  setup(build) {
    build.onLoad({ filter: /katex\.css$/ }, async (args) => ({
      contents: (await readFile(args.path, "utf8")).replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\("[a-z]+"\)/g, ""),
      loader: "css",
    }));
  },
};

/** Into `folder`: reader.js, reader.css, and katex.js with its style sheet and fonts. */
export function readerBundles(folder: string): BuildOptions[] {
  const shared: BuildOptions = { bundle: true, platform: "browser", format: "esm", target: "es2022" };
  return [
    { ...shared, entryPoints: ["src/webview/main.ts"], outfile: `${folder}/reader.js` },
    {
      ...shared,
      entryPoints: ["src/webview/katex-bundle.ts"],
      outfile: `${folder}/katex.js`,
      loader: { ".woff2": "file" },
      assetNames: "fonts/[name]",
      plugins: [onlyWoff2],
    },
  ];
}

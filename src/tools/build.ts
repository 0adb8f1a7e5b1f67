/**
 * `npm run build`: bundles the extension, its workers, the reading view and the command line into `dist/`.
 *
 * The extension's entry stays small: what it imports lazily (`import("./app.ts")`) is a bundle of its own, required on first
 * use, so that activation loads nothing else.
 */
import { mkdir, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { readerBundles } from "./reader-bundles.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = path.join(root, "dist");

/** Leaves a lazily imported bundle out of the importing one. */
const lazyBundle = (file: string, bundle: string): Plugin => ({
  name: `lazy ${bundle}`,
  setup(build) {
    build.onResolve({ filter: new RegExp(`/${file.replace(".", "\\.")}$`) }, (args) =>
      args.kind === "dynamic-import" ? { path: `./${bundle}`, external: true } : undefined,
    );
  },
});

/**
 * Takes VS Code's API as it is. For each file that imports it as a namespace esbuild would copy all its members, which takes some
 * milliseconds in all while the extension host can do nothing else.
 */
const vscodeAsItIs: Plugin = {
  name: "vscode as it is",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]extension[\\/].*\.ts$/ }, async ({ path: file }) => ({
      loader: "ts",
      contents: (await readFile(file, "utf8")).replace(
        'import * as vscode from "vscode";',
        'const vscode = require("vscode");',
      ),
    }));
  },
};

/** What the extension needs only in some windows. None of it may hold Yjs: two copies of that do not work together. */
const LATER = [
  { file: "src/extension/export/export-command.ts", bundle: "export.cjs" },
  { file: "src/extension/native/note-markdown.ts", bundle: "note-markdown.cjs" },
  { file: "src/extension/session/web-socket.ts", bundle: "web-socket.cjs" },
];

const node: BuildOptions = {
  platform: "node",
  format: "cjs",
  target: "node20",
  // what lib0 and pino look for at run time and never need here
  external: ["vscode", "bufferutil", "utf-8-validate"],
  supported: { "dynamic-import": false },
};

/**
 * As a command, the server tells the C library to keep one arena: those that V8's compiler threads would leave behind cost a
 * thousand idle connections 5 MB.
 */
const CLI_HEAD = "#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node";

/** Every bundle of the product. */
export function bundles(): BuildOptions[] {
  const shared: BuildOptions = {
    bundle: true,
    minify: true,
    legalComments: "none",
    absWorkingDir: root,
    logLevel: "warning",
    define: { "process.env.NODE_ENV": '"production"' },
  };
  return [
    {
      ...shared,
      ...node,
      entryPoints: ["src/extension/extension.ts"],
      outfile: "dist/extension.cjs",
      plugins: [lazyBundle("app.ts", "app.cjs"), vscodeAsItIs],
    },
    {
      ...shared,
      ...node,
      entryPoints: ["src/extension/app.ts"],
      outfile: "dist/app.cjs",
      plugins: [...LATER.map(({ file, bundle }) => lazyBundle(path.basename(file), bundle)), vscodeAsItIs],
    },
    ...LATER.map(({ file, bundle }) => ({ ...shared, ...node, entryPoints: [file], outfile: `dist/${bundle}` })),
    { ...shared, ...node, entryPoints: ["src/extension/article/parse-worker.ts"], outfile: "dist/parse-worker.cjs" },
    { ...shared, ...node, entryPoints: ["src/cli/main.ts"], outfile: "dist/cli.cjs", banner: { js: CLI_HEAD } },
    ...readerBundles("dist").map((options) => ({ ...shared, ...options })),
  ];
}

/** Builds everything into an empty `dist/`; throws with esbuild's message when something does not compile. */
export async function buildAll(): Promise<void> {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  await Promise.all(bundles().map((options) => build(options)));
}

if (
  process.argv[1] &&
  existsSync(process.argv[1]) &&
  fileURLToPath(import.meta.url) === path.resolve(process.argv[1])
) {
  await buildAll();
}

/**
 * How rightly and how fast annotations are found again after an edit made outside, beside other ways of doing it.
 *
 *   npm run bench:anchoring -- BENCH [--data FOLDER] [--split dev,synthetic] [--no-speed] [--no-peers]
 *
 * BENCH is the folder of the benchmark (run.mjs, speed.mjs, peers/); its data stand in BENCH/data or, as a rule, in
 * BENCH/../../data/anchoring. It is copied, since its packages have to be installed beside it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    split: { type: "string", default: "dev,synthetic" },
    "no-speed": { type: "boolean", default: false },
    "no-peers": { type: "boolean", default: false },
  },
});

const source = positionals[0] && path.resolve(positionals[0]);
if (!source || !existsSync(path.join(source, "run.mjs"))) {
  console.error("Say where the benchmark is: npm run bench:anchoring -- FOLDER (the one with run.mjs)");
  process.exit(2);
}
const data = [values.data, path.join(source, "data"), path.join(source, "../../data/anchoring")]
  .filter((folder): folder is string => folder !== undefined)
  .find((folder) => existsSync(folder));
if (!data) {
  console.error("No data found beside the benchmark: name their folder with --data");
  process.exit(2);
}

const work = path.join(root, ".build/bench-anchoring");
mkdirSync(work, { recursive: true });
cpSync(source, work, { recursive: true, filter: (file) => !file.includes("node_modules") });
run("chmod", ["-R", "u+w", work]);
if (!existsSync(path.join(work, "node_modules"))) run("npm", ["install", "--no-audit", "--no-fund", "--silent"]);

const candidates = ["live-text", "old-text", "quote-only"].map((name) => ({
  entry: path.join(root, "test/bench/anchoring", `${name}.ts`),
  outfile: path.join(work, `marginalia-${name}.mjs`),
}));
for (const { entry, outfile } of candidates) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["yjs"],
    logLevel: "error",
  });
}
const ours = candidates.map(({ outfile }) => outfile);
const peers = readdirSync(path.join(work, "peers")).toSorted();
const theirs = values["no-peers"] ? [] : peers.map((name) => path.join(work, "peers", name));

for (const split of values.split.split(",")) run("node", ["run.mjs", "--split", split, ...ours, ...theirs]);
if (!values["no-speed"]) {
  // The book takes some of the peers minutes for each annotation: only the article is measured beside them.
  run("node", ["speed.mjs", "--only", "article", "--budget", "20", ...ours, ...theirs]);
  run("node", ["speed.mjs", "--only", "book", ...ours]);
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, {
    cwd: work,
    stdio: "inherit",
    env: { ...process.env, ANCHORING_DATA: data },
  });
  if (status !== 0) process.exit(status ?? 1);
}

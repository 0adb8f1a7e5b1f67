import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** Layer -> the layers that it may import besides itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  "src/core": [],
  "src/protocol": ["src/core"],
  "src/sync": ["src/core", "src/protocol"],
  "src/extension": ["src/core", "src/protocol", "src/sync"],
  "src/webview": ["src/core", "src/protocol"],
  "src/cli": ["src/core", "src/protocol", "src/sync", "server"],
  "src/tools": ["src/core", "src/protocol", "src/sync", "server"],
  server: ["src/core", "src/protocol"],
};
const WITHOUT_NODE = ["src/core", "src/protocol", "src/sync", "src/webview"];

const layerOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT).find((layer) => file.startsWith(`${layer}/`));

interface Import {
  file: string;
  layer: string;
  from: string;
}

function importsOf(layer: string): Import[] {
  const files = readdirSync(path.join(root, layer), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return files.flatMap((name) => {
    const file = path.posix.join(layer, name.replaceAll("\\", "/"));
    const text = readFileSync(path.join(root, file), "utf8");
    const found = [
      ...text.matchAll(
        /(?:^|[\s;}])(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g,
      ),
    ];
    return found.map((match) => ({ file, layer, from: match[1] ?? match[2]! }));
  });
}

const imports = Object.keys(MAY_IMPORT).flatMap(importsOf);

describe("HS the house: its walls", () => {
  test("HS-8 each layer imports only what it may", () => {
    expect(imports.length).toBeGreaterThan(100);
    const wrong = imports.filter(({ file, layer, from }) => {
      if (!from.startsWith(".")) return false;
      const target = layerOf(path.posix.normalize(path.posix.join(path.posix.dirname(file), from)));
      return target === undefined ? !from.endsWith(".json") : target !== layer && !MAY_IMPORT[layer]!.includes(target);
    });
    expect(wrong).toEqual([]);
  });

  test("HS-8 only the extension imports vscode, and what must run anywhere imports nothing of Node", () => {
    const builtins = new Set(builtinModules);
    const wrong = imports.filter(
      ({ layer, from }) =>
        (from === "vscode" && layer !== "src/extension") ||
        (WITHOUT_NODE.includes(layer) && (from.startsWith("node:") || builtins.has(from))),
    );
    expect(wrong).toEqual([]);
  });

  test("HS-9 the compiler knows each layer as a project of its own, with the same arrows", () => {
    for (const [layer, allowed] of Object.entries(MAY_IMPORT)) {
      const config = JSON.parse(readFileSync(path.join(root, layer, "tsconfig.json"), "utf8")) as {
        compilerOptions: { types?: string[] };
        references?: { path: string }[];
      };
      const references = (config.references ?? []).map((each) =>
        path.posix.normalize(path.posix.join(layer, each.path)),
      );
      for (const reference of references) expect(allowed, `${layer} refers to ${reference}`).toContain(reference);
      if (layer !== "src/extension") expect(config.compilerOptions.types ?? [], layer).not.toContain("vscode");
      if (WITHOUT_NODE.includes(layer)) expect(config.compilerOptions.types ?? [], layer).not.toContain("node");
    }
    const base = JSON.parse(readFileSync(path.join(root, "src/tsconfig.base.json"), "utf8")) as {
      compilerOptions: { types: string[] };
    };
    expect(base.compilerOptions.types).toEqual([]);
  });
});

describe("HS the linter's walls fire", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "marginalia-walls-"));
    cpSync(path.join(root, ".oxlintrc.json"), path.join(folder, ".oxlintrc.json"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const lint = async (file: string, text: string): Promise<{ code: number; output: string }> => {
    const full = path.join(folder, file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, text);
    try {
      const { stdout } = await run(process.execPath, [path.join(root, "node_modules/oxlint/bin/oxlint"), file], {
        cwd: folder,
      });
      return { code: 0, output: stdout };
    } catch (error) {
      const { code, stdout } = error as { code: number; stdout: string };
      return { code, output: stdout };
    } finally {
      rmSync(full);
    }
  };

  const forbidden: [file: string, imported: string][] = [
    ["src/core/model/trial.ts", "vscode"],
    ["src/core/model/trial.ts", "node:fs"],
    ["src/core/model/trial.ts", "../../sync/room.ts"],
    ["src/core/model/trial.ts", "../../protocol/reader.ts"],
    ["src/protocol/trial.ts", "../sync/room.ts"],
    ["src/protocol/trial.ts", "node:path"],
    ["src/sync/trial.ts", "vscode"],
    ["src/sync/trial.ts", "../extension/log.ts"],
    ["src/sync/trial.ts", "node:fs"],
    ["src/webview/trial.ts", "vscode"],
    ["src/webview/trial.ts", "../sync/room.ts"],
    ["src/webview/trial.ts", "../extension/log.ts"],
    ["src/cli/trial.ts", "vscode"],
    ["src/tools/trial.ts", "../extension/log.ts"],
    ["server/trial.ts", "vscode"],
    ["server/trial.ts", "../src/sync/room.ts"],
    ["server/trial.ts", "../src/webview/state.ts"],
  ];
  test.each(forbidden)("HS-10 %s may not import %s", async (file, imported) => {
    const { code, output } = await lint(file, `import * as trial from "${imported}";\nexport const x = trial;\n`);
    expect(output).toContain("no-restricted-imports");
    expect(code).not.toBe(0);
  });

  test("HS-10 what a layer may import passes", async () => {
    expect(
      await lint("src/sync/trial.ts", `import * as trial from "../core/model/ids.ts";\nexport const x = trial;\n`),
    ).toMatchObject({ code: 0 });
    expect(
      await lint("src/extension/trial.ts", `import * as trial from "vscode";\nexport const x = trial;\n`),
    ).toMatchObject({ code: 0 });
  });

  test.each(["setTimeout", "process", "document", "fetch"])("HS-10 the core may not use %s", async (name) => {
    const { code, output } = await lint("src/core/trial.ts", `export const x = ${name};\n`);
    expect(output).toContain("no-restricted-globals");
    expect(code).not.toBe(0);
  });
});

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/extension/commands.ts";
import { CONTEXT_KEYS } from "../../src/extension/views/context-keys-names.ts";
import { KINDS } from "../../src/core/model/kinds.ts";
import { kindColour } from "../../src/extension/views/thread-words.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface MenuRow {
  command?: string;
  submenu?: string;
  when?: string;
}
interface Manifest {
  activationEvents: string[];
  icon: string;
  engines: { vscode: string };
  capabilities: { untrustedWorkspaces: unknown; virtualWorkspaces: unknown };
  contributes: {
    commands: { command: string; title: string; category: string; icon?: string; enablement?: string }[];
    menus: Record<string, MenuRow[]>;
    keybindings: { command: string; key: string; when?: string }[];
    colors: { id: string; description: string; defaults: Record<string, string> }[];
    configuration: {
      properties: Record<
        string,
        { default: unknown; scope?: string; description?: string; markdownDescription?: string }
      >;
    };
    views: Record<string, { id: string }[]>;
    viewsContainers: { activitybar: { id: string; icon: string }[] };
    viewsWelcome: { view: string; when?: string; contents: string }[];
    walkthroughs: { steps: { description: string; media: { markdown: string }; completionEvents?: string[] }[] }[];
  };
}

const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as Manifest;
const { contributes } = manifest;
const known = new Set<string>(COMMANDS.map(({ id }) => id));
const sources = readdirSync(path.join(root, "src/extension"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(path.join(root, "src/extension", file), "utf8"))
  .join("\n");

describe("HS the house: manifest and code say the same", () => {
  test("HS-1 every command of the table is in the manifest with its title, and no other", () => {
    const ours = COMMANDS.map(({ id, title }) => ({ command: id, title })).sort(byCommand);
    const theirs = contributes.commands.map(({ command, title }) => ({ command, title })).sort(byCommand);
    expect(theirs).toEqual(ours);
    for (const { category } of contributes.commands) expect(category).toBe("Marginalia");
  });

  test("HS-1 commands are named marginalia.noun.verb and only once", () => {
    expect(known.size).toBe(COMMANDS.length);
    for (const id of known) expect(id).toMatch(/^marginalia\.[a-zA-Z]+\.[a-zA-Z]+$/);
  });

  test("HS-2 a command that wants arguments is kept out of the palette, and no other is", () => {
    const hidden = (contributes.menus["commandPalette"] ?? [])
      .filter(({ when }) => when === "false")
      .flatMap(({ command }) => command ?? []);
    expect(hidden.toSorted()).toEqual(
      COMMANDS.filter(({ where }) => where === "menu")
        .map(({ id }) => id)
        .toSorted(),
    );
  });

  test("HS-2 menus, keys, welcome texts and walkthrough name commands that exist", () => {
    const named = [
      ...Object.values(contributes.menus)
        .flat()
        .flatMap(({ command }) => command ?? []),
      ...contributes.keybindings.map(({ command }) => command),
      ...contributes.viewsWelcome.flatMap(({ contents }) => commandsIn(contents)),
      ...contributes.walkthroughs.flatMap(({ steps }) =>
        steps.flatMap(({ description, completionEvents }) => [
          ...commandsIn(description),
          ...(completionEvents ?? []).flatMap((event) => /^onCommand:(.+)$/.exec(event)?.[1] ?? []),
        ]),
      ),
    ];
    expect(named.length).toBeGreaterThan(20);
    for (const command of named) expect(known).toContain(command);
  });

  test("HS-3 every key has a condition", () => {
    for (const { when, command } of contributes.keybindings) expect(when, command).toBeTruthy();
  });

  test("HS-3 what was undone is done again by both keys of the editor, wherever it is undone", () => {
    for (const command of ["marginalia.annotation.redo", "marginalia.text.redo"]) {
      const keys = contributes.keybindings.filter((each) => each.command === command);
      const [shifted, other] = ["ctrl+shift+z", "ctrl+y"].map((key) => keys.find((each) => each.key === key)?.when);
      expect(shifted, command).toBeTruthy();
      // there it is another key
      expect(other, command).toBe(`${shifted} && !isMac`);
    }
  });

  test("HS-4 every kind of annotation has a colour for each kind of theme", () => {
    expect(contributes.colors.map(({ id }) => id).toSorted()).toEqual(KINDS.map(kindColour).toSorted());
    for (const { id, defaults } of contributes.colors) {
      expect(Object.keys(defaults).toSorted(), id).toEqual(["dark", "highContrast", "highContrastLight", "light"]);
      for (const colour of Object.values(defaults)) expect(colour, id).toMatch(/^#[0-9a-f]{6}$/);
    }
  });

  test("HS-4 each colour is readable on the ground of its theme: 3 to 1, and 4.5 to 1 in high contrast", () => {
    const grounds: Record<string, [string, number]> = {
      light: ["#ffffff", 3],
      dark: ["#1f1f1f", 3],
      highContrast: ["#000000", 4.5],
      highContrastLight: ["#ffffff", 4.5],
    };
    for (const { id, defaults } of contributes.colors) {
      for (const [theme, [ground, least]] of Object.entries(grounds)) {
        expect(contrast(defaults[theme]!, ground), `${id} in ${theme}`).toBeGreaterThanOrEqual(least);
      }
    }
  });

  test("HS-5 views are registered, and their welcome texts ask for context keys that somebody sets", () => {
    const views = Object.values(contributes.views)
      .flat()
      .map(({ id }) => id);
    expect(views).toEqual(["marginalia.annotations", "marginalia.people"]);
    for (const { view } of contributes.viewsWelcome) expect(views).toContain(view);
    const conditions = [
      ...contributes.viewsWelcome.map(({ when }) => when ?? ""),
      ...Object.values(contributes.menus)
        .flat()
        .map(({ when }) => when ?? ""),
      ...contributes.commands.map(({ enablement }) => enablement ?? ""),
      ...contributes.keybindings.map(({ when }) => when ?? ""),
    ];
    const asked = conditions.flatMap((when) => when.match(/(?<!['"\w.])marginalia\.\w+(?!['"\w.])/g) ?? []);
    for (const key of asked) expect([...CONTEXT_KEYS, ...views], key).toContain(key);
    for (const key of CONTEXT_KEYS) expect(asked, key).toContain(key);
  });

  test("HS-6 every setting is read somewhere, described, and no workspace can set the server or the name", () => {
    for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
      expect(name).toMatch(/^marginalia\.[a-zA-Z]+\.[a-zA-Z]+$/);
      expect(setting.description ?? setting.markdownDescription, name).toBeTruthy();
      const [, area, last] = name.split(".");
      expect(sources.includes(`${area}.${last}`) || sources.includes(`"${last}"`), `${name} is read`).toBe(true);
      if (/^marginalia\.(server|user|session)\./.test(name)) expect(setting.scope, name).toBe("application");
    }
    expect(manifest.capabilities.untrustedWorkspaces).toBeTruthy();
    expect(manifest.capabilities.virtualWorkspaces).toBe(true);
  });

  test("HS-7 every file that the manifest names is there", () => {
    const files = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)),
    ];
    for (const file of files) expect(existsSync(path.join(root, file)), file).toBe(true);
    const png = readFileSync(path.join(root, manifest.icon));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([256, 256]);
  });

  test("HS-7 the types are not newer than the oldest editor that is supported", () => {
    const types = JSON.parse(readFileSync(path.join(root, "node_modules/@types/vscode/package.json"), "utf8")) as {
      version: string;
    };
    const [major, minor] = manifest.engines.vscode.replace("^", "").split(".").map(Number);
    const [typesMajor, typesMinor] = types.version.split(".").map(Number);
    expect(typesMajor).toBe(major);
    expect(typesMinor).toBeLessThanOrEqual(minor!);
  });
});

function byCommand(a: { command: string }, b: { command: string }): number {
  return a.command < b.command ? -1 : 1;
}

function commandsIn(text: string): string[] {
  return [...text.matchAll(/\(command:([\w.]+)/g)].map((match) => match[1]!);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

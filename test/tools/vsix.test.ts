import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packVsix } from "../../src/tools/vsix.ts";

const manifest = {
  name: "thing",
  publisher: "someone",
  version: "1.2.3",
  displayName: 'Notes & "quotes" <here>',
  engines: { vscode: "^1.100.0" },
  icon: "media/icon.png",
  scripts: { build: "x" },
  devDependencies: { left: "1" },
};

describe("packing the VSIX", () => {
  let root: string;
  const pack = async (): Promise<Record<string, Uint8Array>> => {
    const vsix = await packVsix(root, path.join(root, "out", "thing.vsix"));
    return unzipSync(new Uint8Array(await readFile(vsix.file)));
  };

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), "marginalia-vsix-"));
    const files: Record<string, string> = {
      "package.json": JSON.stringify(manifest),
      "dist/main.cjs": "1",
      "dist/main.cjs.map": "{}",
      "media/deep/er/a.svg": "<svg/>",
      "media/icon.png": "png",
      "README.md": "# Thing",
      LICENSE: "MIT",
      "src/main.ts": "1",
      "package.nls.fa.json": "{}",
    };
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), text);
    }
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("holds what `files` names and the companions, without sources and source maps", async () => {
    expect(Object.keys(await pack()).sort()).toEqual(
      [
        "[Content_Types].xml",
        "extension.vsixmanifest",
        "extension/LICENSE",
        "extension/README.md",
        "extension/dist/main.cjs",
        "extension/media/deep/er/a.svg",
        "extension/media/icon.png",
        "extension/package.json",
        "extension/package.nls.fa.json",
      ].sort(),
    );
  });

  it("says in its manifest what the package says, escaped", async () => {
    const entries = await pack();
    const xml = strFromU8(entries["extension.vsixmanifest"] ?? new Uint8Array());
    expect(xml).toContain('Id="thing" Version="1.2.3" Publisher="someone"');
    expect(xml).toContain("<DisplayName>Notes &#38; &#34;quotes&#34; &#60;here&#62;</DisplayName>");
    expect(xml).toContain('<Property Id="Microsoft.VisualStudio.Code.Engine" Value="^1.100.0" />');
    expect(xml).toContain("<Icon>extension/media/icon.png</Icon>");
    expect(xml).toContain('Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md"');
    const shipped = JSON.parse(strFromU8(entries["extension/package.json"] ?? new Uint8Array())) as object;
    expect(shipped).toMatchObject({ name: "thing", version: "1.2.3" });
    expect(shipped).not.toHaveProperty("devDependencies");
  });

  it("gives the same bytes for the same input", async () => {
    const one = await packVsix(root, path.join(root, "out", "one.vsix"));
    const two = await packVsix(root, path.join(root, "out", "two.vsix"));
    expect(await readFile(one.file)).toEqual(await readFile(two.file));
  });
});

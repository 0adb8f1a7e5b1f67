import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Zippable, zipSync } from "fflate";
import * as z from "zod/mini";

// Written with fflate (MIT, no dependencies) because @vscode/vsce is 138 MB on disk for a zip and two XML files.

const manifestShape = z.object({
  name: z.string(),
  publisher: z.string(),
  version: z.string(),
  displayName: z._default(z.string(), ""),
  description: z._default(z.string(), ""),
  keywords: z._default(z.array(z.string()), []),
  categories: z._default(z.array(z.string()), []),
  icon: z.optional(z.string()),
  files: z._default(z.array(z.string()), ["dist", "media"]),
  extensionKind: z._default(z.array(z.string()), []),
  engines: z.object({ vscode: z.string() }),
});
type Manifest = z.infer<typeof manifestShape>;

const xml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Files that VS Code shows or reads beside those that `files` names. */
const COMPANIONS: ReadonlyArray<readonly [pattern: RegExp, assetType: string | undefined]> = [
  [/^readme\.md$/i, "Microsoft.VisualStudio.Services.Content.Details"],
  [/^changelog\.md$/i, "Microsoft.VisualStudio.Services.Content.Changelog"],
  [/^licen[cs]e(\.md|\.txt)?$/i, "Microsoft.VisualStudio.Services.Content.License"],
  [/^package\.nls(\.[\w-]+)?\.json$/, undefined],
];

const contentTypes: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".vsixmanifest": "text/xml",
  ".js": "application/javascript",
  ".cjs": "application/javascript",
  ".mjs": "application/javascript",
  ".css": "text/css",
  ".html": "text/html",
  ".md": "text/markdown",
  ".txt": "text/plain",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ttf": "font/ttf",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

const listFiles = async (root: string, relative: string): Promise<string[]> => {
  const absolute = path.join(root, relative);
  if (!existsSync(absolute)) return [];
  if (!(await stat(absolute)).isDirectory()) return [relative];
  const entries = await readdir(absolute, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
};

const vsixManifest = (m: Manifest, assets: ReadonlyArray<readonly [type: string, path: string]>): string => {
  const property = (id: string, value: string): string =>
    `      <Property Id="Microsoft.VisualStudio.Code.${id}" Value="${xml(value)}" />\n`;
  const license = assets.find(([type]) => type.endsWith(".License"));
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011" xmlns:d="http://schemas.microsoft.com/developer/vsx-schema-design/2011">
  <Metadata>
    <Identity Language="en-US" Id="${xml(m.name)}" Version="${xml(m.version)}" Publisher="${xml(m.publisher)}" />
    <DisplayName>${xml(m.displayName || m.name)}</DisplayName>
    <Description xml:space="preserve">${xml(m.description)}</Description>
    <Tags>${xml(m.keywords.join(","))}</Tags>
    <Categories>${xml(m.categories.join(","))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
${property("Engine", m.engines.vscode)}${property("ExtensionDependencies", "")}${property("ExtensionPack", "")}${property("ExtensionKind", m.extensionKind.join(","))}${property("LocalizedLanguages", "")}    </Properties>
${license ? `    <License>${xml(license[1])}</License>\n` : ""}${m.icon ? `    <Icon>${xml(`extension/${m.icon}`)}</Icon>\n` : ""}  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code" />
  </Installation>
  <Dependencies />
  <Assets>
${assets.map(([type, file]) => `    <Asset Type="${type}" Path="${xml(file)}" Addressable="true" />\n`).join("")}  </Assets>
</PackageManifest>
`;
};

export interface Vsix {
  readonly file: string;
  /** Size of the file, in bytes. */
  readonly size: number;
  /** `publisher.name`. */
  readonly id: string;
  readonly version: string;
}

/**
 * Packs the extension whose package.json is in `root` into `outFile`: what its `files` name (`dist` and `media` unless
 * told), without source maps, and the usual companions. The same input gives the same bytes.
 */
export const packVsix = async (root: string, outFile: string): Promise<Vsix> => {
  const source = await readFile(path.join(root, "package.json"), "utf8");
  const manifest = manifestShape.parse(JSON.parse(source));
  const companions = (await readdir(root)).flatMap((name) => {
    const found = COMPANIONS.find(([pattern]) => pattern.test(name));
    return found ? [{ name, type: found[1] }] : [];
  });
  const named = await Promise.all(manifest.files.map((entry) => listFiles(root, entry)));
  const relative = [...new Set([...named.flat(), ...companions.map(({ name }) => name)])]
    .filter((file) => file !== "package.json")
    .map((file) => file.split(path.sep).join("/"))
    .sort();

  const shipped = JSON.parse(source) as Record<string, unknown>;
  // Everything is bundled; what the package manager wants would only make the file larger.
  for (const key of ["scripts", "devDependencies", "dependencies", "private", "files", "bin"]) delete shipped[key];

  const assets: Array<readonly [string, string]> = [
    ["Microsoft.VisualStudio.Code.Manifest", "extension/package.json"],
    ...companions.flatMap(({ name, type }) => (type ? [[type, `extension/${name}`] as const] : [])),
    ...(manifest.icon
      ? [["Microsoft.VisualStudio.Services.Icons.Default", `extension/${manifest.icon}`] as const]
      : []),
  ];
  const extensions = new Set([".json", ".vsixmanifest", ...relative.map((file) => path.extname(file)).filter(Boolean)]);
  const types = [...extensions]
    .map((ext) => `<Default Extension="${ext}" ContentType="${contentTypes[ext] ?? "application/octet-stream"}"/>`)
    .join("");
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const entries: Zippable = {
    "[Content_Types].xml": encode(
      `<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${types}</Types>\n`,
    ),
    "extension.vsixmanifest": encode(vsixManifest(manifest, assets)),
    "extension/package.json": encode(`${JSON.stringify(shipped, null, 2)}\n`),
  };
  for (const file of relative) entries[`extension/${file}`] = new Uint8Array(await readFile(path.join(root, file)));
  // A fixed date, the earliest that a zip can hold in every time zone, so that equal input gives equal bytes.
  const zip = zipSync(entries, { level: 9, mtime: new Date(1980, 0, 2) });
  await mkdir(path.dirname(outFile), { recursive: true });
  await writeFile(outFile, zip);
  return { file: outFile, size: zip.length, id: `${manifest.publisher}.${manifest.name}`, version: manifest.version };
};

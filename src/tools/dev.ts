/**
 * `npm run dev`: the reading view in a page of any browser, with a host that lives in the page. Rebuilds when a file changes.
 * The address takes `theme`, `n` (annotations), `article` (sample, short, rtl, hostile), `friend`, `length` and more: see
 * src/webview/dev/page.ts.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildContext, context } from "esbuild";
import { projectRoot } from "./paths.ts";
import { readerBundles } from "./reader-bundles.ts";

const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
  ".map": "application/json",
};

/** The same policy as in VS Code, so that what it forbids is seen here first. */
const POLICY = [
  "default-src 'none'",
  "script-src 'nonce-dev' 'strict-dynamic'",
  "style-src 'self'",
  "img-src 'self' https: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/page.css">
<link rel="stylesheet" href="/reader.css">
<link rel="icon" href="data:,">
<title>Marginalia</title>
</head>
<body>
<div id="marginalia"></div>
<script type="module" nonce="dev" src="/page.js"></script>
<script type="module" nonce="dev" src="/reader.js"></script>
</body>
</html>`;

export interface DevServer {
  url: string;
  close(): Promise<void>;
}

/** Serves the page at 127.0.0.1; port 0 takes any that is free. Rebuilds on change when `watch`. */
export async function startDevServer(options: { port: number; watch: boolean }): Promise<DevServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "marginalia-dev-"));
  const bundles = [
    ...readerBundles(folder),
    {
      entryPoints: ["src/webview/dev/page.ts"],
      outfile: `${folder}/page.js`,
      bundle: true,
      platform: "browser" as const,
      format: "esm" as const,
      target: "es2022",
    },
  ];
  const contexts: BuildContext[] = await Promise.all(
    bundles.map((each) => context({ ...each, sourcemap: true, absWorkingDir: projectRoot, logLevel: "warning" })),
  );
  await Promise.all(contexts.map((each) => each.rebuild()));
  if (options.watch) await Promise.all(contexts.map((each) => each.watch()));

  const server = createServer((request, response) => {
    void answer(new URL(request.url ?? "/", "http://dev")).then(
      ({ status, type, body, policy }) => {
        response.writeHead(status, {
          "content-type": `${type}; charset=utf-8`,
          "cache-control": "no-store",
          ...(policy ? { "content-security-policy": POLICY } : {}),
        });
        response.end(body);
      },
      (error: unknown) => {
        response.writeHead(500);
        response.end(String(error));
      },
    );
  });

  const answer = async (url: URL): Promise<{ status: number; type: string; body: string | Buffer; policy?: true }> => {
    if (url.pathname === "/") return { status: 200, type: "text/html", body: PAGE, policy: true };
    if (url.pathname.startsWith("/article/")) return { status: 200, type: "text/plain", body: await sample() };
    const file = path.join(folder, path.normalize(url.pathname));
    const type = TYPES[path.extname(file)];
    if (!type || !file.startsWith(folder) || !existsSync(file)) {
      return { status: 404, type: "text/plain", body: "Not found" };
    }
    return { status: 200, type, body: await readFile(file) };
  };

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(contexts.map((each) => each.dispose()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function sample(): Promise<string> {
  const folder = path.join(projectRoot, "media/sample");
  const file = (await readdir(folder)).find((name) => name.endsWith(".md"));
  if (!file) throw new Error("media/sample holds no article.");
  return readFile(path.join(folder, file), "utf8");
}

if (process.argv[1] && fileURLToPath(import.meta.url) === path.resolve(process.argv[1])) {
  const server = await startDevServer({ port: Number(process.env["PORT"] ?? 4173), watch: true });
  console.log(`The reading view is at ${server.url}`);
  console.log(
    "Try ?theme=dark, high-contrast or high-contrast-light; ?n=1000; ?article=short, rtl or hostile; ?friend",
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => void server.close().then(() => process.exit(0)));
}

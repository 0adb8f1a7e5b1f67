/** The page that a reading view starts from: a policy, a style sheet, a script, and nothing else. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Uri, type Webview, workspace } from "vscode";
import type { Port } from "../../protocol/port.ts";

/**
 * Starts the view's page in a webview. Part of the extension's entry: the page loads while the rest of the extension does. What
 * its script says is kept until somebody listens.
 */
export function openReaderPage(webview: Webview, extension: Uri, document: Uri): Port {
  webview.options = {
    enableScripts: true,
    enableCommandUris: false,
    localResourceRoots: [Uri.joinPath(extension, "dist"), Uri.joinPath(extension, "media"), ...fileRoots(document)],
  };
  const port = holdUntilListened(webview);
  webview.html = readerPage(webview, extension);
  return port;
}

/** Says in place of the article why it cannot be shown. */
export function showFailure(webview: Webview, error: unknown): void {
  const reason = (error instanceof Error ? error.message : String(error)).replace(
    /[&<>]/g,
    (c) => `&#${c.charCodeAt(0)};`,
  );
  webview.html = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'"></head>
<body><p role="alert">The article could not be opened. ${reason}</p></body>
</html>`;
}

/** The reader said that pictures may come from the web. */
export function remoteImages(): boolean {
  return workspace.getConfiguration("marginalia.reader").get<boolean>("remotePictures", false);
}

function holdUntilListened(webview: Webview): Port {
  const held: unknown[] = [];
  const listeners = new Set<(message: unknown) => void>();
  webview.onDidReceiveMessage((message: unknown) => {
    if (listeners.size === 0) held.push(message);
    for (const receive of listeners) receive(message);
  });
  return {
    post: (message) => void webview.postMessage(message),
    listen(receive) {
      listeners.add(receive);
      for (const message of held.splice(0)) receive(message);
      return () => listeners.delete(receive);
    },
  };
}

/** Whether the article stands in a folder, with what may stand beside it. */
export function isFile(uri: Uri): boolean {
  return uri.scheme !== "marginalia" && uri.scheme !== "untitled";
}

/** Where what belongs to an article stands: pictures that may be shown, files that may be linked to. Nothing else of the disk. */
export function fileRoots(uri: Uri): Uri[] {
  if (!isFile(uri)) return [];
  const folder = workspace.getWorkspaceFolder(uri);
  return folder ? [folder.uri] : [Uri.joinPath(uri, "..")];
}

const texts = new Map<string, string>();

/** A bundle of the view, as it may stand inside a page. */
function inside(extension: Uri, name: "reader.css" | "reader.js"): string {
  let text = texts.get(name);
  if (text === undefined) {
    // what HTML would take for the end of a script, or for a comment in it, stands in strings and patterns only
    text = readFileSync(Uri.joinPath(extension, "dist", name).fsPath, "utf8").replace(
      /<(?=!--|\/?script)/gi,
      String.raw`\x3C`,
    );
    texts.set(name, text);
  }
  return text;
}

/**
 * The whole view in one piece: each file that a page asks for goes through VS Code's service worker, its window and the
 * extension host's disk, while the window is busiest.
 *
 * Nothing loads but our own script (by nonce), our own styles and fonts, and pictures: from beside the article, and from
 * the web only if the reader wants that. There is no network for scripts, no frame, no form, no base. `style-src` has no `unsafe-inline`: styles are set from the script.
 */
function readerPage(webview: Webview, extension: Uri): string {
  const nonce = randomBytes(18).toString("base64url");
  const file = (...parts: string[]) => webview.asWebviewUri(Uri.joinPath(extension, ...parts)).toString();
  const source = webview.cspSource;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src ${source} 'nonce-${nonce}'`,
    `img-src ${source}${remoteImages() ? " https:" : ""} data:`,
    `font-src ${source}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="marginalia-nonce" content="${nonce}">
<meta name="marginalia-bundles" content="${file("dist")}/">
<style nonce="${nonce}">${inside(extension, "reader.css")}</style>
<title>Marginalia</title>
</head>
<body>
<div id="marginalia"></div>
<script type="module" nonce="${nonce}">${inside(extension, "reader.js")}</script>
</body>
</html>`;
}

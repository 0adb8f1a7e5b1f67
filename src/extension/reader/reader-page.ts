/** The page that a reading view starts from: a policy, a style sheet, a script, and nothing else. */
import { randomBytes } from "node:crypto";
import type { Webview } from "vscode";
import { Uri } from "vscode";

/**
 * Nothing loads but our own script (by nonce), our own styles and fonts, and pictures over https. There is no network for
 * scripts, no frame, no form, no base. `style-src` has no `unsafe-inline`: styles are set from the script.
 */
export function readerPage(webview: Webview, extension: Uri, language: string): string {
  const nonce = randomBytes(18).toString("base64url");
  const file = (...parts: string[]) => webview.asWebviewUri(Uri.joinPath(extension, ...parts)).toString();
  const source = webview.cspSource;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src ${source} 'nonce-${nonce}'`,
    `img-src ${source} https: data:`,
    `font-src ${source}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${language.replace(/[^a-zA-Z-]/g, "")}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="marginalia-nonce" content="${nonce}">
<link rel="stylesheet" href="${file("dist", "reader.css")}">
<title>Marginalia</title>
</head>
<body>
<div id="marginalia"></div>
<script type="module" nonce="${nonce}" src="${file("dist", "reader.js")}"></script>
</body>
</html>`;
}

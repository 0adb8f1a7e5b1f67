/** The page behind an invite link. The invite is in the fragment: the page's script reads it, the server never sees it. */
import { createHash } from "node:crypto";

const STYLE = `
:root { color-scheme: light dark; font: 17px/1.6 Georgia, "Times New Roman", serif; }
body { max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; font-weight: normal; }
a.open { display: inline-block; padding: .6rem 1.2rem; border: 1px solid; border-radius: .4rem; text-decoration: none; font-family: system-ui, sans-serif; }
ol { padding-left: 1.2rem; } code { font-size: .85em; overflow-wrap: anywhere; }
`;

const SCRIPT = `
const open = document.getElementById("open");
if (location.hash.length > 1) {
  open.href = "vscode://marginalia.marginalia/join?link=" + encodeURIComponent(location.href);
  document.getElementById("link").textContent = location.href;
} else {
  open.remove();
  document.getElementById("incomplete").hidden = false;
}
`;

const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

export const LANDING_HEADERS: Record<string, string> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function landingPage(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Marginalia</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p>You are invited to read together:</p>
<h1>${escape(title)}</h1>
<p><a class="open" id="open" href="#">Open in VS Code</a></p>
<p id="incomplete" hidden>This link is incomplete. Copy it again, with everything behind the # sign.</p>
<p>If nothing opens:</p>
<ol>
<li>Install the extension Marginalia in VS Code.</li>
<li>Open the command palette and choose “Marginalia: Join Session”.</li>
<li>Paste this page's address:<br><code id="link">the whole address from your browser, with what stands behind the # sign</code></li>
</ol>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

export function missingPage(): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Marginalia</title><style>${STYLE}</style></head><body><main><h1>There is no such session here.</h1><p>It may have ended. Ask for a new link.</p></main></body></html>\n`;
}

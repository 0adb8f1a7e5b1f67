/** Links from articles and bodies, and links to annotations. */
import path from "node:path";

/** The schemes that a link from a text may have. `command:`, `file:`, `vscode:` and all others never work. */
const OPENABLE = new Set(["http:", "https:", "mailto:"]);

/** The address to open, or null for one that must not be. */
export function openableLink(href: string): string | null {
  try {
    const url = new URL(href);
    return OPENABLE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * The path of a file beside the article that a relative link leads to; null for one that leads out of `root`, the folder of the
 * workspace or of the article. Paths are absolute, with `/`.
 */
export function linkedFile(href: string, article: string, root: string): string | null {
  if (/^(?:[a-z][a-z0-9+.-]*:|[/\\#?])/i.test(href)) return null;
  let relative = href.replace(/[?#].*$/s, "");
  try {
    relative = decodeURIComponent(relative);
  } catch {
    // a percent sign that is meant as one
  }
  if (relative === "" || relative.includes("\0") || relative.includes("\\")) return null;
  const file = path.posix.join(path.posix.dirname(article), relative);
  return file.startsWith(root.endsWith("/") ? root : `${root}/`) ? file : null;
}

/** `vscode://marginalia.marginalia/annotation?room=…&ref=…`: opens the article at the annotation, for who has the room. */
export function annotationLink(uriScheme: string, room: string, ref: string): string {
  return `${uriScheme}://marginalia.marginalia/annotation?room=${encodeURIComponent(room)}&ref=${encodeURIComponent(ref)}`;
}

/** Links from articles and bodies, and links to annotations. */

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

/** `vscode://marginalia.marginalia/annotation?room=…&ref=…`: opens the article at the annotation, for who has the room. */
export function annotationLink(uriScheme: string, room: string, ref: string): string {
  return `${uriScheme}://marginalia.marginalia/annotation?room=${encodeURIComponent(room)}&ref=${encodeURIComponent(ref)}`;
}

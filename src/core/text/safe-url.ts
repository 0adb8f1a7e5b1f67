// Which addresses of a hostile article may stand in its HTML, and how strings are written into HTML.

/** Escapes `text` for an HTML text node or a double-quoted attribute. */
export function escapeHtml(text: string): string {
  return /[&<>"]/.test(text)
    ? text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
    : text;
}

/** The scheme a browser would see: it ignores control characters and white space that people do not see either. */
function scheme(url: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  const seen = url.replaceAll(/[\u0000-\u0020\u007F-\u00A0\u00AD\u200B-\u200F\u2028-\u202F\u2060\uFEFF]/g, "");
  if (/^[\\/]{2}/.test(seen)) return "//";
  return /^([^/?#\\]*):/.exec(seen)?.[1]?.toLowerCase();
}

/**
 * A link's address as it may stand in `href`, or undefined when it may not: http, https, mailto and relative addresses
 * pass. A fragment is led to the heading ids that this module gives.
 */
export function safeLink(url: string): string | undefined {
  const found = scheme(url);
  if (found !== undefined && found !== "http" && found !== "https" && found !== "mailto") return undefined;
  if (url.startsWith("#")) return `#${headingId(decoded(url.slice(1)).replace(/^h-/, ""))}`;
  return encoded(url);
}

/** An image's address, or undefined when it may not be loaded: https and relative addresses pass. */
export function safeImage(url: string): string | undefined {
  const found = scheme(url);
  return url === "" || (found !== undefined && found !== "https") ? undefined : encoded(url);
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** Percent-encodes what no address may hold; an escape that is there already stays. */
function encoded(url: string): string {
  return url
    .replaceAll(/\p{Surrogate}/gu, "\uFFFD")
    .replaceAll(/[^\w\-.~!*'();:@&=+$,/?#[\]%]|%(?![0-9a-fA-F]{2})/gu, encodeURIComponent);
}

/** Longest id of a heading, in UTF-16 code units: it tells others in which section somebody reads. */
const MAX_ID = 100;

/** The id of a heading that reads `text`, before it is made unique: GitHub's slug, prefixed against clashes with ids of the page. */
export function headingId(text: string): string {
  const slug = text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- \n\t]/gu, "")
    .replaceAll(/\s/g, "-");
  return `h-${slug.slice(0, MAX_ID).replace(/\p{Surrogate}$/u, "")}`;
}

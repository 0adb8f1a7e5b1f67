/** The context keys that the manifest's conditions may ask for. */
export const CONTEXT_KEYS = [
  "marginalia.hasArticle",
  "marginalia.hasAnnotations",
  "marginalia.inSession",
  /** The article is of a session that somebody else hosts. */
  "marginalia.isGuest",
  /** The active text editor shows an article in which others may write, too. */
  "marginalia.sharesText",
] as const;
export type ContextKey = (typeof CONTEXT_KEYS)[number];

/** Who may do what in a room. The server and the user interface both ask here and nowhere else. */

export const ROLES = ["owner", "author", "reviewer", "reader", "observer"] as const;
/**
 * owner: made the room, runs it (facilitator, editor). author: may revise the article. reviewer, reader: annotate.
 * observer: looks on without writing.
 */
export type Role = (typeof ROLES)[number];

export function isRole(value: unknown): value is Role {
  return typeof value === "string" && (ROLES as readonly string[]).includes(value);
}

/** May change the article's text. */
export function mayEditArticle(role: Role): boolean {
  return role === "owner" || role === "author";
}

/** May write annotations, replies and reactions. */
export function mayAnnotate(role: Role): boolean {
  return role === "owner" || role === "author" || role === "reviewer" || role === "reader";
}

/** May hide another's entry from the group and change the session. */
export function mayModerate(role: Role): boolean {
  return role === "owner";
}

/** The name of a role as people read it. */
export const ROLE_TITLES: Record<Role, string> = {
  owner: "Owner",
  author: "Author",
  reviewer: "Reviewer",
  reader: "Reader",
  observer: "Observer",
};

/**
 * What a participant may do with a document of their room. The server decides with this function; the user interface asks it
 * too, so as not to offer what would be refused. What someone may not see is not in a document that they may open.
 */
import type { DocumentName } from "./documents.ts";
import type { ParticipantId } from "./ids.ts";
import { isRole, mayAnnotate, mayEditArticle, type Role } from "./roles.ts";
import type { SessionPolicy } from "./session.ts";

export type Access = "none" | "read" | "write";

/**
 * `write` on a margin means: under one's own root only (the server reads every update for that).
 *
 * - The article: owner and authors write, everyone reads; nobody writes once the session is closed.
 * - The session: the owner writes, everyone reads (real names of a blind room are not in it).
 * - The margin: in a blind review's drafting phase reviewers may not open it, since it holds what other reviewers handed in;
 *   nobody writes once the session is closed.
 * - A private margin: its participant only, whatever their role.
 * - A role that is none (a token of another version): nothing.
 */
export function access(role: Role, participant: ParticipantId, document: DocumentName, session: SessionPolicy): Access {
  if (!isRole(role)) return "none";
  const closed = session.phase === "closed";
  switch (document.kind) {
    case "article":
      return mayEditArticle(role) && !closed ? "write" : "read";
    case "session":
      return role === "owner" ? "write" : "read";
    case "margin":
      if (session.kind === "review" && session.phase === "drafting" && role !== "owner") return "none";
      return mayAnnotate(role) && !closed ? "write" : "read";
    case "private":
      if (document.participant !== participant) return "none";
      return mayAnnotate(role) && !closed ? "write" : "read";
  }
}

/** Who may write what in a room's documents, as the rule that every update is held to. */
import { type DocumentName, participantRoot, ROSTER_ROOT } from "../../src/core/model/documents.ts";
import type { WriteRule } from "../document/state.ts";

/** Client ids of those who may revise the article or run the session: they may touch each other's text. */
const PEOPLE = "people";

/** The server's own hand: the roster. */
export const SERVER_RULE: WriteRule = { owner: "server", allowsRoot: (root) => root === ROSTER_ROOT };

/** Anything goes: for documents outside rooms. */
export const PLAIN_RULE: WriteRule = { owner: "", allowsRoot: () => true };

/** The rule for a participant who has write access to the document. */
export function ruleFor(document: DocumentName, participant: string): WriteRule {
  switch (document.kind) {
    case "article":
      return { owner: PEOPLE, allowsRoot: () => true };
    case "session":
      return { owner: PEOPLE, allowsRoot: (root) => root !== ROSTER_ROOT };
    case "margin":
    case "private": {
      const own = participantRoot(participant);
      return { owner: own, allowsRoot: (root) => root === own, personal: true };
    }
  }
}

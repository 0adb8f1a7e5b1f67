/** How an annotation is shown: the one word for what its author made of the passage. */
import type { Motivation, PassageClass } from "./entries.ts";

/** In the order of menus, filters and groups. */
export const KINDS = ["claim", "evidence", "source", "question", "comment", "highlight"] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_TITLES: Record<Kind, string> = {
  claim: "Claim",
  evidence: "Evidence",
  source: "Source",
  question: "Question",
  comment: "Comment",
  highlight: "Highlight",
};

/** The class, or else what the author did: a highlight with words is a comment. */
export function kindOf(annotation: { class?: PassageClass | undefined; motivation: Motivation; body: string }): Kind {
  if (annotation.class) return annotation.class;
  if (annotation.motivation === "questioning") return "question";
  if (annotation.motivation === "highlighting") return annotation.body.trim() === "" ? "highlight" : "comment";
  return "comment";
}

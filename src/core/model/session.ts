/** What a session is: its kind, its policy, and the roster, as they stand in the session document. */
import * as z from "zod/mini";
import type * as Y from "yjs";
import { rosterMap, sessionMap } from "./documents.ts";
import { isName, type ParticipantId } from "./ids.ts";
import { ROLES, type Role } from "./roles.ts";
import { tidyLine } from "./tidy-line.ts";

/**
 * open: everyone sees who wrote what, at once.
 * single-blind: the author does not learn who the reviewers are. double-blind: nor the reviewers who the author is.
 */
export const BLINDNESS = ["open", "single-blind", "double-blind"] as const;
export type Blindness = (typeof BLINDNESS)[number];

/**
 * drafting: reviewers write in their private documents, unseen by each other; discussion: what was handed in is in the margin;
 * closed: read only. A reading is always in discussion until it is closed.
 */
export const PHASES = ["drafting", "discussion", "closed"] as const;
export type Phase = (typeof PHASES)[number];

export interface SessionPolicy {
  kind: "reading" | "review";
  blindness: Blindness;
  phase: Phase;
}

export const READING_POLICY: SessionPolicy = { kind: "reading", blindness: "open", phase: "discussion" };

/** One line of the roster. `name` is what this room's members may read: in a blind room a pseudonym. */
export interface RosterEntry {
  name: string;
  role: Role;
  /** When they joined, milliseconds since 1970. */
  joined: number;
}

const MAX_NAME = 120;

const rosterEntry = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(MAX_NAME)),
  role: z.enum(ROLES),
  joined: z.number(),
});

/**
 * The session's policy. A session that says nothing is an open reading; anything malformed, and anything that a review leaves
 * out, reads as the strictest value: a review that is being drafted blind, a reading that is closed.
 */
export function readPolicy(doc: Y.Doc): SessionPolicy {
  const map = sessionMap(doc);
  const kind = map.get("kind") === "reading" || !map.has("kind") ? "reading" : "review";
  const blindness = BLINDNESS.find((each) => each === map.get("blindness"));
  const phase = PHASES.find((each) => each === map.get("phase"));
  if (kind === "reading") {
    const over = phase === "closed" || (!phase && map.has("phase"));
    return { kind, blindness: blindness ?? "open", phase: over ? "closed" : "discussion" };
  }
  return { kind, blindness: blindness ?? "double-blind", phase: phase ?? "drafting" };
}

export function writePolicy(doc: Y.Doc, policy: SessionPolicy): void {
  const map = sessionMap(doc);
  doc.transact(() => {
    for (const [key, value] of Object.entries(policy)) if (map.get(key) !== value) map.set(key, value);
  });
}

export type Roster = ReadonlyMap<ParticipantId, RosterEntry>;

/** Everyone who ever joined; malformed rows are left out. */
export function readRoster(doc: Y.Doc): Roster {
  const roster = new Map<ParticipantId, RosterEntry>();
  for (const [participant, value] of rosterMap(doc).entries()) {
    const row = rosterEntry.safeParse(value);
    if (!row.success || !isName(participant)) continue;
    // a server of another make may let anything be called a name
    const name = tidyLine(row.data.name, MAX_NAME) || nameless(participant);
    roster.set(participant, { ...row.data, name });
  }
  return roster;
}

export function writeRosterEntry(doc: Y.Doc, participant: ParticipantId, entry: RosterEntry): void {
  rosterMap(doc).set(participant, entry);
}

/** Resolves the name to show for a participant. The one place that every list, card, export and notification asks. */
export function displayName(roster: Roster, participant: ParticipantId): string {
  return roster.get(participant)?.name ?? nameless(participant);
}

function nameless(participant: ParticipantId): string {
  return `Reader ${participant.slice(0, 4)}`;
}

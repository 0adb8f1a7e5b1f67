/** Who is here, which section they read and what they have selected: awareness on the session document. */
import * as Y from "yjs";
import type { Awareness } from "y-protocols/awareness";
import * as z from "zod/mini";
import { decodePosition, encodePosition } from "../core/anchor/relative.ts";
import { isName, type ParticipantId } from "../core/model/ids.ts";

/** Offsets are UTF-16 code units in the article's text, end exclusive. */
export interface OwnPresence {
  selection: { start: number; end: number } | null;
  /** Id of the section at the top of the window. */
  section: string | null;
}

export interface Presence extends OwnPresence {
  participant: ParticipantId;
  /** One person may have several windows: each is a client. */
  client: number;
}

/** What goes over the wire. Never a name: that is for the roster to say, which may hold a pseudonym. */
const wireSchema = z.object({
  participant: z.string().check(z.refine(isName)),
  section: z.nullable(z.string().check(z.maxLength(200))),
  selection: z.nullable(
    z.object({ start: z.string().check(z.maxLength(400)), end: z.string().check(z.maxLength(400)) }),
  ),
});

export function setOwnPresence(
  awareness: Awareness,
  participant: ParticipantId,
  text: Y.Text,
  presence: OwnPresence,
): void {
  const at = (offset: number, assoc: number) =>
    encodePosition(Y.createRelativePositionFromTypeIndex(text, Math.max(0, Math.min(text.length, offset)), assoc));
  const { selection, section } = presence;
  awareness.setLocalState({
    participant,
    section: section === null ? null : section.slice(0, 200),
    selection: selection && { start: at(selection.start, 0), end: at(selection.end, -1) },
  });
}

/** Everybody but this window, in a stable order; states that are not of this shape are left out. */
export function readPresence(awareness: Awareness, text: Y.Text): Presence[] {
  const here: Presence[] = [];
  for (const [client, state] of awareness.getStates()) {
    if (client === awareness.clientID) continue;
    const parsed = wireSchema.safeParse(state);
    if (!parsed.success) continue;
    const { participant, section, selection } = parsed.data;
    const start = selection && offsetOf(selection.start, text);
    const end = selection && offsetOf(selection.end, text);
    const range = start !== null && end !== null && start <= end ? { start, end } : null;
    here.push({ participant, client, section, selection: range });
  }
  return here.sort((a, b) =>
    a.participant < b.participant ? -1 : a.participant > b.participant ? 1 : a.client - b.client,
  );
}

function offsetOf(encoded: string, text: Y.Text): number | null {
  const position = decodePosition(encoded);
  if (!position || !text.doc) return null;
  try {
    const absolute = Y.createAbsolutePositionFromRelativePosition(position, text.doc);
    return absolute?.type === text ? absolute.index : null;
  } catch {
    // a position that a hostile peer made up
    return null;
  }
}

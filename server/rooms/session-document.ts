/** What the server reads in a room's session document, and writes into it: the policy, and the roster. */
import * as Y from "yjs";
import {
  readPolicy,
  READING_POLICY,
  readRoster,
  type RosterEntry,
  type SessionPolicy,
  writeRosterEntry,
} from "../../src/core/model/session.ts";
import { encodeSince, NOTHING } from "../document/encode.ts";
import type { DocumentState } from "../document/state.ts";
import { type RoomRecord, shownNames } from "./room-record.ts";

function docOf(state: DocumentState): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, encodeSince(state, NOTHING));
  return doc;
}

/** The policy that a session document says; before anything is said, that of an open reading. */
export function policyOf(state: DocumentState): SessionPolicy {
  if (state.runs.size === 0) return READING_POLICY;
  const doc = docOf(state);
  const policy = readPolicy(doc);
  doc.destroy();
  return policy;
}

export function samePolicy(a: SessionPolicy, b: SessionPolicy): boolean {
  return a.kind === b.kind && a.blindness === b.blindness && a.phase === b.phase;
}

/** What has to be written for the roster to say what the record does, as a Yjs update of `client`, or null. */
export function rosterUpdate(state: DocumentState, record: RoomRecord, client: number): Uint8Array | null {
  const doc = docOf(state);
  const before = Y.encodeStateVector(doc);
  doc.clientID = client;
  const roster = readRoster(doc);
  const policy = readPolicy(doc);
  const names = shownNames(record, policy);
  let changed = false;
  doc.transact(() => {
    for (const [participant, member] of Object.entries(record.members)) {
      const row: RosterEntry = { name: names.get(participant)!, role: member.role, joined: member.joined };
      const known = roster.get(participant);
      if (known && known.name === row.name && known.role === row.role && known.joined === row.joined) continue;
      writeRosterEntry(doc, participant, row);
      changed = true;
    }
  });
  const update = changed ? Y.encodeStateAsUpdate(doc, before) : null;
  doc.destroy();
  return update;
}

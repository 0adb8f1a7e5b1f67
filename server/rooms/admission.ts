/**
 * Who becomes a member of a room, who comes back as which one, and who no longer does: changes of the room's record, each done
 * whole or refused with the record as it was. Those that let somebody in give the participant who they are.
 */
import type { Role } from "../../src/core/model/roles.ts";
import { sameSecret } from "../auth/secrets.ts";
import type { Claims } from "../auth/tokens.ts";
import { done, failed, type Outcome } from "./outcome.ts";
import { afterAllNames, type Member, memberOf, nextNumber, rename, type RoomRecord } from "./room-record.ts";

/** What somebody may bring to prove that a room is theirs. */
export interface OwnersProof {
  /** Of a token that we signed, whether or not it still opens anything. */
  held?: Claims | undefined;
  /** The one that the room was made with. */
  secret?: string | undefined;
  /** The administrator may speak for anybody. */
  admin?: boolean | undefined;
}

export interface JoinRequest {
  invite: string;
  name: string;
  /** As of an owner: see {@link OwnersProof}. */
  held?: Claims | undefined;
}

/** What may be changed about a member; `voidInvites` takes back all open invites with it. */
export interface MemberChange {
  role?: Role | undefined;
  removed?: boolean | undefined;
  voidInvites?: boolean | undefined;
}

export function newMember(name: string, role: Role, number: number): Member {
  return { name, role, joined: Date.now(), version: 1, removed: false, number };
}

/** The member whom a token was given to. */
function holder(record: RoomRecord, held: Claims | undefined): { participant: string; member: Member } | null {
  if (held?.kind !== "participant" || held.room !== record.id) return null;
  const member = memberOf(record, held.participant);
  return member && { participant: held.participant, member };
}

/** True when the token opens the room's documents today. */
function isGood(held: Claims | undefined, member: Member): boolean {
  return held?.kind === "participant" && !held.expired && held.version === member.version;
}

/** Gives the room back to its owner. `owner` is who the others' proofs speak for; a token says itself whose it is. */
export function comeBack(
  record: RoomRecord,
  owner: { id: string; name: string },
  { held, secret, admin }: OwnersProof,
): Outcome<string> {
  const member = memberOf(record, owner.id);
  const made = secret !== undefined && record.made?.by === owner.id && sameSecret(record.made.hash, secret);
  const own = member && (made || admin === true) ? { participant: owner.id, member } : null;
  const proven = [holder(record, held), own].find((each) => each?.member.role === "owner");
  if (!proven) return failed("room-taken");
  if (proven.member.removed) return failed("removed");
  rename(record, proven.member, owner.name);
  return done(proven.participant);
}

/** `limit`: members that the room may have. */
export function join(
  record: RoomRecord,
  { invite: secret, name, held }: JoinRequest,
  limit: number,
  freshName: () => string,
): Outcome<string> {
  const invite = record.invites.find((one) => sameSecret(one.hash, secret));
  const lapsed = !invite || invite.expires <= Date.now();
  const known = holder(record, held);
  if (known) {
    const { member, participant } = known;
    if (member.removed) return failed("removed");
    if (lapsed && member.role !== "owner" && !isGood(held, member)) {
      return failed(invite ? "invite-expired" : "invite-invalid");
    }
    rename(record, member, name);
    return done(participant);
  }
  if (lapsed) return failed(invite ? "invite-expired" : "invite-invalid");
  if (invite.usesLeft <= 0) return failed("invite-used-up");
  if (Object.keys(record.members).length >= limit) return failed("too-many");
  invite.usesLeft--;
  const participant = freshName();
  const member = newMember(name, invite.role, nextNumber(record, invite.role));
  record.members[participant] = { ...member, named: afterAllNames(record) };
  return done(participant);
}

/** Whether a token may be replaced by a new one: one that is good, and any that we ever gave to an owner. */
export function mayRenew(record: RoomRecord, held: Claims): Outcome<string> {
  const known = holder(record, held);
  if (!known) return failed("unauthorized");
  if (known.member.removed) return failed("removed");
  if (known.member.role !== "owner" && !isGood(held, known.member)) return failed("unauthorized");
  return done(known.participant);
}

export function changeMember(
  record: RoomRecord,
  participant: string,
  { role, removed, voidInvites }: MemberChange,
): Outcome<RoomRecord> {
  const member = memberOf(record, participant);
  if (!member) return failed("not-found");
  const owners = Object.values(record.members).filter((one) => one.role === "owner" && !one.removed);
  const leaves = removed === true || (role !== undefined && role !== "owner");
  if (owners.length === 1 && owners[0] === member && leaves) return failed("forbidden");
  if (role !== undefined && role !== member.role) {
    member.number = nextNumber(record, role);
    member.role = role;
  }
  if (removed !== undefined && removed !== member.removed) {
    member.removed = removed;
    member.version++;
  }
  if (voidInvites) record.invites = [];
  return done(record);
}

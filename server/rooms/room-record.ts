/** What the server knows of a room beside its documents: who takes part, and by which invites one may join. */
import * as z from "zod/mini";
import type { SessionPolicy } from "../../src/core/model/session.ts";
import { type Role, ROLE_TITLES, ROLES } from "../../src/core/model/roles.ts";
import { isName } from "../../src/core/model/ids.ts";
import { lookOf, tellApart } from "../../src/core/model/names.ts";

const name = z.string().check(z.refine((value: string) => isName(value)));

const member = z.object({
  /** The real name: only the owner and, in an open room, everybody may read it. */
  name: z.string(),
  role: z.enum(ROLES),
  /** Milliseconds since 1970. */
  joined: z.number(),
  /** Since when they have gone by this name, milliseconds since 1970; since they joined, if nothing is said. */
  named: z.optional(z.number()),
  /** Goes up when the participant's tokens are to be void. */
  version: z.number(),
  removed: z.boolean(),
  /** Numbers those who had this role when they got it: what a pseudonym is numbered by. */
  number: z.number(),
});

const invite = z.object({
  role: z.enum(ROLES),
  expires: z.number(),
  usesLeft: z.number(),
  /** SHA-256 of the secret, hex: who reads the data folder cannot join by it. */
  hash: z.string(),
});

const roomRecord = z.object({
  id: name,
  title: z.string(),
  created: z.number(),
  /** Last time somebody was connected, milliseconds since 1970, to the hour. */
  used: z.number(),
  members: z.record(z.string(), member),
  invites: z.array(invite),
  /** Whose request made the room, and the SHA-256, hex, of the secret that came with it: that request may be made again. */
  made: z.optional(z.object({ by: name, hash: z.string() })),
});

export type Member = z.infer<typeof member>;
export type RoomRecord = z.infer<typeof roomRecord>;

/** The record as it was stored; throws when it does not fit, which is a damaged store. */
export function readRoomRecord(value: unknown): RoomRecord {
  return z.parse(roomRecord, value);
}

export function memberOf(room: RoomRecord, participant: string): Member | null {
  return Object.hasOwn(room.members, participant) ? room.members[participant]! : null;
}

/** The number for the next member with this role. */
export function nextNumber(room: RoomRecord, role: Role): number {
  return Math.max(0, ...Object.values(room.members).map((other) => (other.role === role ? other.number : 0))) + 1;
}

/** Takes a new name down. Whoever changes no more than its spelling has had it for as long as before. */
export function rename(room: RoomRecord, member: Member, name: string): void {
  if (lookOf(name) !== lookOf(member.name)) member.named = afterAllNames(room);
  member.name = name;
}

/** A moment behind those at which the names in the room were taken, also when the clock was set back since. */
export function afterAllNames(room: RoomRecord): number {
  return Math.max(Date.now(), ...Object.values(room.members).map((member) => namedSince(member) + 1));
}

function namedSince({ named, joined }: Member): number {
  return named ?? joined;
}

/**
 * The names that the room's members may read. A pseudonym stays the same whoever else comes or goes; of people whose names look the
 * same, whoever has had it longest keeps it.
 */
export function shownNames(room: RoomRecord, policy: SessionPolicy): ReadonlyMap<string, string> {
  const hidden: Role[] =
    policy.blindness === "open" ? [] : policy.blindness === "single-blind" ? ["reviewer"] : ["reviewer", "author"];
  const shown = Object.entries(room.members)
    .map(([participant, member]) =>
      hidden.includes(member.role)
        ? { participant, name: `${ROLE_TITLES[member.role]} ${member.number}`, since: -1 }
        : { participant, name: member.name, since: namedSince(member) },
    )
    .sort((a, b) => a.since - b.since || (a.participant < b.participant ? -1 : 1));
  const names = tellApart(shown.map(({ name }) => name));
  return new Map(shown.map(({ participant }, i) => [participant, names[i]!]));
}

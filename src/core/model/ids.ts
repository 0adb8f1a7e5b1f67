/**
 * Names of participants and entries.
 *
 * A participant id is given once (by this computer when reading alone, by the server on joining) and never reused; an entry
 * id is unique within its author's root. From outside an entry is named by both: authorship is the root it stands in.
 */

/** Lower-case letters, digits and inner hyphens, 1 to 64 characters: safe in a path, a URL and a document name. */
export type ParticipantId = string;
/** Unique among the entries of one participant: same alphabet, 1 to 64 characters. */
export type EntryId = string;
/** `<participant>/<entry>`: names one entry of a room. */
export type EntryRef = string;
/** Same alphabet as a participant id. */
export type RoomId = string;

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** True for a well-formed participant, entry or room id. */
export function isName(value: string): boolean {
  return NAME.test(value);
}

/** A fresh id of 16 characters (80 bits) out of 16 random bytes; the caller brings the randomness. */
export function newName(random: (bytes: number) => Uint8Array): string {
  let name = "";
  for (const byte of random(16)) name += ALPHABET[byte & 31]!;
  return name;
}

/** An entry id that sorts by time: 9 characters of the milliseconds since 1970, then 10 random ones (50 bits). */
export function newEntryId(now: number, random: (bytes: number) => Uint8Array): EntryId {
  let time = "";
  for (let rest = Math.max(0, Math.floor(now)), i = 0; i < 9; i++) {
    time = ALPHABET[rest % 32]! + time;
    rest = Math.floor(rest / 32);
  }
  let tail = "";
  for (const byte of random(10)) tail += ALPHABET[byte & 31]!;
  return time + tail;
}

/** Names the entry `entry` of `participant`. */
export function entryRef(participant: ParticipantId, entry: EntryId): EntryRef {
  return `${participant}/${entry}`;
}

/** The parts of a reference, or null when it is not one. */
export function parseEntryRef(ref: string): { participant: ParticipantId; entry: EntryId } | null {
  const slash = ref.indexOf("/");
  if (slash < 0) return null;
  const participant = ref.slice(0, slash);
  const entry = ref.slice(slash + 1);
  return isName(participant) && isName(entry) ? { participant, entry } : null;
}

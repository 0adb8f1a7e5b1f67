/**
 * The wire between a room's clients and the sync server: y-websocket's, with one optional message of ours.
 *
 * One websocket per document at `<server>/<document name>?token=<token>`; every message is binary and starts with its number.
 */

/** y-websocket: state vectors and updates (y-protocols/sync). */
export const MESSAGE_SYNC = 0;
/** y-websocket: who is here (y-protocols/awareness). */
export const MESSAGE_AWARENESS = 1;
/** y-websocket: permission denied, with a reason (y-protocols/auth). */
export const MESSAGE_AUTH = 2;
/** y-websocket: asks for everybody's awareness. */
export const MESSAGE_QUERY_AWARENESS = 3;
/**
 * Ours, and optional. `[121, 0]` subscribes; the server answers `[121, 1, n]` at once and whenever n grows: of this
 * connection's step-2 and update messages the first n are on disk (fdatasync). Sent again, it is a ping that is answered
 * likewise. A server that does not know the number ignores it, and a client that never subscribed is never told.
 */
export const MESSAGE_SAVED = 121;
export const SAVED_SUBSCRIBE = 0;
export const SAVED_COUNT = 1;

/** y-protocols/sync: "this is what I have". */
export const SYNC_STEP_1 = 0;
/** y-protocols/sync: "this is what you lack", the answer to a step 1 and the end of a first sync. */
export const SYNC_STEP_2 = 1;
/** y-protocols/sync: something new. */
export const SYNC_UPDATE = 2;

/**
 * Why the server closes a connection. 4400 to 4499 mean that trying again cannot help (y-websocket stops for good);
 * everything else is worth another try.
 */
export const CLOSE = {
  /** The message could not be read. */
  malformed: 4400,
  /** No token, or one that is not ours. */
  unauthorized: 4401,
  /** The role may not open this document. */
  forbidden: 4403,
  /** No such room or document. */
  unknownRoom: 4404,
  /** The role may read this document and tried to write. */
  readOnly: 4405,
  /** The update wrote under somebody else's name, or changed or deleted what is somebody else's. */
  forged: 4409,
  /** The room is closed, or the participant was removed from it. */
  gone: 4410,
  /** The token has expired. */
  expired: 4411,
  /** A message beyond the limit. */
  tooLarge: 4413,
  /** The document has reached its limit. */
  documentFull: 4414,
  /** The sender has written as much in the document as one person may. */
  shareFull: 4415,
  /** As many Yjs client ids have written in the document as may. */
  clientsFull: 4416,
  /** The sender has written one entry anew more often than may be kept. */
  entryFull: 4417,
  /** Presence for somebody else's client id. */
  forgedPresence: 4419,
  /** A presence state beyond the limit. */
  presenceTooLarge: 4420,
  /** The server failed inside. */
  failed: 4500,
  /** The server has no room for another connection or document just now. */
  overloaded: 4503,
  /** The server's disk is full or out of reach: nothing can be saved just now. */
  cannotSave: 4507,
  /** The client read too slowly. */
  slowReader: 4508,
  /** Updates kept coming whose beginnings the server never got. */
  outOfStep: 4510,
  /** The participant's rights changed: connect again to get the new ones. */
  accessChanged: 4511,
  /** More messages in a short time than the limits allow. */
  tooMany: 4529,
  /** The server is stopping: come back in a moment. */
  stopping: 1001,
} as const;

export type CloseName = keyof typeof CLOSE;

/** True when trying again cannot help. */
export function isFinalClose(code: number): boolean {
  return code >= 4400 && code < 4500;
}

const SENTENCES: Record<CloseName, string> = {
  malformed: "The server could not read what this computer sent.",
  unauthorized: "The invitation is no longer valid. Ask for a new link.",
  forbidden: "You may not open this part of the session.",
  unknownRoom: "The session does not exist on this server.",
  readOnly: "You may read this part of the session, not change it.",
  forged: "A change was refused because it touched what somebody else wrote.",
  gone: "The session has ended, or you are no longer part of it.",
  expired: "Your access to the session has expired. Ask for a new link.",
  tooLarge: "A change is larger than the server accepts.",
  documentFull: "The session has grown to the size that the server allows.",
  shareFull: "You have written as much in this session as the server allows one person.",
  clientsFull: "This session has been written in from as many windows as the server allows.",
  entryFull: "One of your annotations has been changed in more windows than the server keeps apart.",
  forgedPresence: "The server refused a presence under somebody else's name.",
  presenceTooLarge: "The server refused a presence that is too large.",
  failed: "The server had a fault.",
  overloaded: "The server is busy.",
  cannotSave: "The server cannot save just now. Your changes stay on this computer and are sent later.",
  slowReader: "The connection is too slow to keep up.",
  outOfStep: "The server and this computer were out of step.",
  accessChanged: "Your rights in the session have changed.",
  tooMany: "The server received more from this computer than it accepts at a time.",
  stopping: "The server is restarting.",
};

/** What a close code means, as people read it. */
export function closeSentence(code: number): string {
  for (const name of Object.keys(CLOSE) as CloseName[]) if (CLOSE[name] === code) return SENTENCES[name];
  return isFinalClose(code) ? "The server refused the connection." : "The connection was lost.";
}

/**
 * The HTTP side, JSON in and out. Ids are names as in core/model/ids.ts; times are milliseconds since 1970, spans seconds.
 *
 * | request | who | answer |
 * | --- | --- | --- |
 * | `POST /rooms` {@link CreateRoom} | admin key as bearer token, or anyone where the server is so configured | 201 {@link RoomCreated} |
 * | the same of a room that exists | its owner, by `held`, `secret` or admin key | 200 {@link RoomCreated} |
 * | `POST /rooms/:room/invites` {@link CreateInvite} | owner's token or admin key | 201 {@link InviteCreated} |
 * | `POST /rooms/:room/join` {@link JoinRoom} | whoever has an invite | 200 {@link Joined} |
 * | `POST /rooms/:room/token` `{}` | participant's token, of an owner also an expired one | 200 {@link Joined}, with a new token |
 * | `POST /rooms/:room/name` {@link Rename} | participant's token | 200 {@link Rename}, as the server wrote it down |
 * | `GET /rooms/:room/participants` | owner's token | 200 `{ participants: ParticipantRow[] }` |
 * | `PATCH /rooms/:room/participants/:participant` {@link ChangeParticipant} | owner's token | 200 {@link ParticipantRow} |
 * | `DELETE /rooms/:room` | owner's token or admin key | 204 |
 * | `GET /rooms` | admin key | 200 `{ rooms: RoomRow[] }` |
 * | `GET /rooms/:room/export` | admin key | 200 {@link RoomExport} |
 * | `POST /tokens` `{ prefix, write?, expiresIn? }` | admin key | 201 `{ token, expires }`, for documents outside of rooms whose names begin so |
 *
 * An error is a {@link HttpFailure} with a status of 400 or above.
 */
export interface CreateRoom {
  title: string;
  /** A room id of the client's choice (what was written alone is kept under it); refused as `room-taken` when there is one. */
  room?: string;
  /** The owner: the id is the client's choice, so that what was written alone stays under the same root. */
  participant: { id: string; name: string };
  /** A token of the room held before, even an expired one: its bearer comes back as who they were if they own the room. */
  held?: string;
  /**
   * 16 to 200 characters that nobody can guess. With them the same participant may send the request again and gets the room
   * that it made: the answer may have been lost.
   */
  secret?: string;
}
export interface RoomCreated {
  room: string;
  title: string;
  participant: string;
  role: "owner";
  token: string;
  /** Seconds that the token is good for. */
  expiresIn: number;
}
export interface CreateInvite {
  role: "author" | "reviewer" | "reader" | "observer";
  /** Seconds from now; the server's default is a week. */
  expiresIn?: number;
  /** How many people may join by it; the server's default is 100. */
  uses?: number;
}
export interface InviteCreated {
  invite: string;
  /** `<public address>/join/<room>#<invite>`: the secret stays in the fragment, which is never sent to a server. */
  link: string;
  expires: number;
}
export interface JoinRoom {
  invite: string;
  name: string;
  /**
   * A token held before: its bearer comes back as the same participant, and the invite is not used up. It need not be valid if
   * it is good itself, or an owner's; one that has expired, or is of the time before its bearer was removed, takes a valid invite.
   */
  participant?: string;
}
export interface Joined {
  token: string;
  participant: string;
  role: "owner" | "author" | "reviewer" | "reader" | "observer";
  room: string;
  title: string;
  /** Seconds that the token is good for. */
  expiresIn: number;
}
/** The name by which its bearer is known from now on. In a blind room the others go on reading the pseudonym. */
export interface Rename {
  name: string;
}
export interface ParticipantRow {
  participant: string;
  name: string;
  role: Joined["role"];
  joined: number;
  removed: boolean;
}
export interface ChangeParticipant {
  role?: Joined["role"];
  /** Ends this participant's access: their tokens are void at once. False lets them join again, as who they were. */
  removed?: boolean;
  /** Takes back every open invite: a link that many have would let somebody who was removed in as a newcomer. */
  voidInvites?: boolean;
}
/** A room as an administrator sees it. */
export interface RoomRow {
  room: string;
  title: string;
  created: number;
  /** When somebody was last connected, to the hour. */
  used: number;
  participants: number;
}
/** Everything that is kept of a room: who takes part, and each document as a base64 Yjs update. */
export interface RoomExport {
  room: string;
  title: string;
  created: number;
  used: number;
  participants: ParticipantRow[];
  documents: Record<string, string>;
}
/** `reason` is for programs, `message` is a sentence for people. */
export interface HttpFailure {
  reason:
    | "bad-request"
    | "unauthorized"
    | "forbidden"
    | "unknown-room"
    | "room-taken"
    | "invite-invalid"
    | "invite-expired"
    | "invite-used-up"
    | "removed"
    | "too-large"
    | "too-many"
    | "unavailable"
    | "not-found"
    | "failed";
  message: string;
}

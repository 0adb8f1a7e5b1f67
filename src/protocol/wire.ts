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
  /** No token, a token that is not ours, or one that has expired. */
  unauthorized: 4401,
  /** The role may not open this document, or the update wrote under somebody else's name. */
  forbidden: 4403,
  /** No such room. */
  unknownRoom: 4404,
  /** The room is closed, or the participant was removed from it. */
  gone: 4410,
  /** A message or document beyond the limits. */
  tooLarge: 4413,
  /** More messages than the limits allow. */
  tooMany: 4429,
  /** The client read too slowly, or the server has no room just now. */
  overloaded: 4503,
  /** The server is stopping: come back in a moment. */
  stopping: 4504,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** True when trying again cannot help. */
export function isFinalClose(code: number): boolean {
  return code >= 4400 && code < 4500;
}

/** What a close code means, as people read it. */
export function closeSentence(code: number): string {
  switch (code) {
    case CLOSE.malformed:
      return "The server could not read what this computer sent.";
    case CLOSE.unauthorized:
      return "The invitation is no longer valid. Ask for a new link.";
    case CLOSE.forbidden:
      return "You may not open or change this part of the session.";
    case CLOSE.unknownRoom:
      return "The session does not exist on this server.";
    case CLOSE.gone:
      return "The session has ended, or you are no longer part of it.";
    case CLOSE.tooLarge:
      return "A change is larger than the server accepts.";
    case CLOSE.tooMany:
      return "The server received more from this computer than it accepts.";
    case CLOSE.overloaded:
      return "The server is busy.";
    case CLOSE.stopping:
      return "The server is restarting.";
    default:
      return isFinalClose(code) ? "The server refused the connection." : "The connection was lost.";
  }
}

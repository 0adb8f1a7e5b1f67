/** What this computer holds of each room it is part of (the server's address, a personal token) or made, in the secret storage. */
import { createHmac, randomBytes } from "node:crypto";
import * as z from "zod/mini";
import type { Disposable, SecretStorage } from "vscode";
import { ROLES } from "../../core/model/roles.ts";
import { isName, type RoomId } from "../../core/model/ids.ts";

const membership = z.object({
  /** http(s) address of the server. */
  server: z.string(),
  token: z.string(),
  /** When the token is to be renewed, milliseconds since 1970; soon, if nothing is said. */
  renew: z.optional(z.number()),
  participant: z.string(),
  role: z.enum(ROLES),
  name: z.string(),
  /** The last invite link made or used here, for "Copy Invite Link". */
  invite: z.optional(z.string()),
  /** The server is the one that this computer carries: it is started again when it is needed and not there. */
  hosted: z.optional(z.boolean()),
  /** The reader left. What they wrote stays theirs: here they go on as who they were, and so they come back with a link. */
  left: z.optional(z.boolean()),
});
export type Membership = z.infer<typeof membership>;

export interface Credentials {
  get(room: RoomId): Promise<Membership | undefined>;
  set(room: RoomId, membership: Membership): Promise<void>;
  /** Told of each change, whichever window of this computer made it, this one included. */
  onDidChange(listener: (room: RoomId) => void): Disposable;
  /**
   * What proves to a server that a room there was made from here: always the same, so that it can be said again when nobody knows
   * whether it was heard, and for each server another, so that none can use it elsewhere.
   */
  ownersSecret(room: RoomId, server: string): Promise<string>;
}

const OWNER_KEY = "marginalia.owner";

const PREFIX = "marginalia.membership.";
const key = (room: RoomId) => PREFIX + room;

export function createCredentials(secrets: SecretStorage): Credentials {
  return {
    async get(room) {
      const stored = await secrets.get(key(room));
      if (stored === undefined) return undefined;
      try {
        const parsed = membership.safeParse(JSON.parse(stored));
        return parsed.success ? parsed.data : undefined;
      } catch {
        return undefined;
      }
    },
    async ownersSecret(room, server) {
      let key = await secrets.get(OWNER_KEY);
      if (!key) {
        await secrets.store(OWNER_KEY, randomBytes(32).toString("base64url"));
        // another window may have made one at the same moment
        key = (await secrets.get(OWNER_KEY))!;
      }
      return createHmac("sha256", key).update(`${server}\n${room}`).digest("base64url");
    },
    set: async (room, value) => secrets.store(key(room), JSON.stringify(value)),
    onDidChange: (listener) =>
      secrets.onDidChange((change) => {
        const room = change.key.startsWith(PREFIX) ? change.key.slice(PREFIX.length) : "";
        if (isName(room)) listener(room);
      }),
  };
}

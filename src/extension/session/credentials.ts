/** What this computer holds of each room it is part of (the server's address, a personal token) or made, in the secret storage. */
import { createHmac, randomBytes } from "node:crypto";
import * as z from "zod/mini";
import type { Disposable, Memento, SecretStorage } from "vscode";
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
/** The part of it that is no secret. */
export type Who = Pick<Membership, "participant" | "role" | "name">;

export interface Credentials {
  get(room: RoomId): Promise<Membership | undefined>;
  /**
   * Who this computer was in a room when that was last looked up, without asking the keychain, which takes its time while a window opens.
   * Null: nobody but oneself. Undefined: never looked up. Whoever goes by it looks again when there is time.
   */
  remembered(room: RoomId): Who | null | undefined;
  /**
   * Makes of what is held what is to be held from now on; undefined leaves it. Changes of this window come one after the other, so that
   * none is lost over another. Resolves to false when nothing was changed.
   */
  change(room: RoomId, to: (held: Membership | undefined) => Membership | undefined): Promise<boolean>;
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
const whoKey = (room: RoomId) => `marginalia.who.${room}`;

/** `memory`: where it is remembered who one was; without it nothing is. */
export function createCredentials(secrets: SecretStorage, memory?: Pick<Memento, "get" | "update">): Credentials {
  const remembered = (room: RoomId) => memory?.get<Who | null>(whoKey(room));
  const remember = (room: RoomId, held: Membership | undefined) => {
    const before = remembered(room);
    // who lost their keychain is still who they were here
    if (!held && before !== undefined) return;
    const who: Who | null = held ? { participant: held.participant, role: held.role, name: held.name } : null;
    if (JSON.stringify(who) !== JSON.stringify(before)) void memory?.update(whoKey(room), who);
  };
  const read = async (room: RoomId): Promise<Membership | undefined> => {
    const stored = await secrets.get(key(room));
    if (stored === undefined) return undefined;
    try {
      const parsed = membership.safeParse(JSON.parse(stored));
      return parsed.success ? parsed.data : undefined;
    } catch {
      return undefined;
    }
  };
  let changing: Promise<unknown> = Promise.resolve();
  return {
    remembered,
    async get(room) {
      const held = await read(room);
      remember(room, held);
      return held;
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
    change(room, to) {
      const change = async () => {
        const value = to(await read(room));
        if (!value) return false;
        remember(room, value);
        await secrets.store(key(room), JSON.stringify(value));
        return true;
      };
      const mine = changing.then(change);
      changing = mine.catch(() => false);
      return mine;
    },
    onDidChange: (listener) =>
      secrets.onDidChange((change) => {
        const room = change.key.startsWith(PREFIX) ? change.key.slice(PREFIX.length) : "";
        if (isName(room)) listener(room);
      }),
  };
}

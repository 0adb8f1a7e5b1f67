/** A membership as it comes from a server's answer, and its token's renewal. */
import type { RoomId } from "../../core/model/ids.ts";
import { type Membership as Pass, renewToken } from "../../sync/invites.ts";
import { renewalTime } from "../../sync/own-token.ts";
import type { Log } from "../log.ts";
import type { Credentials, Membership } from "./credentials.ts";
import { sessionApi } from "./session-api.ts";

/** Seconds that a token counts as good for when its server does not say. */
const UNTOLD = 10 * 24 * 3600;

/** What of a server's answer is remembered. */
export function remembered({ token, role, expiresIn = UNTOLD }: Pass): Pick<Membership, "token" | "role" | "renew"> {
  return { token, role, renew: renewalTime(Date.now(), expiresIn) };
}

/** True when there is another token than before; what stands in the way is logged. */
export async function renewMembership(credentials: Credentials, room: RoomId, log: Log): Promise<boolean> {
  const asked = await credentials.get(room);
  if (!asked || asked.left) return false;
  const result = await renewToken(sessionApi, asked.server, room, asked.token);
  if (!result.ok) {
    log.warn(`The token of a session could not be renewed. ${result.message}`);
    return false;
  }
  const now = await credentials.get(room);
  if (!now || now.left) return false;
  // another window may have been quicker
  await credentials.change(room, (held) =>
    held?.token === asked.token ? { ...held, ...remembered(result.value) } : undefined,
  );
  return true;
}

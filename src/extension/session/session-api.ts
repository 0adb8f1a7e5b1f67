/** How this computer reaches the routes of a session's server. */
import type { Api } from "../../sync/invites.ts";

/** An answer that takes longer is none, in milliseconds. */
const PATIENCE = 15_000;

export const sessionApi: Api = { fetch: (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE) }) };

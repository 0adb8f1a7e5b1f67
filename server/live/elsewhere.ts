/** Presence of a document's readers who are connected to other servers, where the store shares it. */
import type { DocumentLog } from "../store/store.ts";
import { createPeer, type Outlet, type Peer } from "./peer.ts";
import type { Presence } from "./presence.ts";

/** After so many milliseconds of silence a client of another server is taken to be gone. */
const STRANGER = 45_000;
/** Presence of nobody: a server that has just opened the document asks with it who is here. */
const QUESTION = Uint8Array.of(0);

/** The outlet of those who are connected elsewhere. */
const NOWHERE: Outlet = { write() {}, waiting: () => 0, onceDrained() {}, close() {} };

export interface Elsewhere {
  /** Tells the other servers what changed among our own. */
  tell(): void;
  /** Forgets those of whom nothing was heard for long: they were on a server that died. */
  sweep(): void;
}

/** Asks at once who is on the other servers; `changed` is called when `presence` did. Null for a store that is not shared. */
export function createElsewhere(
  log: DocumentLog,
  presence: Presence<Peer>,
  own: ReadonlySet<Peer>,
  changed: () => void,
): Elsewhere | null {
  /** By client id, with when they were last heard of. */
  const strangers = new Map<number, { peer: Peer; heard: number }>();
  const isOwn = (peer: Peer) => own.has(peer);

  const share = log.sharePresence?.((_from, update) => {
    if (update.length === QUESTION.length) {
      presence.renew(isOwn);
    } else {
      presence.applyShared(update, (client, person) => {
        const peer = createPeer(NOWHERE, null, person);
        strangers.set(client, { peer, heard: Date.now() });
        return peer;
      });
    }
    changed();
  });
  if (!share) return null;
  share(QUESTION);

  return {
    tell() {
      const update = presence.takeOwnChanges(isOwn);
      if (update) share(update);
    },
    sweep() {
      // Clients renew their presence every 15 seconds.
      for (const [client, { peer, heard }] of strangers) {
        if (Date.now() - heard < STRANGER) continue;
        strangers.delete(client);
        presence.leave(peer);
      }
    },
  };
}

/**
 * Who is here: y-protocols' awareness, with each state bound to the connection that brought it. What a client says of others is
 * left aside (honest clients echo what they heard), and the name in a state is the server's.
 */
import { ByteReader, ByteWriter, Malformed } from "../document/bytes.ts";

/** The person behind a connection, where the server knows. */
export interface Person {
  participant: string;
  /** As the room's members may read it. */
  name: string;
}

/** A connection as presence sees it: compared by identity. */
export interface PresenceOwner {
  person: Person | null;
}

interface Entry<Owner> {
  /** As it is passed on. */
  clock: number;
  /** Added to the clock the client sends: see `departed`. */
  shift: number;
  json: string;
  owner: Owner;
}

export type PresenceRefusal = "malformed" | "forgedPresence" | "presenceTooLarge";

/** Longest state, in bytes of JSON. */
export const MAX_PRESENCE = 4096;
/** How many clients that left are remembered, so that they can come back with the clock they had. */
const MAX_DEPARTED = 500;

export interface Presence<Owner extends PresenceOwner> {
  /** Takes in an awareness update of `owner`; the client ids that changed are collected until `takeChanges`. */
  apply(owner: Owner, update: Uint8Array): PresenceRefusal | null;
  /** Takes in what another server says of its own clients: `ownerFor` gives each a stand-in. */
  applyShared(update: Uint8Array, ownerFor: (client: number, person: Person | null) => Owner): void;
  /** The states that `owners` brought, and those that left since the last call, as an awareness update for other servers. */
  takeOwnChanges(isOwn: (owner: Owner) => boolean): Uint8Array | null;
  /** Counts the states of these owners as changed here, so that they are told again. */
  renew(isOwn: (owner: Owner) => boolean): void;
  /** Forgets the state that `owner` brought. */
  leave(owner: Owner): void;
  /** Whose presence stands under this client id. */
  ownerOf(client: number): Owner | undefined;
  hasChanges(): boolean;
  /** What changed since the last call, as an awareness update, or null. */
  takeChanges(): Uint8Array | null;
  /** Everybody, as an awareness update, or null when nobody is here. */
  everybody(): Uint8Array | null;
  /** Puts the names anew, when the server knows others now. */
  rename(): void;
}

export function createPresence<Owner extends PresenceOwner>(): Presence<Owner> {
  const entries = new Map<number, Entry<Owner>>();
  const bound = new Map<Owner, number>();
  /**
   * Last clocks of clients that left. Peers ignore a state whose clock they have seen, and a client that reconnects begins
   * with the clock it had: without a shift it would stay invisible until its next renewal, 15 seconds later.
   */
  const departed = new Map<number, number>();
  const changed = new Set<number>();
  /** Changed here, not heard from another server. */
  const changedHere = new Set<number>();
  let everybody: Uint8Array | null = null;

  function touch(client: number, here = true): void {
    changed.add(client);
    if (here) changedHere.add(client);
    else changedHere.delete(client);
    everybody = null;
  }

  function drop(client: number, entry: Entry<Owner>, here = true): void {
    entries.delete(client);
    departed.delete(client);
    departed.set(client, entry.clock);
    if (departed.size > MAX_DEPARTED) departed.delete(departed.keys().next().value!);
    touch(client, here);
  }

  function encode(clients: Iterable<number>): Uint8Array {
    const writer = new ByteWriter();
    let count = 0;
    for (const client of clients) {
      const entry = entries.get(client);
      writer.uint(client).uint(entry?.clock ?? departed.get(client) ?? 0);
      writer.string(entry?.json ?? "null");
      count++;
    }
    return new ByteWriter(writer.length + 8).uint(count).raw(writer.done()).done();
  }

  /** Whose state the connection may set: its own, a free id if it has none yet, or its own one left by a dead socket. */
  function mayTake(owner: Owner, client: number, clock: number): "yes" | "no" | "forged" {
    const own = bound.get(owner);
    if (own === client) return "yes";
    const entry = entries.get(client);
    if (!entry) return own === undefined ? "yes" : "no";
    if (clock + entry.shift <= entry.clock) return "no";
    if (entry.owner.person?.participant !== owner.person?.participant) return "forged";
    return own === undefined ? "yes" : "no";
  }

  return {
    apply(owner, update) {
      try {
        const reader = new ByteReader(update);
        for (let count = reader.uint(); count > 0; count--) {
          const client = reader.uint();
          const clock = reader.uint();
          const json = reader.block();
          const may = mayTake(owner, client, clock);
          if (may === "forged") return "forgedPresence";
          if (may === "no") continue;
          if (json.length > MAX_PRESENCE) return "presenceTooLarge";
          const entry = entries.get(client);
          const state = readState(json, owner.person);
          if (state === null) {
            if (entry && bound.get(owner) === client) drop(client, entry);
            continue;
          }
          if (entry && entry.owner !== owner) bound.delete(entry.owner);
          const left = departed.get(client);
          const shift = entry?.shift ?? (left !== undefined && clock <= left ? left - clock + 1 : 0);
          if (entry && clock + shift < entry.clock) continue;
          bound.set(owner, client);
          entries.set(client, { clock: clock + shift, shift, json: state, owner });
          touch(client);
        }
        return null;
      } catch (error) {
        if (error instanceof Malformed) return "malformed";
        throw error;
      }
    },

    applyShared(update, ownerFor) {
      const reader = new ByteReader(update);
      for (let count = reader.uint(); count > 0; count--) {
        const client = reader.uint();
        const clock = reader.uint();
        const json = reader.string();
        const entry = entries.get(client);
        if (entry && entry.clock > clock) continue;
        if (json === "null") {
          if (entry) {
            bound.delete(entry.owner);
            drop(client, entry, false);
          }
          continue;
        }
        const state = JSON.parse(json) as { participant?: string; user?: { name?: string } };
        const person = state.participant ? { participant: state.participant, name: state.user?.name ?? "" } : null;
        if (entry) bound.delete(entry.owner);
        const owner = ownerFor(client, person);
        bound.set(owner, client);
        entries.set(client, { clock, shift: 0, json, owner });
        touch(client, false);
      }
    },

    renew(isOwn) {
      for (const [client, entry] of entries) if (isOwn(entry.owner)) touch(client);
    },

    takeOwnChanges(isOwn) {
      const clients = [...changedHere].filter((client) => {
        const entry = entries.get(client);
        return !entry || isOwn(entry.owner);
      });
      changedHere.clear();
      return clients.length > 0 ? encode(clients) : null;
    },

    leave(owner) {
      const client = bound.get(owner);
      bound.delete(owner);
      const entry = client === undefined ? undefined : entries.get(client);
      if (entry?.owner === owner) drop(client!, entry);
    },

    ownerOf: (client) => entries.get(client)?.owner,

    hasChanges: () => changed.size > 0,

    takeChanges() {
      if (changed.size === 0) return null;
      const update = encode(changed);
      changed.clear();
      return update;
    },

    everybody() {
      if (entries.size === 0) return null;
      everybody ??= encode(entries.keys());
      return everybody;
    },

    rename() {
      for (const [client, entry] of entries) {
        const json = readState(Buffer.from(entry.json), entry.owner.person);
        if (json === null || json === entry.json) continue;
        entry.json = json;
        entry.clock++;
        entry.shift++;
        touch(client);
      }
    },
  };
}

const UNSAFE_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** The state as it is passed on, or null for the state of somebody who left. */
function readState(json: Uint8Array, person: Person | null): string | null {
  let state: unknown;
  try {
    state = JSON.parse(Buffer.from(json).toString("utf8"), (key, value: unknown) =>
      UNSAFE_KEYS.has(key) ? undefined : value,
    );
  } catch {
    throw new Malformed("presence is not JSON");
  }
  if (state === null) return null;
  if (typeof state !== "object" || Array.isArray(state)) throw new Malformed("presence is not an object");
  if (!person) return JSON.stringify(state);
  const user = (state as { user?: unknown }).user;
  const shown = typeof user === "object" && user !== null && !Array.isArray(user) ? user : {};
  return JSON.stringify({ ...state, participant: person.participant, user: { ...shown, name: person.name } });
}

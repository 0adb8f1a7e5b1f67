/** Rooms: making them, inviting, joining, and who may open which of their documents, now and when that changes. */
import { randomBytes } from "node:crypto";
import { formatDocumentName, parseDocumentName } from "../../src/core/model/documents.ts";
import { newName } from "../../src/core/model/ids.ts";
import type { Role } from "../../src/core/model/roles.ts";
import { hashSecret } from "../auth/secrets.ts";
import type { Claims, Tokens } from "../auth/tokens.ts";
import { encodeSince, NOTHING } from "../document/encode.ts";
import { dropDeleted } from "../document/tidying.ts";
import type { Limits } from "../limits.ts";
import type { Hub } from "../live/hub.ts";
import type { Store } from "../store/store.ts";
import {
  changeMember,
  comeBack,
  join,
  type JoinRequest,
  mayRenew,
  type MemberChange,
  newMember,
  type OwnersProof,
} from "./admission.ts";
import { done, failed, type Outcome } from "./outcome.ts";
import { type Member, memberOf, readRoomRecord, rename, type RoomRecord } from "./room-record.ts";
import { SERVER_RULE } from "./rules.ts";
import { rosterUpdate } from "./session-document.ts";
import { createVisits, type Visits } from "./visits.ts";

const DAY = 24 * 3_600_000;

/** Who somebody is in a room, and a token that proves it. */
export interface Pass {
  room: string;
  title: string;
  participant: string;
  role: Role;
  token: string;
  /** Seconds that the token is good for. */
  expiresIn: number;
}

export interface Rooms extends Pick<Visits, "visit" | "documentChanged"> {
  /**
   * Makes a room for who `may` make one, under a name of the caller's choice if there is one. A room that exists is taken up again
   * by its owner, who may prove to be so in any of three ways; for everybody else it is `room-taken`.
   */
  create(
    title: string,
    owner: { id: string; name: string },
    options: OwnersProof & { room?: string | undefined; may: boolean },
  ): Promise<Outcome<{ pass: Pass; isNew: boolean }>>;
  invite(
    room: string,
    options: { role: Role; expiresIn: number; uses: number },
  ): Promise<Outcome<{ invite: string; expires: number }>>;
  join(room: string, request: JoinRequest): Promise<Outcome<Pass>>;
  /** A new token for the bearer of one. */
  renew(room: string, held: Claims): Promise<Outcome<Pass>>;
  /** Takes a new real name down; whoever may read it does so at once. */
  rename(room: string, participant: string, name: string): Promise<Outcome<void>>;
  members(room: string): Promise<Outcome<RoomRecord>>;
  change(room: string, participant: string, change: MemberChange): Promise<Outcome<RoomRecord>>;
  remove(room: string): Promise<Outcome<void>>;
  list(): Promise<RoomRecord[]>;
  /** Each document of the room as a base64 Yjs update. */
  export(room: string): Promise<Outcome<{ record: RoomRecord; documents: Record<string, string> }>>;
  /** The member that a token speaks for, as the room knows them today. */
  bearer(claims: Claims): Promise<Outcome<{ member: Member; participant: string; record: RoomRecord }>>;
  /** Removes rooms that nobody used for so many milliseconds; returns how many. */
  expire(after: number): Promise<number>;
}

export interface RoomsOptions {
  store: Store;
  hub: Hub;
  tokens: Tokens;
  limits: Limits;
  /** Days that a participant's token is valid. */
  tokenDays: number;
  onError(error: unknown): void;
}

export function createRooms({ store, hub, tokens, limits, tokenDays, onError }: RoomsOptions): Rooms {
  /** Roster writes of a room come one after the other. */
  const rosterQueues = new Map<string, Promise<void>>();
  const freshName = () => newName((count) => randomBytes(count));
  /** The server's own Yjs client id: one per process, so that two servers never write as the same client. */
  const serverClient = randomBytes(4).readUInt32BE() || 1;

  async function read(room: string): Promise<{ record: RoomRecord; version: number } | null> {
    const stored = await store.rooms.read(room);
    return stored && { record: readRoomRecord(stored.value), version: stored.version };
  }

  /** The record, or null for a damaged one, which is told: it must not hide the others. */
  async function readable(room: string): ReturnType<typeof read> {
    try {
      return await read(room);
    } catch (error) {
      onError(error);
      return null;
    }
  }

  /** Reads, changes and writes a room until nobody was quicker. `alter` returns a fault to leave it as it is. */
  async function alter<T>(room: string, alter: (record: RoomRecord) => Outcome<T>): Promise<Outcome<T>> {
    for (;;) {
      const stored = await read(room);
      if (!stored) return failed("unknown-room");
      const outcome = alter(stored.record);
      if (!outcome.ok) return outcome;
      if (await store.rooms.write(room, stored.record, stored.version)) {
        await refresh(room, stored.record);
        return outcome;
      }
    }
  }

  async function refresh(room: string, record: RoomRecord): Promise<void> {
    await visits.recordChanged(room, record);
    await writeRoster(room);
  }

  /** Puts the roster into the session document as the record and the policy have it. */
  function writeRoster(room: string): Promise<void> {
    const before = rosterQueues.get(room) ?? Promise.resolve();
    const done = before
      .catch(() => {})
      .then(async () => {
        const stored = await read(room);
        if (!stored) return;
        const hold = await hub.hold(formatDocumentName({ room, kind: "session" }));
        try {
          const update = rosterUpdate(hold.document.state, stored.record, serverClient);
          if (update) await hold.document.write(update, SERVER_RULE);
        } finally {
          hold.release();
        }
      });
    rosterQueues.set(room, done);
    void done.catch(() => {}).finally(() => rosterQueues.get(room) === done && rosterQueues.delete(room));
    return done;
  }

  async function documentsOf(room: string): Promise<string[]> {
    return (await store.documents()).filter((name) => parseDocumentName(name)?.room === room);
  }

  async function pass(record: RoomRecord, participant: string): Promise<Pass> {
    const { role, version } = memberOf(record, participant)!;
    const { id: room, title } = record;
    const token = await tokens.issue({ room, participant, role, version }, Date.now() + tokenDays * DAY);
    return { room, title, participant, role, token, expiresIn: (tokenDays * DAY) / 1000 };
  }

  /** A pass for whom `admit` lets in, or lets be. */
  async function passFor(room: string, admit: (record: RoomRecord) => Outcome<string>): Promise<Outcome<Pass>> {
    const outcome = await alter(room, (record) => {
      const admitted = admit(record);
      return admitted.ok ? done({ record, participant: admitted.value }) : admitted;
    });
    return outcome.ok ? done(await pass(outcome.value.record, outcome.value.participant)) : outcome;
  }

  const visits = createVisits({ store, hub, read, writeRoster, onError });

  return {
    visit: visits.visit,
    documentChanged: visits.documentChanged,

    async create(title, owner, { room, may, ...proof }) {
      const id = room ?? freshName();
      if (may) {
        const created = Date.now();
        const members = { [owner.id]: newMember(owner.name, "owner", 1) };
        const record: RoomRecord = { id, title, created, used: created, members, invites: [] };
        if (proof.secret !== undefined) record.made = { by: owner.id, hash: hashSecret(proof.secret) };
        if (await store.rooms.write(id, record, 0)) {
          await writeRoster(id);
          return done({ pass: await pass(record, owner.id), isNew: true });
        }
      }
      const back = await passFor(id, (record) => comeBack(record, owner, proof));
      if (back.ok) return done({ pass: back.value, isNew: false });
      // who may not make rooms does not learn which there are
      return !may && back.reason !== "removed" ? failed("unauthorized") : back;
    },

    async invite(room, { role, expiresIn, uses }) {
      const secret = freshName() + freshName();
      const expires = Date.now() + expiresIn * 1000;
      return alter(room, (record) => {
        record.invites = record.invites.filter((invite) => invite.expires > Date.now() && invite.usesLeft > 0);
        if (record.invites.length >= 200) return failed("too-many");
        record.invites.push({ role, expires, usesLeft: uses, hash: hashSecret(secret) });
        return done({ invite: secret, expires });
      });
    },

    join: (room, request) => passFor(room, (record) => join(record, request, limits.participants, freshName)),

    async renew(room, held) {
      const stored = await read(room);
      if (!stored) return failed("unknown-room");
      const may = mayRenew(stored.record, held);
      return may.ok ? done(await pass(stored.record, may.value)) : may;
    },

    rename: (room, participant, name) =>
      alter(room, (record) => {
        const member = memberOf(record, participant);
        if (!member || member.removed) return failed("unauthorized");
        rename(record, member, name);
        return done(undefined);
      }),

    async members(room) {
      const stored = await read(room);
      return stored ? done(stored.record) : failed("unknown-room");
    },

    change: (room, participant, change) => alter(room, (record) => changeMember(record, participant, change)),

    async remove(room) {
      if (!(await store.rooms.keys()).includes(room)) return failed("unknown-room");
      await store.rooms.remove(room);
      await visits.removed(room);
      for (const name of await documentsOf(room)) {
        await hub.evict(name);
        await store.remove(name);
      }
      return done(undefined);
    },

    async list() {
      const records = await Promise.all((await store.rooms.keys()).map(readable));
      return records.flatMap((stored) => stored?.record ?? []);
    },

    async export(room) {
      const stored = await read(room);
      if (!stored) return failed("unknown-room");
      const documents: Record<string, string> = {};
      for (const name of await documentsOf(room)) {
        const hold = await hub.hold(name);
        dropDeleted(hold.document.state);
        documents[name] = Buffer.from(encodeSince(hold.document.state, NOTHING)).toString("base64");
        hold.release();
      }
      return done({ record: stored.record, documents });
    },

    async bearer(claims) {
      if (claims.kind !== "participant") return failed("unauthorized");
      const stored = await read(claims.room);
      if (!stored) return failed("unknown-room");
      const member = memberOf(stored.record, claims.participant);
      if (!member || member.removed || member.version !== claims.version) return failed("unauthorized");
      return done({ member, participant: claims.participant, record: stored.record });
    },

    async expire(after) {
      let removed = 0;
      for (const room of await store.rooms.keys()) {
        const stored = await readable(room);
        if (!stored || visits.isOpen(room) || stored.record.used > Date.now() - after) continue;
        await this.remove(room);
        removed++;
      }
      return removed;
    },
  };
}

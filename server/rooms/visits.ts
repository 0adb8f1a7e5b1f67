/** Who is in which document of which room now: let in by what they may, and sent away when that changes. */
import { access, type Access } from "../../src/core/model/access.ts";
import { type DocumentName, formatDocumentName, parseDocumentName } from "../../src/core/model/documents.ts";
import type { SessionPolicy } from "../../src/core/model/session.ts";
import type { CloseName } from "../../src/protocol/wire.ts";
import type { Claims } from "../auth/tokens.ts";
import type { WriteRule } from "../document/state.ts";
import type { Hold, Hub } from "../live/hub.ts";
import type { LiveDocument } from "../live/live-document.ts";
import type { Person } from "../live/presence.ts";
import type { Store } from "../store/store.ts";
import { memberOf, type RoomRecord, shownNames } from "./room-record.ts";
import { ruleFor } from "./rules.ts";
import { policyOf, samePolicy } from "./session-document.ts";

const HOUR = 3_600_000;

/** Somebody who was let into a document. */
export interface Visit {
  rule: WriteRule | null;
  person: Person;
  /** Registers the connection, which is closed when its rights change. */
  enter(connection: { close(why: CloseName): void }): void;
  /** Ends the visit, entered or not. */
  leave(): void;
}

type Admission = { ok: true; visit: Visit } | { ok: false; why: CloseName };

interface Guest {
  participant: string;
  document: DocumentName;
  level: Access;
  version: number;
  person: Person;
  close: ((why: CloseName) => void) | null;
}

/** A room with connections. */
interface OpenRoom {
  id: string;
  record: RoomRecord;
  policy: SessionPolicy;
  /** By participant, as the members may read them. */
  names: ReadonlyMap<string, string>;
  session: Hold;
  guests: Set<Guest>;
}

export interface Visits {
  /** Lets a participant into a document of their room, or says with which close code not. */
  visit(claims: Claims, document: DocumentName): Promise<Admission>;
  /** To be called after a document changed. */
  documentChanged(document: LiveDocument): void;
  /** The room's record is another: whoever may do less, or more, or is called otherwise, hears of it. */
  recordChanged(room: string, record: RoomRecord): Promise<void>;
  /** The room is no more: everybody leaves. */
  removed(room: string): Promise<void>;
  /** Somebody is in the room, or about to be. */
  isOpen(room: string): boolean;
}

export interface VisitsOptions {
  store: Store;
  hub: Hub;
  read(room: string): Promise<{ record: RoomRecord; version: number } | null>;
  writeRoster(room: string): Promise<void>;
  onError(error: unknown): void;
}

export function createVisits({ store, hub, read, writeRoster, onError }: VisitsOptions): Visits {
  const open = new Map<string, Promise<OpenRoom | null>>();
  /** How many are on their way into a room that may still be opening. */
  const arriving = new Map<string, number>();

  async function openRoom(id: string): Promise<OpenRoom | null> {
    const stored = await read(id);
    if (!stored) return null;
    const session = await hub.hold(formatDocumentName({ room: id, kind: "session" }));
    const policy = policyOf(session.document.state);
    if (Date.now() - stored.record.used > HOUR) {
      stored.record.used = Date.now();
      // Somebody else may be changing the room, or the disk be full: the time of use can wait for the next visit.
      await store.rooms.write(id, stored.record, stored.version).catch(onError);
    }
    const { record } = stored;
    return { id, record, policy, names: shownNames(record, policy), session, guests: new Set() };
  }

  /** Opens the room if need be. `enter` is asked at once, so that nobody who is turned away meanwhile closes it again. */
  async function arrive<T>(room: string, enter: (live: OpenRoom | null) => T): Promise<T> {
    let opening = open.get(room);
    if (!opening) open.set(room, (opening = openRoom(room)));
    arriving.set(room, (arriving.get(room) ?? 0) + 1);
    let live: OpenRoom | null = null;
    try {
      live = await opening;
      return enter(live);
    } finally {
      const others = arriving.get(room)! - 1;
      if (others > 0) arriving.set(room, others);
      else arriving.delete(room);
      if (live) dismiss(live);
      else if (open.get(room) === opening) open.delete(room);
    }
  }

  function dismiss(live: OpenRoom): void {
    if (live.guests.size > 0 || (arriving.get(live.id) ?? 0) > 0) return;
    open.delete(live.id);
    live.session.release();
  }

  function levelOf(live: OpenRoom, guest: Pick<Guest, "participant" | "document" | "version">): Access | "gone" {
    const member = memberOf(live.record, guest.participant);
    if (!member || member.removed || member.version !== guest.version) return "gone";
    return access(member.role, guest.participant, guest.document, live.policy);
  }

  function recheck(live: OpenRoom): void {
    let renamed = false;
    for (const guest of live.guests) {
      const level = levelOf(live, guest);
      if (level === "gone") guest.close?.("gone");
      else if (level === "none") guest.close?.("forbidden");
      else if (level !== guest.level) guest.close?.("accessChanged");
      const name = live.names.get(guest.participant);
      if (name !== undefined && name !== guest.person.name) {
        guest.person.name = name;
        renamed = true;
      }
    }
    if (!renamed) return;
    const names = new Set([...live.guests].map((guest) => formatDocumentName(guest.document)));
    for (const name of names) hub.loaded(name)?.rename();
  }

  /** The room has another record or policy. */
  function alter(live: OpenRoom, change: Partial<Pick<OpenRoom, "record" | "policy">>): void {
    Object.assign(live, change);
    live.names = shownNames(live.record, live.policy);
    recheck(live);
  }

  /** Another server changed the room, or removed it. */
  async function changedElsewhere(room: string): Promise<void> {
    const live = await open.get(room);
    if (!live) return;
    const stored = await read(room);
    if (stored) {
      alter(live, { record: stored.record });
      return;
    }
    for (const guest of live.guests) guest.close?.("gone");
    for (const document of Array.from(hub.documents())) {
      if (parseDocumentName(document.name)?.room === room) await hub.evict(document.name);
    }
  }
  store.rooms.watch?.((room) => void changedElsewhere(room).catch(onError));

  return {
    async visit(claims, document) {
      if (claims.kind !== "participant" || claims.room !== document.room) return { ok: false, why: "forbidden" };
      const { participant, version } = claims;
      return arrive<Admission>(document.room, (live) => {
        if (!live) return { ok: false, why: "unknownRoom" };
        const level = levelOf(live, { participant, document, version });
        if (level === "gone" || level === "none") return { ok: false, why: level === "gone" ? "gone" : "forbidden" };
        const person: Person = { participant, name: live.names.get(participant)! };
        const guest: Guest = { participant, document, level, version, person, close: null };
        live.guests.add(guest);
        return {
          ok: true,
          visit: {
            rule: level === "write" ? ruleFor(document, participant) : null,
            person,
            enter(connection) {
              guest.close = (why) => connection.close(why);
              // Rights may have changed while the document was loaded.
              recheck(live);
            },
            leave() {
              live.guests.delete(guest);
              dismiss(live);
            },
          },
        };
      });
    },

    documentChanged(document) {
      const name = parseDocumentName(document.name);
      if (name?.kind !== "session") return;
      const opening = open.get(name.room);
      if (!opening) return;
      void opening
        .then(async (live) => {
          if (!live) return;
          const policy = policyOf(document.state);
          if (samePolicy(policy, live.policy)) return;
          alter(live, { policy });
          await writeRoster(live.id);
        })
        .catch(onError);
    },

    async recordChanged(room, record) {
      const live = await open.get(room);
      if (!live) return;
      alter(live, { record });
    },

    async removed(room) {
      const live = await open.get(room);
      for (const guest of live?.guests ?? []) guest.close?.("gone");
    },

    isOpen: (room) => open.has(room),
  };
}

/** The rooms that are open in this window: each once, however many editors show it, in step with its server if it has one. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { access } from "../../core/model/access.ts";
import type { RoomId } from "../../core/model/ids.ts";
import type { Clock } from "../../sync/clock.ts";
import type { Files } from "../../sync/files.ts";
import { createOfflineStore, type OfflineStore } from "../../sync/offline-store.ts";
import { renameSelf, websocketAddress } from "../../sync/invites.ts";
import { keepNameTold, type OwnName } from "../../sync/own-name.ts";
import { keepTokenFresh } from "../../sync/own-token.ts";
import { openRoom, type Room } from "../../sync/room.ts";
import type { OpenSocket } from "../../sync/socket.ts";
import type { Identity } from "../identity.ts";
import type { Log } from "../log.ts";
import type { Credentials, Membership } from "../session/credentials.ts";
import { createHostedKeeper } from "../session/keep-hosted.ts";
import { renewMembership } from "../session/membership.ts";
import { sessionApi } from "../session/session-api.ts";
import { openSocketLater } from "../session/later-socket.ts";
import { createNodeFiles } from "../storage/node-files.ts";

export interface RoomHold {
  readonly room: Room;
  release(): void;
}

export interface Rooms {
  /** Opens the room, or shares it when it is open; loaded when this resolves, and connecting if there is a session. */
  open(id: RoomId): Promise<RoomHold>;
  /** True when this computer keeps something of the room or is a member of it. */
  isKnown(id: RoomId): Promise<boolean>;
  /** What this computer holds of a session, or undefined when there is none. */
  membership(id: RoomId): Promise<Membership | undefined>;
  /** The same of a session that the reader may have left. */
  formerMembership(id: RoomId): Promise<Membership | undefined>;
  /** Enters a session: remembers it and connects, now if the room is open. */
  enter(id: RoomId, membership: Membership): Promise<void>;
  /** Leaves a session; what was read and written stays on this computer. */
  leave(id: RoomId): Promise<void>;
  readonly onDidChangeMembership: vscode.Event<RoomId>;
  /**
   * The reader is somebody else in a session than who they were: the room closes, and is to be opened anew once that is done. Told
   * while it can still be written.
   */
  readonly onDidReplace: vscode.Event<{ room: Room; closed: Promise<void> }>;
  readonly store: OfflineStore;
  dispose(): Promise<void>;
}

/**
 * A room stays open for so long after its last editor closed, in milliseconds: reopening a tab should not reconnect. While the
 * disk refuses what is kept in memory it is asked again as often.
 */
const LINGER = 10_000;
/** How long a joiner waits for the article before being told, in milliseconds. */
const ARRIVAL_TIMEOUT = 20_000;

const UNREADABLE =
  "What Marginalia keeps of it could not be read from the disk. Nothing of that was changed. Please try again when the disk can be read.";

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(task, ms) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

export interface RoomsOptions {
  /** Folder for the rooms' files; made when needed. */
  folder: string;
  /** How the folder is read and written; a disk if nothing is said. */
  files?: (folder: string) => Files;
  /** The way to servers; a websocket if nothing is said. */
  openSocket?: OpenSocket;
  identity: Identity;
  credentials: Credentials;
  /** Sees to it that the server that this computer carries runs; resolves to its address. */
  reviveHosted(server: string): Promise<string>;
  log: Log;
}

interface Entry {
  room: Promise<Room>;
  holds: number;
  cancelClose: () => void;
}

export function createRooms(options: RoomsOptions): Rooms {
  const {
    folder,
    files = createNodeFiles,
    openSocket = openSocketLater,
    identity,
    credentials,
    reviveHosted,
    log,
  } = options;
  const random = (count: number) => new Uint8Array(randomBytes(count));
  const onError = (error: unknown) =>
    log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const store = createOfflineStore({ files: files(folder), clock: systemClock, random, onError });
  store.onDidFindDamage((damage) =>
    log.warn(`A damaged stretch of a stored document was skipped: ${JSON.stringify(damage)}`),
  );
  const changed = new vscode.EventEmitter<RoomId>();
  const replaced = new vscode.EventEmitter<{ room: Room; closed: Promise<void> }>();
  const open = new Map<RoomId, Entry>();
  const closing = new Map<RoomId, Promise<void>>();
  /** Where and as whom a room is connected. */
  const connectedAs = new WeakMap<Room, string>();
  const names = new Map<Room, OwnName>();

  const load = async (id: RoomId): Promise<Room> => {
    const asked = credentials.get(id);
    const known = credentials.remembered(id);
    const who = known === undefined ? await asked : known;
    const room = openRoom({
      room: id,
      me: {
        participant: who?.participant ?? identity.participant,
        role: who?.role ?? "owner",
        name: who?.name ?? identity.name(),
      },
      // what somebody else hosted is not one's own because nothing here says any more who one was in it
      ...(who ? {} : { strangersRole: "reader" }),
      store,
      openSocket,
      clock: systemClock,
      random,
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      onError,
    });
    const { whole } = await room.loaded;
    if (!whole) {
      // what is not here now would be missed, or written once more
      await room.close();
      throw new Error(UNREADABLE);
    }
    const enter = async () => {
      await asked;
      // it may have been left meanwhile, in another window
      const now = await rooms.membership(id);
      if (!now) return;
      if (isTheirs(room, now)) connect(room, now);
      // somebody else was remembered: another window has entered the session since
      else following = following.then(() => takeUp(id, now)).catch(onError);
    };
    // an article that is here is shown before the keychain has answered, which takes its time while a window opens
    if (room.text.length === 0) await enter().catch(onError);
    else void enter().catch(onError);
    const name = keepNameTold({ room, untold: () => untoldName(id), tell: (name) => tellName(id, name), onError });
    const token = keepTokenFresh({
      room,
      clock: systemClock,
      async due() {
        const held = await rooms.membership(id);
        return held ? (held.renew ?? 0) : null;
      },
      renew: () => renewMembership(credentials, id, log),
      onError,
    });
    names.set(room, {
      check: name.check,
      dispose() {
        name.dispose();
        token.dispose();
      },
    });
    return room;
  };

  const untoldName = async (id: RoomId): Promise<string | null> => {
    const member = await rooms.membership(id);
    return member && identity.chosen() && member.name !== identity.name() ? identity.name() : null;
  };

  const tellName = async (id: RoomId, name: string) => {
    const asked = await rooms.membership(id);
    if (!asked) return;
    const result = await renameSelf(sessionApi, asked.server, id, name, asked.token);
    if (!result.ok) {
      log.warn(`The server did not take a new name down. ${result.message}`);
      return;
    }
    await credentials.change(id, (held) => (held?.token === asked.token ? { ...held, name } : undefined));
  };

  const nameListener = identity.onDidChangeName(() => {
    for (const [room, name] of names) {
      room.rename(identity.name());
      name.check();
    }
  });

  const hosted = createHostedKeeper({
    membership: (id) => rooms.membership(id),
    reviveHosted,
    moved: (id, member) => rooms.enter(id, member),
    clock: systemClock,
    onError,
  });

  const isTheirs = (room: Room, member: Membership) => room.me().participant === member.participant;

  const connect = (room: Room, member: Membership) => {
    const as = `${member.server} ${member.participant}`;
    if (connectedAs.get(room) === as) {
      if (room.status.state === "refused" || room.status.state === "offline") room.retry();
      return;
    }
    connectedAs.set(room, as);
    room.connect({
      url: websocketAddress(member.server),
      async token() {
        // it is renewed while it is in use, and goes to no other server
        const now = await rooms.membership(room.id);
        return now?.server === member.server ? now.token : member.token;
      },
    });
    if (member.hosted) hosted.keep(room);
  };

  const disconnect = (room: Room) => {
    connectedAs.delete(room);
    room.disconnect();
  };

  /** Does in this window what was decided in another: the session entered, its server or token changed, or the session left. */
  const follow = async (id: RoomId) => {
    const room = await open.get(id)?.room;
    const member = room && (await rooms.membership(id));
    if (room && !member) disconnect(room);
    else if (member) await takeUp(id, member);
    changed.fire(id);
  };
  let following = Promise.resolve();
  const membershipListener = credentials.onDidChange((id) => {
    following = following.then(() => follow(id)).catch(onError);
  });

  const closeNow = (id: RoomId): Promise<void> => {
    const entry = open.get(id);
    if (!entry) return Promise.resolve();
    open.delete(id);
    entry.cancelClose();
    hosted.forget(id);
    const close = async () => {
      const room = await entry.room;
      names.get(room)?.dispose();
      names.delete(room);
      const trouble = room.trouble;
      if (!(await room.close())) log.error(`Changes were lost when the window closed. ${trouble?.reason ?? ""}`);
    };
    const closed = close()
      .catch(onError)
      .then(() => void closing.delete(id));
    closing.set(id, closed);
    return closed;
  };

  /** Closes the room, unless somebody holds it again or it is all that has what the disk does not take. */
  const closeLater = (id: RoomId, entry: Entry) => {
    const isUnused = () => entry.holds === 0 && open.get(id) === entry;
    const close = async () => {
      if (!isUnused()) return;
      const written = await (await entry.room).flush();
      if (!isUnused()) return;
      if (written) await closeNow(id);
      else closeLater(id, entry);
    };
    entry.cancelClose();
    entry.cancelClose = systemClock.setTimer(() => void close().catch(onError), LINGER);
  };

  /** Connects the room if it is open; one that was opened as somebody else is closed, unless the disk does not take all of it. */
  const takeUp = async (id: RoomId, member: Membership) => {
    const entry = open.get(id);
    const room = await entry?.room;
    if (!room || open.get(id) !== entry) return;
    if (isTheirs(room, member)) {
      connect(room, member);
      return;
    }
    if (!(await room.flush()) || open.get(id) !== entry) return;
    const closed = closeNow(id);
    replaced.fire({ room, closed });
    await closed;
  };

  const rooms: Rooms = {
    store,
    onDidChangeMembership: changed.event,
    onDidReplace: replaced.event,
    async open(id) {
      let entry = open.get(id);
      if (!entry) {
        // its files are written until it is closed
        const room = Promise.resolve(closing.get(id)).then(() => load(id));
        open.set(id, (entry = { room, holds: 0, cancelClose: () => {} }));
      }
      const mine = entry;
      mine.cancelClose();
      mine.holds++;
      let released = false;
      const release = () => {
        if (released) return;
        released = true;
        if (--mine.holds === 0) closeLater(id, mine);
      };
      try {
        return { room: await mine.room, release };
      } catch (error) {
        if (open.get(id) === mine) open.delete(id);
        throw error;
      }
    },
    async isKnown(id) {
      if (open.has(id) || (await credentials.get(id))) return true;
      return (await store.keys()).some((key) => key.startsWith(`${id}/`));
    },
    async membership(id) {
      const member = await credentials.get(id);
      return member?.left ? undefined : member;
    },
    formerMembership: (id) => credentials.get(id),
    async enter(id, membership) {
      await credentials.change(id, () => membership);
      await takeUp(id, membership);
      changed.fire(id);
    },
    async leave(id) {
      if (!(await credentials.change(id, (held) => held && { ...held, left: true }))) return;
      const entry = open.get(id);
      if (entry) disconnect(await entry.room);
      changed.fire(id);
    },
    async dispose() {
      await Promise.all([...[...open.keys()].map(closeNow), ...closing.values()]);
      await store.close();
      changed.dispose();
      replaced.dispose();
      nameListener.dispose();
      membershipListener.dispose();
    },
  };
  return rooms;
}

/** May this participant change the article's text now? */
export function mayEditArticle(room: Room): boolean {
  const { participant, role } = room.me();
  return access(role, participant, { room: room.id, kind: "article" }, room.policy()) === "write";
}

/** Resolves when the room has its article; rejects with a sentence for people when it cannot come. */
export function articleArrived(room: Room): Promise<void> {
  return new Promise((resolve, reject) => {
    const there = () => room.text.length > 0 || ["alone", "saved", "full"].includes(room.status.state);
    if (there()) {
      resolve();
      return;
    }
    const finish = (result: () => void) => {
      cancel();
      stopStatus();
      room.text.unobserve(check);
      result();
    };
    const check = () => {
      if (there()) finish(resolve);
      else if (room.status.state === "refused") finish(() => reject(new Error(room.status.detail)));
    };
    const cancel = systemClock.setTimer(
      () => finish(() => reject(new Error("The article has not arrived: there is no connection to the server."))),
      ARRIVAL_TIMEOUT,
    );
    const stopStatus = room.onDidChangeStatus(check);
    room.text.observe(check);
    check();
  });
}

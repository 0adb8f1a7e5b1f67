/** A session hosted here stands and falls with our own server: while it is wanted, that is started again. */
import type { RoomId } from "../../core/model/ids.ts";
import type { Clock } from "../../sync/clock.ts";
import type { Room } from "../../sync/room.ts";
import type { Membership } from "./credentials.ts";

/** Our own server is looked after at most this often, in milliseconds. */
const REVIVE_EVERY = 3_000;

export interface KeepHostedOptions {
  /** What this computer holds of a session now, or undefined when there is none. */
  membership(id: RoomId): Promise<Membership | undefined>;
  /** Sees to it that the server runs; resolves to its address. */
  reviveHosted(server: string): Promise<string>;
  /** The server has another address now. */
  moved(id: RoomId, membership: Membership): Promise<void>;
  clock: Clock;
  onError(error: unknown): void;
}

export interface HostedKeeper {
  /** Looks after the server of this room from now on, and at once. */
  keep(room: Room): void;
  /** The room is closed. */
  forget(id: RoomId): void;
}

export function createHostedKeeper(options: KeepHostedOptions): HostedKeeper {
  const { clock, onError } = options;
  /** stops watching whether the own server of a room is there */
  const checks = new Map<RoomId, () => void>();

  const revive = async (room: Room) => {
    const member = await options.membership(room.id);
    if (!member?.hosted) return;
    const server = await options.reviveHosted(member.server);
    // a server takes its time to start: the reader may have left meanwhile
    const now = await options.membership(room.id);
    if (!now) return;
    if (server === now.server) room.retry();
    else await options.moved(room.id, { ...now, server });
  };

  return {
    keep(room) {
      let reviving = false;
      let last = 0;
      const check = async () => {
        // a clock that was set back must not keep the server away
        if (reviving || room.status.state !== "offline" || Math.abs(clock.now() - last) < REVIVE_EVERY) return;
        reviving = true;
        last = clock.now();
        try {
          await revive(room);
        } finally {
          reviving = false;
        }
      };
      checks.get(room.id)?.();
      checks.set(
        room.id,
        room.onDidChangeStatus(() => void check().catch(onError)),
      );
      void check().catch(onError);
    },
    forget(id) {
      checks.get(id)?.();
      checks.delete(id);
    },
  };
}

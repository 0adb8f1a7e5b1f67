/** Sees to it that the token of a session is renewed long before it runs out, and an owner's also after it did. */
import type { Clock } from "./clock.ts";
import type { Room } from "./room.ts";

/** In a session that stays open it is looked after so often, in milliseconds. */
const LOOK_EVERY = 6 * 3_600_000;
/** Of a token's life, what may have passed before it is renewed: whoever is away for the rest comes back by it. */
const USED = 0.1;

export interface OwnTokenOptions {
  room: Pick<Room, "status" | "onDidChangeStatus" | "retry">;
  clock: Clock;
  /** When the token is to be renewed, in milliseconds since 1970; null where there is none. */
  due(): Promise<number | null>;
  /** Renews it and remembers it; false, reported, if that cannot be. */
  renew(): Promise<boolean>;
  onError(error: unknown): void;
}

export interface OwnToken {
  dispose(): void;
}

/** When a token that was given at `now` and is good for so many seconds is to be renewed. */
export function renewalTime(now: number, expiresIn: number): number {
  return now + expiresIn * 1000 * USED;
}

export function keepTokenFresh({ room, clock, due, renew, onError }: OwnTokenOptions): OwnToken {
  let disposed = false;
  let working = false;
  let cancel = () => {};

  /** Refused is what an expired token is: an owner's may be renewed even then. */
  const reach = () => {
    const { state } = room.status;
    if (state === "refused") return "refused";
    return state === "saved" || state === "syncing" || state === "full" ? "connected" : null;
  };

  const work = async () => {
    const time = await due();
    if (time === null || time > clock.now() || disposed || reach() === null) return;
    if (!(await renew()) || disposed) return;
    if (reach() === "refused") room.retry();
  };
  const check = () => {
    if (working || disposed || reach() === null) return;
    working = true;
    void work()
      .catch(onError)
      .finally(() => (working = false));
  };
  const lookAgain = () => {
    cancel = clock.setTimer(() => {
      check();
      lookAgain();
    }, LOOK_EVERY);
  };

  let last = reach();
  const stop = room.onDidChangeStatus(() => {
    const now = reach();
    if (now !== last) check();
    last = now;
  });
  check();
  lookAgain();
  return {
    dispose() {
      disposed = true;
      cancel();
      stop();
    },
  };
}

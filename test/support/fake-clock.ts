import type { Clock, Random } from "../../src/sync/clock.ts";

export interface FakeClock extends Clock {
  /** Turns the clock, running what is due in order, each at its own time; between them promises settle. */
  advance(ms: number): Promise<void>;
  /** The computer sleeps: time passes, and what fell due runs only afterwards. */
  sleep(ms: number): Promise<void>;
  /** Somebody sets the computer's clock back; timers run as they would have. */
  setBack(ms: number): void;
  /** How many timers are set. */
  readonly timers: number;
}

export function createFakeClock(start = 1_700_000_000_000): FakeClock {
  let now = start;
  let order = 0;
  const timers = new Set<{ at: number; order: number; task: () => void }>();
  return {
    now: () => now,
    setTimer(task, ms) {
      const timer = { at: now + ms, order: order++, task };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        let next: { at: number; order: number; task: () => void } | undefined;
        for (const timer of timers) {
          if (timer.at > until) continue;
          if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
        }
        if (!next) break;
        timers.delete(next);
        now = next.at;
        next.task();
        await settle();
      }
      now = until;
      await settle();
    },
    async sleep(ms) {
      now += ms;
      for (const timer of [...timers].filter((each) => each.at <= now)) {
        if (timers.delete(timer)) timer.task();
        await settle();
      }
    },
    setBack(ms) {
      now -= ms;
      for (const timer of timers) timer.at -= ms;
    },
    get timers() {
      return timers.size;
    },
  };
}

/** Lets promises that depend on nothing but promises run out. */
export async function settle(turns = 20): Promise<void> {
  for (let i = 0; i < turns; i++) await Promise.resolve();
}

/** Numbers out of a seed, 0 to 1 exclusive (mulberry32). */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function seededBytes(seed: number): Random {
  const number = seededNumbers(seed);
  return (count) => Uint8Array.from({ length: count }, () => Math.floor(number() * 256));
}

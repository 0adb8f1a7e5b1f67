/** Work that many things ask for: done at once, then at most once in a while, and never for less than the last asking. */
import type { Clock } from "./clock.ts";

export interface Pace {
  ask(): void;
  /** What was asked for and is not done yet will not be. */
  stop(): void;
}

/** `ms`: least time between two beginnings of the task, in milliseconds. */
export function createPace(task: () => void, ms: number, clock: Pick<Clock, "setTimer">): Pace {
  let asked = false;
  let cancel: (() => void) | null = null;
  const run = () => {
    asked = false;
    cancel = clock.setTimer(() => {
      cancel = null;
      if (asked) run();
    }, ms);
    task();
  };
  return {
    ask() {
      if (cancel) asked = true;
      else run();
    },
    stop() {
      cancel?.();
      cancel = null;
      asked = false;
    },
  };
}

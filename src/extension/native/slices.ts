/**
 * Work in slices: jobs wait in a queue and run a few milliseconds at a time, with everything else the extension host has to
 * do in between. Clock and scheduler are passed in.
 */
export interface Slices {
  /** Queues `job` under `key`; a job that waits under the same key is replaced and keeps its place. */
  add(key: string, job: () => void): void;
  /** Forgets a job that has not run. */
  drop(key: string): void;
  /** Jobs that wait. */
  readonly waiting: number;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
  dispose(): void;
}

export interface SlicesOptions {
  /** Milliseconds of work before the host gets its turn; one job may exceed it, never two. */
  budget: number;
  /** Milliseconds. */
  now(): number;
  /** Calls back soon, after other work that waits; returns how to call it off. */
  defer(callback: () => void): () => void;
  /** A job threw; the others go on. */
  onError(error: unknown): void;
}

export function createSlices({ budget, now, defer, onError }: SlicesOptions): Slices {
  const jobs = new Map<string, () => void>();
  let cancel: (() => void) | undefined;
  let idlers: (() => void)[] = [];

  const rest = () => {
    const waiting = idlers;
    idlers = [];
    for (const done of waiting) done();
  };
  const run = () => {
    cancel = undefined;
    const end = now() + budget;
    for (const [key, job] of jobs) {
      jobs.delete(key);
      try {
        job();
      } catch (error) {
        onError(error);
      }
      if (now() >= end) break;
    }
    if (jobs.size > 0) cancel ??= defer(run);
    else rest();
  };

  return {
    add(key, job) {
      jobs.set(key, job);
      cancel ??= defer(run);
    },
    drop: (key) => void jobs.delete(key),
    get waiting() {
      return jobs.size;
    },
    idle: () => (jobs.size === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
    dispose() {
      cancel?.();
      cancel = undefined;
      jobs.clear();
      rest();
    },
  };
}

/** One fdatasync for everything that was written meanwhile, over all documents. */

/** Something that can be made durable; `flush` covers all that was written before it was called. */
export interface Flushable {
  flush(): Promise<void>;
}

/**
 * Least time between two rounds, in milliseconds: it saves most of the work of a busy server, and nobody sees "saved" so much
 * later. After a pause the first round begins at once.
 */
const PACE = 25;

export interface GroupCommit {
  /** Resolves when what `file` holds now is on disk. */
  commit(file: Flushable): Promise<void>;
  /** Resolves when no round is under way or due. */
  idle(): Promise<void>;
}

export function createGroupCommit(): GroupCommit {
  let due = new Map<Flushable, Promise<void>>();
  let start: (() => void) | null = null;
  let round: Promise<void> = Promise.resolve();
  let lastRound = 0;

  function nextRound(): Promise<void> {
    return new Promise((resolve) => {
      start = resolve;
      const wait = lastRound + PACE - performance.now();
      void round.then(() => (wait > 0 ? setTimeout(begin, wait) : begin()));
    });
  }

  function begin(): void {
    const files = due;
    due = new Map();
    const go = start!;
    start = null;
    gate = null;
    go();
    round = Promise.allSettled(files.values()).then(() => {
      lastRound = performance.now();
    });
  }

  let gate: Promise<void> | null = null;

  return {
    commit(file) {
      const known = due.get(file);
      if (known) return known;
      gate ??= nextRound();
      const done = gate.then(() => file.flush());
      due.set(file, done);
      return done;
    },
    async idle() {
      while (due.size > 0) await Promise.allSettled(due.values());
      await round;
    },
  };
}

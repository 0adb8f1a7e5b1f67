/** Newcomers come in one behind the other: so many of them in each turn of the event loop, so that those inside are served between. */

/** Handshakes per turn: about a millisecond's work. */
const PER_TURN = 16;

export interface Turnstile {
  /** Calls `task` when it is its turn. Addresses take turns, so that a crowd from one does not stand before the others. */
  enter(address: string, task: () => void): void;
}

/** `nextTurn` calls back when everything else has had its turn: `setImmediate`. */
export function createTurnstile(nextTurn: (callback: () => void) => void): Turnstile {
  const waiting = new Map<string, (() => void)[]>();

  function turn(): void {
    for (let count = 0; count < PER_TURN && waiting.size > 0; count++) {
      const [address, tasks] = waiting.entries().next().value!;
      waiting.delete(address);
      const task = tasks.shift()!;
      if (tasks.length > 0) waiting.set(address, tasks);
      task();
    }
    if (waiting.size > 0) nextTurn(turn);
  }

  return {
    enter(address, task) {
      if (waiting.size === 0) nextTurn(turn);
      const tasks = waiting.get(address);
      if (tasks) tasks.push(task);
      else waiting.set(address, [task]);
    },
  };
}

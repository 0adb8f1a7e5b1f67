/** Sees to it that the server of a session knows this participant by the name that they go by now. */
import type { Room } from "./room.ts";

export interface OwnNameOptions {
  room: Pick<Room, "status" | "onDidChangeStatus">;
  /** The name that the server was not told yet, or null when it knows. */
  untold(): Promise<string | null>;
  /** Tells it, and remembers what was told. Failing is its own to report: it is called again with the next connection. */
  tell(name: string): Promise<void>;
  onError(error: unknown): void;
}

export interface OwnName {
  /** To be called when another name was chosen. */
  check(): void;
  dispose(): void;
}

export function keepNameTold({ room, untold, tell, onError }: OwnNameOptions): OwnName {
  let disposed = false;
  let working = false;
  let again = false;
  const isConnected = () => ["saved", "syncing", "full"].includes(room.status.state);

  const work = async () => {
    working = true;
    try {
      do {
        again = false;
        const name = await untold();
        if (name !== null && !disposed && isConnected()) await tell(name);
      } while (again);
    } finally {
      working = false;
    }
  };
  const check = () => {
    again = true;
    if (!working && !disposed && isConnected()) void work().catch(onError);
  };

  let wasConnected = isConnected();
  const stop = room.onDidChangeStatus(() => {
    const now = isConnected();
    if (now && !wasConnected) check();
    wasConnected = now;
  });
  check();
  return {
    check,
    dispose() {
      disposed = true;
      stop();
    },
  };
}

/** What a document's log and its state in memory owe each other: loading, tidying, compaction, and updates that wait for others. */
import { type Chunk, encodeChunks, encodeDeletions, NOTHING } from "../document/encode.ts";
import { type DocumentState, restoreUpdate } from "../document/state.ts";
import { tidyInSteps, tidyRecent, tidyState, wantsTidying, wantsWholeTidying } from "../document/tidying.ts";
import type { DocumentLog, StoredUpdate } from "../store/store.ts";
import { CHUNK } from "./answers.ts";

/** A log is compacted when it is this much longer than twice what it would be afterwards, in bytes. */
const COMPACT_SLACK = 4 * 1024 * 1024;
/** How long a document is tidied before others have their turn, in milliseconds. */
const TIDY_SLICE = 3;

export interface Keeper {
  /** Logged updates whose dependencies are not here wait for their author to bring those again. */
  park(stored: StoredUpdate): void;
  /** Takes in what waited and can be taken in now. */
  unpark(): void;
  /** To be called after updates: tidies and compacts when it is worth it, in the background. */
  consider(): void;
  /** Resolves when nothing is under way; what was deleted since the document was loaded is off the disk then. */
  close(): Promise<void>;
}

export interface KeeperEvents {
  /** Whether everything in the state is in the log: what the log refused must not get in by a compaction. */
  isLogged(): boolean;
  compacted(): void;
}

/** Takes `stored`, what the log holds, into the empty `state`. */
export function createKeeper(
  state: DocumentState,
  log: DocumentLog,
  stored: readonly StoredUpdate[],
  events: KeeperEvents,
): Keeper {
  let parked = restoreAll(state, stored);
  if (wantsTidying(state)) tidyState(state);
  const loaded = { version: state.version, deletions: state.deletions };
  let working: Promise<void> | null = null;

  async function tidyInTurns(): Promise<void> {
    let until = performance.now() + TIDY_SLICE;
    for (const _ of tidyInSteps(state)) {
      if (performance.now() < until) continue;
      await new Promise((resolve) => setImmediate(resolve));
      until = performance.now() + TIDY_SLICE;
    }
  }

  /** The snapshot and the log's place are of one moment: this is not cut into turns. */
  async function compact(): Promise<void> {
    if (!events.isLogged()) return;
    try {
      await log.compact([...snapshotUpdates(state), ...parked]);
      events.compacted();
    } catch {
      // The old log stays; the next update tries again.
    }
  }

  function work(task: Promise<void>): Promise<void> {
    working = task.finally(() => {
      working = null;
    });
    return working;
  }

  return {
    park: (stored) => void parked.push(copyOf(stored)),

    unpark() {
      if (parked.length > 0) parked = restoreAll(state, parked);
    },

    consider() {
      if (working) return;
      if (log.size() > 2 * state.bytes + COMPACT_SLACK) void work(tidyInTurns().then(compact));
      else if (wantsWholeTidying(state)) void work(tidyInTurns());
      else if (wantsTidying(state)) tidyRecent(state);
    },

    async close() {
      await working;
      if (state.version === loaded.version) return;
      await tidyInTurns();
      const worthwhile = log.size() > 1.3 * state.bytes + 4096 || state.deletions > loaded.deletions;
      if (worthwhile) await compact();
    },
  };
}

/** Takes in what can be taken in, in whatever order it comes; returns what cannot. */
function restoreAll(state: DocumentState, updates: readonly StoredUpdate[]): StoredUpdate[] {
  let rest = updates;
  for (;;) {
    const dangling: StoredUpdate[] = [];
    for (const stored of rest) {
      // A parked update outlives the buffer that it was read into.
      if (restoreUpdate(state, stored.update, stored.owners) === "dangling") dangling.push(stored);
    }
    if (dangling.length === 0 || dangling.length === rest.length) return dangling.map(copyOf);
    rest = dangling;
  }
}

function copyOf({ update, owners }: StoredUpdate): StoredUpdate {
  return { update: update.slice(), owners };
}

/** The whole document as updates for a log. */
function snapshotUpdates(state: DocumentState): StoredUpdate[] {
  const ownersOf = (chunk: Chunk) => chunk.clients.map((client) => state.runs.get(client)!.owner);
  const updates = encodeChunks(state, NOTHING, CHUNK).map((chunk) => ({
    update: chunk.update,
    owners: ownersOf(chunk),
  }));
  if (state.deleted.ranges > 0) updates.push({ update: encodeDeletions(state), owners: [] });
  return updates;
}

/** The documents that are loaded: one load for many who come at once, pinned while in use, let go some time after. */
import type { Limits } from "../limits.ts";
import { type Damage, type Store, StoreUnavailable } from "../store/store.ts";
import { createLiveDocument, type DocumentEvents, type LiveDocument } from "./live-document.ts";

export interface HubEvents extends Omit<DocumentEvents, "failed" | "changed"> {
  changed?(document: LiveDocument): void;
  damage?(damage: Damage): void;
  failed?(document: string, error: unknown): void;
  loaded?(milliseconds: number): void;
}

/** A document in use: it stays loaded until `release`. */
export interface Hold {
  document: LiveDocument;
  release(): void;
}

export interface Hub {
  /** Loads the document if need be. Rejects with `StoreUnavailable` when too many are loaded or the store fails. */
  hold(name: string): Promise<Hold>;
  /** The document if it is loaded. */
  loaded(name: string): LiveDocument | null;
  documents(): Iterable<LiveDocument>;
  /** Lets a document go at once, so that its log can be removed. Its peers must have been closed. */
  evict(name: string): Promise<void>;
  sweep(): void;
  /** Flushes and closes everything. */
  close(): Promise<void>;
}

interface Slot {
  ready: Promise<LiveDocument>;
  document: LiveDocument | null;
  holds: number;
  unload: NodeJS.Timeout | null;
}

export function createHub(store: Store, limits: Limits, events: HubEvents): Hub {
  const slots = new Map<string, Slot>();
  /** Logs that are being closed: opening one again waits. */
  const closing = new Map<string, Promise<void>>();
  let closed = false;

  async function load(name: string, slot: Slot): Promise<LiveDocument> {
    await closing.get(name);
    const start = performance.now();
    const { log, updates, damage } = await store.open(name);
    for (const one of damage) events.damage?.(one);
    const document = createLiveDocument(name, log, updates, limits, {
      accepted: events.accepted,
      delivered: events.delivered,
      refused: events.refused,
      compacted: events.compacted,
      changed: () => events.changed?.(document),
      failed(error) {
        events.failed?.(name, error);
        for (const peer of document.peers) if (!peer.closed) peer.outlet.close("cannotSave");
        void letGo(name, slot);
      },
    });
    slot.document = document;
    events.loaded?.(performance.now() - start);
    return document;
  }

  async function letGo(name: string, slot: Slot): Promise<void> {
    if (slots.get(name) === slot) slots.delete(name);
    if (slot.unload) clearTimeout(slot.unload);
    const document = slot.document;
    if (!document) return;
    slot.document = null;
    const done = document
      .close()
      .catch((error: unknown) => events.failed?.(name, error))
      .then(() => {
        if (closing.get(name) === done) closing.delete(name);
      });
    closing.set(name, done);
    await done;
  }

  function release(name: string, slot: Slot): void {
    if (--slot.holds > 0 || slots.get(name) !== slot) return;
    slot.unload = setTimeout(() => {
      if (slot.holds === 0) void letGo(name, slot);
    }, limits.unloadAfter);
  }

  return {
    async hold(name) {
      if (closed) throw new StoreUnavailable("the server is stopping");
      let slot = slots.get(name);
      if (!slot) {
        if (slots.size >= limits.documents) throw new StoreUnavailable("too many documents are open");
        const fresh: Slot = { ready: null as never, document: null, holds: 0, unload: null };
        fresh.ready = load(name, fresh);
        slots.set(name, fresh);
        slot = fresh;
      }
      const own = slot;
      own.holds++;
      if (own.unload) clearTimeout(own.unload);
      own.unload = null;
      try {
        const document = await own.ready;
        let held = true;
        return {
          document,
          release() {
            if (held) release(name, own);
            held = false;
          },
        };
      } catch (error) {
        if (slots.get(name) === own) slots.delete(name);
        throw error;
      }
    },

    loaded: (name) => slots.get(name)?.document ?? null,

    *documents() {
      for (const slot of slots.values()) if (slot.document) yield slot.document;
    },

    async evict(name) {
      const slot = slots.get(name);
      if (slot) {
        await slot.ready.catch(() => {});
        await letGo(name, slot);
      }
      await closing.get(name);
    },

    sweep() {
      for (const slot of slots.values()) slot.document?.sweep();
    },

    async close() {
      closed = true;
      await Promise.all(
        [...slots].map(async ([name, slot]) => {
          await slot.ready.catch(() => {});
          await letGo(name, slot);
        }),
      );
      await Promise.all(closing.values());
    },
  };
}

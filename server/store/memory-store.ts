/** A store that forgets everything with its process: for tests and for rooms that nobody wants kept. */
import type { RecordStore, Store, StoredUpdate } from "./store.ts";

export function createMemoryStore(): Store {
  const documents = new Map<string, StoredUpdate[]>();
  return {
    async open(document) {
      const kept = documents.get(document) ?? [];
      documents.set(document, kept);
      return {
        updates: kept.slice(),
        damage: [],
        log: {
          immediate: true,
          append(updates) {
            for (const { update, owners } of updates) kept.push({ update: update.slice(), owners });
          },
          durable: async () => {},
          size: () => kept.reduce((sum, { update }) => sum + update.length, 0),
          async compact(snapshot) {
            kept.splice(0, kept.length, ...snapshot.map(({ update, owners }) => ({ update: update.slice(), owners })));
          },
          close: async () => {},
        },
      };
    },
    has: async (document) => (documents.get(document)?.length ?? 0) > 0,
    documents: async () => [...documents.keys()].filter((name) => documents.get(name)!.length > 0).sort(),
    async remove(document) {
      documents.delete(document);
    },
    rooms: createMemoryRecords(),
    healthy: () => true,
    close: async () => {},
  };
}

export function createMemoryRecords(): RecordStore {
  const records = new Map<string, { json: string; version: number }>();
  return {
    async read(key) {
      const record = records.get(key);
      return record ? { value: JSON.parse(record.json), version: record.version } : null;
    },
    async write(key, value, expected) {
      if ((records.get(key)?.version ?? 0) !== expected) return false;
      records.set(key, { json: JSON.stringify(value), version: expected + 1 });
      return true;
    },
    async remove(key) {
      records.delete(key);
    },
    keys: async () => [...records.keys()].sort(),
  };
}

/** Every store, for the suites that hold all of them to the same contract. */
import { createFileStore } from "../../server/store/file-store.ts";
import { createMemoryStore } from "../../server/store/memory-store.ts";
import { createRedisStore } from "../../server/store/redis-store.ts";
import type { Store } from "../../server/store/store.ts";
import { tempFolder } from "../support/cli-process.ts";
import { redisMissing, startRedis } from "../support/redis-process.ts";

export interface StoreUnderTest {
  name: string;
  /** Why it cannot be tested on this machine, or null. */
  missing: string | null;
  /** A place to keep things, and a way to open a store there, again and again. */
  prepare(): Promise<{ open(): Promise<Store>; remove(): Promise<void> }>;
}

export const STORES: StoreUnderTest[] = [
  {
    name: "memory",
    missing: null,
    async prepare() {
      const store = createMemoryStore();
      return { open: async () => store, remove: async () => {} };
    },
  },
  {
    name: "file",
    missing: null,
    async prepare() {
      const folder = await tempFolder();
      return { open: () => createFileStore(folder.path), remove: folder.remove };
    },
  },
  {
    name: "redis",
    missing: redisMissing,
    async prepare() {
      const redis = await startRedis();
      return { open: () => createRedisStore({ url: redis.url }), remove: () => redis.stop() };
    },
  },
];

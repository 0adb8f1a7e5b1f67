/**
 * A store that several servers share, in Redis. A document is a stream of updates with dense numbers (`0-1`, `0-2`, ...) and a
 * snapshot of everything up to one of them; what one server appends is published to the others, who fetch what they missed
 * whenever a number is missing.
 */
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { decodeBody, encodeBody } from "./log-format.ts";
import { type DocumentLog, type RecordStore, type Store, StoreUnavailable, type StoredUpdate } from "./store.ts";

/** How long a server may take to compact a document before another may try, in milliseconds. */
const LEASE = 30_000;
const COMMAND_TIMEOUT = 5_000;

/**
 * KEYS: stream, counter, epoch, documents, channel, claims. ARGV: epoch, name, server, number of claims, client and owner of each,
 * update... Returns the last number. A client id belongs to whose claim came first: nothing is appended that says otherwise.
 */
const APPEND = `
if (redis.call('GET', KEYS[3]) or '0') ~= ARGV[1] then return redis.error_reply('GONE the document was removed') end
local first = 5 + 2 * tonumber(ARGV[4])
for i = 5, first - 1, 2 do
  local owner = redis.call('HGET', KEYS[6], ARGV[i])
  if owner and owner ~= ARGV[i + 1] then return redis.error_reply('TAKEN the client id of another') end
end
for i = 5, first - 1, 2 do redis.call('HSET', KEYS[6], ARGV[i], ARGV[i + 1]) end
redis.call('SADD', KEYS[4], ARGV[2])
local n
for i = first, #ARGV do
  n = redis.call('INCR', KEYS[2])
  redis.call('XADD', KEYS[1], '0-' .. n, 'u', ARGV[i])
  redis.call('PUBLISH', KEYS[5], 'u' .. ARGV[3] .. struct.pack('>d', n) .. ARGV[i])
end
return n`;

/** KEYS: stream, snapshot, lease, epoch. ARGV: epoch, server, number, data. */
const COMPACT = `
if (redis.call('GET', KEYS[4]) or '0') ~= ARGV[1] then return redis.error_reply('GONE the document was removed') end
if redis.call('GET', KEYS[3]) ~= ARGV[2] then return 0 end
if tonumber(redis.call('HGET', KEYS[2], 'upto') or '0') > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[2], 'upto', ARGV[3], 'data', ARGV[4])
redis.call('XTRIM', KEYS[1], 'MINID', '0-' .. (tonumber(ARGV[3]) + 1))
redis.call('DEL', KEYS[3])
return 1`;

/** KEYS: records, channel. ARGV: key, expected version, value. */
const WRITE_RECORD = `
local now = redis.call('HGET', KEYS[1], ARGV[1])
local version = now and tonumber(string.match(now, '^%d+')) or 0
if version ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], (version + 1) .. ' ' .. ARGV[3])
redis.call('PUBLISH', KEYS[2], ARGV[1])
return 1`;

/** Length of a server's id in published messages. */
const ID = 16;

interface Follower {
  update(number: number, from: string, body: Buffer): void;
  presence(from: string, body: Buffer): void;
  /** Messages may have been missed. */
  catchUp(): void;
}

export interface RedisStoreOptions {
  /** `redis://host:port/db`. */
  url: string;
  /** Stands before every key. */
  prefix?: string;
  onError?(error: unknown): void;
}

/** Connects to Redis. Throws `StoreUnavailable` when it does not answer. */
export async function createRedisStore({ url, prefix = "marginalia:", onError }: RedisStoreOptions): Promise<Store> {
  const options = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT,
    connectTimeout: COMMAND_TIMEOUT,
    retryStrategy: (attempt: number) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)),
  };
  const redis = new Redis(url, options);
  // What is subscribed to waits in the queue while Redis is away.
  const listener = new Redis(url, { ...options, enableOfflineQueue: true, maxRetriesPerRequest: null });
  const self = randomBytes(ID / 2).toString("hex");
  const followers = new Map<string, Follower>();
  const recordWatchers = new Set<(key: string) => void>();
  const key = {
    stream: (document: string) => `${prefix}log:${document}`,
    counter: (document: string) => `${prefix}count:${document}`,
    snapshot: (document: string) => `${prefix}snapshot:${document}`,
    lease: (document: string) => `${prefix}lease:${document}`,
    claims: (document: string) => `${prefix}claims:${document}`,
    epoch: (document: string) => `${prefix}epoch:${document}`,
    channel: (document: string) => `${prefix}news:${document}`,
    documents: `${prefix}documents`,
    records: `${prefix}records`,
    recordNews: `${prefix}records-changed`,
  };
  let closed = false;

  redis.on("error", (error) => onError?.(error));
  listener.on("error", (error) => onError?.(error));
  try {
    await Promise.all([redis.connect(), listener.connect()]);
  } catch {
    redis.disconnect();
    listener.disconnect();
    throw new StoreUnavailable(`Redis does not answer at ${url.replace(/\/\/.*@/, "//")}.`);
  }
  await listener.subscribe(key.recordNews);
  listener.on("messageBuffer", (channel: Buffer, message: Buffer) => {
    const name = channel.toString();
    if (name === key.recordNews) {
      for (const watch of recordWatchers) watch(message.toString());
      return;
    }
    const follower = followers.get(name);
    if (!follower) return;
    const from = message.toString("latin1", 1, 1 + ID);
    if (message[0] === 0x75) follower.update(message.readDoubleBE(1 + ID), from, message.subarray(9 + ID));
    else follower.presence(from, message.subarray(1 + ID));
  });
  listener.on("ready", () => {
    for (const follower of followers.values()) follower.catchUp();
  });

  /** Runs a command; whatever goes wrong between here and Redis is "unavailable". */
  async function ask<T>(command: Promise<T>): Promise<T> {
    try {
      return await command;
    } catch (error) {
      throw new StoreUnavailable(error instanceof Error ? error.message : "Redis failed");
    }
  }

  function openLog(document: string, epoch: string, last: number, size: number): DocumentLog {
    const channel = key.channel(document);
    let bytes = size;
    /** Every update up to this number was taken in or is our own. */
    let contiguous = last;
    /** Numbers above it that were seen. */
    const ahead = new Set<number>();
    let onUpdates: ((updates: readonly StoredUpdate[]) => void) | null = null;
    let onPresence: ((from: string, update: Uint8Array) => void) | null = null;
    let fetching: Promise<void> | null = null;
    let shut = false;

    function seen(number: number): void {
      if (number <= contiguous) return;
      ahead.add(number);
      while (ahead.delete(contiguous + 1)) contiguous++;
    }

    function catchUp(): Promise<void> {
      fetching ??= fetchMissed().finally(() => {
        fetching = null;
      });
      return fetching;
    }

    async function fetchMissed(): Promise<void> {
      try {
        const [upto, entries] = await Promise.all([
          redis.hget(key.snapshot(document), "upto"),
          readStream(document, contiguous),
        ]);
        if (shut) return;
        if (Number(upto ?? 0) > contiguous) {
          // What is missing was compacted meanwhile.
          const data = await redis.hgetBuffer(key.snapshot(document), "data");
          if (data) onUpdates?.(decodeSnapshot(data));
          for (let number = contiguous + 1; number <= Number(upto); number++) seen(number);
        }
        onUpdates?.(entries.map((entry) => decodeBody(entry.body)));
        for (const entry of entries) seen(entry.number);
      } catch (error) {
        // The next message, or the next reconnection, tries again.
        onError?.(error);
      }
    }

    followers.set(channel, {
      update(number, from, body) {
        bytes += body.length;
        const isNext = number === contiguous + 1;
        seen(number);
        if (from !== self) onUpdates?.([decodeBody(body)]);
        if (!isNext && ahead.size > 0) void catchUp();
      },
      presence(from, body) {
        if (from !== self) onPresence?.(from, body);
      },
      catchUp: () => void catchUp(),
    });

    return {
      immediate: false,
      async append(updates) {
        const bodies = updates.map(encodeBody);
        const keys = [key.stream(document), key.counter(document), key.epoch(document), key.documents, channel];
        keys.push(key.claims(document));
        // What is accepted in one piece has one owner.
        const claims = updates.flatMap((one) => (one.claims ?? []).map((client) => [client, one.owners[0] ?? ""]));
        const args = [epoch, document, self, claims.length, ...claims.flat(), ...bodies];
        const number = Number(await ask(redis.eval(APPEND, keys.length, ...keys, ...args)));
        for (let i = number - bodies.length + 1; i <= number; i++) seen(i);
      },
      // Redis has it when the append resolves; what that means in a power cut is Redis's configuration.
      durable: async () => {},
      size: () => bytes,
      async compact(snapshot) {
        const upto = contiguous;
        const data = encodeSnapshot(snapshot);
        const got = await ask(redis.set(key.lease(document), self, "PX", LEASE, "NX"));
        if (got === null) return;
        const keys = [key.stream(document), key.snapshot(document), key.lease(document), key.epoch(document)];
        await ask(redis.eval(COMPACT, keys.length, ...keys, epoch, self, upto, data));
        bytes = data.length;
      },
      follow(callback) {
        onUpdates = callback;
        // What came between reading the log and now.
        void catchUp();
      },
      sharePresence(callback) {
        onPresence = callback;
        return (update) => {
          const message = Buffer.concat([Buffer.from(`p${self}`, "latin1"), update]);
          redis.publish(channel, message).catch((error: unknown) => onError?.(error));
        };
      },
      async close() {
        shut = true;
        followers.delete(channel);
        await listener.unsubscribe(channel).catch((error: unknown) => onError?.(error));
      },
    };
  }

  async function readStream(document: string, after: number): Promise<{ number: number; body: Buffer }[]> {
    const entries = await redis.xrangeBuffer(key.stream(document), `0-${after + 1}`, "+");
    return entries.map(([id, fields]) => ({ number: Number(id.toString().slice(2)), body: fields[1]! }));
  }

  return {
    async open(document) {
      // First listen, then read: nothing falls between.
      await ask(listener.subscribe(key.channel(document)));
      const [epoch, snapshot] = await ask(
        Promise.all([redis.get(key.epoch(document)), redis.hmgetBuffer(key.snapshot(document), "upto", "data")]),
      );
      const upto = Number(snapshot[0]?.toString() ?? 0);
      const updates = snapshot[1] ? decodeSnapshot(snapshot[1]) : [];
      let size = snapshot[1]?.length ?? 0;
      let last = upto;
      for (const { number, body } of await ask(readStream(document, upto))) {
        updates.push(decodeBody(body));
        size += body.length;
        last = number;
      }
      return { updates, damage: [], log: openLog(document, epoch ?? "0", last, size) };
    },

    has: async (document) => (await ask(redis.sismember(key.documents, document))) === 1,
    documents: async () => (await ask(redis.smembers(key.documents))).sort(),

    async remove(document) {
      await ask(
        redis
          .multi()
          .incr(key.epoch(document))
          .del(key.stream(document), key.counter(document), key.snapshot(document), key.lease(document))
          .del(key.claims(document))
          .srem(key.documents, document)
          .exec(),
      );
    },

    rooms: createRecords(),
    healthy: () => !closed && redis.status === "ready",

    async secret(name) {
      await ask(redis.set(`${prefix}${name}`, randomBytes(32).toString("hex"), "NX"));
      return (await ask(redis.get(`${prefix}${name}`)))!;
    },

    async close() {
      closed = true;
      redis.disconnect();
      listener.disconnect();
    },
  };

  function createRecords(): RecordStore {
    return {
      async read(name) {
        const text = await ask(redis.hget(key.records, name));
        if (text === null) return null;
        const space = text.indexOf(" ");
        return { version: Number(text.slice(0, space)), value: JSON.parse(text.slice(space + 1)) as unknown };
      },
      async write(name, value, expected) {
        const done = redis.eval(WRITE_RECORD, 2, key.records, key.recordNews, name, expected, JSON.stringify(value));
        return (await ask(done)) === 1;
      },
      async remove(name) {
        await ask(redis.multi().hdel(key.records, name).publish(key.recordNews, name).exec());
      },
      keys: async () => (await ask(redis.hkeys(key.records))).sort(),
      watch: (onChange) => void recordWatchers.add(onChange),
    };
  }
}

function encodeSnapshot(updates: readonly StoredUpdate[]): Buffer {
  const parts: Buffer[] = [];
  for (const update of updates) {
    const body = encodeBody(update);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length);
    parts.push(head, body);
  }
  return Buffer.concat(parts);
}

function decodeSnapshot(data: Buffer): StoredUpdate[] {
  const updates: StoredUpdate[] = [];
  for (let at = 0; at < data.length;) {
    const length = data.readUInt32BE(at);
    updates.push(decodeBody(data.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return updates;
}

import type { Files } from "../../src/sync/files.ts";

/** More than this is written in turns, in bytes. */
const AT_ONCE = 64 * 1024;

export interface MemoryFolder {
  readonly files: Map<string, Uint8Array>;
  readonly claims: Set<string>;
  /** One window's view of the folder. */
  window(): MemoryWindow;
  /** The computer goes out: what was written and not put on disk is gone, and all windows are. */
  losePower(): void;
}

export interface MemoryWindow extends Files {
  /** From now on the process is gone: its claim lapses and nothing that it still does has any effect. */
  die(): void;
  /** Called before each change of the folder; may throw (a full disk), or say after how many bytes an append breaks off. */
  fault:
    | ((
        what: "append" | "sync" | "replace" | "remove" | "claim" | "list",
        name: string,
        bytes: Uint8Array,
      ) => number | void)
    | null;
}

/** `turns`: how many turns of the promise queue each operation takes, so that windows come between each other. */
export function createMemoryFolder(turns: () => number = () => 0): MemoryFolder {
  const files = new Map<string, Uint8Array>();
  const wait = async () => {
    for (let i = turns(); i > 0; i--) await Promise.resolve();
  };
  const claims = new Set<string>();
  const watchers = new Map<object, (name: string) => void>();
  const windows: MemoryWindow[] = [];
  /** file -> bytes of it that are on disk */
  const onDisk = new Map<string, number>();
  /** file -> how often a file of that name was removed: whoever holds it open writes on into nothing */
  const removals = new Map<string, number>();

  return {
    files,
    claims,
    losePower() {
      for (const each of windows.splice(0)) each.die();
      for (const [name, bytes] of files) {
        const length = onDisk.get(name) ?? 0;
        if (length > 0) files.set(name, bytes.slice(0, length));
        else files.delete(name);
      }
    },
    window() {
      let dead = false;
      let own: string | null = null;
      const opened = new Map<string, number>();
      const isGone = (name: string) => {
        const times = removals.get(name) ?? 0;
        if (!opened.has(name)) opened.set(name, times);
        return opened.get(name) !== times;
      };
      const tell = (name: string) => {
        for (const [who, watcher] of watchers) if (who !== self) watcher(name);
      };
      const put = (name: string, bytes: Uint8Array) => {
        files.set(name, bytes);
        tell(name);
      };
      const hang = () => new Promise<never>(() => {});
      const self: MemoryWindow = {
        fault: null,
        die() {
          dead = true;
          watchers.delete(self);
          if (own !== null) claims.delete(own);
        },
        async list(prefix) {
          await wait();
          if (dead) return hang();
          self.fault?.("list", prefix, new Uint8Array());
          return [...files.keys()].filter((name) => name.startsWith(prefix));
        },
        async read(name, from) {
          await wait();
          if (dead) return hang();
          return files.get(name)?.slice(from) ?? null;
        },
        write(name, bytes) {
          if (dead) return undefined;
          const cut = self.fault?.("append", name, bytes);
          const before = files.get(name) ?? new Uint8Array();
          const part = typeof cut === "number" ? bytes.subarray(0, cut) : bytes;
          const after = new Uint8Array(before.length + part.length);
          after.set(before);
          after.set(part, before.length);
          const take = () => {
            if (!isGone(name)) put(name, after);
            if (typeof cut === "number") throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
          };
          if (bytes.length <= AT_ONCE) return take();
          return wait().then(() => (dead ? hang() : take()));
        },
        async sync(name) {
          const length = files.get(name)?.length;
          await wait();
          if (dead) return hang();
          self.fault?.("sync", name, new Uint8Array());
          if (length === undefined || isGone(name)) return false;
          onDisk.set(name, length);
          return true;
        },
        async replace(name, bytes) {
          await wait();
          if (dead) return hang();
          self.fault?.("replace", name, bytes);
          put(name, bytes.slice());
          onDisk.set(name, bytes.length);
        },
        async remove(name) {
          await wait();
          if (dead) return hang();
          self.fault?.("remove", name, new Uint8Array());
          opened.delete(name);
          if (!files.delete(name)) return;
          removals.set(name, (removals.get(name) ?? 0) + 1);
          tell(name);
        },
        watch(onChange) {
          watchers.set(self, onChange);
          return () => watchers.delete(self);
        },
        async claim(window) {
          if (self.fault?.("claim", window, new Uint8Array()) !== undefined) throw new Error("no claim");
          own = window;
          claims.add(window);
          return async () => {
            claims.delete(window);
          };
        },
        async claimed(window) {
          return claims.has(window);
        },
      };
      windows.push(self);
      return self;
    },
  };
}

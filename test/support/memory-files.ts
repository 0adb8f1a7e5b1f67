import type { Files } from "../../src/sync/files.ts";

export interface MemoryFolder {
  readonly files: Map<string, Uint8Array>;
  readonly claims: Set<string>;
  /** One window's view of the folder. */
  window(): MemoryWindow;
}

export interface MemoryWindow extends Files {
  /** From now on the process is gone: its claim lapses and nothing that it still does has any effect. */
  die(): void;
  /** Called before each change of the folder; may throw (a full disk), or say after how many bytes an append breaks off. */
  fault:
    | ((what: "append" | "replace" | "remove" | "claim" | "list", name: string, bytes: Uint8Array) => number | void)
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

  return {
    files,
    claims,
    window() {
      let dead = false;
      let own: string | null = null;
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
        async append(name, bytes) {
          await wait();
          if (dead) return hang();
          const cut = self.fault?.("append", name, bytes);
          const before = files.get(name) ?? new Uint8Array();
          const part = typeof cut === "number" ? bytes.subarray(0, cut) : bytes;
          const after = new Uint8Array(before.length + part.length);
          after.set(before);
          after.set(part, before.length);
          put(name, after);
          if (typeof cut === "number") throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
        },
        async replace(name, bytes) {
          await wait();
          if (dead) return hang();
          self.fault?.("replace", name, bytes);
          put(name, bytes.slice());
        },
        async remove(name) {
          await wait();
          if (dead) return hang();
          self.fault?.("remove", name, new Uint8Array());
          if (files.delete(name)) tell(name);
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
      return self;
    },
  };
}

import { type ChildProcess, execFile } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Whether nothing listens on this TCP port of 127.0.0.1. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false; // the group is gone
  }
};

/**
 * Ends a process that was spawned with `detached: true`, and all that it started: asks first, and insists after
 * `patienceMs` (0: at once). Resolves when the whole group is gone.
 */
export const endGroup = async (pid: number, patienceMs = 3000): Promise<void> => {
  if (process.platform === "win32") {
    await run("taskkill", ["/pid", String(pid), "/T", "/F"]).catch(() => undefined);
    return;
  }
  if (patienceMs > 0) signalGroup(pid, "SIGTERM");
  for (let waited = 0; waited < patienceMs; waited += 20) {
    if (!signalGroup(pid, 0)) return;
    await delay(20);
  }
  signalGroup(pid, "SIGKILL");
  for (let waited = 0; waited < 2000 && signalGroup(pid, 0); waited += 20) await delay(20);
};

/** Resolves with the first match of `pattern` in what the child prints; rejects with the text printed when it ends before. */
export const waitForLine = (child: ChildProcess, pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> =>
  new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => finish(() => reject(new Error(output.slice(-2000)))), timeoutMs);
    const onData = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      const match = pattern.exec(output);
      if (match) finish(() => resolve(match));
    };
    const onEnd = (): void => finish(() => reject(new Error(output.slice(-2000))));
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      child.off("exit", onEnd);
      child.stdout?.off("data", onData);
      child.stderr?.off("data", onData);
      // Keep reading: a child whose pipe is full stands still.
      child.stdout?.resume();
      child.stderr?.resume();
      settle();
    };
    child.stdout?.on("data", onData);
    child.stderr?.on("data", onData);
    child.once("exit", onEnd);
  });

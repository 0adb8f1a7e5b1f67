/** A real Redis for tests, where the machine has one. */
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { tempFolder } from "./cli-process.ts";

/** Why there is no Redis here, or null. */
export const redisMissing: string | null =
  spawnSync("redis-server", ["--version"]).status === 0 ? null : "redis-server is not installed";

export interface RedisProcess {
  url: string;
  port: number;
  stop(): Promise<void>;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts Redis on `port`, or on a free one; with `folder` it keeps an append-only file there. */
export async function startRedis(options: { port?: number; folder?: string } = {}): Promise<RedisProcess> {
  const port = options.port ?? (await freePort());
  const own = options.folder ? null : await tempFolder();
  const kept = options.folder ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
  const child = spawn(
    "redis-server",
    ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", options.folder ?? own!.path, ...kept],
    { stdio: "ignore" },
  );
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const probe = new Redis({ port, host: "127.0.0.1", lazyConnect: true, retryStrategy: () => 50 });
  probe.on("error", () => {});
  await new Promise<void>((resolve) => {
    probe.once("ready", () => resolve());
    void probe.connect().catch(() => {});
  });
  probe.disconnect();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async stop() {
      child.kill("SIGKILL");
      await exited;
      await own?.remove();
    },
  };
}

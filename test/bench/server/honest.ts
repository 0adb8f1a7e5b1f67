/** Two honest people in a process of their own, so that what they wait for is the server and not the attacker's computer. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { annotations } from "./updates.ts";
import { open, STEP_1, syncMessage, type Target, writerOf } from "./wire-client.ts";

export interface Honest {
  /** Ends them; resolves with the longest time between writing and reading, in milliseconds. */
  worst(): Promise<number>;
}

export async function startHonest(server: Target): Promise<Honest> {
  const child = fork(fileURLToPath(import.meta.url), [`${server.port}`, server.named ? "named" : ""], {
    execArgv: process.execArgv,
  });
  await new Promise((resolve) => child.once("message", resolve));
  return {
    worst: () =>
      new Promise((resolve) => {
        child.once("message", (worst) => {
          child.kill();
          resolve(Number(worst));
        });
        child.send("enough");
      }),
  };
}

async function converse(server: Target): Promise<void> {
  const updates = annotations(1, 4000).map((update) => syncMessage(2, update));
  let worst = 0;
  let sent = 0;
  let waiting = false;
  let next = 0;
  const reader = await open(server, "attacked", (bytes, begin) => {
    if (writerOf(bytes, begin) !== 1 || next < 1001) return;
    worst = Math.max(worst, performance.now() - sent);
    waiting = false;
  });
  reader.send(STEP_1);
  const writer = await open(server, "attacked", () => {});
  // A room of half a megabyte.
  while (next < 1000) writer.send(updates[next++]!);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  setInterval(() => {
    if (waiting || next >= updates.length) return;
    waiting = true;
    sent = performance.now();
    writer.send(updates[next++]!);
  }, 20);
  process.once("message", () => process.send!(waiting ? Math.max(worst, performance.now() - sent) : worst));
  process.send!("ready");
}

if (process.send && process.argv[1] === fileURLToPath(import.meta.url)) {
  await converse({ port: Number(process.argv[2]), named: process.argv[3] === "named" });
}

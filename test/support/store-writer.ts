/**
 * Run as a process of its own: writes into the offline store in the folder of its first argument, and says what it wrote. With
 * "flushed" as its third argument it says what is on disk; with "handed" it says so in the very turn in which it wrote, and ends
 * itself in that turn when it has written as many as its fourth argument says.
 */
import { writeSync } from "node:fs";
import { randomBytes } from "node:crypto";
import * as Y from "yjs";
import { stateInParts } from "../../src/sync/state-parts.ts";
import { createNodeFiles } from "../../src/extension/storage/node-files.ts";
import { createOfflineStore } from "../../src/sync/offline-store.ts";

const [folder = "", name = "", what = "flushed", last = ""] = process.argv.slice(2);
const store = createOfflineStore({
  files: createNodeFiles(folder),
  clock: {
    now: () => Date.now(),
    setTimer(task, ms) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
  },
  random: (count) => new Uint8Array(randomBytes(count)),
});
const doc = new Y.Doc();
const log = store.open("room/margin", {
  apply: (update) => Y.applyUpdate(doc, update, "store"),
  snapshot: () => stateInParts(doc, 3),
  together: (_, work) => doc.transact(work, "store"),
});
doc.on("update", (update: Uint8Array, origin: unknown) => {
  if (origin !== "store") log.append(update, true);
});
await log.load();
for (let i = 0; ; i++) {
  doc.getMap("m").set(`${name}-${i}`, "x".repeat(500));
  if (what === "handed") {
    writeSync(1, `${name}-${i}\n`);
    if (i === Number(last)) process.kill(process.pid, "SIGKILL");
    if (i % 10 === 9) void log.compact();
    if (i % 3 === 2) await new Promise((resolve) => setImmediate(resolve));
  } else {
    await store.flush();
    process.stdout.write(`${name}-${i}\n`);
    if (i % 10 === 9) await log.compact();
  }
}

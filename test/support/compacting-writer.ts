/** A process that appends numbers to a document, compacts all the time, and says which numbers are in the log: to be killed. */
import { writeSync } from "node:fs";
import { createFileStore } from "../../server/store/file-store.ts";

async function write(folder: string): Promise<void> {
  const store = await createFileStore(folder);
  const { log, updates } = await store.open("doc");
  const last = updates.at(-1);
  let n = last ? Number(Buffer.from(last.update).toString().replace("up to ", "")) : 0;
  let compacting = false;
  const step = (): void => {
    for (let i = 0; i < 20; i++) {
      n++;
      void log.append([{ update: Buffer.from(`${n}`), owners: ["p:ada"] }]);
      writeSync(1, `${n}\n`);
    }
    if (!compacting) {
      compacting = true;
      void log.compact([{ update: Buffer.from(`up to ${n}`), owners: ["p:ada"] }]).then(() => {
        compacting = false;
        return n;
      });
    }
    setImmediate(step);
  };
  step();
}

void write(process.argv[2]!);

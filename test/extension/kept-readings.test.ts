import { beforeEach, expect, test } from "vitest";
import { createKeptReadings } from "../../src/extension/article/kept-readings.ts";
import { createArticleParser } from "../../src/core/text/article.ts";
import { articleMessage } from "../../src/protocol/article-message.ts";
import { createOfflineStore } from "../../src/sync/offline-store.ts";
import { createFakeClock, seededBytes, settle } from "../support/fake-clock.ts";
import { createMemoryFolder, type MemoryFolder } from "../support/memory-files.ts";

const TEXT = "# On reading\n\nA first *passage*, and `code`.\n\n- one\n- two\n";
/** As long as a text must rest before what was read of it is kept, in milliseconds. */
const REST = 10_000;

let folder: MemoryFolder;
beforeEach(() => {
  folder = createMemoryFolder();
});

/** The parser of one window on this computer, with a count of what its worker read. */
function openWindow({ edition = async () => "1" }: { edition?: () => Promise<string> } = {}) {
  const clock = createFakeClock();
  const files = folder.window();
  const read: string[] = [];
  const warnings: string[] = [];
  let started = 0;
  const store = createOfflineStore({ files, clock, random: seededBytes(1) });
  const parser = createKeptReadings({
    worker: {
      expect: () => void started++,
      async parse(_, source, format) {
        read.push(source);
        return articleMessage(createArticleParser({ format }).parse(source));
      },
      forget() {},
      dispose() {},
    },
    store,
    edition,
    clock,
    log: { info() {}, warn: (message) => void warnings.push(message), error() {} },
  });
  return {
    parser,
    files,
    clock,
    read,
    warnings,
    get started() {
      return started;
    },
    open(source = TEXT, format: "markdown" | "text" = "markdown") {
      parser.expect("room");
      return parser.parse("room", source, format);
    },
    /** The tab is closed, and what that sets going is done. */
    async close() {
      parser.forget("room");
      await settle(20);
    },
  };
}

test("TX-19 a text that was read is not read again in another window, and is the same article", async () => {
  const first = openWindow();
  const parsed = await first.open();
  await first.close();
  const second = openWindow();
  expect(await second.open()).toEqual(parsed);
  expect(second.read).toEqual([]);
  expect(second.started).toBe(0);
});

test("TX-19 what was read is kept while the article is open, once its text has rested", async () => {
  const first = openWindow();
  await first.open();
  await first.parser.parse("room", `${TEXT}More.`, "markdown");
  await first.clock.advance(REST - 1);
  await settle(20);
  expect(folder.files.size).toBe(0);
  await first.clock.advance(1);
  await settle(20);
  const second = openWindow();
  await second.open(`${TEXT}More.`);
  expect(second.read).toEqual([]);
});

test("TX-19 another text, another format and another edition of the parser are read", async () => {
  const first = openWindow();
  await first.open();
  await first.close();
  const changed = openWindow();
  await changed.open(TEXT.replace("first", "second"));
  expect(changed.read).toHaveLength(1);
  const plain = openWindow();
  await plain.open(TEXT, "text");
  expect(plain.read).toHaveLength(1);
  const newer = openWindow({ edition: async () => "2" });
  await newer.open();
  expect(newer.read).toHaveLength(1);
});

test("TX-19 only the first text after opening can be one that was kept", async () => {
  const first = openWindow();
  await first.open();
  await first.close();
  const second = openWindow();
  await second.open();
  await second.parser.parse("room", TEXT, "markdown");
  expect(second.read).toEqual([TEXT]);
});

test("TX-19 what is damaged, cut short or no reading at all is read anew", async () => {
  const first = openWindow();
  const parsed = await first.open();
  await first.close();
  const [[name, bytes]] = [...folder.files] as [[string, Uint8Array]];
  const text = Buffer.from(bytes).toString();
  const broken = [text.replace("passage", "massage"), text.slice(0, -20), "null", '{"sum":1,"parsed":{}}', ""];
  for (const damaged of broken) {
    folder.files.set(name, Buffer.from(damaged));
    const next = openWindow();
    expect(await next.open()).toEqual(parsed);
    expect(next.read).toEqual([TEXT]);
    expect(next.started).toBe(damaged.includes("massage") ? 0 : 1);
  }
});

test("TX-19 a disk that takes nothing costs nothing but the next reading", async () => {
  const first = openWindow();
  first.files.fault = () => {
    throw new Error("no space");
  };
  const parsed = await first.open();
  await first.close();
  expect(first.warnings).toHaveLength(1);
  const second = openWindow();
  expect(await second.open()).toEqual(parsed);
  expect(second.read).toEqual([TEXT]);
});

test("TX-19 a parser of which nothing is known reads", async () => {
  const first = openWindow();
  await first.open();
  await first.close();
  const second = openWindow({ edition: () => Promise.reject(new Error("no such file")) });
  await second.open();
  expect(second.read).toEqual([TEXT]);
  await second.close();
  expect(second.warnings).toHaveLength(1);
});

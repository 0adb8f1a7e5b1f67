/**
 * What the worker made of an article's text, kept with its room: a text that is the same when it is opened again need not be
 * read a second time, by a worker that would start while the window is busiest.
 */
import { createHash } from "node:crypto";
import type { ParsedArticle } from "../../protocol/article-message.ts";
import type { Clock } from "../../sync/clock.ts";
import type { OfflineStore } from "../../sync/offline-store.ts";
import type { Log } from "../log.ts";
import type { Parser } from "./parser.ts";

/** What is kept of an article: for which text, in which format, and by which parser, all in one checksum with the result itself. */
interface Kept {
  sum: string;
  parsed: ParsedArticle;
}

interface Reading {
  source: string;
  format: "markdown" | "text";
  parsed: ParsedArticle;
}

/** A text that has not changed for so long is worth keeping, in milliseconds: not each pause of somebody who writes. */
const REST = 10_000;

/** Longer texts are read each time, in characters: what is kept of this many takes the extension host some 5 ms to take up. */
const LONGEST = 1_000_000;

export interface KeptReadingsOptions {
  worker: Parser;
  store: Pick<OfflineStore, "readJson" | "writeJson">;
  /** Tells one build of the worker from another: what an older one made may be wrong by now. */
  edition(): Promise<string>;
  clock: Clock;
  log: Log;
}

/** A parser that asks `worker` only for what is not kept. */
export function createKeptReadings({ worker, store, edition, clock, log }: KeptReadingsOptions): Parser {
  /** what is kept of articles that are being opened */
  const expected = new Map<string, Promise<Kept | undefined>>();
  const unkept = new Map<string, Reading & { cancel(): void }>();
  let built: Promise<string> | undefined;

  const look = async (article: string): Promise<Kept | undefined> => {
    const kept = (await store.readJson(nameOf(article))) as Partial<Kept> | null | undefined;
    if (typeof kept?.sum === "string" && kept.parsed) return { sum: kept.sum, parsed: kept.parsed };
    worker.expect(article);
    return undefined;
  };

  const sumOf = async ({ source, format, parsed }: Reading): Promise<string> => {
    const by = await (built ??= edition());
    return createHash("sha256")
      .update(JSON.stringify([by, format, source, parsed]))
      .digest("base64url");
  };

  const isOf = (kept: Kept, reading: Reading): Promise<boolean> =>
    sumOf(reading).then(
      (sum) => sum === kept.sum,
      () => false,
    );

  const keep = async (article: string): Promise<void> => {
    const reading = unkept.get(article);
    if (!reading) return;
    reading.cancel();
    unkept.delete(article);
    try {
      const kept: Kept = { sum: await sumOf(reading), parsed: reading.parsed };
      await store.writeJson(nameOf(article), kept);
    } catch (error) {
      log.warn(`What was read of an article could not be kept: ${String(error)}`);
    }
  };

  const keepSoon = (article: string, reading: Reading) => {
    unkept.get(article)?.cancel();
    unkept.delete(article);
    if (reading.source.length > LONGEST) return;
    unkept.set(article, { ...reading, cancel: clock.setTimer(() => void keep(article), REST) });
  };

  return {
    expect(article) {
      if (article === undefined) worker.expect(article);
      else if (!expected.has(article)) expected.set(article, look(article));
    },
    async parse(article, source, format) {
      const kept = await expected.get(article)?.catch(() => undefined);
      expected.delete(article);
      if (kept && (await isOf(kept, { source, format, parsed: kept.parsed }))) return kept.parsed;
      const parsed = await worker.parse(article, source, format);
      keepSoon(article, { source, format, parsed });
      return parsed;
    },
    forget(article) {
      expected.delete(article);
      void keep(article);
      worker.forget(article);
    },
    dispose() {
      for (const { cancel } of unkept.values()) cancel();
      unkept.clear();
      worker.dispose();
    },
  };
}

const nameOf = (article: string): string => `${article}/reading`;

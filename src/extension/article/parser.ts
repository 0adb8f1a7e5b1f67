/** Reads Markdown in a worker thread that starts with the first text to be read and is started again should it die. */
import { Worker } from "node:worker_threads";
import type { Log } from "../log.ts";
import type { ParsedArticle } from "../../protocol/article-message.ts";
import type { ParseAnswer, ParseTask } from "./parse-task.ts";

export interface Parser {
  /** An article's text will be asked for soon: gets ready, which takes as long as reading does. Undefined: it is a new one. */
  expect(article: string | undefined): void;
  /** Tries twice, the second time in a fresh worker if the first one ended. @throws Error when that fails too (a bug), or it is disposed of. */
  parse(article: string, source: string, format: "markdown" | "text"): Promise<ParsedArticle>;
  /** Frees what was kept of an article that was closed. */
  forget(article: string): void;
  dispose(): void;
}

const CLOSED = "Marginalia was closed.";

export function createParser(workerFile: string, log: Log): Parser {
  let worker: Worker | undefined;
  let next = 1;
  let disposed = false;
  const open = new Map<number, { resolve(parsed: ParsedArticle): void; reject(error: Error): void }>();

  const failAll = (error: Error) => {
    for (const each of open.values()) each.reject(error);
    open.clear();
  };

  const start = (): Worker => {
    // what the extension host itself was started with is not for this thread
    const fresh = new Worker(workerFile, { execArgv: [] });
    fresh.unref();
    fresh.on("message", (answer: ParseAnswer) => {
      const task = open.get(answer.id);
      open.delete(answer.id);
      if (answer.ok) task?.resolve(answer.parsed);
      else task?.reject(new Error(answer.message));
    });
    const died = (why: string) => {
      if (worker !== fresh) return;
      worker = undefined;
      log.error(`The Markdown worker ended: ${why}`);
      failAll(new Error(why));
    };
    fresh.on("error", (error) => died(String(error)));
    fresh.on("exit", (code) => died(`exit code ${code}`));
    return fresh;
  };

  const parse = (article: string, source: string, format: "markdown" | "text") =>
    new Promise<ParsedArticle>((resolve, reject) => {
      if (disposed) return reject(new Error(CLOSED));
      const id = next++;
      open.set(id, { resolve, reject });
      worker ??= start();
      worker.postMessage({ kind: "parse", id, article, source, format } satisfies ParseTask);
    });

  return {
    expect() {
      if (!disposed) worker ??= start();
    },
    parse: (article, source, format) => parse(article, source, format).catch(() => parse(article, source, format)),
    forget: (article) => worker?.postMessage({ kind: "forget", article } satisfies ParseTask),
    dispose() {
      disposed = true;
      const last = worker;
      worker = undefined;
      failAll(new Error(CLOSED));
      void last?.terminate();
    },
  };
}

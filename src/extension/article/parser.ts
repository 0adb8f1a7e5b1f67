/** Reads Markdown in a worker thread that starts with the first article and is started again should it die. */
import { Worker } from "node:worker_threads";
import type { Log } from "../log.ts";
import type { ParseAnswer, ParsedArticle, ParseTask } from "./parsed-article.ts";

export interface Parser {
  /** @throws Error when the text cannot be read even in a fresh worker: a bug. */
  parse(article: string, source: string, format: "markdown" | "text"): Promise<ParsedArticle>;
  /** Frees what was kept of an article that was closed. */
  forget(article: string): void;
  dispose(): void;
}

export function createParser(workerFile: string, log: Log): Parser {
  let worker: Worker | undefined;
  let next = 1;
  const open = new Map<number, { resolve(parsed: ParsedArticle): void; reject(error: Error): void }>();

  const failAll = (error: Error) => {
    for (const each of open.values()) each.reject(error);
    open.clear();
  };

  const start = (): Worker => {
    const fresh = new Worker(workerFile);
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

  return {
    parse: (article, source, format) =>
      new Promise((resolve, reject) => {
        const id = next++;
        open.set(id, { resolve, reject });
        worker ??= start();
        worker.postMessage({ kind: "parse", id, article, source, format } satisfies ParseTask);
      }),
    forget: (article) => worker?.postMessage({ kind: "forget", article } satisfies ParseTask),
    dispose() {
      const last = worker;
      worker = undefined;
      failAll(new Error("Marginalia was closed."));
      void last?.terminate();
    },
  };
}

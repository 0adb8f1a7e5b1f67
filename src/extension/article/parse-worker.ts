/**
 * The worker that reads Markdown, so that the extension host never waits for it. One incremental parser per article.
 */
import { parentPort } from "node:worker_threads";
import { type ArticleParser, createArticleParser } from "../../core/text/article.ts";
import { articleMessage } from "../../protocol/article-message.ts";
import type { ParseAnswer, ParseTask } from "./parse-task.ts";

const parsers = new Map<string, ArticleParser>();

function parserFor({ article, format }: Extract<ParseTask, { format: unknown }>): ArticleParser {
  let parser = parsers.get(article);
  if (!parser) parsers.set(article, (parser = createArticleParser({ format })));
  return parser;
}

parentPort?.on("message", (task: ParseTask) => {
  if (task.kind === "forget") {
    parsers.delete(task.article);
    return;
  }
  let answer: ParseAnswer;
  try {
    answer = { id: task.id, ok: true, parsed: articleMessage(parserFor(task).parse(task.source)) };
  } catch (error) {
    parsers.delete(task.article);
    answer = { id: task.id, ok: false, message: String(error) };
  }
  parentPort?.postMessage(answer);
});

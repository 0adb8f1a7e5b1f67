/**
 * The worker that reads Markdown, so that the extension host never waits for it. One incremental parser per article.
 */
import { parentPort } from "node:worker_threads";
import { type ArticleParser, createArticleParser } from "../../core/text/article.ts";
import { articleMessage, type ParsedArticle } from "../../protocol/article-message.ts";
import type { ParseAnswer, ParseTask } from "./parse-task.ts";

const parsers = new Map<string, ArticleParser>();

function parse(task: Extract<ParseTask, { kind: "parse" }>): ParsedArticle {
  let parser = parsers.get(task.article);
  if (!parser) parsers.set(task.article, (parser = createArticleParser({ format: task.format })));
  return articleMessage(parser.parse(task.source));
}

parentPort?.on("message", (task: ParseTask) => {
  if (task.kind === "forget") {
    parsers.delete(task.article);
    return;
  }
  let answer: ParseAnswer;
  try {
    answer = { id: task.id, ok: true, parsed: parse(task) };
  } catch (error) {
    parsers.delete(task.article);
    answer = { id: task.id, ok: false, message: String(error) };
  }
  parentPort?.postMessage(answer);
});

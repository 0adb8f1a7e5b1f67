/**
 * The worker that reads Markdown, so that the extension host never waits for it. One incremental parser per article.
 */
import { parentPort } from "node:worker_threads";
import { type ArticleParser, createArticleParser } from "../../core/text/article.ts";
import { sentences } from "../../core/text/sentences.ts";
import type { ParseAnswer, ParsedArticle, ParseTask } from "./parsed-article.ts";

const parsers = new Map<string, ArticleParser>();

function parse(task: Extract<ParseTask, { kind: "parse" }>): ParsedArticle {
  let parser = parsers.get(task.article);
  if (!parser) parsers.set(task.article, (parser = createArticleParser({ format: task.format })));
  const article = parser.parse(task.source);
  return {
    title: article.title ?? "",
    dir: article.dir,
    meta: article.meta,
    sections: article.sections,
    sentences: sentences(article).map(({ start, end }) => [start, end]),
    blocks: article.blocks.map((block) => ({
      key: block.key,
      kind: block.kind,
      ...(block.level === undefined ? {} : { level: block.level }),
      start: block.start,
      end: block.end,
      html: block.html,
      runs: block.runs.map((run) => [run.text, run.source, run.length, run.sourceLength]),
      ...(block.headingId === undefined ? {} : { headingId: block.headingId }),
    })),
  };
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

/** An article as it goes over the wire to the view. */
import type { Article } from "../core/text/article.ts";
import { sentences } from "../core/text/sentences.ts";
import type { ArticleMessage } from "./reader.ts";

/** An article as the reading view needs it, for one text: who sends it says which text that is. */
export type ParsedArticle = Omit<ArticleMessage, "epoch">;

export function articleMessage(article: Article): ParsedArticle {
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

import type { Article } from "../../src/core/text/article.ts";

/**
 * The written text of an article in the order of its source, with the place of each stretch as UTF-16 offsets; generated text is
 * left out.
 */
export function segments(article: Article): { text: string; start: number; end: number }[] {
  return article.blocks
    .flatMap(({ text, runs, breaks }) =>
      runs
        .filter((run) => run.generated !== true && !breaks.includes(run.text))
        .map((run) => ({
          text: text.slice(run.text, run.text + run.length),
          start: run.source,
          end: run.source + run.sourceLength,
        })),
    )
    .sort((a, b) => a.start - b.start);
}

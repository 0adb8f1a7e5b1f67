/** What passes between the extension host and the worker that reads Markdown. */
import type { ParsedArticle } from "../../protocol/article-message.ts";

export type ParseTask =
  | { kind: "parse"; id: number; article: string; source: string; format: "markdown" | "text" }
  | { kind: "forget"; article: string };

export type ParseAnswer = { id: number; ok: true; parsed: ParsedArticle } | { id: number; ok: false; message: string };

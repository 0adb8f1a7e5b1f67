/** What the view remembers across a reload: drafts and the like by article, and filter and panels. */
import { type Kind, KINDS } from "../core/model/kinds.ts";
import { type Filter, NO_FILTER } from "./model/filter.ts";

/** Of one article. */
export interface Kept {
  drafts: unknown;
  unsent: unknown;
  /** Where the reader was. */
  position: number | null;
}

export interface Remembered {
  /** By article: words that were written on one must not come up on another. */
  articles: ReadonlyMap<string, Kept>;
  filter: Filter;
  outline: boolean | null;
  filterOpen: boolean;
}

/** Reads what an earlier view kept; whatever does not fit is as if it had not been there. */
export function readRemembered(saved: unknown): Remembered {
  const from = recordOf(saved);
  const articles = Object.entries(recordOf(from["articles"])).map(([name, value]): [string, Kept] => [
    name,
    readKept(value),
  ]);
  return {
    articles: new Map(articles),
    filter: readFilter(from["filter"]),
    outline: typeof from["outline"] === "boolean" ? from["outline"] : null,
    filterOpen: from["filterOpen"] === true,
  };
}

/** What is kept of one article; nothing where it does not fit. */
export function readKept(value: unknown): Kept {
  const { drafts, unsent, position } = recordOf(value);
  return { drafts, unsent, position: typeof position === "number" ? position : null };
}

/** Whether words of the reader's are among what is kept of an article. */
export function holdsWords({ drafts, unsent }: Kept): boolean {
  return Object.keys(recordOf(drafts)).length > 0 || (Array.isArray(unsent) && unsent.length > 0);
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function readFilter(value: unknown): Filter {
  if (typeof value !== "object" || value === null) return NO_FILTER;
  const from = value as Partial<Record<keyof Filter, unknown>>;
  const { without, author, status, text, mentioned } = from;
  return {
    ...NO_FILTER,
    without: Array.isArray(without) ? KINDS.filter((kind: Kind) => without.includes(kind)) : [],
    author: typeof author === "string" ? author : null,
    status: status === "resolved" || status === "all" ? status : "open",
    text: typeof text === "string" ? text : "",
    mentioned: mentioned === true,
  };
}

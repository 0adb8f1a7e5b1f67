/** What the view remembers across a reload: drafts, filter, panels, where the reader was. */
import { type Kind, KINDS } from "../core/model/kinds.ts";
import { type Filter, NO_FILTER } from "./model/filter.ts";

export interface Remembered {
  drafts: unknown;
  filter: Filter;
  outline: boolean | null;
  filterOpen: boolean;
  position: number | null;
}

/** Reads what an earlier view kept; whatever does not fit is as if it had not been there. */
export function readRemembered(saved: unknown): Remembered {
  const from = typeof saved === "object" && saved !== null ? (saved as Record<string, unknown>) : {};
  return {
    drafts: from["drafts"],
    filter: readFilter(from["filter"]),
    outline: typeof from["outline"] === "boolean" ? from["outline"] : null,
    filterOpen: from["filterOpen"] === true,
    position: typeof from["position"] === "number" ? from["position"] : null,
  };
}

function readFilter(value: unknown): Filter {
  if (typeof value !== "object" || value === null) return NO_FILTER;
  const from = value as Partial<Record<keyof Filter, unknown>>;
  const { without, author, status, text } = from;
  return {
    ...NO_FILTER,
    without: Array.isArray(without) ? KINDS.filter((kind: Kind) => without.includes(kind)) : [],
    author: typeof author === "string" ? author : null,
    status: status === "resolved" || status === "all" ? status : "open",
    text: typeof text === "string" ? text : "",
  };
}

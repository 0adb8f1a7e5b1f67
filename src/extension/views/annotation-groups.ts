/** Annotations in groups, as the tree shows them: pure, with stable ids, so that a refresh touches only what changed. */
import { KIND_TITLES, kindOf, KINDS } from "../../core/model/kinds.ts";
import type { SectionMessage, ThreadMessage } from "../../protocol/reader.ts";
import { oneLine } from "./thread-words.ts";

export const GROUPINGS = ["section", "class", "author", "status"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export const GROUPING_TITLES: Record<Grouping, string> = {
  section: "Section",
  class: "Class",
  author: "Author",
  status: "Status",
};

export interface Group {
  /** Stable while the grouping and the article stay: names the group, not its contents. */
  id: string;
  label: string;
  /** Threads in reading order. */
  refs: string[];
}

export interface GroupingContext {
  /** Headings in reading order. */
  sections: readonly SectionMessage[];
  nameOf(participant: string): string;
  /** The participant who looks; their own group comes first. */
  me: string | undefined;
}

export const ORPHANS = "orphaned";

/** Groups in the order to show them; empty ones are left out, and annotations without their passage come last, on their own. */
export function groupThreads(threads: readonly ThreadMessage[], by: Grouping, context: GroupingContext): Group[] {
  const groups = new Map<string, Group>();
  const orphans: Group = { id: ORPHANS, label: "Lost their passage", refs: [] };
  for (const thread of threads) {
    if (thread.placement.state === "orphaned") {
      orphans.refs.push(thread.ref);
      continue;
    }
    const { id, label } = groupOf(thread, by, context);
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { id, label, refs: [] }));
    group.refs.push(thread.ref);
  }
  const list = [...groups.values()].sort(order(by, context));
  return orphans.refs.length > 0 ? [...list, orphans] : list;
}

/** The group of a placed thread. */
export function groupOf(thread: ThreadMessage, by: Grouping, context: GroupingContext): { id: string; label: string } {
  switch (by) {
    case "section": {
      const start = thread.placement.state === "orphaned" ? 0 : thread.placement.start;
      const section = sectionAt(context.sections, start);
      if (!section) return { id: "section", label: "Before the first heading" };
      return { id: `section ${section.id}`, label: oneLine(section.title, 120) || "Untitled section" };
    }
    case "class": {
      const kind = kindOf(thread);
      return { id: `class ${kind}`, label: `${KIND_TITLES[kind]}${kind === "evidence" ? "" : "s"}` };
    }
    case "author": {
      const name = oneLine(context.nameOf(thread.author), 80);
      return { id: `author ${thread.author}`, label: thread.author === context.me ? `${name} (you)` : name };
    }
    case "status":
      return { id: `status ${thread.status}`, label: thread.status === "open" ? "Open" : "Resolved" };
  }
}

/** The innermost section that an offset stands in: the last heading before it. */
export function sectionAt(sections: readonly SectionMessage[], offset: number): SectionMessage | undefined {
  let low = 0;
  let high = sections.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sections[middle]!.start <= offset) low = middle + 1;
    else high = middle;
  }
  return sections[low - 1];
}

function order(by: Grouping, { sections, me }: GroupingContext): (a: Group, b: Group) => number {
  if (by === "author") {
    const mine = `author ${me ?? ""}`;
    return (a, b) =>
      Number(b.id === mine) - Number(a.id === mine) || a.label.localeCompare(b.label) || (a.id < b.id ? -1 : 1);
  }
  const ids =
    by === "section"
      ? ["section", ...sections.map((section) => `section ${section.id}`)]
      : by === "class"
        ? KINDS.map((kind) => `class ${kind}`)
        : ["status open", "status resolved"];
  const rank = new Map(ids.map((id, i) => [id, i]));
  return (a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0);
}

/** A stretch of a long group: trees of thousands of rows are slow to build, and nobody reads them. */
export interface Part {
  id: string;
  label: string;
  refs: readonly string[];
}

/** Longest list that is shown at once. */
export const LONGEST_LIST = 250;

/** The parts of a group that is too long to be shown at once; none when it is not. */
export function partsOf(group: Pick<Group, "id" | "refs">): Part[] {
  if (group.refs.length <= LONGEST_LIST) return [];
  const parts: Part[] = [];
  for (let from = 0; from < group.refs.length; from += LONGEST_LIST) {
    const refs = group.refs.slice(from, from + LONGEST_LIST);
    parts.push({ id: `${group.id} part ${from}`, label: `${from + 1} to ${from + refs.length}`, refs });
  }
  return parts;
}

export type Refresh = { kind: "all" } | { kind: "some"; groups: string[]; refs: string[] };

/**
 * What to draw anew when groups went from `before` to `after` and these threads changed: everything when groups came, went or
 * changed places; else groups whose members or label differ, and changed threads in the groups that stay as they are.
 */
export function whatToRefresh(before: readonly Group[], after: readonly Group[], changed: Iterable<string>): Refresh {
  if (before.length !== after.length || before.some((group, i) => group.id !== after[i]!.id)) return { kind: "all" };
  const groups = new Set<string>();
  const groupOfRef = new Map<string, string>();
  after.forEach((group, i) => {
    const old = before[i]!;
    for (const ref of group.refs) groupOfRef.set(ref, group.id);
    const same =
      old.label === group.label &&
      old.refs.length === group.refs.length &&
      old.refs.every((ref, j) => ref === group.refs[j]);
    if (!same) groups.add(group.id);
  });
  const refs = [...changed].filter((ref) => {
    const group = groupOfRef.get(ref);
    return group !== undefined && !groups.has(group);
  });
  return { kind: "some", groups: [...groups], refs };
}

/**
 * The export as a report to read: Markdown whose headings and lists are ours alone. Words of people stand in block quotes with
 * a mark on every line, so that nothing in them can end the quote, imitate a reply, or reach into the rest of the report.
 */
import type { Motivation, PassageClass, Relation } from "../model/entries.ts";
import { withoutCardLinks } from "../model/card-links.ts";
import type { EntryRef } from "../model/ids.ts";
import { passageWords, withoutMarkup } from "../text/without-markup.ts";
import { containMarkdown } from "./contain-markdown.ts";
import { escapeInline } from "./escape-inline.ts";
import type { ExportAnnotation, ExportLink, ExportModel, ExportReaction, ExportReply } from "./export-model.ts";
import { sentenceAround } from "./passage-context.ts";

const CLASS_TITLES: Record<PassageClass, string> = { claim: "Claim", evidence: "Evidence", source: "Source" };
const MOTIVATION_TITLES: Record<Motivation, string> = {
  highlighting: "Highlight",
  commenting: "Comment",
  questioning: "Question",
  classifying: "Classification",
  editing: "Suggested change",
  assessing: "Assessment",
};
const PASSIVE: Record<Relation, string> = {
  supports: "supported by",
  disputes: "disputed by",
  cites: "cited by",
  qualifies: "qualified by",
};
/** Replies deeper than this stand at this depth and say whom they answer. */
const MAX_DEPTH = 5;
/** Longest quote, in UTF-16 code units: of a longer passage, head and tail. */
const MAX_QUOTE = 1500;

/** What a link says at one of its ends, for instance "supports 5". */
interface Bearing {
  words: string;
  by: string;
}

/** The report, with a final line end. The same model gives the same report; times are UTC. */
export function writeMarkdownReport(exported: ExportModel): string {
  const model = withNumbersForLinks(exported);
  const lines: string[] = [`# Annotations: ${escapeInline(model.article.title)}`, "", ...summary(model), ""];
  const bearings = bearingsIn(model);
  const placed = model.annotations.filter((each) => each.placement.state !== "orphaned");
  const orphans = model.annotations.filter((each) => each.placement.state === "orphaned");

  lines.push("## Annotations by section", "");
  if (!placed.length) lines.push("None.", "");
  let section: number | undefined | null = null;
  for (const each of placed) {
    if (each.section !== section) {
      section = each.section;
      lines.push(`### ${sectionTitle(model, section)}`, "");
    }
    lines.push(...thread(model, each, bearings));
  }
  for (const [kind, title] of [
    ["claim", "Claims"],
    ["evidence", "Evidence"],
    ["source", "Sources"],
  ] as const) {
    lines.push(`## ${title}`, "");
    const found = model.annotations.filter((each) => each.class === kind);
    if (!found.length) lines.push("None.");
    for (const each of found) lines.push(classified(model, each, bearings));
    lines.push("");
  }
  lines.push("## Orphaned notes", "");
  lines.push(orphans.length ? "The passages of these notes are no longer in the article." : "None.", "");
  for (const each of orphans) lines.push(...thread(model, each, bearings));
  // editors ask about line ends of other kinds before they show a file
  return `${lines
    .join("\n")
    .replace(/[\u2028\u2029]/g, " ")
    .trimEnd()}\n`;
}

function summary(model: ExportModel): string[] {
  const { annotations } = model;
  const count = (of: (each: ExportAnnotation) => boolean) => annotations.filter(of).length;
  const replies = annotations.reduce((sum, each) => sum + each.replies.length, 0);
  const written = new Map<string, { notes: number; replies: number }>();
  for (const { id } of model.participants) written.set(id, { notes: 0, replies: 0 });
  for (const each of annotations) {
    const own = each.deleted ? undefined : written.get(each.author.id);
    if (own) own.notes++;
    for (const answer of each.replies) {
      const theirs = answer.deleted ? undefined : written.get(answer.author.id);
      if (theirs) theirs.replies++;
    }
  }
  const people = model.participants.map(({ id, name }) => {
    const sums = written.get(id);
    return `${escapeInline(name)} (${plural(sums?.notes ?? 0, "annotation")}, ${plural(sums?.replies ?? 0, "reply", "replies")})`;
  });
  const kinds = [
    plural(
      count((each) => each.class === "claim"),
      "claim",
    ),
    `${count((each) => each.class === "evidence")} evidence`,
    plural(
      count((each) => each.class === "source"),
      "source",
    ),
    plural(
      count((each) => each.motivation === "questioning"),
      "question",
    ),
    plural(
      count((each) => motivationOf(each) === "commenting"),
      "comment",
    ),
    plural(
      count((each) => motivationOf(each) === "highlighting" && !each.class),
      "highlight",
    ),
  ];
  return [
    `- Article: ${escapeInline(model.article.fileName)}`,
    `- Exported: ${utc(model.generatedAt)}`,
    `- Participants: ${people.join("; ") || "none"}`,
    `- ${plural(annotations.length, "annotation")} with ${plural(replies, "reply", "replies")}: ${kinds.join(", ")}`,
    `- ${count((each) => each.status === "open")} open, ${count((each) => each.status === "resolved")} resolved; ` +
      `${count((each) => each.placement.state === "changed")} on changed passages, ` +
      `${count((each) => each.placement.state === "orphaned")} orphaned`,
  ];
}

/** The section's title after those of the sections around it; the article's own heading is around everything. */
function sectionTitle(model: ExportModel, section: number | undefined): string {
  if (section === undefined) return "Before the first heading";
  const { sections } = model.article;
  const path: string[] = [];
  let level = Number.POSITIVE_INFINITY;
  for (let i = section; i >= 0 && level > 2; i--) {
    const { title, level: here } = sections[i]!;
    if (here >= level || (here === 1 && i !== section)) continue;
    path.unshift(escapeInline(title) || "Untitled section");
    level = here;
  }
  return path.join(" › ");
}

/** One annotation with its replies: heading, passage, and the nested list of what was said. */
function thread(model: ExportModel, each: ExportAnnotation, bearings: ReadonlyMap<EntryRef, Bearing[]>): string[] {
  const state = [
    ...(each.status === "resolved"
      ? [each.statusBy ? `resolved by ${escapeInline(each.statusBy.name)}` : "resolved"]
      : []),
    ...(each.hidden ? ["hidden"] : []),
  ];
  const lines = [`#### ${each.number}. ${kindOf(each)}${state.length ? ` (${state.join(", ")})` : ""}`, ""];
  lines.push(...quoted(shortened(model, each.quote), ""), "");
  if (each.placement.state === "changed" && each.original.exact !== each.quote)
    lines.push(
      "When it was annotated, the passage read:",
      "",
      ...quoted(shortened(model, each.original.exact), ""),
      "",
    );
  const { placement } = each;
  const context =
    placement.state === "orphaned" || each.deleted
      ? null
      : sentenceAround(model.article.text, placement.start, placement.end, wordsIn(model));
  if (context) lines.push(`In: “${escapeInline(context)}”`, "");
  lines.push(...spoken(each, 0, bearings.get(each.ref)));

  const below = new Map<EntryRef, ExportReply[]>();
  const names = new Map<EntryRef, string>([[each.ref, each.deleted ? "" : each.author.name]]);
  for (const reply of each.replies) {
    names.set(reply.ref, reply.deleted ? "" : reply.author.name);
    const list = below.get(reply.parent);
    if (list) list.push(reply);
    else below.set(reply.parent, [reply]);
  }
  const stack = (below.get(each.ref) ?? []).toReversed().map((reply) => ({ reply, depth: 1 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { reply, depth } = next;
    const answering = depth > MAX_DEPTH ? names.get(reply.parent) : undefined;
    lines.push(...spoken(reply, Math.min(depth, MAX_DEPTH), bearings.get(reply.ref), answering));
    for (const deeper of (below.get(reply.ref) ?? []).toReversed()) stack.push({ reply: deeper, depth: depth + 1 });
  }
  return lines;
}

/** A highlight with words is a comment, as it is on its card. */
function motivationOf({ motivation, body }: ExportAnnotation): Motivation {
  return motivation === "highlighting" && body.trim() !== "" ? "commenting" : motivation;
}

function kindOf(each: ExportAnnotation): string {
  const said = motivationOf(each);
  const motivation = MOTIVATION_TITLES[said];
  if (!each.class) return motivation;
  const bare = said === "classifying" || said === "highlighting";
  return bare ? CLASS_TITLES[each.class] : `${CLASS_TITLES[each.class]}, ${motivation.toLowerCase()}`;
}

/** An item of the nested list: who, when, what, reactions and links. */
function spoken(
  each: ExportAnnotation | ExportReply,
  depth: number,
  bearings: readonly Bearing[] = [],
  answering?: string,
): string[] {
  const indent = "  ".repeat(depth);
  if (each.deleted) return [`${indent}- *Deleted*`, ""];
  const to = answering ? ` to ${escapeInline(answering)}` : "";
  const edited = each.modified === undefined ? "" : ` (edited ${utc(each.modified)})`;
  const lines = [`${indent}- **${escapeInline(each.author.name)}**${to}, ${utc(each.created)}${edited}`, ""];
  if (each.body.trim()) lines.push(...quoted(containMarkdown(each.body, { breaks: true }), `${indent}  `), "");
  if (each.reactions.length) lines.push(`${indent}  ${each.reactions.map(reacted).join("; ")}`, "");
  for (const { words, by } of bearings) lines.push(`${indent}  Link: ${words}, says ${escapeInline(by)}`, "");
  return lines;
}

function reacted({ emoji, by }: ExportReaction): string {
  return `${emoji} ${by.map(({ name }) => escapeInline(name)).join(", ")}`;
}

/** One line of the lists of claims, evidence and sources. */
function classified(model: ExportModel, each: ExportAnnotation, bearings: ReadonlyMap<EntryRef, Bearing[]>): string {
  const line = wordsIn(model)(each.quote).replace(/\s+/g, " ").trim();
  const short = line.length > 160 ? `${cut(line, 150)} …` : line;
  const where = each.placement.state === "orphaned" ? "orphaned" : sectionTitle(model, each.section);
  const links = [...new Set((bearings.get(each.ref) ?? []).map(({ words }) => words))];
  const said = withoutMarkup(each.body).replace(/\s+/g, " ").trim();
  const more = [
    ...(said ? [`“${escapeInline(said.length > 160 ? `${cut(said, 150)} …` : said)}”`] : []),
    ...links,
    ...(each.replies.length ? [plural(each.replies.length, "reply", "replies")] : []),
    ...(each.status === "resolved" ? ["resolved"] : []),
  ].join("; ");
  return `- ${each.number}. “${escapeInline(short)}” (${escapeInline(each.author.name)}, ${where})${more ? `: ${more}` : ""}`;
}

/** What each is called in the report; a reply by its annotation's number. */
function numbersIn(model: ExportModel): Map<EntryRef, string> {
  const number = new Map<EntryRef, string>();
  for (const each of model.annotations) {
    number.set(each.ref, `${each.number}`);
    for (const reply of each.replies) number.set(reply.ref, `a reply in ${each.number}`);
  }
  return number;
}

/** Bodies that name annotations by their number instead of linking to them: the report is read without the room. */
function withNumbersForLinks(model: ExportModel): ExportModel {
  const number = numbersIn(model);
  const titleOf = (ref: string) => {
    const known = number.get(ref);
    return known === undefined ? null : /^\d/.test(known) ? `annotation ${known}` : known;
  };
  const told = <T extends { readonly body: string }>(each: T): T => ({
    ...each,
    body: withoutCardLinks(each.body, titleOf),
  });
  return {
    ...model,
    annotations: model.annotations.map((each) => ({ ...told(each), replies: each.replies.map(told) })),
  };
}

/** What links say at each of their ends. */
function bearingsIn(model: ExportModel): Map<EntryRef, Bearing[]> {
  const number = numbersIn(model);
  const bearings = new Map<EntryRef, Bearing[]>();
  const add = (at: EntryRef, words: string, link: ExportLink) => {
    const list = bearings.get(at);
    const bearing = { words, by: link.author.name };
    if (list) list.push(bearing);
    else bearings.set(at, [bearing]);
  };
  for (const each of model.annotations) {
    for (const link of each.links) {
      add(link.from, `${link.relation} ${number.get(link.to) ?? ""}`, link);
      add(link.to, `${PASSIVE[link.relation]} ${number.get(link.from) ?? ""}`, link);
    }
  }
  return bearings;
}

/** `markdown` as a block quote, with the mark on every line. */
function quoted(markdown: string, indent: string): string[] {
  return markdown.split("\n").map((line) => `${indent}>${line ? ` ${line}` : ""}`);
}

/** What is read of a piece of the article, which begins with a line or within one. */
function wordsIn({ article }: ExportModel): (piece: string, withLine?: boolean) => string {
  if (article.format === "text") return (piece) => piece;
  return (piece, withLine = false) => (withLine ? withoutMarkup(piece) : passageWords(piece));
}

/** A passage as contained Markdown; of a long one, head and tail. */
function shortened(model: ExportModel, quote: string): string {
  const contain = model.article.format === "text" ? asItStands : containMarkdown;
  if (quote.length <= MAX_QUOTE) return contain(quote) || escapeInline(quote) || "(white space)";
  const head = cut(quote, MAX_QUOTE / 2);
  const tail = quote.slice(-MAX_QUOTE / 2).replace(/^[\udc00-\udfff]/, "");
  return `${contain(head)}\n\n[…]\n\n${contain(tail)}`;
}

/** Plain text as Markdown that shows each of its signs, line by line. */
function asItStands(text: string): string {
  const lines = text.split(/\r\n?|\n/).map((line) => escapeInline(line).replace(/^(\d{0,9})([-+.)])/, "$1\\$2"));
  return lines.join("\n").replace(/^\n+|\n+$/g, "");
}

/** The first `length` code units, less half a pair at the end. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

function utc(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, -8).replace("T", " ")} UTC`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

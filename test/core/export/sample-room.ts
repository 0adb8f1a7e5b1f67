import { createAnchor, type Placement } from "../../../src/core/anchor/anchor.ts";
import { buildExportModel, type ExportInput, type ExportModel } from "../../../src/core/export/export-model.ts";
import { articleIri } from "../../../src/core/export/stable-uuid.ts";
import type { EntryRef } from "../../../src/core/model/ids.ts";
import { createThreadIndex, type Thread } from "../../../src/core/model/threads.ts";
import { parseArticle } from "../../../src/core/text/article.ts";
import { annotation, link, reaction, reply, status, type Change } from "../model/samples.ts";

export const T0 = Date.UTC(2026, 2, 1, 10, 0);

/** Threads of `changes`, with `olga` as the only moderator. */
export function threadsOf(changes: Iterable<Change>): Thread[] {
  const index = createThreadIndex((who) => (who === "olga" ? "owner" : "reader"));
  for (const [ref, entry] of changes) index.set(ref, entry);
  index.changed();
  return index.all();
}

export const NAMES: Record<string, string> = { ada: "Ada Lovelace", ben: "Ben", olga: "Olga" };

export function modelOf(text: string, changes: Iterable<Change>, over: Partial<ExportInput> = {}): ExportModel {
  const threads = threadsOf(changes);
  const placements = new Map<EntryRef, Placement>();
  for (const { ref, annotation: entry } of threads) placements.set(ref, { state: "placed", ...entry.target.position });
  return buildExportModel({
    article: parseArticle(text),
    meta: { title: "On Margins", fileName: "on-margins.md" },
    iri: articleIri("room"),
    generatedAt: T0,
    threads,
    placements,
    nameOf: (who) => NAMES[who] ?? who,
    ...over,
  });
}

/** An annotation on the first occurrence of `passage`. */
export function noteOn(text: string, passage: string, over: Parameters<typeof annotation>[0] = {}) {
  const start = text.indexOf(passage);
  return annotation({ created: T0, target: createAnchor(text, start, start + passage.length), ...over });
}

export const TEXT = `Preface with a 😀 smile.

# Reading

Margins are where readers answer. 😀😀 Notes travel.

## Evidence

In 1840 she wrote **two** notes. آیا می‌خوانید؟

# Ends

Nothing follows.
`;

/** A small room in which everything happens once. */
export function smallRoom(): Change[] {
  return [
    ["ada/1", noteOn(TEXT, "Margins are where readers answer.", { class: "claim", body: "Bold, but *true*?" })],
    [
      "ben/1",
      noteOn(TEXT, "she wrote **two** notes", {
        class: "evidence",
        motivation: "classifying",
        body: "",
        created: T0 + 1,
      }),
    ],
    ["ben/2", noteOn(TEXT, "😀 smile", { motivation: "highlighting", body: "", created: T0 + 2 })],
    ["ada/2", noteOn(TEXT, "Nothing follows.", { motivation: "questioning", body: "Why?", created: T0 + 3 })],
    ["ada/3", noteOn(TEXT, "می‌خوانید", { class: "source", body: "نقل", created: T0 + 4, modified: T0 + 60_000 })],
    ["ben/3", reply("ada/1", { body: "Yes, @[Whoever](ada).", created: T0 + 60_000 })],
    ["ada/4", reply("ben/3", { body: "Thanks", created: T0 + 120_000 })],
    ["ben/4", reaction("ada/1", { created: T0 })],
    ["ada/5", link("ben/1", "ada/1", { relation: "supports", created: T0 })],
    ["ben/5", status("ada/2", "resolved", { created: T0 })],
  ];
}

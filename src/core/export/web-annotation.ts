/**
 * The export as W3C Web Annotations: one AnnotationCollection in JSON-LD with its only page inside.
 *
 * Offsets are Unicode code points, as the Recommendation demands; ids are the same in every export of the room. An orphan has
 * its quote alone, as of the day of its writing (a TimeState); what is not in the W3C's vocabulary is mapped in the inline
 * context: classes by Discourse Graphs, relations by CiTO, the rest by terms of this product.
 */
import { splitsPair } from "../anchor/anchor.ts";
import type { EntryRef } from "../model/ids.ts";
import { createCodePointCounter } from "./code-points.ts";
import type { ExportAnnotation, ExportLink, ExportModel, ExportReaction, ExportReply } from "./export-model.ts";
import type { ExportPerson } from "./people.ts";
import { stableUuid } from "./stable-uuid.ts";

type Json = string | number | boolean | Json[] | { [key: string]: Json | undefined };
type JsonObject = { [key: string]: Json | undefined };

/** The terms that only this product has: a UUID of its own as their namespace, since it owns no web address. */
const TERMS = "urn:uuid:6f1c9d6e-3b0a-4d0e-9a57-1c8f0e6b7a42#";
/** Draft vocabulary of the Discourse Graphs project, which has exactly our three classes. */
const DISCOURSE = "https://discoursegraphs.com/schema/dg_core#";
const CITO = "http://purl.org/spar/cito/";

const CONTEXT: Json = [
  "http://www.w3.org/ns/anno.jsonld",
  {
    // a motivation of the Recommendation that its published context leaves out
    assessing: "http://www.w3.org/ns/oa#assessing",
    supports: { "@id": `${CITO}supports`, "@type": "@id" },
    disputes: { "@id": `${CITO}disputes`, "@type": "@id" },
    cites: { "@id": `${CITO}cites`, "@type": "@id" },
    qualifies: { "@id": `${CITO}qualifies`, "@type": "@id" },
    status: { "@id": `${TERMS}status`, "@type": "@vocab" },
    open: `${TERMS}open`,
    resolved: `${TERMS}resolved`,
    deleted: `${TERMS}deleted`,
    hidden: `${TERMS}hidden`,
    placement: { "@id": `${TERMS}placement`, "@type": "@vocab" },
    placed: `${TERMS}placed`,
    changed: `${TERMS}changed`,
    orphaned: `${TERMS}orphaned`,
    originalQuote: `${TERMS}originalQuote`,
  },
];

/** Code units of text given around a passage. */
const CONTEXT_LENGTH = 64;

/** The JSON-LD text, indented, with a final line end. */
export function writeWebAnnotations(model: ExportModel): string {
  const name = (what: string) => stableUuid(`${model.iri}\n${what}`);
  const idOf = (ref: EntryRef) => name(`entry ${ref}`);
  const generated = isoTime(model.generatedAt);
  const count = createCodePointCounter(model.article.text);

  const common = (id: string, entry: { created: number; modified?: number }, by?: ExportPerson): JsonObject => ({
    id,
    type: "Annotation",
    creator: by ? { type: "Person", name: wellFormed(by.name) } : undefined,
    created: isoTime(entry.created),
    modified: entry.modified === undefined ? undefined : isoTime(entry.modified),
    generated,
  });

  const annotation = (each: ExportAnnotation): JsonObject => {
    const motivations: string[] = [each.motivation];
    if (each.class && each.motivation !== "classifying") motivations.push("classifying");
    const bodies: Json[] = [];
    if (each.body.trim())
      bodies.push(markdownBody(each.body, each.motivation === "highlighting" ? "commenting" : each.motivation));
    if (each.class) {
      bodies.push({ type: "SpecificResource", purpose: "classifying", source: CLASS_IRI[each.class] });
      bodies.push({ type: "TextualBody", purpose: "tagging", format: "text/plain", value: each.class });
    }
    return {
      ...common(idOf(each.ref), each, each.deleted ? undefined : each.author),
      motivation: motivations.length === 1 ? motivations[0] : motivations,
      body: bodies.length ? bodies : undefined,
      target: target(model, each, count),
      placement: each.placement.state,
      originalQuote: each.placement.state === "changed" ? wellFormed(each.original.exact) : undefined,
      status: each.status,
      deleted: each.deleted || undefined,
      hidden: each.hidden || undefined,
    };
  };
  const reply = (each: ExportReply): JsonObject => ({
    ...common(idOf(each.ref), each, each.deleted ? undefined : each.author),
    motivation: "replying",
    body: each.body.trim() ? [markdownBody(each.body, "replying")] : undefined,
    target: idOf(each.parent),
    deleted: each.deleted || undefined,
  });
  const link = (each: ExportLink): JsonObject => ({
    ...common(idOf(each.ref), each, each.author),
    motivation: "linking",
    body: idOf(each.to),
    target: { id: idOf(each.from), [each.relation]: idOf(each.to) },
  });
  const reactions = (on: EntryRef, all: readonly ExportReaction[]): JsonObject[] =>
    all.flatMap(({ emoji, by }) =>
      by.map((person) => ({
        id: name(`reaction ${on} ${emoji} ${person.id}`),
        type: "Annotation",
        creator: { type: "Person", name: wellFormed(person.name) },
        generated,
        motivation: "assessing",
        body: [{ type: "TextualBody", purpose: "assessing", format: "text/plain", value: emoji }],
        target: idOf(on),
      })),
    );

  const items: JsonObject[] = [];
  for (const each of model.annotations) {
    items.push(annotation(each), ...reactions(each.ref, each.reactions));
    for (const answer of each.replies) items.push(reply(answer), ...reactions(answer.ref, answer.reactions));
  }
  for (const each of model.annotations) items.push(...each.links.map(link));

  const collection: JsonObject = {
    "@context": CONTEXT,
    id: name("collection"),
    type: "AnnotationCollection",
    label: wellFormed(`Annotations on ${model.article.title}`),
    generated,
    generator: { type: "Software", name: "Marginalia" },
    total: items.length,
    first: items.length
      ? { id: name("page 1"), type: "AnnotationPage", partOf: name("collection"), startIndex: 0, items }
      : undefined,
  };
  return `${JSON.stringify(collection, null, 2)}\n`;
}

const CLASS_IRI = {
  claim: `${DISCOURSE}Claim`,
  evidence: `${DISCOURSE}Evidence`,
  source: `${DISCOURSE}Source`,
} as const;

function markdownBody(value: string, purpose: string): Json {
  return { type: "TextualBody", purpose, format: "text/markdown", value: wellFormed(value) };
}

function target(model: ExportModel, each: ExportAnnotation, count: (offset: number) => number): Json {
  const source = model.iri;
  const { text } = model.article;
  const { placement, original } = each;
  if (placement.state === "orphaned") {
    return {
      type: "SpecificResource",
      source,
      state: { type: "TimeState", sourceDate: isoTime(each.created) },
      selector: quoteSelector(original.exact, original.prefix, original.suffix),
    };
  }
  const { start, end } = placement;
  const before = Math.max(0, start - CONTEXT_LENGTH);
  const after = Math.min(text.length, end + CONTEXT_LENGTH);
  return {
    type: "SpecificResource",
    source,
    selector: [
      quoteSelector(
        text.slice(start, end),
        text.slice(splitsPair(text, before) ? before + 1 : before, start),
        text.slice(end, splitsPair(text, after) ? after - 1 : after),
      ),
      { type: "TextPositionSelector", start: count(start), end: count(end) },
    ],
  };
}

function quoteSelector(exact: string, prefix: string, suffix: string): Json {
  return {
    type: "TextQuoteSelector",
    exact: wellFormed(exact),
    prefix: prefix ? wellFormed(prefix) : undefined,
    suffix: suffix ? wellFormed(suffix) : undefined,
  };
}

/** Halves of surrogate pairs cannot be written as UTF-8. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

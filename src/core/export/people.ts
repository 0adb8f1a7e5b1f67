/** The people of one export: each named once, so that nobody can be taken for another, and bodies that name them so. */
import { MENTION, mentionsIn } from "../model/mentions.ts";
import { isName, type ParticipantId } from "../model/ids.ts";
import { escapeInline } from "./escape-inline.ts";
import type { ExportAnnotation } from "./export-model.ts";

export interface ExportPerson {
  id: ParticipantId;
  /** As others may read it; no two persons of one export share a name. */
  name: string;
}

export interface People {
  person(id: ParticipantId): ExportPerson;
  /** Names everybody of an export and puts these names into its bodies; gives those who wrote in it, by name. */
  name(annotations: readonly ExportAnnotation[]): ExportPerson[];
}

export function createPeople(nameOf: (participant: ParticipantId) => string): People {
  const people = new Map<ParticipantId, ExportPerson>();
  const person = (id: ParticipantId): ExportPerson => {
    let found = people.get(id);
    if (!found) people.set(id, (found = { id, name: nameOf(id) }));
    return found;
  };
  return {
    person,
    name(annotations) {
      const writing = new Set<ExportPerson>();
      const named = new Set<ExportPerson>();
      for (const each of annotations) {
        for (const { author } of each.links) writing.add(author);
        if (each.statusBy) named.add(each.statusBy);
        for (const entry of [each, ...each.replies]) {
          if (!entry.deleted) writing.add(entry.author);
          for (const id of mentionsIn(entry.body)) named.add(person(id));
          for (const { by } of entry.reactions) for (const one of by) named.add(one);
        }
      }
      tellApart([...new Set([...writing, ...named])].sort((a, b) => (a.id < b.id ? -1 : 1)));
      for (const each of annotations) {
        for (const entry of [each, ...each.replies]) {
          entry.body = entry.body.replace(MENTION, (all: string, _written, id: string) =>
            isName(id) ? `@${escapeInline(person(id).name)}` : all,
          );
        }
      }
      return [...writing].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
    },
  };
}

/** Whoever is the first of a name keeps it, also where it looks like a numbered one; the others get a number that is free. */
function tellApart(people: readonly ExportPerson[]): void {
  const taken = new Set<string>();
  const numbers = new Map<string, number>();
  const others: ExportPerson[] = [];
  for (const each of people) {
    if (taken.has(lookOf(each.name))) others.push(each);
    else taken.add(lookOf(each.name));
  }
  for (const each of others) {
    const look = lookOf(each.name);
    let number = numbers.get(look) ?? 2;
    while (taken.has(`${look} (${number})`)) number++;
    taken.add(`${look} (${number})`);
    numbers.set(look, number + 1);
    each.name = `${each.name} (${number})`;
  }
}

/** What of a name is the same for two names that look alike. */
function lookOf(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .toLowerCase();
}

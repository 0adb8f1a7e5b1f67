/** The people of one export: each named once, so that nobody can be taken for another, and bodies that name them so. */
import { MENTION, mentionsIn } from "../model/mentions.ts";
import { isName, type ParticipantId } from "../model/ids.ts";
import { tellApart } from "../model/names.ts";
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
      const all = [...new Set([...writing, ...named])].sort((a, b) => (a.id < b.id ? -1 : 1));
      for (const [i, name] of tellApart(all.map((each) => each.name)).entries()) all[i]!.name = name;
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

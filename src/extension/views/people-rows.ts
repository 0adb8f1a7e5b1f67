/** The people of a room as rows: pure. */
import { ROLE_TITLES } from "../../core/model/roles.ts";
import type { Person, SectionMessage } from "../../protocol/reader.ts";
import { oneLine } from "./thread-words.ts";

export interface PersonRow {
  id: string;
  label: string;
  description: string;
  spoken: string;
  online: boolean;
}

/** This reader first, then who is here, then who is away; by name within each. */
export function peopleRows(people: readonly Person[], sections: readonly SectionMessage[]): PersonRow[] {
  const titles = new Map(sections.map((section) => [section.id, section.title]));
  return people
    .toSorted(
      (a, b) =>
        Number(b.me) - Number(a.me) ||
        Number(b.online) - Number(a.online) ||
        a.name.localeCompare(b.name) ||
        (a.id < b.id ? -1 : 1),
    )
    .map((person) => {
      const name = oneLine(person.name, 60) || "Unnamed reader";
      const role = ROLE_TITLES[person.role];
      const section = person.online && person.section !== undefined ? titles.get(person.section) : undefined;
      const place = section === undefined ? "" : `reading “${oneLine(section, 60)}”`;
      const parts = [role, person.online || person.me ? place : "away"].filter(Boolean);
      return {
        id: person.id,
        label: person.me ? `${name} (you)` : name,
        description: parts.join(" · "),
        spoken: [person.me ? `${name}, you` : name, role, person.online || person.me ? place || "here" : "away"].join(
          ", ",
        ),
        online: person.online || person.me,
      };
    });
}

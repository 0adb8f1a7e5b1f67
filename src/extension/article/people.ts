/** The people of a room as the reading view and the trees show them: pure. */
import type { Person } from "../../protocol/reader.ts";
import type { Presence } from "../../sync/presence.ts";
import type { Room } from "../../sync/room.ts";

/** Colours for participants in the reading view's palette. */
const PALETTE = 8;

/** Everybody in the room by the time they joined, each with a colour of their own as far as colours go. */
export function peopleOf(room: Pick<Room, "presence" | "roster" | "me">): Person[] {
  const here = byPerson(room.presence());
  const me = room.me().participant;
  const roster = [...room.roster()].sort(
    ([a, one], [b, other]) => one.joined - other.joined || (a < b ? -1 : a > b ? 1 : 0),
  );
  return roster.map(([id, row], i): Person => {
    const presence = here.get(id);
    return {
      id,
      name: row.name,
      role: row.role,
      colour: i % PALETTE,
      me: id === me,
      online: id === me || presence !== undefined,
      ...(presence?.section ? { section: presence.section } : {}),
      ...(presence?.selection && presence.selection.end > presence.selection.start
        ? { selection: presence.selection }
        : {}),
    };
  });
}

/** Of somebody's windows the one that tells most: one without the article in a reading view does not hide where they read in another. */
function byPerson(windows: readonly Presence[]): Map<string, Presence> {
  const tells = (each: Presence) => Number(each.selection !== null) * 2 + Number(each.section !== null);
  const people = new Map<string, Presence>();
  for (const each of windows) {
    const other = people.get(each.participant);
    if (!other || tells(each) > tells(other)) people.set(each.participant, each);
  }
  return people;
}

import { describe, expect, test } from "vitest";
import { peopleOf } from "../../src/extension/article/people.ts";
import type { Presence } from "../../src/sync/presence.ts";

const roster = new Map([
  ["ada", { name: "Ada", role: "owner", joined: 1 }],
  ["ben", { name: "Ben", role: "reader", joined: 2 }],
] as const);

const people = (...presence: Presence[]) =>
  peopleOf({
    presence: () => presence,
    roster: () => roster,
    me: () => ({ participant: "ada", role: "owner", name: "Ada" }),
  });

const window = (client: number, section: string | null, selection: Presence["selection"] = null): Presence => ({
  participant: "ben",
  client,
  section,
  selection,
});

describe("people", () => {
  test("ED-27 of somebody with several windows the one that tells most counts, whichever came last", () => {
    const reading = window(1, "intro");
    const selecting = window(2, "methods", { start: 3, end: 9 });
    const elsewhere = window(3, null);
    for (const windows of [
      [reading, selecting, elsewhere],
      [elsewhere, selecting, reading],
    ]) {
      expect(people(...windows)[1]).toMatchObject({
        online: true,
        section: "methods",
        selection: { start: 3, end: 9 },
      });
    }
    expect(people(reading, elsewhere)[1]).toMatchObject({ online: true, section: "intro" });
    expect(people(elsewhere)[1]).toMatchObject({ name: "Ben", online: true });
    expect(people()[1]).toMatchObject({ name: "Ben", online: false });
  });
});

import { expect, test } from "vitest";
import { writeRosterEntry } from "../../src/core/model/session.ts";
import { createRelay } from "../support/relay.ts";
import { openWindow } from "../support/room-world.ts";

test("SY-57 names and roles are read once for each change of the roster, however often they are asked for", async () => {
  const ada = await openWindow(createRelay(), "ada", "owner");
  const alone = ada.room.roster();
  expect(ada.room.roster()).toBe(alone);
  writeRosterEntry(ada.room.documents.session, "ben", { name: "Ben", role: "reader", joined: 1 });
  const two = ada.room.roster();
  expect([...two.keys()].sort()).toEqual(["ada", "ben"]);
  ada.room.rename("Ada L.");
  expect(ada.room.roster().get("ada")?.name).toBe("Ada L.");
  writeRosterEntry(ada.room.documents.session, "ada", { name: "Ada", role: "observer", joined: 1 });
  expect(ada.room.me()).toMatchObject({ name: "Ada", role: "observer" });
  expect(ada.room.roster()).toBe(ada.room.roster());
  await ada.close();
});

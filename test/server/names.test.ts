import { afterEach, expect, it, vi } from "vitest";
import { hashSecret } from "../../server/auth/secrets.ts";
import { join, newMember } from "../../server/rooms/admission.ts";
import { memberOf, rename, type RoomRecord, shownNames } from "../../server/rooms/room-record.ts";
import { READING_POLICY } from "../../src/core/model/session.ts";

const NOON = 1_700_000_000_000;
const at = (time: number) => vi.useFakeTimers({ toFake: ["Date"], now: time });
afterEach(() => vi.useRealTimers());

it("SV-117 a clock that was set back gives nobody another's name", () => {
  at(NOON);
  const expires = NOON + 3_600_000;
  const room: RoomRecord = {
    id: "room",
    title: "T",
    created: NOON,
    used: NOON,
    members: { ada: newMember("Ada", "owner", 1) },
    invites: [{ role: "reader", expires, usesLeft: 9, hash: hashSecret("invite") }],
  };
  const names = () => Object.fromEntries(shownNames(room, READING_POLICY));
  at(NOON - 86_400_000);
  expect(join(room, { invite: "invite", name: "Ada" }, 9, () => "eve").ok).toBe(true);
  expect(names()).toEqual({ ada: "Ada", eve: "Ada (2)" });
  expect(join(room, { invite: "invite", name: "Ben" }, 9, () => "ben").ok).toBe(true);
  rename(room, memberOf(room, "eve")!, "Ben");
  expect(names()).toEqual({ ada: "Ada", ben: "Ben", eve: "Ben (2)" });
});

import { describe, expect, test } from "vitest";
import { createEmitter } from "../../src/sync/emitter.ts";
import { keepTokenFresh, renewalTime } from "../../src/sync/own-token.ts";
import type { RoomStatus } from "../../src/sync/room-status.ts";
import { createFakeClock, settle } from "../support/fake-clock.ts";

const DAY = 24 * 3_600_000;
const LIFE = 90 * DAY;

/** A room that is nothing but its status, and a server that renews tokens for as long as it `agrees`. */
function setUp() {
  const clock = createFakeClock();
  const status = { state: "offline" as RoomStatus["state"], detail: "", waiting: 0 };
  const changed = createEmitter<RoomStatus>();
  const world = { due: renewalTime(clock.now(), LIFE / 1000) as number | null, agrees: true, renewed: 0, retried: 0 };
  const errors: unknown[] = [];
  const keeper = keepTokenFresh({
    room: { status, onDidChangeStatus: changed.event, retry: () => world.retried++ },
    clock,
    due: async () => world.due,
    async renew() {
      world.renewed++;
      if (world.agrees) world.due = renewalTime(clock.now(), LIFE / 1000);
      return world.agrees;
    },
    onError: (error) => errors.push(error),
  });
  const become = async (...states: RoomStatus["state"][]) => {
    for (const state of states) {
      status.state = state;
      changed.fire(status);
      await settle();
    }
  };
  return { clock, world, errors, keeper, become };
}

describe("one's own token", () => {
  test("SY-77 a tenth of its life is used, then the next connection renews it, once", async () => {
    const { clock, world, become } = setUp();
    await become("connecting", "syncing", "saved");
    await clock.advance(8 * DAY);
    await become("offline", "syncing", "saved");
    expect(world.renewed).toBe(0);
    await become("offline");
    await clock.advance(2 * DAY);
    expect(world.renewed).toBe(0);
    await become("connecting", "syncing", "saved", "syncing", "saved");
    expect(world).toMatchObject({ renewed: 1, retried: 0 });
    await become("offline", "syncing", "saved");
    expect(world.renewed).toBe(1);
  });

  test("SY-77 in a session that stays open for months it is renewed again and again", async () => {
    const { clock, world, become } = setUp();
    await become("syncing", "saved");
    await clock.advance(100 * DAY);
    expect(world.renewed).toBeGreaterThanOrEqual(10);
    expect(world.renewed).toBeLessThan(12);
  });

  test("SY-77 a refusal is tried again only with a token that was renewed", async () => {
    const { clock, world, become } = setUp();
    await become("connecting", "refused");
    expect(world).toMatchObject({ renewed: 0, retried: 0 });
    await become("offline");
    await clock.advance(91 * DAY);
    world.agrees = false;
    await become("connecting", "refused");
    expect(world).toMatchObject({ renewed: 1, retried: 0 });
    world.agrees = true;
    await become("connecting", "refused");
    expect(world).toMatchObject({ renewed: 2, retried: 1 });
    await become("connecting", "refused");
    expect(world).toMatchObject({ renewed: 2, retried: 1 });
  });

  test("SY-77 nothing is renewed without a session, nor after the room was closed", async () => {
    const { clock, world, keeper, become } = setUp();
    world.due = null;
    await become("syncing", "saved");
    expect(world.renewed).toBe(0);
    world.due = clock.now() - 1;
    keeper.dispose();
    await become("offline", "saved");
    await clock.advance(DAY);
    expect([world.renewed, clock.timers]).toEqual([0, 0]);
  });

  test("SY-77 what goes wrong is reported, and tried again with the next connection", async () => {
    const { world, errors, become, clock } = setUp();
    await clock.advance(10 * DAY);
    const due = world.due;
    Object.defineProperty(world, "due", {
      get() {
        throw new Error("no secrets here");
      },
      configurable: true,
    });
    await become("saved");
    expect(errors).toHaveLength(1);
    Object.defineProperty(world, "due", { value: due, writable: true });
    await become("offline", "saved");
    expect(world.renewed).toBe(1);
  });
});

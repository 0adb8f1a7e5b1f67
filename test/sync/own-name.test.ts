import { describe, expect, test } from "vitest";
import { createEmitter } from "../../src/sync/emitter.ts";
import { keepNameTold } from "../../src/sync/own-name.ts";
import type { RoomStatus } from "../../src/sync/room-status.ts";
import { settle } from "../support/fake-clock.ts";

/** A room that is nothing but its status, and a server that takes names down when `answer` lets it. */
function setUp() {
  const status = { state: "offline" as RoomStatus["state"], detail: "", waiting: 0 };
  const changed = createEmitter<RoomStatus>();
  const world = { chosen: "Ada", known: "Ada", answer: () => Promise.resolve(true) };
  const told: string[] = [];
  const errors: unknown[] = [];
  const name = keepNameTold({
    room: { status, onDidChangeStatus: changed.event },
    untold: async () => (world.chosen === world.known ? null : world.chosen),
    async tell(next) {
      told.push(next);
      if (await world.answer()) world.known = next;
    },
    onError: (error) => errors.push(error),
  });
  const become = async (state: RoomStatus["state"]) => {
    status.state = state;
    changed.fire(status);
    await settle();
  };
  const choose = async (next: string) => {
    world.chosen = next;
    name.check();
    await settle();
  };
  return { world, told, errors, name, become, choose };
}

describe("one's own name", () => {
  test("SY-85 a name chosen while connected is told at once, and once", async () => {
    const { told, become, choose } = setUp();
    await become("saved");
    expect(told).toEqual([]);
    await choose("Ada L.");
    expect(told).toEqual(["Ada L."]);
    await choose("Ada L.");
    for (const state of ["syncing", "saved", "offline", "connecting", "syncing", "saved"] as const) await become(state);
    expect(told).toEqual(["Ada L."]);
  });

  test("SY-85 a name chosen without a connection is told when there is one", async () => {
    const { told, become, choose } = setUp();
    for (const state of ["alone", "offline", "connecting", "refused"] as const) {
      await become(state);
      await choose(`Ada, ${state}`);
    }
    expect(told).toEqual([]);
    await become("syncing");
    await become("saved");
    expect(told).toEqual(["Ada, refused"]);
  });

  test("SY-85 what was chosen while an answer is under way is told after it: the last one is the last told", async () => {
    const { world, told, become, choose } = setUp();
    await become("saved");
    let answer = (_good: boolean) => {};
    world.answer = () => new Promise((resolve) => (answer = resolve));
    await choose("One");
    await choose("Two");
    await choose("Three");
    expect(told).toEqual(["One"]);
    answer(true);
    await settle();
    expect(told).toEqual(["One", "Three"]);
    answer(true);
    await settle();
    expect(told).toEqual(["One", "Three"]);
  });

  test("SY-85 what a server does not take is told again with the next connection or another name, not all the time", async () => {
    const { world, told, errors, become, choose } = setUp();
    await become("saved");
    world.answer = () => Promise.resolve(false);
    await choose("One");
    for (const state of ["syncing", "saved", "syncing", "saved"] as const) await become(state);
    expect(told).toEqual(["One"]);
    world.answer = () => Promise.reject(new Error("a bug"));
    await choose("Two");
    expect(told).toEqual(["One", "Two"]);
    expect(errors).toHaveLength(1);
    world.answer = () => Promise.resolve(true);
    for (const state of ["offline", "connecting", "syncing", "saved"] as const) await become(state);
    expect(told).toEqual(["One", "Two", "Two"]);
  });

  test("SY-85 nothing is told for a room that was closed", async () => {
    const { told, name, become, choose } = setUp();
    await become("saved");
    name.dispose();
    await choose("One");
    await become("offline");
    await become("saved");
    expect(told).toEqual([]);
  });
});

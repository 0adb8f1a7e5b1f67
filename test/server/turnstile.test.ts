import { expect, it } from "vitest";
import { createTurnstile } from "../../server/http/turnstile.ts";

it("SV-31 newcomers are let in a few per turn, addresses in turn", () => {
  const turns: (() => void)[] = [];
  const turnstile = createTurnstile((callback) => void turns.push(callback));
  const inside: string[] = [];
  for (let i = 0; i < 100; i++) turnstile.enter("crowd", () => void inside.push("crowd"));
  turnstile.enter("one", () => void inside.push("one"));
  expect(inside).toEqual([]);
  expect(turns).toHaveLength(1);
  turns.shift()!();
  expect(inside).toHaveLength(16);
  expect(inside.indexOf("one")).toBeLessThan(2);
  // Who comes later from elsewhere does not wait for the crowd either.
  turnstile.enter("other", () => void inside.push("other"));
  expect(turns).toHaveLength(1);
  turns.shift()!();
  expect(inside.indexOf("other")).toBeLessThan(18);
  while (turns.length > 0) turns.shift()!();
  expect(inside).toHaveLength(102);
  turnstile.enter("late", () => void inside.push("late"));
  turns.shift()!();
  expect(inside.at(-1)).toBe("late");
  expect(turns).toEqual([]);
});

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Connection } from "../../src/webview/connection.ts";
import { createPresence, type Whereabouts } from "../../src/webview/presence.ts";

/** As in src/webview/presence.ts. */
const INTERVAL = 150;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const at = (position: number): Whereabouts => ({ epoch: 1, selection: null, section: "s", position });

function setUp() {
  const posted: { position: number; time: number }[] = [];
  const post: Connection["post"] = (message) => {
    if (message.kind === "presence") posted.push({ position: message.position, time: Date.now() });
  };
  const presence = createPresence({ post } as Connection);
  return { presence, posted, positions: () => posted.map(({ position }) => position) };
}

describe("presence", () => {
  it("RV-29 the first word goes out at once, then the latest of what was said meanwhile", () => {
    const { presence, positions } = setUp();
    presence.tell(at(1));
    expect(positions()).toEqual([1]);
    presence.tell(at(2));
    presence.tell(at(3));
    vi.advanceTimersByTime(INTERVAL - 1);
    expect(positions()).toEqual([1]);
    vi.advanceTimersByTime(1);
    expect(positions()).toEqual([1, 3]);
    vi.advanceTimersByTime(10 * INTERVAL);
    expect(positions()).toEqual([1, 3]);
    presence.tell(at(4));
    expect(positions()).toEqual([1, 3, 4]);
  });

  it("RV-29 what did not change is not told again", () => {
    const { presence, positions } = setUp();
    presence.tell(at(1));
    presence.tell(at(1));
    vi.advanceTimersByTime(INTERVAL);
    presence.tell(at(1));
    expect(positions()).toEqual([1]);
    presence.tell(at(2));
    presence.tell(at(3));
    presence.tell(at(2));
    vi.advanceTimersByTime(INTERVAL);
    expect(positions()).toEqual([1, 2]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("RV-29 however one moves: never two within the interval, never the same twice, and the last word is told", () => {
    const moves = fc.array(fc.record({ position: fc.nat(3), wait: fc.nat(2 * INTERVAL) }), { maxLength: 40 });
    fc.assert(
      fc.property(moves, (steps) => {
        const { presence, posted } = setUp();
        for (const { position, wait } of steps) {
          presence.tell(at(position));
          vi.advanceTimersByTime(wait);
        }
        vi.advanceTimersByTime(INTERVAL);
        expect(posted.at(-1)?.position).toBe(steps.at(-1)?.position);
        for (const [i, { position, time }] of posted.entries()) {
          if (i === 0) continue;
          expect(time - posted[i - 1]!.time).toBeGreaterThanOrEqual(INTERVAL);
          expect(position).not.toBe(posted[i - 1]!.position);
        }
      }),
    );
  });
});

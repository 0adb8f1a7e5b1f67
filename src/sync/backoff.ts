/** How long to wait before the next attempt to connect. */
import type { Random } from "./clock.ts";

/** First wait, in milliseconds; doubles with each failure. */
const FIRST_WAIT = 200;
/** Longest wait: a server that restarted is found again within this time. */
const LONGEST_WAIT = 10_000;

/** Milliseconds to wait after `failures` failures in a row (1 or more): half fixed, half random, so that thirty people do not return at once. */
export function backoff(failures: number, random: Random): number {
  const full = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(20, Math.max(0, failures - 1)));
  const [high = 0, low = 0] = random(2);
  return full / 2 + (full / 2) * ((high * 256 + low) / 65_535);
}

import type { IncomingMessage } from "node:http";
import { afterEach, expect, it, vi } from "vitest";
import { addressOf, createAddressBook, isLoopback } from "../../server/http/addresses.ts";
import { DEFAULT_LIMITS } from "../../server/limits.ts";

afterEach(() => void vi.useRealTimers());

const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({ headers: { "x-forwarded-for": forwarded }, socket: { remoteAddress } }) as unknown as IncomingMessage;
const of = (address: string) => addressOf(from(address), false);

it("SV-28 a network's IPv6 addresses count as one however they are shortened, and those of another do not", () => {
  const one = of("2001:db8:0:0:a:b:c:d");
  for (const same of ["2001:db8::a:b:c:d", "2001:db8::1", "2001:db8::2", "2001:db8:0:0:5::"])
    expect(of(same)).toBe(one);
  expect(of("2001:db8:0:1::1")).not.toBe(one);
  expect(of("::2001:db8:0:0:1")).not.toBe(one);
});

it("SV-28 an IPv4 address counts by itself, also where IPv6 carries it, and this computer is told by either", () => {
  expect(of("::ffff:192.0.2.7")).toBe("192.0.2.7");
  for (const local of ["127.0.0.1", "::ffff:127.0.0.1", "::1"]) expect(isLoopback(of(local)), local).toBe(true);
  for (const other of ["::2", "2001:db8::1", "192.0.2.7"]) expect(isLoopback(of(other)), other).toBe(false);
});

it("SV-28 only a trusted proxy is asked for the address, and only for the last that it saw", () => {
  expect(addressOf(from("192.0.2.1", "203.0.113.9, 198.51.100.4"), false)).toBe("192.0.2.1");
  expect(addressOf(from("192.0.2.1", "203.0.113.9, 198.51.100.4"), true)).toBe("198.51.100.4");
  expect(addressOf(from("192.0.2.1"), true)).toBe("192.0.2.1");
});

it("SV-28 a clock that is set back keeps nobody out", () => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  const book = createAddressBook({ ...DEFAULT_LIMITS, requestsPerMinute: 2 });
  expect([1, 2, 3].map(() => book.limited("a"))).toEqual([false, false, true]);
  vi.setSystemTime(Date.now() - 24 * 3_600_000);
  expect(book.limited("a")).toBe(true);
  vi.advanceTimersByTime(61_000);
  expect(book.limited("a")).toBe(false);
});

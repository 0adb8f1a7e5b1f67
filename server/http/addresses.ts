/** Where requests come from, and how many. */
import type { IncomingMessage } from "node:http";
import type { Limits } from "../limits.ts";

/** The client's address; behind a trusted proxy the last one that the proxy saw. */
export function addressOf(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? request.headers["x-forwarded-for"] : undefined;
  const list = Array.isArray(forwarded) ? forwarded.join(",") : forwarded;
  const address = list?.split(",").pop()?.trim() || request.socket.remoteAddress || "";
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  return plain.includes(":") && !isLoopback(plain) ? networkOf(plain) : plain;
}

/** The first four of an IPv6 address's eight groups: a household or campus gets a whole /64, whose addresses count as one. */
function networkOf(address: string): string {
  const [before, after] = address.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const zeros = after === undefined ? 0 : Math.max(8 - before!.length - after.length, 0);
  return [...before!, ...Array<string>(zeros).fill("0"), ...(after ?? [])].slice(0, 4).join(":");
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/**
 * Browsers say which page a websocket comes from. Programs do not send an Origin; pages on this computer, VS Code's own views,
 * and the server's own pages may connect, others only when they are listed.
 */
export function originAllowed(request: IncomingMessage, origins: readonly string[], publicUrl?: string): boolean {
  const origin = request.headers.origin;
  if (origin === undefined || origins.includes(origin) || origins.includes("*")) return true;
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return false;
  }
  if (url.protocol === "vscode-webview:" || url.protocol === "vscode-file:") return true;
  if (url.hostname === "localhost" || url.hostname === "[::1]" || url.hostname.startsWith("127.")) return true;
  if (url.host === request.headers.host) return true;
  return publicUrl !== undefined && new URL(publicUrl).origin === url.origin;
}

export interface AddressBook {
  /** Counts a connection in; false when there are too many. */
  enter(address: string): boolean;
  leave(address: string): void;
  /** Counts a request; true when it is one too many this minute. */
  limited(address: string): boolean;
  sweep(): void;
}

export function createAddressBook(limits: Limits): AddressBook {
  const open = new Map<string, number>();
  const requests = new Map<string, { count: number; since: number }>();
  let total = 0;
  return {
    enter(address) {
      const own = open.get(address) ?? 0;
      if (total >= limits.connections || own >= limits.connectionsPerAddress) return false;
      total++;
      open.set(address, own + 1);
      return true;
    },
    leave(address) {
      total--;
      const own = open.get(address)! - 1;
      if (own > 0) open.set(address, own);
      else open.delete(address);
    },
    limited(address) {
      // not by a clock that somebody may set
      const now = performance.now();
      const seen = requests.get(address);
      if (!seen || now - seen.since > 60_000) {
        requests.set(address, { count: 1, since: now });
        return false;
      }
      return ++seen.count > limits.requestsPerMinute;
    },
    sweep() {
      for (const [address, { since }] of requests) if (performance.now() - since > 60_000) requests.delete(address);
    },
  };
}

import { digest } from "lib0/hash/sha256";
import { encodeUtf8 } from "lib0/string";

/**
 * `urn:uuid:` made from a name: the same name gives the same id, and the id does not give the name away. RFC 9562 version 8,
 * the first 16 bytes of the name's SHA-256 with version and variant set.
 */
export function stableUuid(name: string): string {
  const bytes = digest(encodeUtf8(name)).slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Names a room's article in exports: the same whatever becomes of its text, its title or its server. */
export function articleIri(room: string): string {
  return stableUuid(`article\n${room}`);
}

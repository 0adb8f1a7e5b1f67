import * as Y from "yjs";

/** Base64 of a relative position's bytes. */
export function encodePosition(position: Y.RelativePosition): string {
  return toBase64(Y.encodeRelativePosition(position));
}

/** The relative position in a base64 string; null if it is none (it may come from an import or a hostile peer). */
export function decodePosition(base64: string): Y.RelativePosition | null {
  const bytes = fromBase64(base64);
  if (!bytes || bytes.length === 0) return null;
  try {
    return Y.decodeRelativePosition(bytes);
  } catch {
    return null;
  }
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int8Array(128).fill(-1);
for (let k = 0; k < 64; k++) VALUES[ALPHABET.charCodeAt(k)] = k;

function toBase64(bytes: Uint8Array): string {
  let out = "";
  for (let k = 0; k < bytes.length; k += 3) {
    const left = bytes.length - k;
    const word = ((bytes[k] as number) << 16) | ((bytes[k + 1] ?? 0) << 8) | (bytes[k + 2] ?? 0);
    out += ALPHABET[word >> 18] as string;
    out += ALPHABET[(word >> 12) & 63] as string;
    out += left > 1 ? (ALPHABET[(word >> 6) & 63] as string) : "=";
    out += left > 2 ? (ALPHABET[word & 63] as string) : "=";
  }
  return out;
}

function fromBase64(base64: string): Uint8Array | null {
  let length = base64.length;
  while (length > 0 && base64[length - 1] === "=") length--;
  const bytes = new Uint8Array((length * 3) >> 2);
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let k = 0; k < length; k++) {
    const code = base64.charCodeAt(k);
    const value = code < 128 ? (VALUES[code] as number) : -1;
    if (value < 0) return null;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 0xff;
    }
  }
  return bytes;
}

/** Offsets of relative positions in one state of a Y.Text. */
export interface PositionIndex {
  /** UTF-16 offset of a position; null if it belongs to another type or is not known here. */
  offsetOf(position: Y.RelativePosition): number | null;
}

/**
 * One walk over the items of `ytext`, deleted ones included; afterwards a position costs a binary search. Undone deletions
 * are not followed: only the replica that undid knows them, and all replicas must agree.
 */
export function createPositionIndex(ytext: Y.Text): PositionIndex {
  const clients = new Map<number, Array<{ clock: number; length: number; offset: number; visible: boolean }>>();
  let offset = 0;
  for (let item = ytext._start; item !== null; item = item.right) {
    const visible = !item.deleted && item.countable;
    let list = clients.get(item.id.client);
    if (!list) clients.set(item.id.client, (list = []));
    list.push({ clock: item.id.clock, length: item.length, offset, visible });
    if (visible) offset += item.length;
  }
  for (const list of clients.values()) list.sort((p, q) => p.clock - q.clock);
  const length = offset;
  let root: string | null | undefined;
  const isHere = (position: Y.RelativePosition): boolean => {
    if (position.type) {
      const own = ytext._item;
      return own !== null && own.id.client === position.type.client && own.id.clock === position.type.clock;
    }
    if (root === undefined) root = ytext._item === null ? Y.findRootTypeKey(ytext) : null;
    return position.tname !== null && position.tname === root;
  };
  return {
    offsetOf(position) {
      const id = position.item;
      if (!id) return isHere(position) ? (position.assoc >= 0 ? length : 0) : null;
      const list = clients.get(id.client);
      if (!list) return null;
      let low = 0;
      let high = list.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((list[middle] as { clock: number }).clock <= id.clock) low = middle + 1;
        else high = middle;
      }
      const item = list[low - 1];
      if (!item || id.clock >= item.clock + item.length) return null;
      return item.visible ? item.offset + (id.clock - item.clock) + (position.assoc >= 0 ? 0 : 1) : item.offset;
    },
  };
}

import * as Y from "yjs";

/** Base64 of a relative position's bytes (`Y.encodeRelativePosition`). */
export function encodePosition(position: Y.RelativePosition): string {
  const bytes = Y.encodeRelativePosition(position);
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

/** The relative position in a base64 string; null if it holds none (it may come from an import or a hostile peer). */
export function decodePosition(base64: string): Y.RelativePosition | null {
  const length = decodeBase64(base64);
  if (length <= 0) return null;
  try {
    return Y.decodeRelativePosition(scratch.slice(0, length));
  } catch {
    return null;
  }
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int8Array(128).fill(-1);
for (let k = 0; k < 64; k++) VALUES[ALPHABET.charCodeAt(k)] = k;

/** Longer than any position can be, but for roots with a very long name. */
const MOST_BYTES = 1024;
const scratch = new Uint8Array(MOST_BYTES + 3);

/** Decodes into `scratch`; the number of bytes, or -1. */
function decodeBase64(base64: string): number {
  let length = base64.length;
  while (length > 0 && base64.charCodeAt(length - 1) === 0x3d) length--;
  if (length > (MOST_BYTES * 4) / 3) return -1;
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let k = 0; k < length; k++) {
    const code = base64.charCodeAt(k);
    const value = code < 128 ? (VALUES[code] as number) : -1;
    if (value < 0) return -1;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      scratch[at++] = (word >> bits) & 0xff;
    }
  }
  return at;
}

/** First byte of an encoded position that names an item; then follow its client, its clock, and the association. */
const AT_ITEM = 0;
/** The sign of an encoded integer, in its first byte. */
const NEGATIVE = 0x40;

/** A number of seven bits a byte from `scratch`, and where it ends; null if it goes past `length`. */
function readVarUint(from: number, length: number): { value: number; next: number } | null {
  let value = 0;
  let scale = 1;
  for (let at = from; at < length; at++) {
    const byte = scratch[at] as number;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: at + 1 };
    scale *= 128;
  }
  return null;
}

/** Offsets of relative positions in one state of a Y.Text. */
export interface PositionIndex {
  /** UTF-16 offset of a position in base64; null if it is none, belongs to another type, or is not known here. */
  offsetOf(base64: string): number | null;
}

/** The items of one client in the order of their clocks. */
interface Items {
  clock: number[];
  length: number[];
  offset: number[];
  visible: boolean[];
}

/**
 * One walk over the items of `ytext`, deleted ones included; afterwards a position costs a binary search. Undone deletions
 * are not followed: only the replica that undid knows of them, and all replicas must agree. The positions are read before
 * the Y.Text changes again: an index belongs to one state.
 */
export function createPositionIndex(ytext: Y.Text): PositionIndex {
  const found: Y.Item[] = [];
  const offsets = new Map<Y.Item, number>();
  let size = 0;
  for (let item = ytext._start; item !== null; item = item.right) {
    found.push(item);
    offsets.set(item, size);
    if (!item.deleted && item.countable) size += item.length;
  }
  found.sort((p, q) => p.id.client - q.id.client || p.id.clock - q.id.clock);
  const clients = new Map<number, Items>();
  for (const item of found) {
    let items = clients.get(item.id.client);
    if (!items) clients.set(item.id.client, (items = { clock: [], length: [], offset: [], visible: [] }));
    items.clock.push(item.id.clock);
    items.length.push(item.length);
    items.offset.push(offsets.get(item) as number);
    items.visible.push(!item.deleted && item.countable);
  }
  const offsetOfId = (client: number, clock: number, left: boolean): number | null => {
    const items = clients.get(client);
    if (!items) return null;
    let low = 0;
    let high = items.clock.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((items.clock[middle] as number) <= clock) low = middle + 1;
      else high = middle;
    }
    const within = clock - (items.clock[low - 1] ?? clock + 1);
    if (within < 0 || within >= (items.length[low - 1] as number)) return null;
    return (items.offset[low - 1] as number) + (items.visible[low - 1] ? within + (left ? 1 : 0) : 0);
  };
  return {
    offsetOf(base64) {
      // A position at a character, as nearly all are, is read without making an object of it.
      const length = decodeBase64(base64);
      if (length > 0 && scratch[0] === AT_ITEM) {
        const client = readVarUint(1, length);
        const clock = client ? readVarUint(client.next, length) : null;
        if (!client || !clock) return null;
        return offsetOfId(
          client.value,
          clock.value,
          clock.next < length && ((scratch[clock.next] as number) & NEGATIVE) !== 0,
        );
      }
      const position = decodePosition(base64);
      if (!position || position.item) return null;
      return isTypeOf(position, ytext) ? (position.assoc >= 0 ? size : 0) : null;
    },
  };
}

/** Does a position at the border of a type (it names no item) speak of this type? */
function isTypeOf(position: Y.RelativePosition, ytext: Y.Text): boolean {
  const own = ytext._item;
  if (own) return position.type !== null && Y.compareIDs(position.type, own.id);
  if (position.tname === null || !ytext.doc) return false;
  const root: unknown = ytext.doc.share.get(position.tname);
  return root === ytext;
}

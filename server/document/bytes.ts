/** Reading and writing the variable-length numbers and strings of lib0's encoding, with every bound checked. */
import { isUtf8 } from "node:buffer";

/** Thrown inside the decoder for bytes that no honest client writes; it never leaves this folder. */
export class Malformed extends Error {}

const MAX_DEPTH = 64;

/** A cursor over bytes that somebody else wrote. Every read throws `Malformed` instead of running past `end`. */
export class ByteReader {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  byte(): number {
    if (this.position >= this.end) throw new Malformed("ends early");
    return this.bytes[this.position++]!;
  }

  /** An unsigned integer up to 2^53 - 1, seven bits a byte, least significant first. */
  uint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (value > Number.MAX_SAFE_INTEGER) throw new Malformed("number out of range");
    } while (byte >= 0x80);
    return value;
  }

  skip(length: number): void {
    if (length > this.end - this.position) throw new Malformed("ends early");
    this.position += length;
  }

  /** A byte string with its length before it, as a view. */
  block(): Uint8Array {
    const length = this.uint();
    const start = this.position;
    this.skip(length);
    return this.bytes.subarray(start, this.position);
  }

  string(): string {
    const block = this.block();
    if (!isUtf8(block)) throw new Malformed("not UTF-8");
    return Buffer.from(block.buffer, block.byteOffset, block.length).toString("utf8");
  }

  /** Passes over a string and returns its length in UTF-16 code units, which is what Yjs counts in clocks. */
  stringUnits(): number {
    const length = this.uint();
    const start = this.position;
    this.skip(length);
    if (this.isShortAscii(start, length)) return length;
    const block = this.bytes.subarray(start, this.position);
    if (!isUtf8(block)) throw new Malformed("not UTF-8");
    return utf16Units(block);
  }

  skipString(): void {
    const length = this.uint();
    const start = this.position;
    this.skip(length);
    if (this.isShortAscii(start, length)) return;
    if (!isUtf8(this.bytes.subarray(start, this.position))) throw new Malformed("not UTF-8");
  }

  /** Most strings are: looking at them here is quicker than a view and a call into the runtime. */
  private isShortAscii(start: number, length: number): boolean {
    if (length > 64) return false;
    for (let i = start; i < start + length; i++) if (this.bytes[i]! > 0x7f) return false;
    return true;
  }

  /** A string that must hold JSON. */
  skipJson(): void {
    const text = this.string();
    // Yjs writes `undefined` for an absent value of the legacy JSON content and reads it back without parsing.
    if (text === "undefined") return;
    this.parseJson(text);
  }

  /** A string that Yjs hands to `JSON.parse` whatever it says. */
  skipStrictJson(): void {
    this.parseJson(this.string());
  }

  private parseJson(text: string): void {
    try {
      JSON.parse(text);
    } catch {
      throw new Malformed("not JSON");
    }
  }

  /** Passes over one value of lib0's `any` encoding; returns its type byte. */
  skipAny(depth = 0): number {
    if (depth > MAX_DEPTH) throw new Malformed("nested too deep");
    const type = this.byte();
    switch (type) {
      case 127: // undefined
      case 126: // null
      case 121: // false
      case 120: // true
        break;
      case 125: // integer
        this.skipInt();
        break;
      case 124:
        this.skip(4);
        break;
      case 123:
      case 122:
        this.skip(8);
        break;
      case 119:
        this.skipString();
        break;
      case 118:
        for (let n = this.uint(); n > 0; n--) {
          this.skipString();
          this.skipAny(depth + 1);
        }
        break;
      case 117:
        for (let n = this.uint(); n > 0; n--) this.skipAny(depth + 1);
        break;
      case 116:
        this.block();
        break;
      default:
        throw new Malformed("unknown value type");
    }
    return type;
  }

  private skipInt(): void {
    let byte = this.byte();
    let value = byte & 0x3f;
    let scale = 0x40;
    while (byte >= 0x80) {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (value > Number.MAX_SAFE_INTEGER) throw new Malformed("number out of range");
    }
  }
}

/** Length in UTF-16 code units of valid UTF-8. */
export function utf16Units(utf8: Uint8Array): number {
  let units = utf8.length;
  for (let i = 0; i < utf8.length; i++) {
    const byte = utf8[i]!;
    if (byte < 0x80) continue;
    if (byte < 0xc0) units--;
    else if (byte >= 0xf0) units++;
  }
  return units;
}

/** A growing byte buffer. */
export class ByteWriter {
  private bytes: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): this {
    this.reserve(1);
    this.bytes[this.length++] = value;
    return this;
  }

  uint(value: number): this {
    this.reserve(8);
    while (value > 0x7f) {
      this.bytes[this.length++] = 0x80 | (value % 0x80);
      value = Math.floor(value / 0x80);
    }
    this.bytes[this.length++] = value;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** A byte string with its length before it. */
  block(bytes: Uint8Array): this {
    return this.uint(bytes.length).raw(bytes);
  }

  string(text: string): this {
    return this.block(Buffer.from(text, "utf8"));
  }

  /** What was written, as a view that later writes may invalidate: take it last. */
  done(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

/** How many bytes `uint` takes for this value. */
export function uintSize(value: number): number {
  let size = 1;
  while (value > 0x7f) {
    value = Math.floor(value / 0x80);
    size++;
  }
  return size;
}

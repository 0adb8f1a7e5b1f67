import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeUtf8 } from "lib0/string";
import { crc32 } from "../../src/sync/log-records.ts";

/** As the definition has it, bit by bit. */
const byDefinition = (bytes: Uint8Array): number => {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  }
  return ~value >>> 0;
};

it("ST checksums are CRC-32, of whatever length and in whatever pieces", () => {
  expect(crc32(encodeUtf8("123456789"))).toBe(0xcbf43926);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), (bytes, cut) => {
      expect(crc32(bytes)).toBe(byDefinition(bytes));
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(crc32(bytes));
    }),
  );
});

/** Secrets are kept as hashes: who reads the memory or the data folder cannot use them. */
import { createHash, timingSafeEqual } from "node:crypto";

/** SHA-256, hex. Enough for secrets that are random themselves. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Compares without telling by its time how much fits. */
export function sameSecret(hash: string, secret: string): boolean {
  return timingSafeEqual(Buffer.from(hash, "hex"), createHash("sha256").update(secret).digest());
}

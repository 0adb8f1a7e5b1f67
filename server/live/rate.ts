/** How much a connection may send in a time, as a bucket that fills again. */

export interface Bucket {
  /** How much is left, as a share of ten seconds' worth. */
  level: number;
  /** When that was so, in milliseconds of `performance.now()`. */
  at: number;
}

export function fullBucket(): Bucket {
  return { level: 1, at: performance.now() };
}

/** Takes `amount` where `perSecond` may come, and ten seconds' worth of it at once after a pause; false when it is not there. */
export function take(bucket: Bucket, perSecond: number, amount: number): boolean {
  const share = amount / (perSecond * 10);
  if (bucket.level < share) {
    const now = performance.now();
    bucket.level = Math.min(1, bucket.level + (now - bucket.at) / 10_000);
    bucket.at = now;
    if (bucket.level < share) return false;
  }
  bucket.level -= share;
  return true;
}

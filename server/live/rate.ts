/** How much a connection may send in a time, as a bucket that fills again. */

export interface Bucket {
  /** How much is left, as a share of what may come at once. */
  level: number;
  /** When that was so, in milliseconds of `performance.now()`. */
  at: number;
}

export function fullBucket(): Bucket {
  return { level: 1, at: performance.now() };
}

/** Takes `amount` where `perSecond` may come, and `atOnce` after a pause; false when it is not there. */
export function take(bucket: Bucket, perSecond: number, atOnce: number, amount: number): boolean {
  const share = amount / atOnce;
  if (bucket.level < share) {
    const now = performance.now();
    bucket.level = Math.min(1, bucket.level + ((now - bucket.at) / 1000) * (perSecond / atOnce));
    bucket.at = now;
    if (bucket.level < share) return false;
  }
  bucket.level -= share;
  return true;
}

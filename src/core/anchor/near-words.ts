/**
 * Are two different words one word changed: a typo mended, another ending? They are if they share at least 60 % of the
 * longer one from the front (with four letters or more), or differ by one letter (four letters or more) or two (eight or
 * more). Meant for words that stand between kept neighbours; alone, likeness proves nothing.
 */
export function isNearWord(a: string, b: string): boolean {
  if (a === b) return true;
  const long = Math.max(a.length, b.length);
  const short = Math.min(a.length, b.length);
  if (short < 3 || long < 4) return false;
  let front = 0;
  while (front < short && a[front] === b[front]) front++;
  if (front >= 4 && front >= 0.6 * long) return true;
  const allowed = long >= 8 ? 2 : 1;
  return long - short <= allowed && within(a, b, allowed);
}

/** Is the edit distance (with swaps of neighbours) at most `most`? */
function within(a: string, b: string, most: number): boolean {
  const width = b.length + 1;
  let before: number[] = [];
  let last = Array.from({ length: width }, (_, k) => k);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j < width; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      row.push(cost);
      if (cost < least) least = cost;
    }
    if (least > most) return false;
    before = last;
    last = row;
  }
  return (last[width - 1] as number) <= most;
}

/** From UTF-16 code units, in which everything of ours counts, to Unicode code points, in which W3C selectors count. */

/** A function from an offset in code units to the number of code points before it. Built once per text: O(n), each call O(log n). */
export function createCodePointCounter(text: string): (offset: number) => number {
  /** offsets of the second halves of the surrogate pairs */
  const seconds: number[] = [];
  for (let i = 1; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) continue;
    const before = text.charCodeAt(i - 1);
    if (before >= 0xd800 && before <= 0xdbff) seconds.push(i);
  }
  return (offset) => {
    let low = 0;
    let high = seconds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seconds[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return offset - low;
  };
}

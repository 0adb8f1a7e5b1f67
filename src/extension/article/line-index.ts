/** Offsets in a text with `\n` line ends <-> lines and characters, which are the same whatever line ends the editor uses. */
export interface LineIndex {
  /** Zero-based line and character (UTF-16 code units) of an offset; beyond the end counts as the end. */
  positionAt(offset: number): { line: number; character: number };
  /** The offset of a position; a character beyond its line counts as the line's end. */
  offsetAt(position: { line: number; character: number }): number;
}

export function createLineIndex(text: string): LineIndex {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return {
    positionAt(offset) {
      const wanted = Math.max(0, Math.min(offset, text.length));
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= wanted) low = middle;
        else high = middle - 1;
      }
      return { line: low, character: wanted - starts[low]! };
    },
    offsetAt({ line, character }) {
      if (line < 0) return 0;
      if (line >= starts.length) return text.length;
      const end = line + 1 < starts.length ? starts[line + 1]! - 1 : text.length;
      return Math.min(starts[line]! + Math.max(0, character), end);
    },
  };
}

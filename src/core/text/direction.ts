// Which way an article reads.

const RTL = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
const LETTER = /\p{L}/gu;

/** The direction of most letters in the first 20,000 characters of the blocks' text; left to right when there is a tie. */
export function directionOf(blocks: readonly { text: string; kind: string }[]): "ltr" | "rtl" {
  let balance = 0;
  let left = 20_000;
  for (const block of blocks) {
    if (block.kind === "code" || block.kind === "math") continue;
    const text = block.text.slice(0, left);
    for (const [letter] of text.matchAll(LETTER)) balance += RTL.test(letter) ? 1 : -1;
    left -= text.length;
    if (left <= 0) break;
  }
  return balance > 0 ? "rtl" : "ltr";
}

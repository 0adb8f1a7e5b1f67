// Which way an article reads.

const RTL = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
const LETTER = /\p{L}/u;

/** The direction of most letters in the first 20,000 code units of the blocks' text; left to right when there is a tie. */
export function directionOf(blocks: readonly { text: string; kind: string }[]): "ltr" | "rtl" {
  let balance = 0;
  let left = 20_000;
  for (const { kind, text } of blocks) {
    if (kind === "code" || kind === "math") continue;
    for (let i = 0; i < text.length && left > 0; i++, left--) {
      const code = text.charCodeAt(i);
      if (code < 0x80) {
        if ((code >= 65 && code <= 90) || (code >= 97 && code <= 122)) balance--;
        continue;
      }
      const character = String.fromCodePoint(text.codePointAt(i) as number);
      if (LETTER.test(character)) balance += RTL.test(character) ? 1 : -1;
    }
    if (left <= 0) break;
  }
  return balance > 0 ? "rtl" : "ltr";
}

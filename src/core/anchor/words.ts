/**
 * The words of a text with their places. White space is no word, so a new line break changes nothing. A sign is a word of
 * its own; combining marks and joiners stay with the letter they sit on; scripts written without spaces are cut by
 * `Intl.Segmenter`. All offsets are UTF-16 code units, end exclusive, and never fall inside a surrogate pair.
 */
export interface Words {
  readonly text: string;
  readonly count: number;
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Number of the folded word (see {@link fold}) in the lexicon; equal numbers, equal words but for capitals and marks. */
  readonly id: Int32Array;
  /** How much the word says: see {@link weigh}. */
  readonly weight: Float32Array;
}

/** Numbers for folded words, shared by the texts that are to be compared. */
export interface Lexicon {
  /** The folded words by their numbers. */
  readonly forms: string[];
  readonly weights: number[];
  readonly byForm: Map<string, number>;
  /** Words as they are written, each with the number of its form; `table` finds them by hash (an index plus one; 0: none). */
  readonly written: string[];
  readonly numbers: number[];
  table: Int32Array;
}

export function createLexicon(): Lexicon {
  return { forms: [], weights: [], byForm: new Map(), written: [], numbers: [], table: new Int32Array(1 << 12) };
}

const SPACE = 1;
const LETTER = 2;
const SIGN = 3;
const UNSPACED = 4;
const JOINED = 5;

const IS_SPACE = /[\s\u200b\u2060\ufeff]/u;
const IS_UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30fc]/u;
const IS_LETTER = /[\p{L}\p{N}]/u;
// Marks, zero width (non-)joiners, variation selectors (marks, too) and skin tones belong to the character before them; tatweel to its word.
const IS_JOINED = /[\u0640\p{M}\p{Join_Control}\p{Emoji_Modifier}]/u;
const JOINER = 0x200d;

const kinds = new Uint8Array(0x10000);

function kindOf(character: string): number {
  if (IS_SPACE.test(character)) return SPACE;
  if (IS_JOINED.test(character)) return JOINED;
  if (IS_UNSPACED.test(character)) return UNSPACED;
  return IS_LETTER.test(character) ? LETTER : SIGN;
}

/** Kind of the code point at `at`; lone surrogates are signs. */
function kindAt(text: string, at: number, code: number): number {
  if (code >= 0xd800 && code <= 0xdfff) return kindOf(String.fromCodePoint(text.codePointAt(at) ?? code));
  let kind = kinds[code] ?? 0;
  if (kind === 0) {
    kind = kindOf(String.fromCharCode(code));
    kinds[code] = kind;
  }
  return kind;
}

const widthAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  if (code < 0xd800 || code > 0xdbff || at + 1 >= text.length) return 1;
  const next = text.charCodeAt(at + 1);
  return next >= 0xdc00 && next <= 0xdfff ? 2 : 1;
};

/** Capitals and marks are no difference between words: `Naïve` and `naive`, vowelled and bare Arabic are one word. */
export function fold(word: string): string {
  let plain = true;
  for (let k = 0; k < word.length; k++) {
    const code = word.charCodeAt(k);
    if (code > 0x7e || (code >= 0x41 && code <= 0x5a)) {
      plain = false;
      break;
    }
  }
  if (plain) return word;
  const bare = word
    .normalize("NFKD")
    .replace(/[\u0640\p{M}\p{Join_Control}]/gu, "")
    .toLowerCase();
  return bare === "" ? word : bare;
}

const ONLY_DIGITS = /^\p{N}+$/u;
const ONLY_SIGNS = /^[^\p{L}\p{N}]*$/u;
const UNSPACED_LETTERS = new RegExp(IS_UNSPACED.source, "gu");

/** What a number says, in letters, beyond its digits: it is what tells one table, year or item of a list from the next. */
const NUMBER_SAYS = 3;
/** Longer words than this say no more. */
const LONGEST = 12;

/**
 * What a word says about where it stands, from its form alone, so that it holds for every language: long words are rare
 * words. A letter says a third; words of up to three letters half of that, most of them being articles and prepositions; a
 * sign 0.2; a character of a script without spaces as much as three letters. Weights by frequency in the article were tried
 * and found no better.
 */
export function weigh(word: string): number {
  if (ONLY_SIGNS.test(word)) return 0.2;
  if (ONLY_DIGITS.test(word)) return Math.min(NUMBER_SAYS + word.length, LONGEST) / 3;
  const length = word.length + 2 * (word.match(UNSPACED_LETTERS)?.length ?? 0);
  return length <= 3 ? length / 6 : Math.min(length, LONGEST) / 3;
}

/** A run without spaces is given to the segmenter in pieces of this length: its time grows with the square. */
const LONGEST_RUN = 256;

let segmenter: Intl.Segmenter | undefined;

/** Cuts `text` from `from` to `to` into words; `lexicon` is added to. */
export function cutWords(text: string, lexicon: Lexicon, from = 0, to = text.length): Words {
  let room = 64 + ((to - from) >> 2);
  let start = new Int32Array(room);
  let end = new Int32Array(room);
  let id = new Int32Array(room);
  let count = 0;
  const put = (a: number, b: number): void => {
    if (count === room) {
      room *= 2;
      start = grown(start, room);
      end = grown(end, room);
      id = grown(id, room);
    }
    start[count] = a;
    end[count] = b;
    id[count++] = numberOf(lexicon, text, a, b);
  };
  let at = from;
  while (at < to) {
    const kind = kindAt(text, at, text.charCodeAt(at));
    let next = at + widthAt(text, at);
    if (kind === SPACE) {
      at = next;
      continue;
    }
    while (next < to) {
      const more = kindAt(text, next, text.charCodeAt(next));
      if (kind === UNSPACED && more === UNSPACED && next - at >= LONGEST_RUN) break;
      const joined = more === JOINED || (more === SIGN && text.charCodeAt(next - 1) === JOINER);
      if (!joined && (more !== kind || kind === SIGN)) break;
      next += widthAt(text, next);
    }
    if (next > to) next = to;
    if (kind === UNSPACED) {
      segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
      for (const part of segmenter.segment(text.slice(at, next)))
        put(at + part.index, at + part.index + part.segment.length);
    } else put(at, next);
    at = next;
  }
  const weight = new Float32Array(count);
  for (let k = 0; k < count; k++) weight[k] = lexicon.weights[id[k] as number] as number;
  return {
    text,
    count,
    start: start.subarray(0, count),
    end: end.subarray(0, count),
    id: id.subarray(0, count),
    weight,
  };
}

function grown(list: Int32Array, room: number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(room);
  out.set(list);
  return out;
}

/** The number of the word [from, to) of `text`. Most words are known: these are found without making a string of them. */
function numberOf(lexicon: Lexicon, text: string, from: number, to: number): number {
  const length = to - from;
  let hash = length;
  for (let k = from; k < to; k++) hash = Math.imul(hash ^ text.charCodeAt(k), 0x9e3779b1);
  hash ^= hash >>> 15;
  const { table, written } = lexicon;
  const mask = table.length - 1;
  let slot = hash & mask;
  for (; table[slot] !== 0; slot = (slot + 1) & mask) {
    const known = (table[slot] as number) - 1;
    const word = written[known] as string;
    if (word.length !== length) continue;
    let k = 0;
    while (k < length && word.charCodeAt(k) === text.charCodeAt(from + k)) k++;
    if (k === length) return lexicon.numbers[known] as number;
  }
  const word = text.slice(from, to);
  const form = fold(word);
  let number = lexicon.byForm.get(form);
  if (number === undefined) {
    number = lexicon.forms.length;
    lexicon.forms.push(form);
    lexicon.weights.push(weigh(form));
    lexicon.byForm.set(form, number);
  }
  written.push(word);
  lexicon.numbers.push(number);
  table[slot] = written.length;
  if (written.length * 2 > table.length) rehash(lexicon);
  return number;
}

function rehash(lexicon: Lexicon): void {
  const table = new Int32Array(lexicon.table.length * 4);
  const mask = table.length - 1;
  for (const [index, word] of lexicon.written.entries()) {
    let hash = word.length;
    for (let k = 0; k < word.length; k++) hash = Math.imul(hash ^ word.charCodeAt(k), 0x9e3779b1);
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = index + 1;
  }
  lexicon.table = table;
}

/** Index of the first word that ends after `offset` (`words.count` if none). */
export function wordFrom(words: Words, offset: number): number {
  let low = 0;
  let high = words.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words.end[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first word that starts at or after `offset` (`words.count` if none). */
export function wordAfter(words: Words, offset: number): number {
  let low = 0;
  let high = words.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words.start[middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Words [from, to) as words of their own. */
export function sliceWords(words: Words, from: number, to: number): Words {
  return {
    text: words.text,
    count: to - from,
    start: words.start.subarray(from, to),
    end: words.end.subarray(from, to),
    id: words.id.subarray(from, to),
    weight: words.weight.subarray(from, to),
  };
}

/** Is `at` between the halves of a surrogate pair? */
export function splitsPair(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

/** The range, UTF-16 offsets, with borders that fall inside a surrogate pair moved out of it. */
export function outOfPairs(text: string, start: number, end: number): { start: number; end: number } {
  return { start: splitsPair(text, start) ? start - 1 : start, end: splitsPair(text, end) ? end + 1 : end };
}

/** Are two passages the same but for white space? */
export function sameWords(a: string, b: string): boolean {
  return a === b || a.replace(/\s+/g, "") === b.replace(/\s+/g, "");
}

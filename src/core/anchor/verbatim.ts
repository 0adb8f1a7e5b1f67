import { GRAM } from "./gram-index.ts";
import { PROOF } from "./quote-search.ts";
import type { Pattern, SearchText } from "./quote-search.ts";

/** A passage too short to prove itself, or one that stands more than once, is known by so much weight of equal words beside it ... */
const AMPLE = 10;
/** ... if around every other place there is less by this. */
const MARGIN = 4;
/** A passage whose first words stand more often than this is left to the slower search: a text may be made of one word. */
const OFTEN = 100;

/**
 * The first word of the place where the passage stands word for word, if there is no doubt about it: it stands once and is
 * long enough, or one place has the old surroundings and the others have not. Otherwise -1, which says nothing: the slower
 * search decides.
 */
export function findVerbatim(text: SearchText, pattern: Pattern): number {
  const { words, q0, q1 } = pattern;
  if (q1 - q0 < GRAM) return -1;
  const ids = words.id;
  const [a, b, c] = [ids[q0] as number, ids[q0 + 1] as number, ids[q0 + 2] as number];
  let found = -1;
  let places = 0;
  let best = 0;
  let second = 0;
  let seen = 0;
  for (let y = text.grams.first(a, b, c); y >= 0; y = text.grams.next(y)) {
    if (++seen > OFTEN) return -1;
    let n = 0;
    while (q0 + n < q1 && text.words.id[y + n] === ids[q0 + n]) n++;
    if (q0 + n < q1) continue;
    places++;
    const context = weightBeside(text, pattern, q0 - 1, y - 1, -1) + weightBeside(text, pattern, q1, y + n, 1);
    if (found < 0 || context > best) {
      second = best;
      best = context;
      found = y;
    } else if (context > second) second = context;
  }
  if (found < 0) return -1;
  if (best >= AMPLE && best >= second + MARGIN) return found;
  let weight = 0;
  for (let k = q0; k < q1; k++) weight += words.weight[k] as number;
  return places === 1 && weight >= PROOF ? found : -1;
}

/** Weight of the words that are equal from `k` and `y` on, going left or right. */
function weightBeside(text: SearchText, { words }: Pattern, k: number, y: number, step: -1 | 1): number {
  let weight = 0;
  for (; k >= 0 && k < words.count && words.id[k] === text.words.id[y]; k += step, y += step)
    weight += words.weight[k] as number;
  return weight;
}

/** The article and the annotations of the benchmark: the same in every run. */
import type { Motivation, PassageClass } from "../../../src/core/model/entries.ts";

export interface Passage {
  /** UTF-16 code units of the Markdown, end exclusive. */
  start: number;
  end: number;
  motivation: Motivation;
  class?: PassageClass;
  body: string;
}

const WORDS =
  `margin reader passage argument evidence claim source copy letter edition scholar note century library page hand ink
theorem proof number square cube power witness reason doubt answer question word sentence meaning method history record
careful early later printed written marked learned famous general simple curious exact found gave kept made read said
shows turns holds follows proves denies supports between under against within because although whether once`.split(
    /\s+/,
  );

/** Mulberry32: small, and the same everywhere. */
export const randomOf = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

const sentence = (random: () => number): string => {
  const words = Array.from(
    { length: 8 + Math.floor(random() * 14) },
    () => WORDS[Math.floor(random() * WORDS.length)]!,
  );
  const at = Math.floor(random() * words.length);
  if (random() < 0.2) words[at] = `*${words[at]!}*`;
  else if (random() < 0.1) words[at] = `**${words[at]!}**`;
  else if (random() < 0.05) words[at] = `[${words[at]!}](https://example.org/${at})`;
  const text = words.join(" ");
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
};

const paragraph = (random: () => number): string =>
  Array.from({ length: 3 + Math.floor(random() * 4) }, () => sentence(random)).join(" ");

/** Markdown of `length` characters: headings, paragraphs, lists, quotations and a table here and there. */
export function makeArticle(length: number): string {
  const random = randomOf(7);
  const parts = ["# On the uses of a margin"];
  let size = parts[0]!.length;
  for (let n = 1; size < length; n++) {
    let part: string;
    if (n % 9 === 1) part = `## ${(n + 8) / 9}. ${sentence(random).slice(0, 40)}`;
    else if (n % 9 === 4) part = Array.from({ length: 4 }, () => `- ${sentence(random)}`).join("\n");
    else if (n % 9 === 6) part = `> ${paragraph(random)}`;
    else if (n % 27 === 8)
      part = `| Year | Reader | Note |\n|---|---|---|\n${"| 1637 | Fermat | in the margin |\n".repeat(4)}`.trim();
    else part = paragraph(random);
    parts.push(part);
    size += part.length + 2;
  }
  return `${parts.join("\n\n").slice(0, length - 1)}\n`;
}

/** `count` passages of 15 to 135 characters all over the text, of all kinds; every second one says something. */
export function makePassages(text: string, count: number): Passage[] {
  const random = randomOf(11);
  const classes = [undefined, undefined, "claim", "evidence", "source"] as const;
  return Array.from({ length: count }, (_, i): Passage => {
    const start = Math.floor(random() * (text.length - 140));
    const end = start + 15 + Math.floor(random() * 120);
    const passageClass = classes[i % classes.length];
    const said = i % 2 === 0 ? sentence(random) : "";
    return {
      start,
      end,
      motivation: passageClass ? "classifying" : i % 7 === 0 ? "questioning" : said ? "commenting" : "highlighting",
      ...(passageClass ? { class: passageClass } : {}),
      body: said || (i % 7 === 0 && !passageClass ? "Is that so?" : ""),
    };
  });
}

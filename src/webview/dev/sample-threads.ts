/** Threads for the page of `npm run dev`: as many as asked for, over the sentences of an article. */
import type { ArticleMessage, ReplyMessage, ThreadMessage } from "../../protocol/reader.ts";
import type { Random } from "./random.ts";

const NOTES = [
  "Is this really so? The cited study had **only 40** participants.",
  "Compare with the argument in section 2, where the same data is read the other way round.",
  "I would put this more carefully.",
  "This is the heart of the matter. If it falls, the conclusion falls with it.",
  "Which edition? The page numbers do not match mine.",
  "The author moves from *is* to *ought* here without saying so. A reader who does not share the premise about institutions will not follow, and the next paragraph does not help: it assumes what it should show.",
  "Good.",
  "See also [the reply](https://example.org/reply).",
  "Three things:\n\n- the sample\n- the period\n- the translation of the key term",
  "هذا تعليق بالعربية على الفقرة.",
];
const ANSWERS = [
  "Agreed.",
  "I read it differently: the footnote limits the claim.",
  "Could you say where?",
  "Yes, p. 12.",
  "Thanks, that helps. I had missed the qualification in the second half of the sentence.",
];

export function makeThreads(
  article: ArticleMessage,
  source: string,
  count: number,
  people: readonly string[],
  random: Random,
  now: number,
): ThreadMessage[] {
  const threads: ThreadMessage[] = [];
  const { sentences } = article;
  for (let i = 0; i < count && sentences.length > 0; i++) {
    const [from, to] =
      sentences[
        count < 200 ? Math.floor(((i + random.next()) / count) * sentences.length) : random.below(sentences.length)
      ]!;
    let start = from;
    let end = to;
    if (random.next() < 0.55 && to - from > 30) {
      const words = [...source.slice(from, to).matchAll(/[\p{L}\p{N}’'-]+/gu)];
      const first = random.below(words.length);
      const last = Math.min(words.length - 1, first + 1 + random.below(8));
      start = from + words[first]!.index;
      end = from + words[last]!.index + words[last]![0].length;
    }
    const author = random.pick(people);
    const created = now - random.below(9 * 86_400_000);
    const roll = random.next();
    const kind: Pick<ThreadMessage, "motivation" | "class"> =
      roll < 0.28
        ? { motivation: "commenting" }
        : roll < 0.42
          ? { motivation: "questioning" }
          : roll < 0.56
            ? { motivation: "highlighting" }
            : { motivation: "classifying", class: random.pick(["claim", "evidence", "source"] as const) };
    const bare = kind.motivation === "highlighting" || (kind.motivation === "classifying" && random.next() < 0.4);
    const ref = `${author}/t${i}`;
    const replies: ReplyMessage[] = [];
    for (let k = random.next() < 0.35 ? 1 + random.below(random.next() < 0.2 ? 6 : 2) : 0; k > 0; k--) {
      const by = random.pick(people);
      replies.push({
        ref: `${by}/r${i}-${k}`,
        author: by,
        body: random.pick(ANSWERS),
        created: created + (7 - k) * 600_000,
        deleted: false,
        hidden: false,
        reactions: [],
        mine: by === people[0],
        unread: by !== people[0] && random.next() < 0.08,
      });
    }
    const unread = author !== people[0] && random.next() < 0.06;
    threads.push({
      ref,
      author,
      ...kind,
      body: bare ? "" : random.pick(NOTES),
      quote: source.slice(start, end),
      created,
      touched: replies.at(-1)?.created ?? created,
      deleted: false,
      hidden: false,
      status: random.next() < 0.1 ? "resolved" : "open",
      placement: { state: "placed", start, end },
      replies,
      reactions: random.next() < 0.15 ? [{ emoji: "👍", by: people.slice(0, 1 + random.below(people.length)) }] : [],
      mine: author === people[0],
      unread: unread || replies.some((reply) => reply.unread),
    });
  }
  return threads;
}

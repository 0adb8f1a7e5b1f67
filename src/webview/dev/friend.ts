/** A second reader who selects passages and answers now and then. */
import type { FakeHost } from "./fake-host.ts";
import { createRandom } from "./random.ts";

export function createReadingFriend(host: FakeHost): void {
  const random = createRandom(3);
  let sentence = 4;
  const read = () => {
    const { sentences, sections } = host.article();
    sentence = (sentence + 1) % Math.max(1, sentences.length);
    const at = sentences[sentence];
    if (!at) return;
    const section = sections.findLast((each) => each.start <= at[0]);
    host.people((people) =>
      people.map((each) =>
        each.id === "ben"
          ? { ...each, ...(section ? { section: section.id } : {}), selection: { start: at[0], end: at[1] } }
          : each,
      ),
    );
    if (random.next() < 0.3) {
      const thread = host.threads()[random.below(host.threads().length)];
      if (!thread) return;
      const now = Date.now();
      host.put({
        ...thread,
        touched: now,
        unread: true,
        replies: [
          ...thread.replies,
          {
            ref: `ben/f${now}`,
            author: "ben",
            body: "I wonder about that.",
            created: now,
            deleted: false,
            hidden: false,
            reactions: [],
            mine: false,
            unread: true,
          },
        ],
      });
    }
  };
  read();
  setInterval(read, 4000);
}

/**
 * Gathers the threads of a snapshot that comes in several messages, so that the view is drawn with the first of them and then
 * once with all. Pure.
 */
import type { News, ThreadMessage } from "../protocol/reader.ts";
import { placedAnew } from "./reduce.ts";

export interface Arrivals {
  /** What is to be shown now because of this news; null when it only added to what is still arriving. */
  take(news: News): News | null;
  /** Threads are still on their way. */
  readonly waiting: boolean;
}

export function createArrivals(): Arrivals {
  let gathered: Map<string, ThreadMessage> | null = null;
  return {
    take(news) {
      if (news.type === "snapshot") gathered = news.snapshot.more ? new Map() : null;
      if (news.type === "moreThreads") {
        if (!gathered) return null;
        for (const thread of news.threads) gathered.set(thread.ref, thread);
        if (!news.last) return null;
        const threads = [...gathered.values()];
        gathered = null;
        return { type: "moreThreads", threads, last: true };
      }
      if (!gathered) return news;
      // news of what has been gathered: the later word counts
      if (news.type === "threads") {
        for (const { ref } of news.threads) gathered.delete(ref);
        for (const ref of news.removed) gathered.delete(ref);
      }
      if (news.type === "article") {
        for (const placed of news.placements) {
          const thread = gathered.get(placed[0]);
          if (thread) gathered.set(thread.ref, placedAnew(thread, placed));
        }
      }
      return news;
    },
    get waiting() {
      return gathered !== null;
    },
  };
}

/**
 * What the view keeps for its reader: unsent words and the place in the text, for each article by itself; and filter and
 * panels. All of it outlives a reload with the view's own state; words outlive the tab, too, with the host.
 */
import type { Snapshot } from "../protocol/reader.ts";
import { createDrafts, type Drafts } from "./drafts.ts";
import type { State } from "./state.ts";
import { dumpUnsent } from "./unsent.ts";
import type { ViewHost } from "./view-host.ts";
import { holdsWords, type Kept, readKept, readRemembered, type Remembered } from "./view-state.ts";

export interface Keeping extends Pick<Remembered, "filter" | "outline" | "filterOpen"> {
  readonly drafts: Drafts;
  /** Where the reader is in the article, as an offset in its source; null at its beginning. */
  position: number | null;
  /** Takes up what is kept of an article, and its drafts; null when it is the one that is shown already. */
  open(snapshot: Snapshot): Kept | null;
  /** Keeps all as it is now: a hidden view is taken away without a word. */
  remember(): void;
  /** The same, once for all that happens in the next moment. */
  rememberSoon(): void;
}

export interface KeepingOptions {
  host: Pick<ViewHost, "getState" | "setState">;
  state(): Pick<State, "filter" | "panel" | "unsent">;
  /** Gives the words that are not sent to the host; null when there are none. */
  giveWords(words: Pick<Kept, "drafts" | "unsent"> | null): void;
}

/** How long a moment is, in milliseconds. */
const SOON = 400;

export function createKeeping({ host, state, giveWords }: KeepingOptions): Keeping {
  const { filter, outline, filterOpen, articles: kept } = readRemembered(host.getState());
  const articles = new Map(kept);
  /** The article that is shown. */
  let room: string | null = null;
  let given = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** The host is told of words when they are others than before. */
  const give = () => {
    const now = room === null ? undefined : articles.get(room);
    if (!now) return;
    const words = holdsWords(now) ? { drafts: now.drafts, unsent: now.unsent } : null;
    const written = JSON.stringify(words);
    if (written === given) return;
    given = written;
    giveWords(words);
  };

  const remember = () => {
    const now = state();
    const { drafts, position } = keeping;
    if (room !== null) articles.set(room, { drafts: drafts.dump(), unsent: dumpUnsent(now.unsent), position });
    for (const [name, each] of articles) if (name !== room && !holdsWords(each)) articles.delete(name);
    give();
    host.setState({
      articles: Object.fromEntries(articles),
      filter: { ...now.filter, fresh: null },
      outline: now.panel.outline,
      filterOpen: now.panel.filter,
    });
  };

  const keeping: Keeping = {
    filter,
    outline,
    filterOpen,
    drafts: createDrafts(remember),
    position: null,
    open(snapshot) {
      const name = snapshot.room ?? "";
      if (room === name) return null;
      if (room !== null) remember();
      // what a view that was closed had written; this one's own words, after a reload, are newer
      const own = articles.get(name) ?? readKept(snapshot.words);
      room = name;
      given = "";
      keeping.position = own.position ?? snapshot.position ?? null;
      keeping.drafts.open(own.drafts);
      return own;
    },
    remember,
    rememberSoon() {
      clearTimeout(timer);
      timer = setTimeout(remember, SOON);
    },
  };
  return keeping;
}

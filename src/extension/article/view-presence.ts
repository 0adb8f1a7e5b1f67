/** One presence for all views that this window has of an article: that of the view which spoke last. */
import type { OwnPresence } from "../../sync/presence.ts";

export interface ViewPresence {
  /** Where the reader is in a view. */
  tell(view: object, presence: OwnPresence): void;
  /** The view is closed: the reader is where the one before it was. */
  leave(view: object): void;
}

export function createViewPresence(show: (presence: OwnPresence) => void): ViewPresence {
  /** By the view, the last one that spoke at the end. */
  const sections = new Map<object, OwnPresence["section"]>();
  return {
    tell(view, presence) {
      sections.delete(view);
      sections.set(view, presence.section);
      show(presence);
    },
    leave(view) {
      const last = [...sections.keys()].at(-1);
      if (!sections.delete(view) || view !== last) return;
      // what was selected there before may be other words by now
      show({ section: [...sections.values()].at(-1) ?? null, selection: null });
    },
  };
}

/** Everything the view knows, as plain data: drawn from, and changed only through the store. */
import type {
  BlockMessage,
  Capabilities,
  Person,
  SectionMessage,
  StatusMessage,
  ThreadMessage,
  ViewSettings,
} from "../protocol/reader.ts";
import type { PassageDraft } from "./drafts.ts";
import { indexPlaced, type PlacedIndex } from "./model/annotations.ts";
import { type Filter, NO_FILTER } from "./model/filter.ts";
import type { Opened } from "./model/opened.ts";
import type { Span } from "./model/source-map.ts";
import type { Unsent, UnsentMap } from "./unsent.ts";

export interface Article {
  epoch: number;
  title: string;
  dir: "ltr" | "rtl";
  meta: Record<string, string>;
  blocks: BlockMessage[];
  sections: SectionMessage[];
  sentences: [number, number][];
}

/** The composer of a new note: at most one is open. */
export interface NewNote {
  /** The name under which it will be sent. */
  intent: string;
  passage: PassageDraft;
  /** Why the last attempt failed, or what became of the passage. */
  error: string;
  /** Another one each time that the caret belongs into it. */
  turn: number;
}

export interface Toast {
  text: string;
  /** What it offers to take back: a write, or that something unsent was discarded. */
  undo: { write: number } | { discarded: Unsent } | null;
}

/** A list of annotations at one place, to choose from. */
export interface Chooser {
  refs: string[];
  x: number;
  y: number;
}

export interface State {
  article: Article | null;
  threads: ReadonlyMap<string, ThreadMessage>;
  /** What was written and is not known to be with the host, by intent. */
  unsent: UnsentMap;
  /** Derived: unsent annotations as threads, by intent; their ref is `intent:<intent>`. */
  provisional: ReadonlyMap<string, ThreadMessage>;
  /** Derived: annotations in the text in reading order, and those that lost their passage. */
  placed: PlacedIndex;
  orphans: readonly ThreadMessage[];
  people: ReadonlyMap<string, Person>;
  me: Person | null;
  capabilities: Capabilities;
  status: StatusMessage;
  settings: ViewSettings;
  filter: Filter;
  /** The annotation whose card is open. */
  active: string | null;
  /** How a card was opened; of another one than the active it says nothing. */
  opened: Opened | null;
  hovered: string | null;
  /** What is selected in the text, in source offsets; and the rectangle to put the toolbar at. */
  selection: Span | null;
  newNote: NewNote | null;
  /** Open editors on existing cards: draft keys. */
  editing: string | null;
  replying: string | null;
  reattaching: string | null;
  panel: {
    outline: boolean | null;
    filter: boolean;
    tray: boolean;
    unsent: boolean;
    menu: string | null;
  };
  /** Annotations whose replies are all shown. */
  expandedReplies: ReadonlySet<string>;
  showingChange: ReadonlySet<string>;
  toast: Toast | null;
  chooser: Chooser | null;
  /** Section at the top of the window. */
  section: string | null;
  /** No room for cards beside the text; and room for the outline too. */
  narrow: boolean;
  wide: boolean;
}

export const START: State = {
  article: null,
  threads: new Map(),
  unsent: new Map(),
  provisional: new Map(),
  placed: indexPlaced([]),
  orphans: [],
  people: new Map(),
  me: null,
  capabilities: { annotate: false, moderate: false, editArticle: false },
  status: { state: "alone", detail: "", waiting: 0 },
  settings: { measure: 70, fontSize: 18, announceBoundaries: false },
  filter: NO_FILTER,
  active: null,
  opened: null,
  hovered: null,
  selection: null,
  newNote: null,
  editing: null,
  replying: null,
  reattaching: null,
  panel: { outline: null, filter: false, tray: false, unsent: false, menu: null },
  expandedReplies: new Set(),
  showingChange: new Set(),
  toast: null,
  chooser: null,
  section: null,
  narrow: false,
  wide: false,
};

export type StateKey = keyof State;

export interface Store {
  readonly state: State;
  /** Changes some of the state; drawing follows in the next frame. */
  update(patch: Partial<State>): void;
  /** Called in the order of subscription, once for all changes since the last drawing. */
  subscribe(draw: (state: State, changed: ReadonlySet<StateKey>) => void): () => void;
  /** Draws now what would be drawn in the next frame. */
  flush(): void;
}

/** `schedule` runs a task before the next paint; `onChange` hears of each change at once. */
export function createStore(
  start: State,
  schedule: (task: () => void) => void,
  onChange: (state: State, before: State) => void = () => {},
): Store {
  let state = start;
  let changed = new Set<StateKey>();
  let waiting = false;
  const listeners = new Set<(state: State, changed: ReadonlySet<StateKey>) => void>();
  const flush = () => {
    // a drawing may change the state (a measured height); a chain of those ends, or is a bug that must show
    for (let round = 0; changed.size > 0; round++) {
      if (round > 20) throw new Error("The view keeps changing its own state.");
      const now = changed;
      changed = new Set();
      for (const draw of listeners) draw(state, now);
    }
  };
  return {
    get state() {
      return state;
    },
    update(patch) {
      let any = false;
      for (const key of Object.keys(patch) as StateKey[]) {
        if (Object.is(state[key], patch[key])) continue;
        changed.add(key);
        any = true;
      }
      if (!any) return;
      const before = state;
      state = { ...state, ...patch };
      onChange(state, before);
      if (waiting) return;
      waiting = true;
      schedule(() => {
        waiting = false;
        flush();
      });
    },
    subscribe(draw) {
      listeners.add(draw);
      return () => listeners.delete(draw);
    },
    flush,
  };
}

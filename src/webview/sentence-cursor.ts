/** Walking from sentence to sentence by keys: where the walk is, where it begins, and what it selects. */
import type { ArticleView } from "./article/article-view.ts";
import type { Geometry } from "./article/geometry.ts";
import { sentencesAt } from "./model/passages.ts";
import type { Span } from "./model/source-map.ts";
import type { Page } from "./page.ts";
import type { Store } from "./state.ts";

export interface SentenceCursorParts {
  store: Store;
  page: Page;
  article: ArticleView;
  geometry: Geometry;
  /** Pixels from the top of the window. */
  readingTop(): number;
  announce(text: string): void;
  select(span: Span): void;
}

export interface SentenceCursor {
  /** Where the walk goes on, in source offsets; null when the reader was nowhere yet. */
  readonly start: number | null;
  /** Selects the next or previous sentence, or takes it into the selection. */
  walk(step: 1 | -1, extend: boolean): void;
  /** The reader pointed at a character: its sentence is the next. */
  pointAt(offset: number): void;
  /** Something was selected by other means: the walk goes on from there. */
  follow(span: Span): void;
  forget(): void;
  /** The text is another one. */
  carry(carry: (span: Span | null) => Span | null): void;
}

export function createSentenceCursor(parts: SentenceCursorParts): SentenceCursor {
  const { store, page, article, geometry, readingTop, announce, select } = parts;
  /** The sentences last walked over, or the one character that was pointed at. */
  let at: Span | null = null;
  let pointed = false;

  type Sentences = readonly (readonly [number, number])[];

  /** The first one that begins in the window; the one that fills it, when none does. */
  const firstInWindow = (sentences: Sentences): number => {
    const top = geometry.atTop()?.block;
    const room = readingTop();
    const { first } = sentencesAt(sentences, { start: top?.start ?? 0, end: top?.start ?? 0 });
    for (let i = first; i < sentences.length && sentences[i]![0] < (top?.end ?? 0); i++) {
      const range = article.domRange({ start: sentences[i]![0], end: sentences[i]![1] });
      if (range && range.getBoundingClientRect().top >= room) return i;
    }
    // what follows the block at the top, unless that is all there is to be seen
    const next = sentencesAt(sentences, { start: top?.end ?? 0, end: top?.end ?? 0 }).first;
    const range = article.domRange({ start: sentences[next]![0], end: sentences[next]![1] });
    return range && range.getBoundingClientRect().top < window.innerHeight ? next : first;
  };

  const next = (sentences: Sentences, step: 1 | -1, extend: boolean): Span => {
    const selected = store.state.selection;
    const from = selected ?? at;
    const whole = (i: number): Span => {
      const [start, end] = sentences[Math.max(0, Math.min(sentences.length - 1, i))]!;
      return { start, end };
    };
    if (!from) return whole(firstInWindow(sentences));
    const { first, last } = sentencesAt(sentences, from);
    if (!selected && pointed) return whole(first);
    if (!extend) return whole(step === 1 ? last + 1 : first - 1);
    const target = sentences[Math.max(first, Math.min(sentences.length - 1, last + step))]!;
    return { start: Math.min(from.start, sentences[first]![0]), end: target[1] };
  };

  return {
    get start() {
      return at?.start ?? null;
    },
    walk(step, extend) {
      const sentences = store.state.article?.sentences ?? [];
      if (sentences.length === 0) return;
      const span = next(sentences, step, extend);
      at = span;
      pointed = false;
      if (document.activeElement !== page.main) page.main.focus({ preventScroll: true });
      select(span);
      announce(article.wordsOf(span).quote);
    },
    pointAt(offset) {
      at = { start: offset, end: offset + 1 };
      pointed = true;
    },
    follow(span) {
      at = span;
      pointed = false;
    },
    forget: () => (at = null),
    carry: (carry) => (at = carry(at)),
  };
}

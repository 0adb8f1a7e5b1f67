/**
 * From a text that changes at any moment to texts that views can show: each published one has an epoch, its parsed blocks and
 * the source that its offsets count in. While the worker reads one text the next changes gather; then it reads again.
 */
import type * as Y from "yjs";
import { type AnchorIndex, createAnchorIndex } from "../../core/anchor/resolve.ts";
import { articleSource } from "../../core/model/article-source.ts";
import type { ParsedArticle } from "../../protocol/article-message.ts";

export interface Published {
  epoch: number;
  source: string;
  parsed: ParsedArticle;
  /** Finds anchors in `source`. Its relative positions are those of the moment at which the text was taken. */
  index: AnchorIndex;
}

export interface Publication {
  /**
   * Where a range of a published text stands in the text as it is now. Null when that epoch is too long ago, or when the
   * passage itself was changed since: whoever chose it must look at the new text and choose again.
   */
  carryToNow(epoch: number, start: number, end: number): { start: number; end: number } | null;
  /** Starts reading the text; call once it is loaded, and again when its format changes. */
  refresh(): void;
  dispose(): void;
}

/** One piece of a change of the text, offsets before the change. */
export interface Splice {
  at: number;
  removed: number;
  added: number;
}

/** Epochs that an intent may lag behind: a second of fast typing. */
const KEPT_EPOCHS = 20;

export interface PublicationOptions {
  text: Y.Text;
  parse(source: string): Promise<ParsedArticle>;
  /** Awaited: the next text is read only when this one is published. */
  onPublish(published: Published): void | Promise<void>;
  onError(error: unknown): void;
  /** Epochs count on from here: views that know the article from before take its text for newer, and no intent for a recent one. */
  after?: number | undefined;
}

export function createPublication({ text, parse, onPublish, onError, after = 0 }: PublicationOptions): Publication {
  let epoch = after;
  let running = false;
  let again = false;
  let disposed = false;
  /** splices since the text of each recent epoch, in order */
  const since = new Map<number, Splice[]>();
  let started = false;

  const run = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      try {
        const source = articleSource(text);
        const reading = ++epoch;
        since.set(reading, []);
        for (const old of since.keys()) if (old <= reading - KEPT_EPOCHS) since.delete(old);
        const index = createAnchorIndex(source, text);
        index.positions();
        const parsed = await parse(source);
        if (disposed) break;
        await onPublish({ epoch: reading, source, parsed, index });
      } catch (error) {
        if (!disposed) onError(error);
      }
    } while (again);
    running = false;
  };

  const observe = (event: Y.YTextEvent) => {
    const splices = splicesOf(event.delta);
    for (const list of since.values()) list.push(...splices);
    if (started) void run();
  };
  text.observe(observe);

  return {
    carryToNow(from, start, end) {
      const splices = since.get(from);
      if (!splices) return null;
      return carryRange(splices, start, end);
    },
    refresh() {
      started = true;
      void run();
    },
    dispose() {
      disposed = true;
      again = false;
      text.unobserve(observe);
    },
  };
}

/** The splices of a Yjs text delta, each with its offset in the text as the earlier ones of the same delta have left it. */
export function splicesOf(delta: readonly { retain?: number; insert?: unknown; delete?: number }[]): Splice[] {
  const splices: Splice[] = [];
  let at = 0;
  for (const part of delta) {
    if (part.retain !== undefined) at += part.retain;
    else if (part.delete !== undefined) splices.push({ at, removed: part.delete, added: 0 });
    else if (part.insert !== undefined) {
      const added = typeof part.insert === "string" ? part.insert.length : 1;
      splices.push({ at, removed: 0, added });
      at += added;
    }
  }
  return splices;
}

/** Carries a range over splices applied one after the other; null as soon as one of them touches its inside. */
export function carryRange(
  splices: readonly Splice[],
  start: number,
  end: number,
): { start: number; end: number } | null {
  for (const { at, removed, added } of splices) {
    if (at + removed <= start) {
      start += added - removed;
      end += added - removed;
    } else if (at < end) return null;
  }
  return { start, end };
}

/**
 * What an editor has not yet been told, as layers between its text and the shared text.
 *
 * A layer is a list of pieces that turns the text below it into the text above: kept, gone, or inserted. A change of the lower
 * text is carried through to the upper one, and the layer stays true; so a key pressed while an edit is on its way to the
 * editor finds its place in the shared text.
 */
import { sourceOf } from "../core/model/article-source.ts";

/** Replaces `length` UTF-16 code units at `offset` by `text`. */
export interface TextEdit {
  offset: number;
  length: number;
  text: string;
}

type Piece = { kind: "keep" | "gone"; length: number } | { kind: "insert"; text: string };

export interface Layer {
  /** Takes in a change of the upper text (a Yjs delta: `retain`, `delete`, `insert`). */
  changeAbove(delta: readonly DeltaPart[]): void;
  /** Takes in a change of the lower text; returns it as changes of the upper one, each on top of those before. */
  changeBelow(edit: TextEdit): TextEdit[];
  /** What to do to the lower text to get the upper: in order, not overlapping, all offsets of the lower text as it is. */
  edits(): TextEdit[];
  /** Of the upper text, in code units. */
  lengthAbove(): number;
  isIdentity(): boolean;
}

export interface DeltaPart {
  retain?: number;
  delete?: number;
  insert?: unknown;
}

const below = (piece: Piece) => (piece.kind === "insert" ? 0 : piece.length);
const above = (piece: Piece) =>
  piece.kind === "gone" ? 0 : piece.kind === "insert" ? piece.text.length : piece.length;

/** A layer whose lower text has `length` code units and whose upper text is the same, or the same with `edits` done. */
export function createLayer(length: number, edits: readonly TextEdit[] = []): Layer {
  let pieces: Piece[] = [];
  let done = 0;
  for (const edit of edits) {
    push(pieces, { kind: "keep", length: edit.offset - done });
    push(pieces, { kind: "gone", length: edit.length });
    push(pieces, { kind: "insert", text: edit.text });
    done = edit.offset + edit.length;
  }
  push(pieces, { kind: "keep", length: length - done });

  return {
    changeAbove(delta) {
      const next: Piece[] = [];
      const rest = new Queue(pieces, above);
      for (const part of delta) {
        if (part.insert !== undefined) {
          push(next, { kind: "insert", text: sourceOf(part.insert) });
        } else if (part.retain !== undefined) {
          for (const piece of rest.take(part.retain)) push(next, piece);
        } else if (part.delete !== undefined) {
          for (const piece of rest.take(part.delete)) {
            if (piece.kind !== "insert") push(next, { kind: "gone", length: piece.length });
          }
        }
      }
      for (const piece of rest.rest()) push(next, piece);
      pieces = next;
    },
    changeBelow({ offset, length, text }) {
      const next: Piece[] = [];
      const out: TextEdit[] = [];
      let at = 0;
      const rest = new Queue(pieces, below);
      for (const piece of rest.take(offset)) {
        at += above(piece);
        push(next, piece);
      }
      if (text) {
        out.push({ offset: at, length: 0, text });
        push(next, { kind: "keep", length: text.length });
        at += text.length;
      }
      for (const piece of rest.take(length)) {
        if (piece.kind === "insert") {
          at += piece.text.length;
          push(next, piece);
        } else if (piece.kind === "keep") out.push({ offset: at, length: piece.length, text: "" });
      }
      for (const piece of rest.rest()) push(next, piece);
      pieces = next;
      return out;
    },
    edits() {
      const out: TextEdit[] = [];
      let at = 0;
      let open: TextEdit | null = null;
      for (const piece of pieces) {
        if (piece.kind === "keep") {
          at += piece.length;
          open = null;
          continue;
        }
        if (!open) out.push((open = { offset: at, length: 0, text: "" }));
        if (piece.kind === "insert") open.text += piece.text;
        else {
          open.length += piece.length;
          at += piece.length;
        }
      }
      return out;
    },
    lengthAbove: () => pieces.reduce((sum, piece) => sum + above(piece), 0),
    isIdentity: () => pieces.every((piece) => piece.kind === "keep"),
  };
}

/** Pieces taken off the front by length, cut where need be. */
class Queue {
  #pieces: readonly Piece[];
  #measure: (piece: Piece) => number;
  #index = 0;
  /** length already taken of the piece at `#index`, in code units */
  #taken = 0;

  constructor(pieces: readonly Piece[], measure: (piece: Piece) => number) {
    this.#pieces = pieces;
    this.#measure = measure;
  }

  /** Pieces that measure `length` together; those without extent go along while there is length left, not at the end. */
  *take(length: number): Generator<Piece> {
    let left = length;
    while (left > 0 && this.#index < this.#pieces.length) {
      const piece = cut(this.#pieces[this.#index]!, this.#taken);
      const extent = this.#measure(piece);
      if (extent <= left) {
        left -= extent;
        this.#index++;
        this.#taken = 0;
        yield piece;
      } else {
        this.#taken += left;
        const head = cut(piece, 0, left);
        left = 0;
        yield head;
      }
    }
  }

  *rest(): Generator<Piece> {
    yield* this.take(Number.POSITIVE_INFINITY);
  }
}

function cut(piece: Piece, from: number, to = Number.POSITIVE_INFINITY): Piece {
  if (from === 0 && to === Number.POSITIVE_INFINITY) return piece;
  if (piece.kind === "insert") return { kind: "insert", text: piece.text.slice(from, to) };
  return { kind: piece.kind, length: Math.min(piece.length, to) - from };
}

function push(pieces: Piece[], piece: Piece): void {
  if (piece.kind === "insert" ? piece.text === "" : piece.length <= 0) return;
  const last = pieces.at(-1);
  if (last?.kind === "insert" && piece.kind === "insert")
    pieces[pieces.length - 1] = { kind: "insert", text: last.text + piece.text };
  else if (last && last.kind !== "insert" && last.kind === piece.kind)
    pieces[pieces.length - 1] = { kind: last.kind, length: last.length + piece.length };
  else pieces.push(piece);
}

/** `text` with edits done; all offsets are of `text`, in order and not overlapping. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let out = "";
  let at = 0;
  for (const edit of edits) {
    out += text.slice(at, edit.offset) + edit.text;
    at = edit.offset + edit.length;
  }
  return out + text.slice(at);
}

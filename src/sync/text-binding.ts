/**
 * Keeps an editor's document and the shared text the same, both ways, without losing a key.
 *
 * The editor is told of changes one request at a time and may refuse (its text had just changed) or take its time. What it does
 * itself it tells at once. Between its text and the shared one lie at most two layers: what it is being told, and what came
 * since. A request is recognised as carried out by the text that it leads to.
 */
import type * as Y from "yjs";
import { textChanges } from "../core/anchor/text-changes.ts";
import { articleSource } from "../core/model/article-source.ts";
import type { Clock } from "./clock.ts";
import { FROM_EDITOR } from "./origins.ts";
import { createOwnSteps, endOfChange } from "./own-steps.ts";
import { applyEdits, createLayer, type Layer, type TextEdit } from "./text-layers.ts";

export interface EditorChange {
  /** Changes one after the other, each on the text that those before it left; left out when only the new text is known. */
  changes?: readonly TextEdit[];
  /** The editor's whole text after it, with `\n` line ends. */
  text: string;
  /** The editor went back to the saved text ("Don't Save", "Revert File"): nobody typed this. */
  reverted?: boolean;
}

export interface TextBindingOptions {
  /** The article's shared text. */
  text: Y.Text;
  /** The editor's text now, with `\n` line ends. */
  editorText: string;
  /**
   * The text that both sides had when they were last in step: what the editor's text differs from it was written outside, what
   * the shared text differs from it was written by others, and both count. Without it the shared text wins.
   */
  base?: string;
  /** The text as it was last saved, where the editor's is not; what came in since is unknown, and stays when the editor reverts. */
  saved?: string;
  /**
   * Asks the editor to do these edits at once: offsets of its text as it last told it, in order, not overlapping. False, or a
   * rejection: it did not (the text changed meanwhile, or it cannot just now).
   */
  apply(edits: readonly TextEdit[]): Promise<boolean>;
  /** Whether this participant may change the article. */
  writable(): boolean;
  clock: Clock;
  onError?: (error: unknown) => void;
}

export interface TextBinding {
  /**
   * Call for every change of the editor's text, own requests included, in the order in which they happen. True when it was what
   * the editor was asked for: nobody typed it.
   */
  editorChanged(change: EditorChange): boolean;
  /** Call when the editor's text, as it was last told, is saved. */
  editorSaved(): void;
  /**
   * Takes back what was typed here last, or does it again, and nothing of what others wrote. The offset behind it, in the shared text
   * as it is now; null when there is nothing.
   */
  undo(): number | null;
  redo(): number | null;
  /** True when the editor's text and the shared one are the same and nothing is on its way. */
  inStep(): boolean;
  /**
   * True once somebody who may not change the article has changed the editor's text: from then on the editor is left alone.
   */
  detached(): boolean;
  dispose(): void;
}

interface Request {
  edits: readonly TextEdit[];
  of: string | null;
}

/** Waits between requests that the editor refuses, in milliseconds: doubling from the first to the last. */
const RETRY = 20;
const LONGEST_RETRY = 2_000;

export function bindText(options: TextBindingOptions): TextBinding {
  const { text: shared, clock } = options;
  const onError = options.onError ?? (() => {});
  /** The editor's text as last told. */
  let known = options.editorText;
  /** From the editor's text up to the shared one; never empty. */
  let layers: Layer[] = [];
  /** What the editor is being asked, and the text it had then; null: not what the layers are about any more. */
  let asking: Request | null = null;
  let refusals = 0;
  let cancelRetry = () => {};
  let detached = false;
  let disposed = false;
  /** What was typed here: what undo takes back, and a revert as far as it was not saved. */
  const steps = createOwnSteps(shared);
  let reverting = false;
  /** The end of the last change that was not typed. */
  let changedAt = 0;
  let saved = options.saved ?? known;
  /** The room has no article yet (it is on its way, or could not be read): nothing is compared with nothing. */
  let dormant = shared.doc!.store.clients.size === 0;

  const editsBetween = (from: string, to: string): TextEdit[] =>
    textChanges(from, to).map(({ start, end, insert }) => ({ offset: start, length: end - start, text: insert }));

  /** Starts again from both texts as they are: the editor is to get the shared one. */
  const compare = () => {
    layers = [createLayer(known.length, editsBetween(known, articleSource(shared)))];
  };

  const writeShared = (edits: readonly TextEdit[]) => {
    if (edits.length === 0) return;
    steps.before(edits);
    shared.doc!.transact(() => {
      for (const edit of edits) {
        if (edit.length) shared.delete(edit.offset, edit.length);
        if (edit.text) shared.insert(edit.offset, edit.text);
      }
    }, FROM_EDITOR);
  };

  /** Takes edits of the editor's text into the shared one. */
  const takeIn = (edits: readonly TextEdit[]) => {
    let through = edits;
    for (const layer of layers) through = through.flatMap((edit) => layer.changeBelow(edit));
    writeShared(through);
  };

  const pump = () => {
    if (disposed || detached || dormant || asking) return;
    while (layers.length > 1 && layers[0]!.isIdentity()) layers.shift();
    const edits = layers[0]!.edits();
    if (edits.length === 0) return;
    const asked: Request = { edits, of: known };
    asking = asked;
    // what comes while the editor is at it lies above
    if (layers.length === 1) layers.push(createLayer(applyEdits(known, edits).length));
    void ask(edits).then((accepted) => answered(asked, accepted));
  };

  const ask = async (edits: readonly TextEdit[]): Promise<boolean> => {
    try {
      return await options.apply(edits);
    } catch (error) {
      onError(error);
      return false;
    }
  };

  const answered = (asked: Request, accepted: boolean) => {
    // no longer asking: it was carried out and told before this answer
    if (asking !== asked || disposed) return;
    if (accepted) {
      // it will be told; if not, it did not happen
      cancelRetry();
      cancelRetry = clock.setTimer(() => {
        if (asking === asked) asking = null;
        pump();
      }, LONGEST_RETRY);
      return;
    }
    asking = null;
    if (known === asked.of) retryLater();
    else pump();
  };

  const retryLater = () => {
    cancelRetry();
    cancelRetry = clock.setTimer(pump, Math.min(LONGEST_RETRY, RETRY * 2 ** Math.min(10, refusals++)));
  };

  const onShared = (event: Y.YTextEvent, transaction: Y.Transaction) => {
    if (transaction.origin === FROM_EDITOR || reverting || detached) return;
    if (dormant) {
      start();
      return;
    }
    if (transaction.origin !== steps.origin) steps.othersDid(event.delta);
    changedAt = endOfChange(event.delta);
    layers.at(-1)!.changeAbove(event.delta);
    // Yjs tells nothing of some kinds of objects
    if (layers.at(-1)!.lengthAbove() !== shared.length) {
      if (asking) asking.of = null;
      compare();
    }
    pump();
  };

  const finish = () => {
    asking = null;
    refusals = 0;
    cancelRetry();
  };

  /**
   * The editor shows the saved text again. What was typed here since is taken back from the shared text, too; what others
   * wrote stays, and what the saved text got from outside counts.
   */
  const goBackTo = (text: string) => {
    // what the editor was asked it may still do, on a text that it was not meant for
    if (asking) asking.of = null;
    reverting = true;
    steps.backToSaved();
    reverting = false;
    known = text;
    merge(saved);
    editorSaved();
    pump();
  };

  const editorSaved = () => {
    saved = known;
    steps.saved();
  };

  const editorChanged = ({ changes, text, reverted }: EditorChange): boolean => {
    if (disposed || detached) return false;
    if (text === known && !changes?.length) return false;
    if (dormant) {
      known = text;
      return false;
    }
    if (asking && text === applyEdits(known, asking.edits)) {
      const exact = known === asking.of;
      known = text;
      if (exact) layers.shift();
      // carried out on a text that it was not meant for; nothing of it was typed, so the shared text is right
      else compare();
      finish();
      pump();
      return true;
    }
    if (!options.writable()) {
      detached = true;
      cancelRetry();
      return false;
    }
    if (reverted) {
      goBackTo(text);
      return false;
    }
    const own =
      changes && sequential(known, changes) === text ? refine(known, changes) : toSequential(editsBetween(known, text));
    known = text;
    takeIn(own);
    pump();
    return false;
  };

  /** A replaced stretch word by word, so that what stays in it stays the same. */
  const refine = (before: string, changes: readonly TextEdit[]): TextEdit[] => {
    let now = before;
    return changes.flatMap((change) => {
      const { offset, length, text } = change;
      const old = now.slice(offset, offset + length);
      now = now.slice(0, offset) + text + now.slice(offset + length);
      if (!length || !text) return [change];
      return toSequential(editsBetween(old, text)).map((edit) => ({ ...edit, offset: edit.offset + offset }));
    });
  };

  /** Both texts come from `base`: what each got since counts in the other. */
  const merge = (base: string) => {
    // what both have already is no news to either
    const from = applyEdits(base, common(editsBetween(base, articleSource(shared)), editsBetween(base, known)));
    layers = [createLayer(from.length, editsBetween(from, articleSource(shared)))];
    takeIn(toSequential(editsBetween(from, known)));
  };

  const start = () => {
    // a base from before the article arrived says nothing
    const base = dormant && options.base === "" ? undefined : options.base;
    dormant = false;
    steps.clear();
    if (base !== undefined && known !== articleSource(shared) && options.writable()) merge(base);
    else compare();
    // a saved text was typed by nobody here
    if (options.saved === undefined) editorSaved();
    pump();
  };

  const step = (which: "undo" | "redo"): number | null => {
    if (disposed || detached || dormant || !options.writable()) return null;
    return steps[which]() ? changedAt : null;
  };

  if (!dormant) start();
  shared.observe(onShared);

  return {
    editorChanged,
    editorSaved,
    undo: () => step("undo"),
    redo: () => step("redo"),
    inStep: () => !detached && !dormant && !asking && layers.every((layer) => layer.isIdentity()),
    detached: () => detached,
    dispose() {
      disposed = true;
      cancelRetry();
      steps.destroy();
      shared.unobserve(onShared);
    },
  };
}

/** Of two lists of edits of one text, what both do: the same stretch replaced by the same text, or by texts that begin alike. */
function common(one: readonly TextEdit[], other: readonly TextEdit[]): TextEdit[] {
  return one.flatMap((edit) => {
    const same = other.find(({ offset, length }) => offset === edit.offset && length === edit.length);
    if (!same) return [];
    let alike = 0;
    while (alike < edit.text.length && edit.text[alike] === same.text[alike]) alike++;
    // never between the halves of a character
    if (/[\uD800-\uDBFF]/.test(edit.text.charAt(alike - 1))) alike--;
    return alike === 0 && edit.length === 0 ? [] : [{ ...edit, text: edit.text.slice(0, alike) }];
  });
}

/** Edits that all count in one text, as edits to be done one after the other. */
function toSequential(edits: readonly TextEdit[]): TextEdit[] {
  return edits.toReversed();
}

function sequential(text: string, changes: readonly TextEdit[]): string {
  let now = text;
  for (const { offset, length, text: insert } of changes)
    now = now.slice(0, offset) + insert + now.slice(offset + length);
  return now;
}

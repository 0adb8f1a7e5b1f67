/**
 * An editor's document and the room's text, the same both ways. People who may write get others' changes as edits of their
 * document; where nothing is typed (an article without a file, for readers) the file system is told that it changed.
 */
import * as vscode from "vscode";
import { bindText, type TextBinding } from "../../sync/text-binding.ts";
import type { TextEdit } from "../../sync/text-layers.ts";
import type { Room } from "../../sync/room.ts";
import type { Log } from "../log.ts";
import type { FileBinding } from "./article-file.ts";
import { roomOfUri } from "./file-system.ts";
import { createLineIndex } from "./line-index.ts";
import { mayEditArticle, systemClock } from "./rooms.ts";

export interface DocumentBindingOptions {
  document: vscode.TextDocument;
  room: Room;
  /** The text that file and room last agreed on. */
  base?: string;
  /** Lets editors read the article anew from the room. */
  reload(): void;
  /** The room hears of each change from here, as long as `telling` says so. */
  tells(telling: () => boolean): vscode.Disposable;
  log: Log;
}

/** The document's text with `\n` line ends, in which all offsets count. */
export function textOf(document: vscode.TextDocument): string {
  const text = document.getText();
  return document.eol === vscode.EndOfLine.CRLF ? text.replaceAll("\r\n", "\n") : text;
}

/**
 * Milliseconds without a change before a document is saved that nobody here saves. Saving may tidy up: many take away white space
 * at the ends of lines, from under the hands of whoever is about to write the next word.
 */
const REST = 1_000;
/** The same where the line that was changed last ends in white space: somebody may be between two words there. */
const REST_BETWEEN_WORDS = 10_000;

export interface DocumentBinding extends FileBinding {
  /** The document's text as the room was last told, or undefined when the room is not told. */
  told(): string | undefined;
}

export function bindDocument(options: DocumentBindingOptions): DocumentBinding {
  const { document, room, log } = options;
  const hasFile = roomOfUri(document.uri) === undefined;
  if (!hasFile && !mayEditArticle(room)) return reloadOnChange(options);

  /** told to save once the edits that others made are in */
  let saveWhenClean = false;
  let cancelSave = () => {};
  /** Something is being undone or done again: its edits are this person's. */
  let stepping = false;
  /** Where the caret belongs once that is in the document. */
  let caret: number | null = null;
  let before = textOf(document);
  const apply = async (edits: readonly TextEdit[]): Promise<boolean> => {
    if (document.isClosed) return false;
    // set before the edit: its change is told before its answer
    const wasClean = !document.isDirty && !stepping;
    saveWhenClean ||= wasClean;
    const edit = new vscode.WorkspaceEdit();
    const { positionAt } = createLineIndex(textOf(document));
    for (const { offset, length, text } of edits) {
      const from = positionAt(offset);
      const to = positionAt(offset + length);
      edit.replace(document.uri, new vscode.Range(from.line, from.character, to.line, to.character), text);
    }
    const done = await vscode.workspace.applyEdit(edit);
    // refused: somebody is typing, and saves that themselves
    if (!done && wasClean) saveWhenClean = false;
    // closed meanwhile, it was opened for the edit once more, in a document that this binding does not know
    else if (done && saveWhenClean && document.isClosed)
      await (await vscode.workspace.openTextDocument(document.uri)).save();
    return done;
  };

  const binding: TextBinding = bindText({
    text: room.text,
    editorText: before,
    ...(options.base === undefined ? {} : { base: options.base, ...(document.isDirty ? { saved: options.base } : {}) }),
    apply,
    writable: () => mayEditArticle(room),
    clock: systemClock,
    onError: (error) => log.error(`The article's editor: ${String(error)}`),
  });

  const save = () => {
    if (document.isClosed || !document.isDirty || !binding.inStep() || !(saveWhenClean || !hasFile)) return;
    saveWhenClean = false;
    void document.save();
  };
  /** Where the document was changed last. */
  let lastChange = 0;
  const saveAtRest = () => {
    cancelSave();
    cancelSave = systemClock.setTimer(save, isBetweenWords(before, lastChange) ? REST_BETWEEN_WORDS : REST);
  };

  const placeCaret = () => {
    if (caret === null || !binding.inStep()) return;
    const { line, character } = createLineIndex(before).positionAt(Math.min(caret, before.length));
    caret = null;
    const at = new vscode.Position(line, character);
    const editor = vscode.window.activeTextEditor;
    if (editor?.document !== document) return;
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  };

  let wasDirty = document.isDirty;
  const listener = vscode.workspace.onDidChangeTextDocument(({ document: changed, contentChanges, reason }) => {
    if (changed !== document) return;
    // after a revert VS Code tells of an edit first and then, without changes, that the document is dirty
    const becameClean = wasDirty && !document.isDirty;
    wasDirty = document.isDirty;
    if (contentChanges.length > 0) {
      const after = textOf(document);
      // Other than by undo and redo, a text changes and is clean at once only by going back to the file ("Don't Save", "Revert
      // File"). Reading alone the file is simply right, and so is every change; without a file it is the room that is read again.
      const reverted = becameClean && reason === undefined && hasFile && room.status.state !== "alone";
      const changes = sequentialEdits(before, contentChanges);
      before = after;
      // a file that nobody was typing in follows the room; what somebody is typing they save themselves
      const others = saveWhenClean;
      saveWhenClean = false;
      if (binding.editorChanged({ text: after, changes, reverted })) {
        saveWhenClean ||= others;
        placeCaret();
      }
      const { offset, text } = changes.at(-1)!;
      lastChange = offset + text.length;
    } else if (becameClean) binding.editorSaved();
    if (document.isDirty && (saveWhenClean || !hasFile)) saveAtRest();
  });
  const told = options.tells(() => !binding.detached());
  return {
    told: () => (binding.detached() ? undefined : before),
    step(which) {
      if (binding.detached()) return undefined;
      stepping = true;
      caret = binding[which]();
      stepping = false;
      return caret !== null;
    },
    dispose() {
      cancelSave();
      save();
      told.dispose();
      listener.dispose();
      binding.dispose();
    },
  };
}

/** Whether the line at an offset is empty or ends in white space. */
function isBetweenWords(text: string, offset: number): boolean {
  const newline = text.indexOf("\n", offset);
  const end = newline < 0 ? text.length : newline;
  return end === 0 || /\s/.test(text.charAt(end - 1));
}

/** Others' changes make the file system say so; the editor reads the article again. */
function reloadOnChange({ room, reload }: DocumentBindingOptions): DocumentBinding {
  const observe = () => reload();
  room.text.observe(observe);
  return { told: () => undefined, step: () => undefined, dispose: () => room.text.unobserve(observe) };
}

/**
 * The changes of one event, in a text with `\n` line ends, to be done one after the other. VS Code gives ranges of the text
 * before the event; done from the last to the first, each is right when its turn comes.
 */
function sequentialEdits(before: string, changes: readonly vscode.TextDocumentContentChangeEvent[]): TextEdit[] {
  const { offsetAt } = createLineIndex(before);
  return changes
    .map(({ range, text }) => {
      const start = offsetAt(range.start);
      return { offset: start, length: offsetAt(range.end) - start, text: text.replaceAll("\r\n", "\n") };
    })
    .sort((a, b) => b.offset - a.offset);
}

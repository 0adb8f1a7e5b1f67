/**
 * As much of VS Code's API as articles and sessions need without an editor, for `vi.mock("vscode", ...)`: one document that is
 * changed, edited by extensions and saved, with every answer of the editor kept back until the test gives it; and notifications
 * that are remembered.
 */
import type * as vscode from "vscode";

type Change = { range: Range; text: string };

class Range {
  readonly start: { line: number; character: number };
  readonly end: { line: number; character: number };
  constructor(line: number, character: number, toLine: number, toCharacter: number) {
    this.start = { line, character };
    this.end = { line: toLine, character: toCharacter };
  }
}

class WorkspaceEdit {
  readonly changes: Change[] = [];
  replace(_uri: unknown, range: Range, text: string): void {
    this.changes.push({ range, text });
  }
}

class Disposable {
  readonly dispose: () => void;
  constructor(dispose: () => void) {
    this.dispose = dispose;
  }
}

class EventEmitter<T> {
  private readonly listeners = new Set<(event: T) => void>();
  readonly event = (listener: (event: T) => void): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(event: T): void {
    for (const listener of Array.from(this.listeners)) listener(event);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

/** What never happens here. */
const nothing = new EventEmitter<never>();

type ChangeEvent = { document: FakeDocument; contentChanges: Change[] };
const changed = new EventEmitter<ChangeEvent>();
let document: FakeDocument | undefined;

/** Every error that the reader was told, in order. */
export const toldErrors: string[] = [];

/** Everything else that the reader was told, in order. */
export const toldNews: string[] = [];

/** What the reader is asked in modal dialogs, in order, and what they choose there and in messages with a choice. */
export const asked = { questions: [] as string[], choose: undefined as string | undefined };

/** What the reader has set, by the setting's whole name. */
export const settings = new Map<string, unknown>();

/** What is on the clipboard. */
export const clipboard = { text: "" };

/** What `import * as vscode from "vscode"` gives. */
export const fakeVscode = {
  Range,
  WorkspaceEdit,
  Disposable,
  EventEmitter,
  EndOfLine: { LF: 1, CRLF: 2 },
  ProgressLocation: { Notification: 15 },
  Uri: {
    from: ({ scheme, path, query = "" }: { scheme: string; path: string; query?: string }) => ({
      scheme,
      path,
      query,
      toString: () => `${scheme}:${path}${query && `?${query}`}`,
    }),
  },
  window: {
    showErrorMessage: async (message: string) => void toldErrors.push(message),
    async showInformationMessage(message: string, ...choices: string[]) {
      toldNews.push(message);
      return choices.find((choice) => choice === asked.choose);
    },
    /** The first is the likeliest. */
    showQuickPick: async <T>(items: readonly T[]) => items[0],
    async showWarningMessage(message: string, options?: { detail?: string }, ...choices: string[]) {
      if (!options) {
        toldNews.push(message);
        return undefined;
      }
      asked.questions.push(`${message}: ${options.detail ?? ""}`);
      return choices.find((choice) => choice === asked.choose);
    },
    withProgress: (_where: unknown, work: () => Promise<unknown>) => work(),
  },
  env: {
    clipboard: {
      readText: async () => clipboard.text,
      writeText: async (text: string) => void (clipboard.text = text),
    },
  },
  FileSystemError: { NoPermissions: Error, FileNotFound: Error, Unavailable: Error },
  workspace: {
    textDocuments: [],
    openTextDocument: () => Promise.reject(new Error("There are no files.")),
    onDidOpenTextDocument: nothing.event,
    onDidCloseTextDocument: nothing.event,
    onDidSaveTextDocument: nothing.event,
    getConfiguration: (section: string) => ({
      get: (key: string, unset: unknown) => settings.get(`${section}.${key}`) ?? unset,
    }),
    onDidChangeTextDocument: changed.event,
    applyEdit: (edit: WorkspaceEdit) => document!.ask(edit.changes),
  },
};

export type FakeDocument = ReturnType<typeof openFakeDocument>;

/** Opens the one document there is; `write` is what the file system does with a saved text. */
export function openFakeDocument(uri: vscode.Uri, initial: string, write: (text: string) => Promise<void>) {
  let version = 0;
  const asked: { changes: Change[]; version: number; answer: (done: boolean) => void }[] = [];
  let saving: { text: string; version: number; done: () => void } | undefined;
  let saves = Promise.resolve(true);
  const offsetAt = ({ line, character }: Range["start"]): number => {
    let at = 0;
    for (let i = 0; i < line; i++) at = opened.text.indexOf("\n", at) + 1;
    return at + character;
  };
  const change = (contentChanges: Change[]): void => {
    for (const { range, text } of contentChanges.toSorted((a, b) => offsetAt(b.range.start) - offsetAt(a.range.start)))
      opened.text = opened.text.slice(0, offsetAt(range.start)) + text + opened.text.slice(offsetAt(range.end));
    version++;
    opened.isDirty = true;
    changed.fire({ document: opened, contentChanges });
  };
  const opened = {
    uri,
    text: initial,
    isDirty: false,
    isClosed: false,
    eol: 1,
    getText: () => opened.text,
    /** A key pressed at an offset of a text of one line. */
    type(offset: number, text: string): void {
      change([{ range: new Range(0, offset, 0, offset), text }]);
    },
    ask: (changes: Change[]) => new Promise<boolean>((answer) => asked.push({ changes, version, answer })),
    /** Carries out the oldest request of an extension; an editor refuses what was meant for an older text. */
    carryOut(): void {
      const request = asked.shift();
      if (!request) return;
      if (request.version === version) change(request.changes);
      request.answer(request.version === version - 1);
    },
    /** Saves one after the other, each the text that stands when its turn comes. */
    save(): Promise<boolean> {
      saves = saves.then(async () => {
        if (!opened.isDirty) return true;
        const text = opened.text;
        const of = version;
        await new Promise<void>((done) => (saving = { text, version: of, done }));
        await write(text);
        if (version === of) opened.isDirty = false;
        return true;
      });
      return saves;
    },
    /** Lets the save that is under way reach the file system. */
    letSave(): void {
      const under = saving;
      saving = undefined;
      under?.done();
    },
    isBusy: () => asked.length > 0 || saving !== undefined,
  };
  document = opened;
  return opened;
}

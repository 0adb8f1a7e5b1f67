/** What the native parts tell a person, kept behind two functions so that a test can answer. */
import * as vscode from "vscode";

export interface Notices {
  /** Something that a person wrote could not be kept: says why and offers their own words to copy. */
  refused(why: string, words?: string): Promise<void>;
  confirmDelete(what: "comment" | "annotation"): Promise<boolean>;
}

const COPY = "Copy My Text";
const DELETE = "Delete";

export const notices: Notices = {
  async refused(why, words) {
    // the editor empties its input box whatever happened, so the words must not be lost with it
    const choice = words
      ? await vscode.window.showWarningMessage(`Marginalia: ${why}`, COPY)
      : await vscode.window.showWarningMessage(`Marginalia: ${why}`);
    if (choice === COPY && words) await vscode.env.clipboard.writeText(words);
  },
  async confirmDelete(what) {
    const detail =
      what === "annotation"
        ? "Replies of others stay. Undo in the reading view brings it back."
        : "Undo in the reading view brings it back.";
    return (await vscode.window.showWarningMessage(`Delete this ${what}?`, { modal: true, detail }, DELETE)) === DELETE;
  },
};

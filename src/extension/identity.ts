/** Who this reader is on this computer: an id that is made once, and a name that they choose. */
import { userInfo } from "node:os";
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { isName, newName, type ParticipantId } from "../core/model/ids.ts";
import { tidyLine } from "../core/model/tidy-line.ts";

const PARTICIPANT_KEY = "marginalia.participant";
/** A name is shown in narrow cards and in lists. */
const LONGEST_NAME = 60;

export interface Identity {
  /** The id under which this computer writes when reading alone, and in rooms that it makes. */
  readonly participant: ParticipantId;
  /** The chosen name, or a plain guess (the account's name) while nobody asked. */
  name(): string;
  /** True once the reader chose a name. */
  chosen(): boolean;
  /** Asks for a name; resolves to it, or to undefined when the reader thought better of it. */
  ask(reason: string): Promise<string | undefined>;
  /** Told when the name became another, wherever it was changed. */
  readonly onDidChangeName: vscode.Event<void>;
}

export async function createIdentity(context: vscode.ExtensionContext): Promise<Identity> {
  let participant = context.globalState.get<string>(PARTICIPANT_KEY, "");
  if (!isName(participant)) {
    participant = newName((bytes) => randomBytes(bytes));
    await context.globalState.update(PARTICIPANT_KEY, participant);
  }
  const setting = () => tidyName(vscode.workspace.getConfiguration("marginalia").get<string>("user.name", ""));
  const changed = new vscode.EventEmitter<void>();
  context.subscriptions.push(
    changed,
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("marginalia.user.name")) changed.fire();
    }),
  );
  return {
    participant,
    onDidChangeName: changed.event,
    name: () => setting() || accountName(),
    chosen: () => setting() !== "",
    async ask(reason) {
      const answer = await vscode.window.showInputBox({
        title: "Marginalia: Your Name",
        prompt: reason,
        value: setting() || accountName(),
        ignoreFocusOut: true,
        validateInput: (value) => (tidyName(value) ? undefined : "Please enter a name."),
      });
      const name = tidyName(answer ?? "");
      if (!name) return undefined;
      await vscode.workspace
        .getConfiguration("marginalia")
        .update("user.name", name, vscode.ConfigurationTarget.Global);
      return name;
    },
  };
}

const tidyName = (text: string) => tidyLine(text, LONGEST_NAME);

function accountName(): string {
  try {
    return tidyName(userInfo().username) || "Reader";
  } catch {
    return "Reader";
  }
}

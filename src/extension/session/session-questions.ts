/** What a reader is asked on the way into a session. */
import * as vscode from "vscode";
import type { Role } from "../../core/model/roles.ts";
import { type InviteLink, parseInviteLink } from "../../sync/invites.ts";
import { networkAddresses } from "./hosted-server.ts";

export type InvitedRole = Exclude<Role, "owner">;

export const INVITED: Record<InvitedRole, { label: string; detail: string; done: string }> = {
  reader: { label: "$(comment) Readers", detail: "Read and annotate", done: "Readers join with this link." },
  author: {
    label: "$(edit) Authors",
    detail: "Read, annotate and edit the article",
    done: "Authors join with this link.",
  },
  observer: { label: "$(eye) Observers", detail: "Read only", done: "Observers join with this link." },
  reviewer: {
    label: "$(checklist) Reviewers",
    detail: "Read and annotate as reviewers",
    done: "Reviewers join with this link.",
  },
};

/** Undefined: the reader thought better of it. */
export async function chooseInvitedRole(): Promise<InvitedRole | undefined> {
  const items = (["reader", "author", "observer"] as const).map((role) => ({ ...INVITED[role], role }));
  const choice = await vscode.window.showQuickPick(items, {
    title: "Marginalia: Copy Invite Link",
    placeHolder: "Whom is the link for?",
  });
  return choice?.role;
}

/** Which of this computer's addresses the server listens on; asked only where there is a choice. */
export async function chooseHost(): Promise<string | undefined> {
  const addresses = networkAddresses();
  if (addresses.length === 0) return "127.0.0.1";
  const choice = await vscode.window.showQuickPick(
    [
      ...addresses.map((address) => ({
        label: "$(globe) People on this network",
        detail: `They must be able to reach ${address}`,
        host: address,
      })),
      {
        label: "$(device-desktop) Only this computer",
        detail: "For trying it out with two windows",
        host: "127.0.0.1",
      },
    ],
    { title: "Marginalia: Host a Session", placeHolder: "Who should be able to join?", ignoreFocusOut: true },
  );
  return choice?.host;
}

/**
 * A host whose address changed hands out new links, and whoever took part comes back as who they were. But the token that proves
 * who they are would let another server speak for them: it goes nowhere else without a look.
 */
export async function confirmMove(from: string, to: string): Promise<boolean> {
  const join = "Join There";
  const choice = await vscode.window.showWarningMessage(
    "This link leads to another server",
    {
      modal: true,
      detail: `You know this session from ${new URL(from).host}. The link leads to ${new URL(to).host}, which would learn what proves who you are in it. Join there only if the host told you that the session moved.`,
    },
    join,
  );
  return choice === join;
}

/** What was written for oneself is not given to others without a word. `what`: as a sentence says it, "3 annotations". */
export async function confirmSharing(what: string, since: "alone" | "left"): Promise<boolean> {
  const share = "Share Them";
  const choice = await vscode.window.showWarningMessage(
    since === "alone" ? "Share what you wrote, too?" : "Share what you wrote since you left, too?",
    {
      modal: true,
      detail: `Everybody in the session will read the ${what} that you wrote ${since === "alone" ? "here while reading alone" : "after leaving it"}.`,
    },
    share,
  );
  return choice === share;
}

/** The server makes rooms for those only who have its key. */
export async function tellKeyWanted(server: string): Promise<void> {
  const settings = "Open Settings";
  const choice = await vscode.window.showErrorMessage(
    `${new URL(server).host} starts sessions only for who has its key. Ask those who run it, and put the key into the setting marginalia.server.adminKey.`,
    settings,
  );
  if (choice === settings)
    await vscode.commands.executeCommand("workbench.action.openSettings", "marginalia.server.adminKey");
}

/** Undefined: the reader thought better of it. */
export async function askForLink(): Promise<InviteLink | undefined> {
  const clipboard = await vscode.env.clipboard.readText().then(
    (text) => text,
    () => "",
  );
  const value = await vscode.window.showInputBox({
    title: "Marginalia: Join Session",
    prompt: "Paste the invite link that you were given.",
    value: parseInviteLink(clipboard) ? clipboard.trim() : "",
    ignoreFocusOut: true,
    validateInput: (text) => (parseInviteLink(text) ? undefined : "This is not an invite link of Marginalia."),
  });
  return value === undefined ? undefined : (parseInviteLink(value) ?? undefined);
}

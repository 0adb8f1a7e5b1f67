/** What `vscode://marginalia.marginalia/…` links ask for. They may come from any web page: nothing is done without a look. */
import * as vscode from "vscode";
import { isName, parseEntryRef } from "../core/model/ids.ts";
import { formatInviteLink, parseInviteLink } from "../sync/invites.ts";

export type IncomingLink =
  | { kind: "join"; link: string; server: string }
  | { kind: "annotation"; room: string; ref: string }
  | { kind: "unknown" };

export function readIncomingLink(uri: vscode.Uri): IncomingLink {
  const query = new URLSearchParams(uri.query);
  if (uri.path === "/join") {
    const invite = parseInviteLink(query.get("link") ?? "");
    return invite ? { kind: "join", link: formatInviteLink(invite), server: invite.server } : { kind: "unknown" };
  }
  if (uri.path === "/annotation") {
    const room = query.get("room") ?? "";
    const ref = query.get("ref") ?? "";
    if (isName(room) && parseEntryRef(ref)) return { kind: "annotation", room, ref };
  }
  return { kind: "unknown" };
}

/** A web page may have opened the link: the reader sees which server they are about to talk to. */
export async function confirmJoin(server: string): Promise<boolean> {
  const join = "Join";
  const choice = await vscode.window.showInformationMessage(
    "Join this reading session?",
    {
      modal: true,
      detail: `A link invites you to a session on ${new URL(server).host}. Your name will be shown to its members.`,
    },
    join,
  );
  return choice === join;
}

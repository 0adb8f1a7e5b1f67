/** What the status bar says of an article and what it offers, as pure functions of the state. */
import type { Role } from "../../core/model/roles.ts";
import type { StatusMessage } from "../../protocol/reader.ts";
import type { CommandId } from "../commands.ts";

export interface StatusWords {
  /** With a symbol of the editor's own icon font in front. */
  text: string;
  /** One sentence. */
  tooltip: string;
  /** What a screen reader says. */
  spoken: string;
  look: "plain" | "warning" | "error";
}

/** Longest reason that the bar itself shows; the tooltip has all of it. */
const LONGEST_REASON = 60;

export function statusWords({ state, detail, waiting }: StatusMessage): StatusWords {
  const changes = `${waiting} ${waiting === 1 ? "change" : "changes"}`;
  const reason = plain(detail);
  switch (state) {
    case "alone":
      return {
        text: "$(book) Alone",
        tooltip: reason || "You are reading alone. Everything you write is kept on this computer.",
        spoken: "Marginalia: reading alone",
        look: "plain",
      };
    case "offline":
      return {
        text: waiting > 0 ? `$(cloud-offline) Offline (${changes} waiting)` : "$(cloud-offline) Offline",
        tooltip:
          reason ||
          (waiting > 0
            ? `The server cannot be reached. ${waiting === 1 ? "1 change is" : `${changes} are`} kept on this computer and will be sent when it is back.`
            : "The server cannot be reached. What you write is kept on this computer and will be sent when it is back."),
        spoken: `Marginalia: offline${waiting > 0 ? `, ${changes} waiting` : ""}`,
        look: "warning",
      };
    case "connecting":
      return {
        text: "$(sync~spin) Connecting",
        tooltip: reason || "Connecting to the server of this session.",
        spoken: "Marginalia: connecting",
        look: "plain",
      };
    case "syncing":
      return {
        text: "$(sync~spin) Syncing",
        tooltip: reason || (waiting > 0 ? `${changes} on the way to the server.` : "Fetching what the others wrote."),
        spoken: "Marginalia: syncing",
        look: "plain",
      };
    case "saved":
      return {
        text: "$(check) Saved",
        tooltip: reason || "The server has everything on its disk.",
        spoken: "Marginalia: saved",
        look: "plain",
      };
    case "refused":
      return {
        text: `$(error) Refused: ${shortened(reason || "the server did not say why")}`,
        tooltip:
          reason || "The server refused this session and did not say why. What you write is kept on this computer.",
        spoken: `Marginalia: refused. ${reason}`.trim(),
        look: "error",
      };
  }
}

export interface StatusAction {
  command: CommandId | "retry";
  /** With a symbol in front. */
  label: string;
  description: string;
}

export interface StatusSituation {
  /** Undefined when no article is open. */
  state: StatusMessage["state"] | undefined;
  role: Role | undefined;
  /** The reader chose a name. */
  named: boolean;
}

/** What makes sense to do now, the likeliest first. */
export function statusActions({ state, role, named }: StatusSituation): StatusAction[] {
  const host: StatusAction = {
    command: "marginalia.session.host",
    label: "$(broadcast) Host a Session",
    description: "Read this article with others and copy an invite link",
  };
  const join: StatusAction = {
    command: "marginalia.session.join",
    label: "$(plug) Join Session",
    description: "With an invite link that somebody sent you",
  };
  const invite: StatusAction = {
    command: "marginalia.session.copyInvite",
    label: "$(link) Copy Invite Link",
    description: "For those who should read along",
  };
  const leave: StatusAction = {
    command: "marginalia.session.leave",
    label: "$(debug-disconnect) Leave Session",
    description: "What you wrote stays on this computer",
  };
  const retry: StatusAction = {
    command: "retry",
    label: "$(refresh) Try Again Now",
    description: "Connect to the server without waiting",
  };
  const name: StatusAction = {
    command: "marginalia.user.setName",
    label: "$(account) Set Your Name",
    description: named
      ? "The name that others read beside your annotations"
      : "Others read a name that you did not choose yet",
  };
  const log: StatusAction = {
    command: "marginalia.log.show",
    label: "$(output) Show Log",
    description: "What happened, for a report",
  };

  const inSession = state !== undefined && state !== "alone";
  if (state === undefined) return [join, name, log];
  if (!inSession) return [host, join, name, log];
  const again = state === "offline" || state === "refused" ? [retry] : [];
  const inviting = role === "owner" && state !== "refused" ? [invite] : [];
  return [...again, ...inviting, name, leave, log];
}

/** A status bar text reads `$(name)` as a symbol; a reason from elsewhere has none. */
function plain(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .replaceAll("$(", "$ (")
    .trim();
}

function shortened(text: string): string {
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON - 1).trimEnd()}…`;
}

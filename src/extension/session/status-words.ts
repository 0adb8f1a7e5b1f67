/** What the status bar says of an article and what it offers, as pure functions of the state. */
import type { Role } from "../../core/model/roles.ts";
import type { StatusMessage } from "../../protocol/reader.ts";
import type { CommandId } from "../commands.ts";
import { count } from "../views/thread-words.ts";

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
  const changes = count(waiting, "change");
  const reason = plain(detail);
  /** `explanation` is for when nobody gave a reason. */
  const words = (
    symbol: string,
    text: string,
    explanation: string,
    { spoken = text.toLowerCase(), look = "plain" }: { spoken?: string; look?: StatusWords["look"] } = {},
  ): StatusWords => ({
    text: `$(${symbol}) ${text}`,
    tooltip: reason || explanation,
    spoken: `Marginalia: ${spoken}`,
    look,
  });
  switch (state) {
    case "alone":
      return words("book", "Alone", "You are reading alone. Everything you write is kept on this computer.", {
        spoken: "reading alone",
      });
    case "offline": {
      const kept = waiting === 0 ? "What you write is" : waiting === 1 ? "1 change is" : `${changes} are`;
      return words(
        "cloud-offline",
        waiting > 0 ? `Offline (${changes} waiting)` : "Offline",
        `The server cannot be reached. ${kept} kept on this computer and will be sent when it is back.`,
        { spoken: waiting > 0 ? `offline, ${changes} waiting` : "offline", look: "warning" },
      );
    }
    case "connecting":
      return words("sync~spin", "Connecting", "Connecting to the server of this session.");
    case "syncing":
      return words(
        "sync~spin",
        "Syncing",
        waiting > 0 ? `${changes} on the way to the server.` : "Fetching what the others wrote.",
      );
    case "saved":
      return words("check", "Saved", "The server has everything on its disk.");
    case "full":
      return words(
        "warning",
        `No room (${changes} waiting)`,
        "The server has no room for what you write. It is kept on this computer and sent when there is room.",
        { spoken: `no room on the server, ${changes} waiting`, look: "warning" },
      );
    case "refused":
      return words(
        "error",
        `Refused: ${shortened(reason || "the server did not say why")}`,
        "The server refused this session and did not say why. What you write is kept on this computer.",
        { spoken: `refused. ${reason}`.trim(), look: "error" },
      );
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

const action = (
  command: StatusAction["command"],
  symbol: string,
  title: string,
  description: string,
): StatusAction => ({ command, label: `$(${symbol}) ${title}`, description });

const HOST = action(
  "marginalia.session.host",
  "broadcast",
  "Host a Session",
  "Read this article with others and copy an invite link",
);
const JOIN = action("marginalia.session.join", "plug", "Join Session", "With an invite link that somebody sent you");
const INVITE = action("marginalia.session.copyInvite", "link", "Copy Invite Link", "For those who should read along");
const INVITE_AGAIN = action(
  "marginalia.session.copyInvite",
  "link",
  "Copy Invite Link",
  "The one that you were invited with",
);
const LEAVE = action(
  "marginalia.session.leave",
  "debug-disconnect",
  "Leave Session",
  "What you wrote stays on this computer",
);
const RECENT = action(
  "marginalia.reader.openRecent",
  "history",
  "Open Recent Article",
  "One that you read before, alone or in a session",
);
const RETRY = action("retry", "refresh", "Try Again Now", "Connect to the server without waiting");
const LOG = action("marginalia.log.show", "output", "Show Log", "What happened, for a report");

/** What makes sense to do now, the likeliest first. */
export function statusActions({ state, role, named }: StatusSituation): StatusAction[] {
  const name = action(
    "marginalia.user.setName",
    "account",
    "Set Your Name",
    named ? "The name that others read beside your annotations" : "Others read a name that you did not choose yet",
  );
  if (state === undefined) return [RECENT, JOIN, name, LOG];
  // whoever left the session of somebody else can join it again, not host it
  if (state === "alone") return role === "owner" ? [HOST, JOIN, RECENT, name, LOG] : [JOIN, RECENT, name, LOG];
  const again = state === "offline" || state === "refused" || state === "full" ? [RETRY] : [];
  // an owner whom the server refuses opens the session again
  const isOwner = role === "owner";
  const inviting = state !== "refused" ? [isOwner ? INVITE : INVITE_AGAIN] : isOwner ? [HOST] : [];
  return [...again, ...inviting, name, LEAVE, RECENT, LOG];
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

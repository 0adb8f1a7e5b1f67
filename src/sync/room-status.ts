/** How a room stands with its server, put together from its documents' providers. */
import type { ProviderState } from "./provider.ts";

export interface RoomStatus {
  /**
   * alone: no session. offline: not connected, tried again by itself. connecting, syncing: on the way; syncing also while a
   * change is not yet on the server's disk. saved: the server has everything on disk. full: what the others write arrives, and what is
   * written here waits until the server has room for it. refused: only `retry` tries again.
   */
  state: "alone" | "offline" | "connecting" | "syncing" | "saved" | "full" | "refused";
  /** A sentence for people. */
  detail: string;
  /** Changes that are not yet on the server's disk; counted while alone, too. */
  waiting: number;
}

/** `waiting`: of all documents; `held`: of those among them that may not be written any more. */
export function roomStatus(
  session: boolean,
  providers: readonly { state: ProviderState; full?: string | null }[],
  waiting: number,
  held: number,
): RoomStatus {
  if (!session) return { state: "alone", detail: "Reading alone. Everything is kept on this computer.", waiting };
  const kinds = providers.map((each) => each.state.kind);
  const refused = providers.map((each) => each.state).find((each) => each.kind === "refused");
  if (refused?.kind === "refused") return { state: "refused", detail: refused.reason, waiting };
  if (kinds.includes("offline") || kinds.length === 0) {
    const rest = waiting === 0 ? "" : ` ${counted(waiting)} waiting.`;
    return {
      state: "offline",
      detail: `No connection to the server. Everything is kept on this computer.${rest}`,
      waiting,
    };
  }
  if (kinds.includes("connecting")) return { state: "connecting", detail: "Connecting to the server.", waiting };
  if (kinds.includes("syncing")) return { state: "syncing", detail: "Exchanging changes with the server.", waiting };
  const full = waiting > 0 ? providers.find((each) => each.full)?.full : undefined;
  if (full) {
    const detail = `${full} ${counted(waiting)} kept on this computer and sent when there is room; what others write arrives.`;
    return { state: "full", detail, waiting };
  }
  if (waiting > held) return { state: "syncing", detail: "The server is saving your changes.", waiting };
  if (held > 0) {
    const detail = `You may no longer change this part of the session: ${counted(held)} kept on this computer only.`;
    return { state: "refused", detail, waiting };
  }
  return { state: "saved", detail: "The server has everything on disk.", waiting };
}

function counted(changes: number): string {
  return changes === 1 ? "1 change is" : `${changes} changes are`;
}

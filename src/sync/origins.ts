/** Who did it: the origin of every transaction on a room's documents that this layer makes is one of these. */
export type Origin =
  /** A write of this window: sent, stored, and undone by this window's undo. */
  | { readonly from: "me" }
  /** What the text editor of this window was told or did: see the text binding. */
  | { readonly from: "editor" }
  /** What the first opening of an article put in. */
  | { readonly from: "seed" }
  /** Read from disk at the start, or written by another window of the same person; `mine`: not from the server. */
  | { readonly from: "store"; readonly mine: boolean }
  /** Came through a provider. */
  | { readonly from: "server"; readonly provider: object };

export const FROM_ME: Origin = { from: "me" };
export const FROM_EDITOR: Origin = { from: "editor" };
export const FROM_SEED: Origin = { from: "seed" };
export const FROM_STORE: Origin = { from: "store", mine: false };
export const FROM_OTHER_WINDOW: Origin = { from: "store", mine: true };

/** The tagged origin, or null for one that somebody else set. */
export function originOf(value: unknown): Origin | null {
  return typeof value === "object" && value !== null && "from" in value ? (value as Origin) : null;
}

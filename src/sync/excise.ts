/**
 * Takes structs out of a document as if they had never been in it. Yjs has no way to do so: what is in a document stays in it.
 * Needed where structs turn out to stand under another's client id, so that theirs could never come in.
 */
import * as Y from "yjs";

type Struct = Y.Item | Y.GC;

/** Client -> the clock from which on its structs are to go. */
export type Cuts = ReadonlyMap<number, number>;

/**
 * `cuts`, and whatever else could not stand without what they take: a struct that refers to one that goes, and all that its client
 * wrote after it. Each cut lies at the start of a struct.
 */
export function spreadCuts(doc: Y.Doc, cuts: Cuts): Map<number, number> {
  const { clients } = doc.store;
  const spread = new Map<number, number>();
  const cut = (client: number, clock: number) => {
    const structs = clients.get(client);
    if (!structs || clock >= endOf(structs)) return;
    const start = structs[Y.findIndexSS(structs, clock)]!.id.clock;
    if (start < (spread.get(client) ?? Infinity)) {
      spread.set(client, start);
      grew = true;
    }
  };
  const goes = (id: Y.ID | null) => id !== null && id.clock >= (spread.get(id.client) ?? Infinity);
  let grew = true;
  for (const [client, clock] of cuts) cut(client, clock);
  while (grew) {
    grew = false;
    for (const [client, structs] of clients) {
      const end = spread.get(client) ?? Infinity;
      for (const struct of structs) {
        if (struct.id.clock >= end) break;
        if (!(struct instanceof Y.Item)) continue;
        const within = (struct.parent as Y.AbstractType<unknown> | null)?._item?.id ?? null;
        if (!goes(struct.origin) && !goes(struct.rightOrigin) && !goes(within)) continue;
        cut(client, struct.id.clock);
        break;
      }
    }
  }
  return spread;
}

export function isCut(cuts: Cuts, id: Y.ID): boolean {
  return id.clock >= (cuts.get(id.client) ?? Infinity);
}

/**
 * Takes out what `spreadCuts` found; not within a transaction. Listeners are told nothing: whoever calls this puts something in the
 * place of what went, or has them look again. What was deleted by a struct that goes stays deleted.
 */
export function excise(doc: Y.Doc, cuts: Cuts): void {
  const { clients } = doc.store;
  for (const [client, clock] of cuts) {
    const structs = clients.get(client);
    if (!structs || clock >= endOf(structs)) continue;
    const first = Y.findIndexSS(structs, clock);
    for (const struct of structs.splice(first)) if (struct instanceof Y.Item) unlink(struct);
    if (structs.length === 0) clients.delete(client);
  }
}

function unlink(item: Y.Item): void {
  const { left, right, parentSub } = item;
  const parent = item.parent as Y.AbstractType<unknown> | null;
  if (left) left.right = right;
  if (right) right.left = left;
  if (!parent) return;
  if (parentSub !== null) {
    if (right) return;
    if (left) parent._map.set(parentSub, left);
    else parent._map.delete(parentSub);
    return;
  }
  if (!left) parent._start = right;
  if (!item.deleted && item.countable) parent._length -= item.length;
  // places that it remembers may be gone
  if (parent._searchMarker) parent._searchMarker = [];
}

function endOf(structs: readonly Struct[]): number {
  const last = structs.at(-1)!;
  return last.id.clock + last.length;
}

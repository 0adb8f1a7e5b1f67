/**
 * What a client may offer to a server that lacks it: its own writing only.
 *
 * A server that lost its last moments (a power cut) asks everybody what it lacks. Whoever answers with all they have would also
 * send what others wrote, and be refused for writing under their names. So a document's roots decide: structs that stand in a
 * root that is `mine` are offered, the rest is left to those who wrote it.
 */
import * as encoding from "lib0/encoding";
import * as Y from "yjs";

/** Whether this participant may write under the root of that name. */
export type MayWrite = (root: string) => boolean;

/** Client -> first clock that the other side lacks. */
export type StateVector = ReadonlyMap<number, number>;

type Struct = Y.Item | Y.GC;
/** What one transaction deleted. */
type DeleteSet = Y.Transaction["deleteSet"];
type Deletions = Map<number, { clock: number; len: number }[]>;

/**
 * An update (version 1) of the structs in roots that are `mine` and beyond `known`, and of deletions in those roots.
 *
 * - Of each client a run without gaps is offered: it ends before the first struct that stands elsewhere, since whatever came
 *   behind a gap could not be applied. An honest client writes in one margin root only, so its run never ends early.
 * - A deletion is offered where its struct is mine and either known to the other side or in this very update. `deletions`
 *   restricts them (one transaction's, say); without it all are offered, as a state vector tells nothing of deletions.
 * - A struct whose content and place were collected (`Y.GC`) counts as mine when all else of its client is.
 * - What still waits for a missing struct is not offered.
 */
export function encodeOffered(doc: Y.Doc, known: StateVector, mine: MayWrite, deletions?: DeleteSet): Uint8Array {
  const isMine = ownership(doc, mine);
  const runs: { client: number; structs: Struct[]; from: number; first: number; last: number }[] = [];
  const ends = new Map<number, number>();
  for (const [client, structs] of doc.store.clients) {
    const from = known.get(client) ?? 0;
    let end = Math.min(from, endOf(structs));
    if (from < endOf(structs)) {
      const first = Y.findIndexSS(structs, from);
      let last = first;
      while (last < structs.length && isMine(structs[last]!)) last++;
      if (last > first) {
        runs.push({ client, structs, from, first, last });
        end = endOf(structs.slice(last - 1, last));
      }
    }
    ends.set(client, end);
  }
  const deleted = collectDeletions(doc, ends, isMine, deletions);

  const encoder = new Y.UpdateEncoderV1();
  const rest = encoder.restEncoder;
  // higher client ids first, as Yjs writes them: it spares the reader work
  runs.sort((a, b) => b.client - a.client);
  encoding.writeVarUint(rest, runs.length);
  for (const { client, structs, from, first, last } of runs) {
    encoding.writeVarUint(rest, last - first);
    encoder.writeClient(client);
    encoding.writeVarUint(rest, from);
    for (let at = first; at < last; at++) {
      const struct = structs[at]!;
      struct.write(encoder, at === first ? from - struct.id.clock : 0);
    }
  }
  encoding.writeVarUint(rest, deleted.size);
  for (const [client, ranges] of [...deleted].sort((a, b) => b[0] - a[0])) {
    encoding.writeVarUint(rest, client);
    encoding.writeVarUint(rest, ranges.length);
    for (const { clock, len } of ranges) {
      encoding.writeVarUint(rest, clock);
      encoding.writeVarUint(rest, len);
    }
  }
  return encoder.toUint8Array();
}

function endOf(structs: readonly Struct[]): number {
  const last = structs.at(-1);
  return last ? last.id.clock + last.length : 0;
}

/** Decides struct by struct; a root's name and a client's purity are looked up once. */
function ownership(doc: Y.Doc, mine: MayWrite): (struct: Struct) => boolean {
  const roots = new Map<unknown, boolean>();
  for (const [name, type] of doc.share) roots.set(type, mine(name));
  const isMineItem = (item: Y.Item): boolean => {
    let parent = item.parent as Y.AbstractType<unknown> | null;
    while (parent?._item) parent = parent._item.parent as Y.AbstractType<unknown> | null;
    return roots.get(parent) ?? false;
  };
  const pure = new Map<number, boolean>();
  const isPure = (client: number): boolean => {
    let found = pure.get(client);
    if (found === undefined) {
      const items = (doc.store.clients.get(client) ?? []).filter((struct) => struct instanceof Y.Item);
      found = items.length > 0 && items.every((item) => isMineItem(item));
      pure.set(client, found);
    }
    return found;
  };
  return (struct) => (struct instanceof Y.Item ? isMineItem(struct) : isPure(struct.id.client));
}

function collectDeletions(
  doc: Y.Doc,
  ends: StateVector,
  isMine: (struct: Struct) => boolean,
  only: DeleteSet | undefined,
): Deletions {
  const found: Deletions = new Map();
  const add = (client: number, clock: number, end: number) => {
    const upTo = Math.min(end, ends.get(client) ?? 0);
    if (clock >= upTo) return;
    let ranges = found.get(client);
    if (!ranges) found.set(client, (ranges = []));
    const last = ranges.at(-1);
    if (last && last.clock + last.len === clock) last.len += upTo - clock;
    else ranges.push({ clock, len: upTo - clock });
  };
  if (!only) {
    for (const [client, structs] of doc.store.clients) {
      for (const struct of structs) {
        if (struct.deleted && isMine(struct)) add(client, struct.id.clock, struct.id.clock + struct.length);
      }
    }
    return found;
  }
  for (const [client, ranges] of only.clients) {
    const structs = doc.store.clients.get(client);
    if (!structs) continue;
    for (const range of [...ranges].sort((a, b) => a.clock - b.clock)) {
      const end = Math.min(range.clock + range.len, endOf(structs));
      if (range.clock >= end) continue;
      for (let at = Y.findIndexSS(structs, range.clock); at < structs.length; at++) {
        const struct = structs[at]!;
        if (struct.id.clock >= end) break;
        if (!struct.deleted || !isMine(struct)) continue;
        add(client, Math.max(range.clock, struct.id.clock), Math.min(end, struct.id.clock + struct.length));
      }
    }
  }
  return found;
}

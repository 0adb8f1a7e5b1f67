/**
 * A document's whole state as several updates, so that neither writing nor taking it in ever holds up everything else: one
 * update of ten thousand annotations takes Yjs more than a tenth of a second.
 */
import * as encoding from "lib0/encoding";
import * as Y from "yjs";

type Struct = Y.Item | Y.GC;
/** What a part takes of one client: from a clock (it may lie inside a struct) to the end of the struct at an index. */
interface Stretch {
  from: number;
  start: number;
  end: number;
}

/**
 * Updates that together amount to all that the document held when the first was asked for. Each builds on those before it alone,
 * so that nothing has to wait for what is missing; it brings its own deletions. The document may change between two of them:
 * what is written meanwhile may be in a later part, or not. `size`: structs in one part, of which Yjs integrates about a
 * thousand in a millisecond.
 */
export function* stateInParts(doc: Y.Doc, size: number): Generator<Uint8Array> {
  const { store } = doc;
  const waiting = [store.pendingStructs?.update, store.pendingDs].flatMap((update) => update ?? []);
  const goal = Y.decodeStateVector(Y.encodeStateVector(doc));
  /** Client -> clock up to which its structs are in parts. */
  const done = new Map<number, number>();
  const left = [...goal.keys()];
  while (left.length > 0) {
    const part = nextPart(store.clients, goal, done, left, size);
    if (part.size > 0) yield encodePart(store.clients, part);
  }
  // what is not whole yet comes last, when most of what it waits for is there
  for (const update of waiting) yield Y.convertUpdateFormatV2ToV1(update);
}

type Clients = ReadonlyMap<number, readonly Struct[]>;

/** Takes structs in an order in which each finds what it refers to; clients that are through leave `left`. */
function nextPart(
  clients: Clients,
  goal: ReadonlyMap<number, number>,
  done: Map<number, number>,
  left: number[],
  size: number,
): Map<number, Stretch> {
  const part = new Map<number, Stretch>();
  /** Where in a client's structs its next one stands; structs are merged between two parts, so it is looked up once for each. */
  const next = new Map<number, number>();
  const place = (client: number): number => {
    let at = next.get(client);
    if (at === undefined) next.set(client, (at = indexAt(clients.get(client)!, done.get(client) ?? 0)));
    return at;
  };
  let count = 0;
  while (left.length > 0) {
    const first = left.at(-1)!;
    if ((done.get(first) ?? 0) >= goal.get(first)!) {
      left.pop();
      continue;
    }
    // along what is needed first, until something needs nothing more
    let client = first;
    let struct = clients.get(client)![place(client)]!;
    for (let needed = missing(struct, done); needed !== null; needed = missing(struct, done)) {
      client = needed;
      struct = clients.get(client)![place(client)]!;
    }
    const at = place(client);
    const from = done.get(client) ?? 0;
    const stretch = part.get(client);
    if (stretch) stretch.end = at;
    else part.set(client, { from, start: at, end: at });
    next.set(client, at + 1);
    done.set(client, struct.id.clock + struct.length);
    if (++count >= size) break;
  }
  return part;
}

/** The client whose structs have to come before this one, or null. */
function missing(struct: Struct, done: ReadonlyMap<number, number>): number | null {
  if (!(struct instanceof Y.Item)) return null;
  const isThere = (id: Y.ID | null | undefined) =>
    !id || id.client === struct.id.client || id.clock < (done.get(id.client) ?? 0);
  if (!isThere(struct.origin)) return struct.origin!.client;
  if (!isThere(struct.rightOrigin)) return struct.rightOrigin!.client;
  if (struct.origin || struct.rightOrigin) return null;
  const { parent } = struct;
  const id = parent instanceof Y.AbstractType ? parent._item?.id : parent instanceof Y.ID ? parent : null;
  return isThere(id) ? null : id!.client;
}

function encodePart(clients: Clients, part: ReadonlyMap<number, Stretch>): Uint8Array {
  const encoder = new Y.UpdateEncoderV1();
  const deleted: [client: number, ranges: [clock: number, length: number][]][] = [];
  encoding.writeVarUint(encoder.restEncoder, part.size);
  for (const [client, { from, start, end }] of part) {
    const structs = clients.get(client)!.slice(start, end + 1);
    encoding.writeVarUint(encoder.restEncoder, structs.length);
    encoder.writeClient(client);
    encoding.writeVarUint(encoder.restEncoder, from);
    structs.forEach((struct, i) => struct.write(encoder, i === 0 ? from - struct.id.clock : 0));
    const ranges: [number, number][] = [];
    for (const struct of structs) {
      // what holds nothing any more says so itself
      if (!struct.deleted || !(struct instanceof Y.Item) || struct.content instanceof Y.ContentDeleted) continue;
      const last = ranges.at(-1);
      if (last && last[0] + last[1] === struct.id.clock) last[1] += struct.length;
      else ranges.push([struct.id.clock, struct.length]);
    }
    if (ranges.length > 0) deleted.push([client, ranges]);
  }
  encoding.writeVarUint(encoder.restEncoder, deleted.length);
  for (const [client, ranges] of deleted) {
    encoder.resetDsCurVal();
    encoding.writeVarUint(encoder.restEncoder, client);
    encoding.writeVarUint(encoder.restEncoder, ranges.length);
    for (const [clock, length] of ranges) {
      encoder.writeDsClock(clock);
      encoder.writeDsLen(length);
    }
  }
  return encoder.toUint8Array();
}

/** Index of the struct that holds a clock; the last one when the clock is the end. */
function indexAt(structs: readonly Struct[], clock: number): number {
  let low = 0;
  let high = structs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (structs[middle]!.id.clock <= clock) low = middle;
    else high = middle - 1;
  }
  return low;
}

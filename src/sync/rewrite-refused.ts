/**
 * Puts a margin right of which the server takes a part for another's: a Yjs client id belongs to whoever used it first, so what
 * somebody wrote here under an id that is another's there is refused whenever it is offered, and all that comes with it.
 *
 * What is at fault goes out of the document, what the server has comes in, and one's own entries are written anew under a
 * client id that nobody has. It is higher than those that wrote before, for then what it wrote stands after what they wrote,
 * wherever a log or another window still holds that.
 */
import * as Y from "yjs";
import type { Random } from "./clock.ts";
import { excise, isCut, spreadCuts } from "./excise.ts";

export interface RefusedOptions {
  doc: Y.Doc;
  /** The root whose entries this participant writes. */
  root: string;
  /** The document as the server has it, in updates that build on each other. */
  known: readonly Uint8Array[];
  random: Random;
  /** Takes an update in as one that came from the server. */
  hear(update: Uint8Array): void;
  /** Runs work that writes here. */
  write(work: () => void): void;
}

/** False when nothing is at fault (any more) that was written here. */
export function rewriteRefused({ doc, root, known, random, hear, write }: RefusedOptions): boolean {
  const theirs = new Y.Doc();
  for (const update of known) Y.applyUpdate(theirs, update);
  const faults = findFaults(doc, theirs, root);
  if (faults.size === 0) return false;
  const cuts = spreadCuts(doc, faults);
  const own = doc.getMap(root);
  const refused = new Map<string, unknown>();
  for (const [key, item] of own._map) {
    if (item.deleted || !isCut(cuts, item.id)) continue;
    // what the server has under this very id was never written here, wherever it ended up: then nothing is left of the entry
    const stray = isSame(item, structAt(theirs, item.id));
    refused.set(key, stray ? null : item.content.getContent()[item.length - 1]);
  }
  const highest = Math.max(0, ...clientsIn(doc, root));
  excise(doc, cuts);
  do doc.clientID = highest + 1 + numberFrom(random(4));
  while (doc.store.clients.has(doc.clientID) || theirs.store.clients.has(doc.clientID));
  for (const update of known) hear(update);
  write(() => {
    for (const [key, value] of refused) {
      const there = theirs.getMap(root).get(key);
      const wanted = there !== undefined && (value === null || touched(there) > touched(value)) ? there : value;
      if (JSON.stringify(own.get(key)) !== JSON.stringify(wanted)) own.set(key, wanted);
    }
  });
  theirs.destroy();
  return true;
}

/** From where on which clients' structs can never be taken in. */
function findFaults(doc: Y.Doc, theirs: Y.Doc, root: string): Map<number, number> {
  const faults = new Map<number, number>();
  const mine = clientsIn(doc, root);
  const mineThere = clientsIn(theirs, root);
  for (const client of mine) {
    if (!mineThere.has(client) && writesSomewhere(theirs, client)) faults.set(client, 0);
  }
  if (faults.size > 0) return faults;
  // somebody has shown that an id is theirs and not used it yet: it can be any that the server has nothing of
  for (const client of mine) {
    const from = Y.getState(theirs.store, client);
    if (from < Y.getState(doc.store, client)) faults.set(client, from);
  }
  return faults;
}

/** The clients that have an entry in the root, overwritten ones included. */
function clientsIn(doc: Y.Doc, root: string): Set<number> {
  const type = doc.getMap(root) as unknown;
  const found = new Set<number>();
  for (const [client, structs] of doc.store.clients) {
    if (structs.some((struct) => struct instanceof Y.Item && struct.parent === type)) found.add(client);
  }
  return found;
}

/** What was emptied altogether does not tell where it stood. */
function writesSomewhere(doc: Y.Doc, client: number): boolean {
  return doc.store.clients.get(client)?.some((struct) => struct instanceof Y.Item) ?? false;
}

function structAt(doc: Y.Doc, id: Y.ID): Y.Item | Y.GC | null {
  const structs = doc.store.clients.get(id.client);
  return structs && id.clock < Y.getState(doc.store, id.client) ? structs[Y.findIndexSS(structs, id.clock)]! : null;
}

function isSame(item: Y.Item, other: Y.Item | Y.GC | null): boolean {
  if (!(other instanceof Y.Item) || other.id.clock !== item.id.clock) return false;
  return JSON.stringify(item.content.getContent()) === JSON.stringify(other.content.getContent());
}

/** When an entry was last written, by its writer's clock. */
function touched(entry: unknown): number {
  if (typeof entry !== "object" || entry === null) return 0;
  const { modified, created } = entry as Record<string, unknown>;
  return typeof modified === "number" ? modified : typeof created === "number" ? created : 0;
}

function numberFrom(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

/**
 * Which room belongs to which file, on this computer. A file that was moved or renamed is recognised by its text.
 */
import { createHash } from "node:crypto";
import * as vscode from "vscode";
import { isName, type RoomId } from "../../core/model/ids.ts";

export interface RegistryRow {
  room: RoomId;
  /** Hash of the text as this computer saw it last: recognises the file under another name. */
  textHash: string;
  /** Milliseconds since 1970. */
  opened: number;
}

export interface Registry {
  /** The room of a file that was opened under this address before. */
  room(uri: vscode.Uri): RoomId | undefined;
  /** The room of a file whose text was seen under an address where there is none any more; it goes by the new one from now on. */
  findMoved(uri: vscode.Uri, text: string): Promise<RoomId | undefined>;
  /** Articles whose file is gone and that have no other one, the latest first. */
  lost(): Promise<{ room: RoomId; uri: vscode.Uri }[]>;
  /** An article goes by the address of another file from now on. */
  move(from: vscode.Uri, to: vscode.Uri): Promise<void>;
  /** A file, or a folder with all that is in it, goes by another address from now on. */
  moveAll(from: vscode.Uri, to: vscode.Uri): Promise<void>;
  /** Remembers the room of a file and the text it has now. */
  remember(uri: vscode.Uri, room: RoomId, text: string): Promise<void>;
  has(uri: vscode.Uri): boolean;
  /** A file of the room that is still there. */
  fileOf(room: RoomId): Promise<vscode.Uri | undefined>;
}

/** Articles without a file that a new one is compared with. */
const LOOKED_AT = 20;

const ROWS_KEY = "marginalia.articles";
/** Read by the entry at activation, so that it need not read the rows. */
const KNOWN_KEY = "marginalia.knownArticles";

export function createRegistry(state: vscode.Memento): Registry {
  const rows = () => state.get<Record<string, RegistryRow>>(ROWS_KEY, {});
  const save = async (next: Record<string, RegistryRow>) => {
    await state.update(ROWS_KEY, next);
    await state.update(KNOWN_KEY, Object.keys(next));
  };
  const move = async (from: vscode.Uri, to: vscode.Uri) => {
    const { [from.toString()]: row, ...rest } = rows();
    if (row) await save({ ...rest, [to.toString()]: row });
  };
  const fileOf = async (room: RoomId) => {
    const mine = Object.entries(rows()).filter(([, row]) => row.room === room);
    for (const [address] of mine.sort(([, a], [, b]) => b.opened - a.opened)) {
      const uri = vscode.Uri.parse(address);
      if (await exists(uri)) return uri;
    }
    return undefined;
  };
  return {
    has: (uri) => Object.hasOwn(rows(), uri.toString()),
    fileOf,
    room(uri) {
      const own = rows()[uri.toString()];
      return own && isName(own.room) ? own.room : undefined;
    },
    async findMoved(uri, text) {
      // without a text a file is like any other
      if (text.trim() === "") return undefined;
      const textHash = hash(text);
      const address = uri.toString();
      const alike = Object.entries(rows())
        .filter(([, row]) => row.textHash === textHash && isName(row.room))
        // copies that were moved together have one text: each keeps its name, or its folder's
        .sort(([a], [b]) => sameEnd(b, address) - sameEnd(a, address));
      for (const [other, row] of alike) {
        // while it was looked for another file may have been taken for it
        if ((await fileOf(row.room)) || !Object.hasOwn(rows(), other)) continue;
        await move(vscode.Uri.parse(other), uri);
        return row.room;
      }
      return undefined;
    },
    async lost() {
      const known = Object.entries(rows())
        .filter(([, { room }]) => isName(room))
        .sort(([, a], [, b]) => b.opened - a.opened)
        .map(([address, { room }]) => ({ room, uri: vscode.Uri.parse(address) }));
      // all at once: somebody waits for a new article to open
      const there = await Promise.all(known.map(({ uri }) => exists(uri)));
      const found = new Set(known.flatMap(({ room }, i) => (there[i] ? room : [])));
      return known.filter(({ room }, i) => !there[i] && !found.has(room)).slice(0, LOOKED_AT);
    },
    move,
    async moveAll(from, to) {
      const old = from.toString();
      const moves = (address: string) => address === old || address.startsWith(`${old}/`);
      const all = Object.entries(rows());
      const moved = all.filter(([address]) => moves(address));
      if (moved.length === 0) return;
      await save({
        ...Object.fromEntries(all.filter(([address]) => !moves(address))),
        ...Object.fromEntries(moved.map(([address, row]) => [to.toString() + address.slice(old.length), row])),
      });
    },
    async remember(uri, room, text) {
      await save({ ...rows(), [uri.toString()]: { room, textHash: hash(text), opened: Date.now() } });
    },
  };
}

/** How many parts at the end of two addresses are the same. */
function sameEnd(one: string, other: string): number {
  const [a, b] = [one.split("/").toReversed(), other.split("/").toReversed()];
  const differs = a.findIndex((part, i) => part !== b[i]);
  return differs < 0 ? a.length : differs;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

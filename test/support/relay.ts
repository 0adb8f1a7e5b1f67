/**
 * A small sync server for tests: y-websocket's wire and the saved message, each room's documents held to the server's own rules of
 * authorship. It can lose power: then what was not yet on disk is gone.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { parseDocumentName, type DocumentName } from "../../src/core/model/documents.ts";
import { CLOSE, MESSAGE_AWARENESS, MESSAGE_SAVED, MESSAGE_SYNC } from "../../src/protocol/wire.ts";
import { applyUpdate, emptyState } from "../../server/document/state.ts";
import { ruleFor } from "../../server/rooms/rules.ts";
import type { ServerEnd } from "./fake-network.ts";

interface Entry {
  update: Uint8Array;
  participant: string;
}

interface Peer {
  end: ServerEnd;
  participant: string;
  received: number;
  /** The log's length at each of its messages. */
  reached: number[];
  told: number;
  wantsSaved: boolean;
}

interface Hosted {
  name: DocumentName;
  doc: Y.Doc;
  state: ReturnType<typeof emptyState>;
  log: Entry[];
  durable: number;
  peers: Set<Peer>;
}

export interface Relay {
  serve(end: ServerEnd): void;
  /** The document as the server has it. */
  doc(name: string): Y.Doc;
  /** Puts everything on disk, and says so. */
  sync(): void;
  /** Everybody is cut off; what was not on disk is gone. */
  losePower(): void;
  /** Everybody is cut off; what was logged stays. */
  restart(): void;
  /** What one person may take of a margin, in bytes as the server counts them; endless at first. */
  share: number;
  /** Why updates were refused, if any were. */
  readonly refusals: string[];
  /** Updates that built on something missing. */
  readonly dangling: string[];
}

export function createRelay(
  options: {
    tellsSaved?: boolean;
    syncAtOnce?: boolean;
    mayOpen?: (name: DocumentName, participant: string) => boolean;
  } = {},
): Relay {
  const { tellsSaved = true, syncAtOnce = true } = options;
  const documents = new Map<string, Hosted>();
  const refusals: string[] = [];
  const dangling: string[] = [];

  const take = (hosted: Hosted, { update, participant }: Entry): string => {
    const rule = ruleFor(hosted.name, participant);
    const limits = { partial: false, maxBytes: 1e9, maxShare: relay.share };
    const verdict = applyUpdate(hosted.state, update.slice(), rule, limits);
    if (verdict.kind === "refused") return verdict.reason;
    if (verdict.kind === "accepted") {
      Y.applyUpdate(hosted.doc, update);
      hosted.log.push({ update, participant });
    }
    return verdict.kind;
  };

  const open = (path: string): Hosted => {
    let hosted = documents.get(path);
    if (!hosted) {
      const name = parseDocumentName(path);
      if (!name) throw new Error(`no document: ${path}`);
      hosted = { name, doc: new Y.Doc(), state: emptyState(), log: [], durable: 0, peers: new Set() };
      documents.set(path, hosted);
    }
    return hosted;
  };

  const frame = (...parts: (number | Uint8Array)[]) => {
    const encoder = encoding.createEncoder();
    for (const part of parts) {
      if (typeof part === "number") encoding.writeVarUint(encoder, part);
      else encoding.writeVarUint8Array(encoder, part);
    }
    return encoding.toUint8Array(encoder);
  };

  const tell = (hosted: Hosted) => {
    if (!tellsSaved) return;
    for (const peer of hosted.peers) {
      const saved = peer.reached.findLastIndex((length) => length <= hosted.durable) + 1;
      if (!peer.wantsSaved || saved <= peer.told) continue;
      peer.told = saved;
      peer.end.send(frame(MESSAGE_SAVED, 1, saved));
    }
  };

  const restart = (keep: (hosted: Hosted) => number) => {
    for (const hosted of documents.values()) {
      const peers = [...hosted.peers];
      hosted.peers.clear();
      const kept = hosted.log.slice(0, keep(hosted));
      hosted.doc = new Y.Doc();
      hosted.state = emptyState();
      hosted.log = [];
      for (const entry of kept) take(hosted, entry);
      hosted.durable = hosted.log.length;
      for (const peer of peers) peer.end.close(1006);
    }
  };

  const relay: Relay = {
    share: Infinity,
    refusals,
    dangling,
    doc: (name) => open(name).doc,
    sync() {
      for (const hosted of documents.values()) {
        hosted.durable = hosted.log.length;
        tell(hosted);
      }
    },
    losePower: () => restart((hosted) => hosted.durable),
    restart: () => restart((hosted) => hosted.log.length),
    serve(end) {
      const [path = "", query = ""] = end.url.replace(/^wss?:\/\/[^/]+\//, "").split("?");
      const participant = decodeURIComponent(query.replace("token=", ""));
      const hosted = open(path);
      if (hosted.name.kind === "private" && hosted.name.participant !== participant) return end.close(CLOSE.forbidden);
      if (options.mayOpen && !options.mayOpen(hosted.name, participant)) return end.close(CLOSE.forbidden);
      const peer: Peer = { end, participant, received: 0, reached: [], told: -1, wantsSaved: false };
      hosted.peers.add(peer);
      end.onClose = () => hosted.peers.delete(peer);
      end.send(frame(MESSAGE_SYNC, 0, Y.encodeStateVector(hosted.doc)));
      end.onMessage = (message) => {
        const decoder = decoding.createDecoder(message);
        const kind = decoding.readVarUint(decoder);
        if (kind === MESSAGE_SAVED && tellsSaved) {
          peer.wantsSaved = true;
          end.send(frame(MESSAGE_SAVED, 1, Math.max(0, peer.told)));
        }
        if (kind === MESSAGE_AWARENESS) for (const other of hosted.peers) other.end.send(message);
        if (kind !== MESSAGE_SYNC) return;
        const step = decoding.readVarUint(decoder);
        const content = decoding.readVarUint8Array(decoder);
        if (step === 0) return end.send(frame(MESSAGE_SYNC, 1, Y.encodeStateAsUpdate(hosted.doc, content)));
        const verdict = take(hosted, { update: content, participant });
        if (verdict !== "accepted" && verdict !== "known") {
          (verdict === "dangling" ? dangling : refusals).push(`${path} ${participant}: ${verdict}`);
          if (verdict === "too-much") return end.close(CLOSE.shareFull);
          return end.close(verdict === "dangling" ? CLOSE.outOfStep : CLOSE.forged);
        }
        peer.received++;
        peer.reached.push(hosted.log.length);
        if (verdict === "accepted") {
          for (const other of hosted.peers) if (other !== peer) other.end.send(frame(MESSAGE_SYNC, 2, content));
        }
        if (syncAtOnce) hosted.durable = hosted.log.length;
        tell(hosted);
      };
    },
  };
  return relay;
}

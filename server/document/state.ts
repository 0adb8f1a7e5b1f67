/**
 * A document as the server holds it: the bytes of each client's structs, a state vector and a delete set. No Yjs document is
 * built, nothing is decoded twice, and an update is judged before it is taken in.
 */
import { ByteWriter } from "./bytes.ts";
import { addDeletion, type DeleteSet, emptyDeleteSet, missingFrom } from "./delete-set.ts";
import { integrate, type Lane } from "./order.ts";
import {
  addWeights,
  deepest,
  heaviestWith,
  locate,
  type Located,
  noPlaces,
  type Places,
  settle,
  type Stretch,
} from "./places.ts";
import { writeStructPart } from "./rewrite.ts";
import { appendStruct, appendStructs, emptyRun, type Run, runSize } from "./run.ts";
import {
  countSections,
  type Range,
  REF,
  type ScannedUpdate,
  scanUpdate,
  sectionEnd,
  type Section,
  type Struct,
} from "./scan.ts";
import { addShare, CLIENT_COST, freedBy, shareWith, STRUCT_SHARE } from "./shares.ts";
import { dropDeleted } from "./tidying.ts";

/**
 * Who writes, and where they may. A Yjs client id belongs to the owner who used it first; everything an owner writes stands in
 * roots that they may write, so whose a struct is follows from its client id alone: structs that name no parent, emptied
 * and garbage-collected ones included.
 */
export interface WriteRule {
  owner: string;
  allowsRoot(root: string): boolean;
  /** The owner is one person among others in the document, and held to a share of it. */
  personal?: boolean;
}

export interface DocumentState {
  runs: Map<number, Run>;
  deleted: DeleteSet;
  /** Goes up with every change. */
  version: number;
  /** Bytes of struct content in use. */
  bytes: number;
  /** What each owner's structs take in memory and cost everybody who reads them, in bytes. */
  shares: Map<string, number>;
  /** What is in each place; kept where people are held to it. */
  places: Places | null;
  /** Structs held, and how many there were after the last tidying. */
  structs: number;
  tidyStructs: number;
  /** What `bytes` was after everything was last tidied. */
  tidyBytes: number;
  /** Goes up with every deletion. */
  deletions: number;
  /** What `deletions` was when the content of everything deleted was last dropped. */
  dropped: number;
}

/** `withPlaces`: for documents in which it matters how much is in one place, and how deep. */
export function emptyState(withPlaces = false): DocumentState {
  return {
    runs: new Map(),
    deleted: emptyDeleteSet(),
    version: 0,
    bytes: 0,
    shares: new Map(),
    places: withPlaces ? noPlaces() : null,
    structs: 0,
    tidyStructs: 0,
    tidyBytes: 0,
    deletions: 0,
    dropped: 0,
  };
}

/**
 * Why an update was refused. malformed: no client can read it. read-only: the sender may not write here. foreign-root,
 * foreign-client, foreign-reference, foreign-deletion: it touches what belongs to another. too-big: the document would
 * outgrow its limit. too-much: its owner would outgrow their share of it. too-many-clients: more client ids would have written in it
 * than it may have. too-often: there would be more in one place than may, as when one entry is written anew again and again.
 */
export type Refusal =
  | "malformed"
  | "read-only"
  | "foreign-root"
  | "foreign-client"
  | "foreign-reference"
  | "foreign-deletion"
  | "too-big"
  | "too-much"
  | "too-many-clients"
  | "too-often";

/**
 * What became of an update. accepted: taken in; `stored` is what is new in it, to be logged and passed on. known: nothing new.
 * dangling: it builds on something that is not here; nothing was taken in.
 */
export type Verdict =
  | { kind: "accepted"; stored: StoredUpdate; partly: boolean }
  | { kind: "known" }
  | { kind: "dangling" }
  | { kind: "refused"; reason: Refusal };

export interface ApplyOptions {
  /** Take in what can be integrated and leave the rest, instead of finding the whole dangling. */
  partial: boolean;
  /** Highest size of the document, in bytes as `stateSize` counts them. */
  maxBytes: number;
  /** Highest share of one person, in bytes as `shares` counts them; no limit when left out. */
  maxShare?: number;
  /** What one person may have in one place, in structs; no limit when left out. */
  maxInPlace?: number;
  /** Client ids that may have written in the document; no limit when left out. */
  maxClients?: number;
  /** False for a client id that nobody has written with yet and that is known to be another's. */
  mayClaim?(client: number): boolean;
  /** Called with what is new just before it is taken in; when it throws, nothing is. */
  persist?(update: StoredUpdate): void;
}

/** What a struct takes in memory beside its bytes. */
const STRUCT_COST = 16;
/** Types that may stand in one another: each change in the innermost is told to all around it. */
const MAX_NESTING = 64;

/** An update as it was accepted. */
export interface StoredUpdate {
  update: Uint8Array;
  /** The owner of each of its sections' clients, in order. */
  owners: readonly string[];
  /** Client ids that nobody had used before, as far as was known here: from now on they belong to its owner. */
  claims?: readonly number[];
}

/** What is new in a section: from struct `first` on, of which `skip` clocks are known already. */
/** What of an update is new: a section, from struct `first` on, of which `skip` elements are known; `lane` says how far it goes. */
export interface News {
  section: Section;
  lane: Lane;
  first: number;
  skip: number;
}

/** Judges an update and takes it in. `rule` is null for a sender who may not write. */
export function applyUpdate(
  state: DocumentState,
  bytes: Uint8Array,
  rule: WriteRule | null,
  options: ApplyOptions,
): Verdict {
  // one that names more than there could ever be is not read at all
  const maxClients = Math.max(options.maxClients ?? Infinity, state.runs.size);
  if (countSections(bytes) > maxClients) return { kind: "refused", reason: rule ? "too-many-clients" : "read-only" };
  const scanned = scanUpdate(bytes);
  if (!scanned) return { kind: "refused", reason: "malformed" };
  return applyScanned(state, scanned, rule, options);
}

function applyScanned(
  state: DocumentState,
  scanned: ScannedUpdate,
  rule: WriteRule | null,
  options: ApplyOptions,
): Verdict {
  const news = findNews(state, scanned);
  const deletions = scanned.deletions.flatMap((range) => missingFrom(state.deleted, range));
  if (news.length === 0 && deletions.length === 0) return { kind: "known" };
  if (!rule) return { kind: "refused", reason: "read-only" };

  let newcomers = 0;
  for (const { section } of news) if (!state.runs.has(section.client)) newcomers++;
  if (newcomers > 0 && state.runs.size + newcomers > (options.maxClients ?? Infinity)) {
    return { kind: "refused", reason: "too-many-clients" };
  }

  const forged = findForgery(state, news, deletions, rule, options);
  if (forged) return { kind: "refused", reason: forged };

  if (rule.personal && news.length > 0) {
    const excess = () => shareWith(state, rule.owner, news) - (options.maxShare ?? Infinity);
    if (excess() > 0) dropDeleted(state);
    // whoever is at the limit makes room by an update that brings a little, too
    if (excess() > 0 && excess() > freedBy(state, deletions, rule.owner))
      return { kind: "refused", reason: "too-much" };
  }

  const reached = advance(state, news);
  const applied = news.filter((one) => one.lane.next > one.first);
  const rest = news.some((one) => one.lane.next < one.section.structs.length);
  const kept = clipDeletions(state, deletions, reached);
  if ((rest || kept.clipped) && !options.partial) return { kind: "dangling" };
  if (applied.length === 0 && kept.ranges.length === 0) return { kind: "dangling" };
  const excess = () => stateSize(state) + scanned.bytes.length - options.maxBytes;
  if (excess() > 0) dropDeleted(state);
  if (excess() > 0 && excess() > freedBy(state, kept.ranges)) return { kind: "refused", reason: "too-big" };
  const stretches = stretchesOf(applied);
  const located = state.places && locate(state.places, state.runs, scanned.bytes, stretches);
  if (located && deepest(located) > MAX_NESTING) return { kind: "refused", reason: "malformed" };
  if (located && rule.personal) {
    const tooOften = () => heaviestWith(state.places!, located, stretches) > (options.maxInPlace ?? Infinity);
    if (tooOften()) dropDeleted(state);
    if (tooOften()) return { kind: "refused", reason: "too-often" };
  }
  const whole =
    !rest &&
    applied.length === scanned.sections.length &&
    applied.every((one) => one.first === 0 && one.skip === 0) &&
    sumLength(kept.ranges) === sumLength(scanned.deletions);
  const update = whole ? scanned.bytes : encodeNews(scanned, applied, kept.ranges);
  const sections = whole ? scanned.sections : applied.map((one) => one.section);
  const stored: StoredUpdate = { update, owners: sections.map(() => rule.owner) };
  const claims = applied.map((one) => one.section.client).filter((client) => !state.runs.has(client));
  if (claims.length > 0) stored.claims = claims;
  options.persist?.(stored);
  takeIn(state, scanned, applied, kept.ranges, () => rule.owner, located);
  return { kind: "accepted", stored, partly: rest || kept.clipped };
}

/**
 * Takes in an update that was accepted before, read back from a log or from another server. `owners` names the owner of each
 * section's client. False when it does not fit yet: its dependencies are not here.
 */
export function restoreUpdate(
  state: DocumentState,
  bytes: Uint8Array,
  owners: readonly string[],
): "restored" | "known" | "dangling" | "conflict" | "malformed" {
  const scanned = scanUpdate(bytes);
  if (!scanned || scanned.sections.length > owners.length) return "malformed";
  const news = findNews(state, scanned);
  const deletions = scanned.deletions.flatMap((range) => missingFrom(state.deleted, range));
  if (news.length === 0 && deletions.length === 0) return "known";
  const ownerOf = new Map(scanned.sections.map((section, i) => [section.client, owners[i]!]));
  for (const { section } of news) {
    const run = state.runs.get(section.client);
    if (run && run.owner !== ownerOf.get(section.client)) return "conflict";
  }
  const reached = advance(state, news);
  if (news.some((one) => one.lane.next < one.section.structs.length)) return "dangling";
  const kept = clipDeletions(state, deletions, reached);
  if (kept.clipped) return "dangling";
  const located = state.places && locate(state.places, state.runs, bytes, stretchesOf(news));
  takeIn(state, scanned, news, kept.ranges, (client) => ownerOf.get(client)!, located);
  return "restored";
}

function findNews(state: DocumentState, scanned: ScannedUpdate): News[] {
  const news: News[] = [];
  for (const section of scanned.sections) {
    const known = state.runs.get(section.client)?.end ?? 0;
    if (sectionEnd(section) <= known) continue;
    let first = 0;
    while (section.structs[first]!.clock + section.structs[first]!.length <= known) first++;
    const skip = Math.max(0, known - section.structs[first]!.clock);
    news.push({ section, first, skip, lane: { client: section.client, structs: section.structs, next: first } });
  }
  return news;
}

function findForgery(
  state: DocumentState,
  news: readonly News[],
  deletions: readonly Range[],
  rule: WriteRule,
  options: ApplyOptions,
): Refusal | null {
  const foreign = (client: number) => {
    const run = state.runs.get(client);
    return run !== undefined && run.owner !== rule.owner;
  };
  for (const { section, first } of news) {
    if (foreign(section.client)) return "foreign-client";
    if (!state.runs.has(section.client) && options.mayClaim?.(section.client) === false) return "foreign-client";
    for (let i = first; i < section.structs.length; i++) {
      const struct = section.structs[i]!;
      if (struct.root !== null && !rule.allowsRoot(struct.root)) return "foreign-root";
      if (struct.originClient >= 0 && struct.originClient !== section.client && foreign(struct.originClient)) {
        return "foreign-reference";
      }
      if (struct.rightClient >= 0 && struct.rightClient !== section.client && foreign(struct.rightClient)) {
        return "foreign-reference";
      }
      if (struct.parentClient >= 0 && foreign(struct.parentClient)) return "foreign-reference";
    }
  }
  for (const range of deletions) if (foreign(range.client)) return "foreign-deletion";
  return null;
}

/** Moves the lanes on as far as their references allow; returns the clock that each of their clients then has. */
function advance(state: DocumentState, news: readonly News[]): ReadonlyMap<number, number> {
  const end = (client: number) => state.runs.get(client)?.end ?? 0;
  if (news.length === 1 && isPlain(news[0]!, end)) {
    const { lane, section } = news[0]!;
    lane.next = section.structs.length;
    return new Map([[section.client, sectionEnd(section)]]);
  }
  const reached = new Map<number, number>();
  for (const { section } of news) reached.set(section.client, end(section.client));
  const get = reached.get.bind(reached);
  // Clients that the update does not touch are where the state has them.
  reached.get = (client) => get(client) ?? state.runs.get(client)?.end;
  integrate(
    news.map((one) => one.lane),
    reached,
  );
  return reached;
}

/** True for what one client wrote on top of what is here, as nearly every update is. */
function isPlain({ section, first }: News, end: (client: number) => number): boolean {
  const { client, structs } = section;
  if (section.clock > end(client)) return false;
  for (let i = first; i < structs.length; i++) {
    const struct = structs[i]!;
    if (struct.ref === REF.skip) return false;
    if (struct.originClient >= 0 && struct.originClient !== client && end(struct.originClient) <= struct.originClock) {
      return false;
    }
    if (struct.rightClient >= 0 && struct.rightClient !== client && end(struct.rightClient) <= struct.rightClock) {
      return false;
    }
    if (struct.parentClient >= 0 && struct.parentClient !== client && end(struct.parentClient) <= struct.parentClock) {
      return false;
    }
  }
  return true;
}

function clipDeletions(
  state: DocumentState,
  deletions: readonly Range[],
  reached: ReadonlyMap<number, number>,
): { ranges: Range[]; clipped: boolean } {
  const ranges: Range[] = [];
  let clipped = false;
  for (const range of deletions) {
    const end = reached.get(range.client) ?? state.runs.get(range.client)?.end ?? 0;
    const length = Math.min(range.clock + range.length, end) - range.clock;
    if (length < range.length) clipped = true;
    if (length > 0) ranges.push({ ...range, length });
  }
  return { ranges, clipped };
}

function stretchesOf(news: readonly News[]): Stretch[] {
  return news.map(({ section, first, lane }) => ({ section, first, next: lane.next }));
}

function sumLength(ranges: readonly Range[]): number {
  return ranges.reduce((sum, range) => sum + range.length, 0);
}

/** The first struct of the news without the clocks that are known, or null when nothing is cut. */
function cutFirst(bytes: Uint8Array, { section, first, skip }: News): Uint8Array | null {
  if (skip === 0) return null;
  const struct = section.structs[first]!;
  const writer = new ByteWriter(struct.end - struct.start + 16);
  writeStructPart(writer, bytes, section.client, struct, skip, struct.length);
  return writer.done();
}

function encodeNews(scanned: ScannedUpdate, news: readonly News[], deletions: readonly Range[]): Uint8Array {
  const writer = new ByteWriter(scanned.bytes.length + 32);
  writer.uint(news.length);
  for (const one of news) {
    const { section, lane, first, skip } = one;
    const structs = section.structs;
    writer
      .uint(lane.next - first)
      .uint(section.client)
      .uint(structs[first]!.clock + skip);
    const cut = cutFirst(scanned.bytes, one);
    if (cut) writer.raw(cut);
    const from = cut ? first + 1 : first;
    if (from < lane.next) writer.raw(scanned.bytes.subarray(structs[from]!.start, structs[lane.next - 1]!.end));
  }
  writeRanges(writer, deletions);
  return writer.done();
}

function writeRanges(writer: ByteWriter, ranges: readonly Range[]): void {
  const byClient = new Map<number, Range[]>();
  for (const range of ranges) {
    const others = byClient.get(range.client);
    if (others) others.push(range);
    else byClient.set(range.client, [range]);
  }
  writer.uint(byClient.size);
  for (const [client, own] of byClient) {
    writer.uint(client).uint(own.length);
    for (const range of own) writer.uint(range.clock).uint(range.length);
  }
}

function takeIn(
  state: DocumentState,
  scanned: ScannedUpdate,
  news: readonly News[],
  deletions: readonly Range[],
  ownerOf: (client: number) => string,
  located: Located | null,
): void {
  if (located) settle(state.places!, located);
  for (const [i, one] of news.entries()) {
    const { section, lane, first, skip } = one;
    let run = state.runs.get(section.client);
    if (!run) {
      state.runs.set(section.client, (run = emptyRun(section.client, ownerOf(section.client), located !== null)));
      addShare(state, run.owner, CLIENT_COST);
    }
    const before = run.used;
    const count = run.clocks.length;
    const cut = cutFirst(scanned.bytes, one);
    const head: Struct = section.structs[first]!;
    if (cut) appendStruct(run, cut, head.clock + skip, head.clock + head.length);
    const from = cut ? first + 1 : first;
    if (from < lane.next) appendStructs(run, scanned.bytes, section.structs, from, lane.next);
    if (located && run.places) {
      for (let s = first; s < lane.next; s++) run.places.push(located.sections[i]![s]!);
      addWeights(state.places!, run, count, 1);
    }
    state.bytes += run.used - before;
    state.structs += lane.next - first;
    addShare(state, run.owner, run.used - before + (lane.next - first) * STRUCT_SHARE);
  }
  for (const range of deletions) {
    addDeletion(state.deleted, range);
    const run = state.runs.get(range.client);
    if (run) run.holdsDeleted = true;
  }
  state.deletions += deletions.length;
  state.version++;
}

/** What the document takes in memory, about, in bytes. */
export function stateSize(state: DocumentState): number {
  return state.bytes + state.structs * STRUCT_COST + state.runs.size * 200 + state.deleted.ranges * 16;
}

/** Bytes held including what buffers keep in reserve. */
export function stateMemory(state: DocumentState): number {
  let sum = state.deleted.ranges * 16;
  for (const run of state.runs.values()) sum += runSize(run);
  return sum;
}

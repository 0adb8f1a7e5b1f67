/**
 * How much stands, and stood, in each place of a document: under a key of a map, or in a list. Yjs may walk past all of that for
 * each struct that comes in, so that one place with a hundred thousand structs holds up everybody who opens the document, for minutes.
 */
import { ByteReader } from "./bytes.ts";
import { offsetOf, type Run, structAt } from "./run.ts";
import { REF, type Section, type Struct } from "./scan.ts";

/** Stands for a place that can no longer be known: that of what was garbage-collected. */
export const NOWHERE = -1;
const UNKNOWN = -2;

/** So many deleted elements of one struct weigh as much as one that stands: only what refers into it cuts it. */
const DELETED_PER_WEIGHT = 100;

export interface Places {
  /** Place -> how much is in it. */
  weights: number[];
  /** Place by what names it: a parent and, in a map, a key. */
  named: Map<string, number>;
  /** Place -> how many types it stands in, one in the other, below its root. */
  depths: number[];
}

/** Where new structs stand. */
export interface Located {
  /** Per section of the news, the place of each struct; those that were not asked for are unknown. */
  sections: number[][];
  /** Places that nobody had named before. */
  fresh: Map<string, number>;
  /** How deep each of these stands, in the order of their numbers. */
  depths: number[];
}

/** Structs `first` to `next` (exclusive) of a section. */
export interface Stretch {
  section: Section;
  first: number;
  next: number;
}

export function noPlaces(): Places {
  return { weights: [], named: new Map(), depths: [] };
}

/** How many pieces Yjs may make of a struct. */
function weigh(ref: number, length: number): number {
  if (ref === REF.string || ref === REF.any || ref === REF.json) return length;
  return ref === REF.deleted ? 1 + Math.floor(length / DELETED_PER_WEIGHT) : 1;
}

/** Finds the place of each struct of the stretches, all of whose references are known or in them. */
export function locate(
  places: Places,
  runs: ReadonlyMap<number, Run>,
  bytes: Uint8Array,
  stretches: readonly Stretch[],
): Located {
  const located: Located = {
    sections: stretches.map(({ section }) => Array<number>(section.structs.length).fill(UNKNOWN)),
    fresh: new Map(),
    depths: [],
  };
  /** What each fresh place stands in, null for a root. */
  const parents: ({ client: number; clock: number } | null)[] = [];
  let byClient: Map<number, number> | null = null;
  const sectionOf = (client: number): number | undefined => {
    byClient ??= new Map(stretches.map(({ section }, i) => [section.client, i]));
    return byClient.get(client);
  };

  const named = (struct: Struct): number => {
    const name = nameOf(bytes, struct);
    const known = places.named.get(name) ?? located.fresh.get(name);
    if (known !== undefined) return known;
    const place = places.weights.length + located.fresh.size;
    located.fresh.set(name, place);
    parents.push(struct.root === null ? { client: struct.parentClient, clock: struct.parentClock } : null);
    return place;
  };

  /** The place of what the document holds already; undefined for what comes with this update, if at all. */
  const heldAt = (client: number, clock: number): number | undefined => {
    const run = runs.get(client);
    return run && clock < run.end ? (run.places?.[structAt(run, clock)] ?? NOWHERE) : undefined;
  };
  const placeAt = (client: number, clock: number): number => {
    const held = heldAt(client, clock);
    if (held !== undefined) return held;
    const section = sectionOf(client);
    return section === undefined ? NOWHERE : find(section, indexOf(stretches[section]!.section.structs, clock));
  };

  const find = (section: number, index: number): number => {
    const first = stretches[section]!.section.structs[index]!;
    if (first.originClient < 0 && first.rightClient < 0 && first.ref !== REF.gc && first.ref !== REF.skip) {
      return (located.sections[section]![index] = named(first));
    }
    const path: [number, number][] = [];
    let place = UNKNOWN;
    let at: [number, number] | null = [section, index];
    while (at) {
      place = located.sections[at[0]]![at[1]]!;
      if (place !== UNKNOWN) break;
      path.push(at);
      const struct: Struct = stretches[at[0]]!.section.structs[at[1]]!;
      const client: number = struct.originClient >= 0 ? struct.originClient : struct.rightClient;
      const clock = struct.originClient >= 0 ? struct.originClock : struct.rightClock;
      at = null;
      if (struct.ref === REF.gc || struct.ref === REF.skip) place = NOWHERE;
      else if (client < 0) place = named(struct);
      else {
        const held = heldAt(client, clock);
        if (held !== undefined) place = held;
        else {
          const other = sectionOf(client);
          if (other === undefined) place = NOWHERE;
          else at = [other, indexOf(stretches[other]!.section.structs, clock)];
        }
      }
    }
    for (const [s, i] of path) located.sections[s]![i] = place;
    return place;
  };

  /** Follows what a fresh place stands in up to what is known; not by calling itself, for it may be as deep as somebody likes. */
  const fathom = (fresh: number): void => {
    const path: number[] = [];
    let depth = -1;
    for (let at = fresh; depth < 0;) {
      path.push(at);
      const parent = parents[at];
      if (!parent) break;
      const around = placeAt(parent.client, parent.clock);
      if (around < 0) break;
      at = around - places.weights.length;
      depth = (at < 0 ? places.depths[around] : located.depths[at]) ?? -1;
    }
    for (const each of path.toReversed()) located.depths[each] = ++depth;
  };

  for (const [s, { first, next }] of stretches.entries()) for (let i = first; i < next; i++) find(s, i);
  for (let fresh = 0; fresh < parents.length; fresh++) if (located.depths[fresh] === undefined) fathom(fresh);
  return located;
}

/** How many types the deepest of the fresh places stands in. */
export function deepest(located: Located): number {
  return located.depths.reduce((most, depth) => Math.max(most, depth), 0);
}

/** What names the place of a struct that has no neighbours. */
function nameOf(bytes: Uint8Array, struct: Struct): string {
  const parent = struct.root === null ? `${struct.parentClient} ${struct.parentClock}` : `"${struct.root}`;
  return struct.key < 0 ? parent : `${parent}\n${new ByteReader(bytes, struct.key, struct.content).string()}`;
}

/** Index of the struct that holds `clock`. */
function indexOf(structs: readonly Struct[], clock: number): number {
  let low = 0;
  let high = structs.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (structs[middle]!.clock <= clock) low = middle;
    else high = middle;
  }
  return low;
}

/** The most that there will be in one of the places that the stretches add to. */
export function heaviestWith(places: Places, located: Located, stretches: readonly Stretch[]): number {
  const [only] = stretches;
  if (stretches.length === 1 && only!.next - only!.first === 1) {
    const { ref, length } = only!.section.structs[only!.first]!;
    const place = located.sections[0]![only!.first]!;
    return place < 0 ? 0 : (places.weights[place] ?? 0) + weigh(ref, length);
  }
  const added = new Map<number, number>();
  let heaviest = 0;
  for (const [s, { section, first, next }] of stretches.entries()) {
    for (let i = first; i < next; i++) {
      const place = located.sections[s]![i]!;
      if (place < 0) continue;
      const { ref, length } = section.structs[i]!;
      const sum = (added.get(place) ?? places.weights[place] ?? 0) + weigh(ref, length);
      added.set(place, sum);
      heaviest = Math.max(heaviest, sum);
    }
  }
  return heaviest;
}

/** From now on the fresh places are known. */
export function settle(places: Places, { fresh, depths }: Located): void {
  for (const depth of depths) places.depths.push(depth);
  for (const [name, place] of fresh) {
    places.named.set(name, place);
    places.weights[place] = 0;
  }
}

/** Adds what the run's structs from `from` on weigh to their places, or takes it away. */
export function addWeights(places: Places, run: Run, from: number, sign: 1 | -1): void {
  if (!run.places) return;
  for (let i = from; i < run.clocks.length; i++) {
    const place = run.places[i]!;
    if (place < 0) continue;
    const ref = run.bytes[offsetOf(run, i)]! & 0x1f;
    const length = (run.clocks[i + 1] ?? run.end) - run.clocks[i]!;
    places.weights[place]! += sign * weigh(ref, length);
  }
}

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
}

/** Where new structs stand. */
export interface Located {
  /** Per section of the news, the place of each struct; those that were not asked for are unknown. */
  sections: number[][];
  /** Places that nobody had named before. */
  fresh: Map<string, number>;
}

/** Structs `first` to `next` (exclusive) of a section. */
export interface Stretch {
  section: Section;
  first: number;
  next: number;
}

export function noPlaces(): Places {
  return { weights: [], named: new Map() };
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
  };
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
    return place;
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
        const run = runs.get(client);
        if (run && clock < run.end) place = run.places?.[structAt(run, clock)] ?? NOWHERE;
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

  for (const [s, { first, next }] of stretches.entries()) for (let i = first; i < next; i++) find(s, i);
  return located;
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
export function settle(places: Places, { fresh }: Located): void {
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

/**
 * Where the cards stand in the margin. Pure: desired places and heights in, places out.
 *
 * Every annotation gets a card, a one-line card or, where there is no room even for that, a part in a mark beside the text.
 * The active card stands exactly at its passage; the others move as little as they can (least squares), never over each
 * other, and none further than `maxShift` from where it wants to be.
 */

export interface LayoutItem {
  key: string;
  /** Where its passage begins, pixels from the top of the margin. Items come sorted by it. */
  desired: number;
  /** Height of the whole card. */
  full: number;
}

export interface LayoutOptions {
  active: string | null;
  /** Space between two cards. */
  gap: number;
  /** Height of a one-line card. */
  line: number;
  /** Height of a mark, and so the least distance between two of them. */
  mark: number;
  /** How far a card may stand from its passage before it shrinks. */
  maxShift: number;
  /** No cards at all: every annotation is in a mark. */
  narrow?: boolean;
}

export interface CardPlace {
  key: string;
  mode: "full" | "line";
  top: number;
}

export interface MarkPlace {
  keys: string[];
  top: number;
}

export interface Layout {
  cards: CardPlace[];
  marks: MarkPlace[];
}

interface Slot {
  item: LayoutItem;
  mode: "full" | "line" | "mark";
  top: number;
}

/** How many cards back a crowded one looks for another that could shrink. */
const LOOK_BACK = 8;

export function layoutMargin(items: readonly LayoutItem[], options: LayoutOptions): Layout {
  const at = items.findIndex((item) => item.key === options.active);
  const active = items[at];
  const slots: Slot[] = items.map((item) => ({ item, mode: "full", top: item.desired }));
  if (options.narrow) {
    for (const slot of slots) slot.mode = "mark";
  } else if (active) {
    const before = slots.slice(0, at);
    const after = slots.slice(at + 1);
    settle(before.toReversed(), options, mirrored(active.desired - options.gap));
    settle(after, options, upright(active.desired + active.full + options.gap));
  } else {
    settle(slots, options, upright(0));
  }
  const cards: CardPlace[] = [];
  for (const slot of slots) {
    if (slot.mode !== "mark") cards.push({ key: slot.item.key, mode: slot.mode, top: slot.top });
  }
  return {
    cards,
    marks: bundle(
      slots.filter((slot) => slot.mode === "mark").map((slot) => slot.item),
      options.mark,
    ),
  };
}

/** Marks stay level with their passages; those that would touch become one. */
function bundle(items: readonly LayoutItem[], mark: number): MarkPlace[] {
  const out: MarkPlace[] = [];
  for (const item of items) {
    const last = out.at(-1);
    if (last && item.desired < last.top + mark) last.keys.push(item.key);
    else out.push({ keys: [item.key], top: item.desired });
  }
  return out;
}

/** The same work serves below the active card and, mirrored, above it. */
interface Direction {
  /** Nothing may start before this. */
  floor: number;
  /** Nothing may end after this. */
  limit: number;
  want(slot: Slot, height: number): number;
  toTop(place: number, height: number): number;
}

const upright = (floor: number): Direction => ({
  floor,
  limit: Number.POSITIVE_INFINITY,
  want: (slot) => slot.item.desired,
  toTop: (place) => place,
});

/** Towards the top of the margin, which nothing may leave. */
const mirrored = (ceiling: number): Direction => ({
  floor: -ceiling,
  limit: 0,
  want: (slot, height) => -(slot.item.desired + height),
  toTop: (place, height) => -place - height,
});

/** Decides what each slot can be, then puts all of them as near to their passages as they go. */
function settle(slots: Slot[], options: LayoutOptions, direction: Direction): void {
  const heightOf = (slot: Slot) => (slot.mode === "full" ? slot.item.full : options.line);
  const wantOf = (slot: Slot) => {
    const height = heightOf(slot);
    return Math.max(direction.floor, Math.min(direction.limit - height, direction.want(slot, height)));
  };

  // forwards: the earliest place that each could take; who comes too late makes others shrink, or becomes a mark
  const placed: { slot: Slot; start: number }[] = [];
  const endOf = (index: number) => {
    const each = placed[index];
    return each ? each.start + heightOf(each.slot) + options.gap : direction.floor;
  };
  const place = (index: number) => {
    const each = placed[index]!;
    each.start = Math.max(endOf(index - 1), wantOf(each.slot) - options.maxShift);
    const late = each.start - wantOf(each.slot) > options.maxShift;
    return !late && each.start + heightOf(each.slot) <= direction.limit;
  };
  for (const slot of slots) {
    placed.push({ slot, start: 0 });
    const here = placed.length - 1;
    let fits = place(here);
    for (let back = here; !fits && back >= 0 && back > here - LOOK_BACK; back--) {
      if (placed[back]!.slot.mode !== "full" || placed[back]!.slot.item.full <= options.line) continue;
      placed[back]!.slot.mode = "line";
      for (let i = back; i < here; i++) place(i);
      fits = place(here);
    }
    if (fits) continue;
    slot.mode = "mark";
    placed.pop();
  }
  spread(
    placed.map((each) => each.slot),
    heightOf,
    wantOf,
    options.gap,
    direction,
  );
}

/** Least squares under "each after the one before": pools of touching cards stand at the mean of what they want. */
function spread(
  slots: Slot[],
  heightOf: (slot: Slot) => number,
  wantOf: (slot: Slot) => number,
  gap: number,
  direction: Direction,
): void {
  const pools: { sum: number; count: number; slots: Slot[]; before: number[] }[] = [];
  let prefix = 0;
  for (const slot of slots) {
    let pool = { sum: wantOf(slot) - prefix, count: 1, slots: [slot], before: [prefix] };
    prefix += heightOf(slot) + gap;
    for (let top = pools.at(-1); top && top.sum / top.count >= pool.sum / pool.count; top = pools.at(-1)) {
      pools.pop();
      top.slots.push(...pool.slots);
      top.before.push(...pool.before);
      pool = { sum: top.sum + pool.sum, count: top.count + pool.count, slots: top.slots, before: top.before };
    }
    pools.push(pool);
  }
  const last = slots.at(-1);
  const limit = last ? direction.limit - (prefix - gap) : 0;
  for (const pool of pools) {
    // clipping the free solution at its bounds gives the best one within them
    const mean = Math.max(direction.floor, Math.min(limit, pool.sum / pool.count));
    pool.slots.forEach((slot, i) => {
      slot.top = direction.toTop(mean + pool.before[i]!, heightOf(slot));
    });
  }
}

import type { Placement } from "../../../src/core/anchor/anchor.ts";

/** What the benchmark expects of a candidate. */
export type Answer = { start: number; end: number; score: number } | null;

export const answers = (placements: readonly Placement[]): Answer[] =>
  placements.map((placement) =>
    placement.state === "orphaned"
      ? null
      : { start: placement.start, end: placement.end, score: placement.state === "placed" ? 1 : 0.5 },
  );

/** Time as the sync layer knows it; passed in, so that tests turn it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` once after `ms` milliseconds, unless the returned function is called before. */
  setTimer(task: () => void, ms: number): () => void;
}

/** `count` random bytes, fit for names that nobody should guess. */
export type Random = (count: number) => Uint8Array;

/** Lets everything else have a turn (input, other rooms) before a long piece of work goes on. */
export type Pause = () => Promise<void>;

/** Longest piece of work in one turn, in milliseconds: a third of a frame at 60 Hz. */
export const SLICE = 5;

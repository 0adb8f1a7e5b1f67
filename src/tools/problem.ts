/** Why a developer command could not go on through no fault in the code. */
export type ProblemReason =
  | "no-network"
  | "no-space"
  | "no-browser"
  | "install-failed"
  | "build-failed"
  | "port-in-use"
  | "server-failed"
  | "unsupported-platform";

/**
 * What a person at the command line can do something about, said in one sentence. The commands print `message` alone;
 * every other exception is a bug and keeps its stack.
 */
export class Problem extends Error {
  readonly reason: ProblemReason;

  constructor(reason: ProblemReason, message: string) {
    super(message);
    this.name = "Problem";
    this.reason = reason;
  }
}

/** The sentence for a problem, the stack for a bug. */
export const explain = (error: unknown): string => {
  if (error instanceof Problem) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

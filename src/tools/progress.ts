/** Takes one line about work that is under way; a line replaces the one before it where the terminal can do that. */
export type Progress = (line: string) => void;

/** Progress on standard error: one line rewritten in place on a terminal, plain lines elsewhere. `done` ends the line. */
export const consoleProgress = (): { readonly report: Progress; readonly done: () => void } => {
  const terminal = process.stderr.isTTY;
  let open = false;
  return {
    report(line) {
      if (terminal) process.stderr.write(`\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
      else process.stderr.write(`${line}\n`);
      open = terminal;
    },
    done() {
      if (open) process.stderr.write("\n");
      open = false;
    },
  };
};

/** Calls `report` with the seconds since the start every `everyMs`, until the returned function is called. */
export const ticking = (everyMs: number, report: (seconds: number) => Promise<void>): (() => void) => {
  const start = Date.now();
  const timer = setInterval(() => void report(Math.round((Date.now() - start) / 1000)), everyMs);
  return () => clearInterval(timer);
};

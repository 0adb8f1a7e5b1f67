/** The program `marginalia`: hands its arguments to a command and the outcome to the shell. */
import "./young-generation.ts";
import { run } from "./run.ts";

// Whoever reads our output may stop reading: that is no reason to die.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});

run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}).then(
  (code) => {
    process.exitCode = code;
    return code;
  },
  (error: unknown) => {
    process.stderr.write(`marginalia: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 70;
  },
);

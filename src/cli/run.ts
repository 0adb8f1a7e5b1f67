/** Chooses the command. */
import { invite } from "./invite.ts";
import { rooms } from "./rooms.ts";
import { serve } from "./serve.ts";
import { type Terminal, UsageError } from "./terminal.ts";

const HELP = `marginalia: reading an article together

  marginalia serve     serve rooms on this computer
  marginalia rooms     list, export or delete rooms
  marginalia invite    make an invite link for a room

Each command explains itself with --help.
`;

/** Runs a command line; resolves with the exit code: 0 done, 1 could not, 2 not understood. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [command, ...rest] = args;
  try {
    switch (command) {
      case "serve":
        return await serve(rest, terminal);
      case "rooms":
        return await rooms(rest, terminal);
      case "invite":
        return await invite(rest, terminal);
      case "help":
      case "--help":
      case "-h":
        terminal.out(HELP);
        return 0;
      case undefined:
        terminal.err(HELP);
        return 2;
      default:
        throw new UsageError(`There is no command "${command}". Try marginalia --help.`);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`marginalia: ${error.message}\n`);
    return 2;
  }
}

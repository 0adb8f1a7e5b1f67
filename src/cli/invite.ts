/** `marginalia invite`: an invite link for a room, made by the administrator. */
import { ROLES } from "../core/model/roles.ts";
import type { InviteCreated } from "../protocol/wire.ts";
import { withAdmin } from "./admin.ts";
import { count, parse, span, type Terminal, UsageError } from "./terminal.ts";

const HELP = `marginalia invite: make an invite link for a room

  marginalia invite ROOM [--role reader] [--expires 7d] [--uses 100] [--data FOLDER] [--redis URL]

Roles: author, reviewer, reader, observer.
`;

export async function invite(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parse(
    args,
    {
      help: { type: "boolean", short: "h" },
      data: { type: "string" },
      redis: { type: "string" },
      role: { type: "string" },
      expires: { type: "string" },
      uses: { type: "string" },
    },
    terminal,
    1,
  );
  if (values.help) {
    terminal.out(HELP);
    return 0;
  }
  const [room] = positionals;
  if (room === undefined) throw new UsageError("Say for which room.");
  const role = values.role ?? "reader";
  const roles = ROLES.filter((one) => one !== "owner");
  if (!roles.some((one) => one === role))
    throw new UsageError(`--role must be one of ${roles.join(", ")}, not "${role}".`);
  const body = {
    role,
    expiresIn: span("expires", values.expires ?? "7d") / 1000,
    uses: count("uses", values.uses ?? "100", 1),
  };
  return withAdmin(values, terminal, async (admin) => {
    const made = await admin.call<InviteCreated>("POST", `/rooms/${encodeURIComponent(room)}/invites`, body);
    terminal.out(`${made.link}\n`);
  });
}

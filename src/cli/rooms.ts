/** `marginalia rooms`: what an administrator needs to keep data protection rules. */
import { writeFile } from "node:fs/promises";
import * as Y from "yjs";
import type { RoomExport, RoomRow } from "../protocol/wire.ts";
import { type Admin, withAdmin } from "./admin.ts";
import { parse, type Terminal, UsageError } from "./terminal.ts";

const HELP = `marginalia rooms: list, export or delete rooms

  marginalia rooms list [--json]
  marginalia rooms export ROOM [--out FILE]   everything that is kept of a room, as JSON
  marginalia rooms delete ROOM                for good

  --data FOLDER   the server's data folder (~/.local/share/marginalia)
  --redis URL     where the rooms are, when the servers share them through Redis

They work while the server runs, and without it.
`;

export async function rooms(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parse(
    args,
    {
      help: { type: "boolean", short: "h" },
      data: { type: "string" },
      redis: { type: "string" },
      json: { type: "boolean" },
      out: { type: "string" },
    },
    terminal,
    2,
  );
  const [action, room] = positionals;
  if (values.help) {
    terminal.out(HELP);
    return 0;
  }
  if (action !== "list" && action !== "export" && action !== "delete") {
    throw new UsageError("Say rooms list, rooms export ROOM or rooms delete ROOM.");
  }
  if ((action === "list") !== (room === undefined)) {
    throw new UsageError(action === "list" ? `I do not understand "${room}".` : `Say which room to ${action}.`);
  }
  return withAdmin(values, terminal, async (admin) => {
    if (action === "list") await list(admin, terminal, values.json === true);
    else if (action === "export") await exportRoom(admin, terminal, room!, values.out);
    else {
      await admin.call("DELETE", `/rooms/${encodeURIComponent(room!)}`);
      terminal.out(`Deleted ${room}.\n`);
    }
  });
}

async function list(admin: Admin, terminal: Terminal, json: boolean): Promise<void> {
  const { rooms: rows } = await admin.call<{ rooms: RoomRow[] }>("GET", "/rooms");
  if (json) {
    terminal.out(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  if (rows.length === 0) terminal.out("There are no rooms.\n");
  for (const row of rows) {
    const used = new Date(row.used).toISOString().slice(0, 10);
    // eslint-disable-next-line no-control-regex -- a title must not steer the terminal
    const title = row.title.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
    terminal.out(
      `${row.room}  used ${used}  ${row.participants} ${row.participants === 1 ? "person" : "people"}  ${title}\n`,
    );
  }
}

async function exportRoom(admin: Admin, terminal: Terminal, room: string, out: string | undefined): Promise<void> {
  const whole = await admin.call<RoomExport>("GET", `/rooms/${encodeURIComponent(room)}/export`);
  const documents: Record<string, unknown> = {};
  for (const [name, update] of Object.entries(whole.documents)) {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, Buffer.from(update, "base64"));
    documents[name] = { content: contentOf(doc), update };
  }
  const text = `${JSON.stringify({ ...whole, documents }, null, 2)}\n`;
  if (out === undefined) terminal.out(text);
  else {
    await writeFile(out, text, { mode: 0o600 });
    terminal.out(`Wrote ${out}.\n`);
  }
}

function contentOf(doc: Y.Doc): Record<string, unknown> {
  const content: Record<string, unknown> = {};
  for (const root of doc.share.keys()) {
    content[root] = root === "text" ? doc.getText(root).toString() : doc.getMap(root).toJSON();
  }
  return content;
}

/** `marginalia serve`: the sync server as a process, for an administrator or for "Host a Session". */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { createServer, type RunningServer, type ServerOptions } from "../../server/create-server.ts";
import { FolderInUse } from "../../server/store/folder-lock.ts";
import { defaultData, parse, port, redisUrl, span, systemSentence, type Terminal, UsageError } from "./terminal.ts";

const HELP = `marginalia serve: serve rooms

  --host HOST            address to listen on (127.0.0.1)
  --port PORT            port to listen on, 0 for any free one (7411)
  --data FOLDER          where everything is kept (~/.local/share/marginalia)
  --open                 any document, no tokens: for this computer and trusted networks only
  --open-creation        anyone may make a room
  --redis URL            share rooms with other servers through Redis: redis://host:6379
  --public-url URL       how people reach the server, for invite links
  --cert FILE --key FILE serve https and wss without a proxy
  --trust-proxy          believe X-Forwarded-For of the proxy in front
  --origin ORIGIN        a web origin that may connect; may be repeated
  --expire-rooms SPAN    delete rooms that nobody used for so long, e.g. 180d
  --log-level LEVEL      trace, debug, info, warn, error or silent (info)
  --exit-when-idle SPAN  end when nobody has been connected for so long, or can be
  --ready-json           print one line of JSON when ready and nothing else

Each option is also an environment variable: --public-url is MARGINALIA_PUBLIC_URL.
Times are like 90s, 10m, 2h, 7d.
`;

const LEVELS = ["trace", "debug", "info", "warn", "error", "silent"];
/** Looks in a row that find the network away: it may be for a moment, as after sleep. */
const MISSED = 3;
/** How long a folder may still be held by a server that is just ending, in milliseconds. */
const HANDOVER = 6_000;

export async function serve(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = parse(
    args,
    {
      help: { type: "boolean", short: "h" },
      host: { type: "string" },
      port: { type: "string" },
      data: { type: "string" },
      open: { type: "boolean" },
      "open-creation": { type: "boolean" },
      redis: { type: "string" },
      "public-url": { type: "string" },
      cert: { type: "string" },
      key: { type: "string" },
      "trust-proxy": { type: "boolean" },
      origin: { type: "string", multiple: true },
      "expire-rooms": { type: "string" },
      "log-level": { type: "string" },
      "exit-when-idle": { type: "string" },
      "ready-json": { type: "boolean" },
    },
    terminal,
  );
  if (values.help) {
    terminal.out(HELP);
    return 0;
  }
  const level = values["log-level"] ?? "info";
  if (!LEVELS.includes(level)) throw new UsageError(`--log-level must be one of ${LEVELS.join(", ")}, not "${level}".`);
  const idle = values["exit-when-idle"] === undefined ? null : span("exit-when-idle", values["exit-when-idle"]);
  const expire = values["expire-rooms"] === undefined ? null : span("expire-rooms", values["expire-rooms"]);
  const data = values.data ?? defaultData(terminal);
  const logger = pino({ level, base: undefined }, { write: terminal.err });
  const options: ServerOptions = {
    host: values.host ?? "127.0.0.1",
    port: port(values.port ?? "7411"),
    data,
    mode: values.open ? "open" : "guarded",
    openCreation: values["open-creation"] === true,
    publicUrl: publicUrl(values["public-url"]),
    trustProxy: values["trust-proxy"] === true,
    origins: values.origin ?? [],
    tls: await tlsFiles(values.cert, values.key),
    expireRoomsAfter: expire ?? undefined,
    redis: redisUrl(values.redis),
    log: {
      info: (event, fields) => logger.info(fields ?? {}, event),
      warn: (event, fields) => logger.warn(fields ?? {}, event),
      error: (event, fields) => logger.error(fields ?? {}, event),
    },
  };

  let server: RunningServer;
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    server = await startPatiently(options);
  } catch (error) {
    terminal.err(`marginalia: ${sentence(error, options)}\n`);
    return 1;
  }
  await writeServerFile(data, server);
  if (values["ready-json"]) {
    terminal.out(`${JSON.stringify({ url: server.url, port: server.port, pid: process.pid })}\n`);
  } else {
    terminal.out(welcome(server, options, data));
  }
  const why = await untilDone(server, idle, values.host ?? "127.0.0.1");
  logger.info({ why }, "stopping");
  await server.close();
  return 0;
}

/** A server that is just ending still holds its folder for a moment. */
async function startPatiently(options: ServerOptions): Promise<RunningServer> {
  const giveUp = Date.now() + HANDOVER;
  for (;;) {
    try {
      return await createServer(options);
    } catch (error) {
      if (!(error instanceof FolderInUse) || Date.now() > giveUp) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function untilDone(server: RunningServer, idle: number | null, host: string): Promise<string> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve("SIGTERM"));
    process.once("SIGINT", () => resolve("SIGINT"));
    if (idle === null) return;
    let since = Date.now();
    let missed = 0;
    const timer = setInterval(
      () => {
        missed = isHere(host) ? 0 : missed + 1;
        if (missed >= MISSED) {
          // nobody can reach it, and it would keep the folder from the one that can be reached
          clearInterval(timer);
          resolve("the computer has another address");
        } else if (server.connections() > 0) since = Date.now();
        else if (Date.now() - since >= idle) {
          clearInterval(timer);
          resolve("idle");
        }
      },
      Math.min(5_000, Math.max(100, idle / 4)),
    );
    timer.unref();
  });
}

/** False for an address that this computer had, in another network. */
function isHere(host: string): boolean {
  if (isIP(host) === 0 || /^(?:127\.|0\.0\.0\.0$|::1?$)/.test(host)) return true;
  return Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === host));
}

/** Lets others on this computer who may read the folder find the server. It stays when the server ends: the port may be taken again. */
async function writeServerFile(data: string, server: RunningServer): Promise<void> {
  const path = join(data, "server.json");
  const content = { pid: process.pid, url: server.url, adminKey: server.adminKey ?? "" };
  await writeFile(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function welcome(server: RunningServer, options: ServerOptions, data: string): string {
  const lines = [`Marginalia listens at ${server.url}`, `Everything is kept in ${data}`];
  if (options.mode === "open") {
    lines.push("Open mode: whoever reaches this address reads and writes everything.");
  } else {
    lines.push(
      `In VS Code: set "marginalia.server.url" to ${options.publicUrl ?? server.url}, then "Marginalia: Host a Session".`,
    );
    if (!options.openCreation) lines.push(`Making rooms needs the key in ${join(data, "admin-key")}`);
  }
  return `${lines.join("\n")}\n`;
}

function sentence(error: unknown, options: ServerOptions): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      return `Port ${options.port} is in use. Choose another with --port.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `This computer has no address ${options.host}.`;
    default:
      return systemSentence(error) ?? message;
  }
}

function publicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/.test(text) || !URL.canParse(text)) {
    throw new UsageError(`--public-url must be like https://notes.example.edu, not "${text}".`);
  }
  return text;
}

async function tlsFiles(cert: string | undefined, key: string | undefined): Promise<ServerOptions["tls"]> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new UsageError("--cert and --key are given together or not at all.");
  const read = (path: string) =>
    readFile(path).catch(() => {
      throw new UsageError(`I cannot read ${path}.`);
    });
  return { cert: await read(cert), key: await read(key) };
}

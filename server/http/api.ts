/** The HTTP side: a few routes, JSON in and out. See src/protocol/wire.ts for the shapes. */
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod/mini";
import { isName } from "../../src/core/model/ids.ts";
import { lookOf } from "../../src/core/model/names.ts";
import { ROLES } from "../../src/core/model/roles.ts";
import type {
  HttpFailure,
  InviteCreated,
  Joined,
  ParticipantRow,
  Rename,
  RoomCreated,
  RoomExport,
  RoomRow,
} from "../../src/protocol/wire.ts";
import { tidyLine } from "../../src/core/model/tidy-line.ts";
import { sameSecret } from "../auth/secrets.ts";
import type { Claims, Tokens } from "../auth/tokens.ts";
import type { RoomRecord } from "../rooms/room-record.ts";
import type { Fault, Outcome } from "../rooms/outcome.ts";
import type { Rooms } from "../rooms/rooms.ts";
import { StoreUnavailable } from "../store/store.ts";
import { LANDING_HEADERS, landingPage, missingPage } from "./landing-page.ts";

const MAX_BODY = 16 * 1024;
const WEEK = 7 * 24 * 3600;
const YEAR = 365 * 24 * 3600;

const name = z.string().check(z.refine((value: string) => isName(value)));
/** What people type as their name or a title. */
const line = (max: number) =>
  z.pipe(
    z.string().check(z.maxLength(max * 4)),
    z.transform((text: string) => tidyLine(text, max)),
  );
const title = line(300);
/** Blank signs are no name. */
const personName = z.pipe(line(80), z.string().check(z.refine((text: string) => lookOf(text) !== "")));

const createRoom = z.object({
  title,
  room: z.optional(name),
  participant: z.object({ id: name, name: personName }),
  held: z.optional(z.string()),
  secret: z.optional(z.string().check(z.minLength(16), z.maxLength(200))),
});
const createInvite = z.object({
  role: z.enum(ROLES.filter((role) => role !== "owner") as [Exclude<(typeof ROLES)[number], "owner">]),
  expiresIn: z._default(z.number().check(z.gte(60), z.lte(YEAR)), WEEK),
  uses: z._default(z.int().check(z.gte(1), z.lte(10_000)), 100),
});
const joinRoom = z.object({
  invite: z.string().check(z.maxLength(200)),
  name: personName,
  participant: z.optional(z.string()),
});
const rename = z.object({ name: personName });
const renewToken = z.object({});
const changeParticipant = z.object({
  role: z.optional(z.enum(ROLES)),
  removed: z.optional(z.boolean()),
  voidInvites: z.optional(z.boolean()),
});
const documentToken = z.object({
  prefix: z.string().check(z.minLength(1), z.maxLength(200)),
  write: z._default(z.boolean(), true),
  expiresIn: z._default(z.number().check(z.gte(60), z.lte(YEAR)), WEEK),
});

const STATUS: Record<Fault, number> = {
  "bad-request": 400,
  unauthorized: 401,
  forbidden: 403,
  "invite-invalid": 403,
  "invite-expired": 403,
  "invite-used-up": 403,
  removed: 403,
  "not-found": 404,
  "unknown-room": 404,
  "room-taken": 409,
  "too-large": 413,
  "too-many": 429,
  unavailable: 503,
  failed: 500,
};

const SENTENCES: Record<Fault, string> = {
  "bad-request": "The request is not as the server expects it.",
  unauthorized: "This needs a valid token.",
  forbidden: "You may not do that in this session.",
  "invite-invalid": "This invitation is not valid. Ask for a new link.",
  "invite-expired": "This invitation has expired. Ask for a new link.",
  "invite-used-up": "This invitation has been used by as many people as it was meant for. Ask for a new link.",
  removed: "You were removed from this session.",
  "not-found": "There is nothing here.",
  "unknown-room": "The session does not exist on this server.",
  "room-taken": "The server has a session of this article already, and nothing in the request shows that it is yours.",
  "too-large": "The request is too large.",
  "too-many": "Too many requests. Try again in a minute.",
  unavailable: "The server is not ready. Try again in a moment.",
  failed: "The server had a fault.",
};

export interface ApiOptions {
  rooms: Rooms;
  tokens: Tokens;
  /** SHA-256 of the administrator's key, or null when there is none. */
  adminHash: string | null;
  /** Anyone may make a room. */
  openCreation: boolean;
  /** No rooms at all: any document, no tokens. */
  openMode: boolean;
  /** Where people reach the server, without a slash at the end. */
  publicUrl(): string;
  ready(): boolean;
  metrics(): Promise<{ type: string; text: string }>;
  /** Whether this request is one too many from its address. */
  limited(request: IncomingMessage): boolean;
  /** Whether it comes from this computer itself. */
  isLocal(request: IncomingMessage): boolean;
  onError(error: unknown): void;
}

class Refused extends Error {
  readonly reason: Fault;
  constructor(reason: Fault) {
    super(reason);
    this.reason = reason;
  }
}

function unwrap<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Refused(outcome.reason);
  return outcome.value;
}

async function readBody<T extends z.ZodMiniType>(request: IncomingMessage, schema: T): Promise<z.output<T>> {
  // A web page elsewhere cannot send this type without asking first, and it is never allowed to.
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) throw new Refused("bad-request");
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    if ((size += part.length) > MAX_BODY) throw new Refused("too-large");
    parts.push(part);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new Refused("bad-request");
  }
  const result = schema.safeParse(body);
  if (!result.success) throw new Refused("bad-request");
  return result.data;
}

function bearerOf(request: IncomingMessage): string {
  return /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}

function sendFault(response: ServerResponse, reason: Fault): void {
  const failure: HttpFailure = { reason, message: SENTENCES[reason] };
  if (reason === "too-large" || reason === "too-many") response.setHeader("connection", "close");
  send(response, STATUS[reason], failure);
}

function roomRow({ id, title: shown, created, used, members }: RoomRecord): RoomRow {
  return { room: id, title: shown, created, used, participants: Object.keys(members).length };
}

function rows(record: RoomRecord): ParticipantRow[] {
  return Object.entries(record.members).map(([participant, { name: real, role, joined, removed }]) => ({
    participant,
    name: real,
    role,
    joined,
    removed,
  }));
}

export function createApi(options: ApiOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { rooms, tokens } = options;
  const isAdmin = (request: IncomingMessage) => {
    const key = bearerOf(request);
    return options.adminHash !== null && key !== "" && sameSecret(options.adminHash, key);
  };

  async function claimsOf(token: string, allowExpired = false): Promise<Claims> {
    const verified = await tokens.verify(token, allowExpired);
    if (!verified.ok) throw new Refused("unauthorized");
    return verified.claims;
  }

  /** Whom a token was given to, whether or not it still opens anything; undefined for one that is not ours. */
  async function heldClaims(token: string | undefined): Promise<Claims | undefined> {
    const verified = token ? await tokens.verify(token, true) : null;
    return verified?.ok ? verified.claims : undefined;
  }

  async function requireOwner(request: IncomingMessage, room: string): Promise<void> {
    const claims = await claimsOf(bearerOf(request));
    const { member, record } = unwrap(await rooms.bearer(claims));
    if (record.id !== room || member.role !== "owner") throw new Refused("forbidden");
  }

  async function post(request: IncomingMessage, response: ServerResponse, path: string[]): Promise<void> {
    const [head, room, action] = path;
    if (head === "rooms" && path.length === 1) {
      const body = await readBody(request, createRoom);
      const admin = isAdmin(request);
      const { pass, isNew } = unwrap(
        await rooms.create(body.title || "Untitled article", body.participant, {
          room: body.room,
          may: options.openCreation || admin,
          held: await heldClaims(body.held),
          secret: body.secret,
          admin,
        }),
      );
      return send(response, isNew ? 201 : 200, { ...pass, role: "owner" } satisfies RoomCreated);
    }
    if (head === "rooms" && action === "invites" && path.length === 3) {
      if (!isAdmin(request)) await requireOwner(request, room!);
      const made = unwrap(await rooms.invite(room!, await readBody(request, createInvite)));
      const created: InviteCreated = { ...made, link: `${options.publicUrl()}/join/${room}#${made.invite}` };
      return send(response, 201, created);
    }
    if (head === "rooms" && action === "join" && path.length === 3) {
      const body = await readBody(request, joinRoom);
      const held = await heldClaims(body.participant);
      const joined: Joined = unwrap(await rooms.join(room!, { invite: body.invite, name: body.name, held }));
      return send(response, 200, joined);
    }
    if (head === "rooms" && action === "token" && path.length === 3) {
      const claims = await heldClaims(bearerOf(request));
      await readBody(request, renewToken);
      if (claims?.kind !== "participant") throw new Refused("unauthorized");
      if (claims.room !== room) throw new Refused("forbidden");
      const renewed: Joined = unwrap(await rooms.renew(room, claims));
      return send(response, 200, renewed);
    }
    if (head === "rooms" && action === "name" && path.length === 3) {
      const { participant, record } = unwrap(await rooms.bearer(await claimsOf(bearerOf(request))));
      if (record.id !== room) throw new Refused("forbidden");
      const renamed: Rename = await readBody(request, rename);
      unwrap(await rooms.rename(room, participant, renamed.name));
      return send(response, 200, renamed);
    }
    if (head === "tokens" && path.length === 1) {
      if (!isAdmin(request)) throw new Refused("unauthorized");
      const { expiresIn, ...body } = await readBody(request, documentToken);
      const expires = Date.now() + expiresIn * 1000;
      return send(response, 201, { token: await tokens.issueForDocuments(body, expires), expires });
    }
    throw new Refused("not-found");
  }

  async function get(request: IncomingMessage, response: ServerResponse, path: string[]): Promise<void> {
    const [head, room, action] = path;
    if (path.length === 1 && head === "healthz") return send(response, 200, { ok: true });
    if (path.length === 1 && head === "readyz")
      return send(response, options.ready() ? 200 : 503, { ok: options.ready() });
    if (path.length === 1 && head === "metrics") {
      if (!options.isLocal(request) && !isAdmin(request)) throw new Refused("unauthorized");
      const { type, text } = await options.metrics();
      response.writeHead(200, { "content-type": type }).end(text);
      return;
    }
    if (head === "join" && path.length === 2 && !options.openMode) {
      const found = isName(room!) ? await rooms.members(room!) : null;
      response.writeHead(found?.ok ? 200 : 404, LANDING_HEADERS);
      response.end(found?.ok ? landingPage(found.value.title) : missingPage());
      return;
    }
    if (head === "rooms" && action === "participants" && path.length === 3) {
      await requireOwner(request, room!);
      return send(response, 200, { participants: rows(unwrap(await rooms.members(room!))) });
    }
    if (head === "rooms" && (path.length === 1 || (action === "export" && path.length === 3))) {
      if (!isAdmin(request)) throw new Refused("unauthorized");
      if (path.length === 1) return send(response, 200, { rooms: (await rooms.list()).map(roomRow) });
      const { record, documents } = unwrap(await rooms.export(room!));
      const whole: RoomExport = { ...roomRow(record), participants: rows(record), documents };
      return send(response, 200, whole);
    }
    throw new Refused("not-found");
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://server").pathname.split("/").filter(Boolean);
    if (request.method === "GET" || request.method === "HEAD") return get(request, response, path);
    if (options.openMode || (path[0] === "rooms" && path[1] !== undefined && !isName(path[1]))) {
      throw new Refused("not-found");
    }
    if (options.limited(request)) throw new Refused("too-many");
    if (request.method === "POST") return post(request, response, path);
    const [head, room, sub, participant] = path;
    if (request.method === "PATCH" && head === "rooms" && sub === "participants" && path.length === 4) {
      await requireOwner(request, room!);
      const changed = unwrap(await rooms.change(room!, participant!, await readBody(request, changeParticipant)));
      return send(
        response,
        200,
        rows(changed).find((row) => row.participant === participant),
      );
    }
    if (request.method === "DELETE" && head === "rooms" && path.length === 2) {
      if (!isAdmin(request)) await requireOwner(request, room!);
      unwrap(await rooms.remove(room!));
      response.writeHead(204).end();
      return;
    }
    throw new Refused("not-found");
  }

  return async (request, response) => {
    try {
      await route(request, response);
    } catch (error) {
      const reason =
        error instanceof Refused ? error.reason : error instanceof StoreUnavailable ? "unavailable" : "failed";
      if (reason === "failed") options.onError(error);
      if (!response.headersSent) sendFault(response, reason);
      else response.destroy();
    }
  };
}

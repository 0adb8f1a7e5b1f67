/**
 * Making a room on a server, inviting to it, joining it, renewing one's token and changing one's name there. What goes wrong comes
 * back as a sentence; secrets (invites, tokens, admin keys) are in no sentence and no error.
 */
import * as z from "zod/mini";
import { isName, type ParticipantId, type RoomId } from "../core/model/ids.ts";
import { ROLES, type Role } from "../core/model/roles.ts";
import type { CreateInvite, CreateRoom, HttpFailure, JoinRoom, Rename } from "../protocol/wire.ts";

export interface InviteLink {
  /** `http://host:port` or `https://…`, perhaps with a path, without a slash at the end. */
  server: string;
  room: RoomId;
  /** The secret. */
  invite: string;
}

/** What the global `fetch` can do and this needs; who calls adds their own signal, as for a timeout. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; redirect: "error" },
) => Promise<{ status: number; text(): Promise<string> }>;

export type ApiFailure = HttpFailure["reason"] | "unreachable" | "unexpected";
/** `message` is a sentence for people. */
export type ApiResult<T> = { ok: true; value: T } | { ok: false; reason: ApiFailure; message: string };

export interface Api {
  fetch: Fetch;
}

const INVITE = /^[A-Za-z0-9_-]{8,200}$/;
const WEB_LINK = /^(https?):\/\/([^\s/?#@\\]+)((?:\/[^\s?#\\]*)?)\/join\/([a-z0-9-]+)\/?#([A-Za-z0-9_-]+)$/i;
const EDITOR_LINK = /^vscode(?:-insiders)?:\/\/marginalia\.marginalia\/join\/?\?(.*)$/i;

/**
 * Reads `http(s)://host:port/join/ROOM#INVITE`, alone or wrapped as `vscode://marginalia.marginalia/join?link=<encoded>`, with
 * the blanks and brackets that mail programs put around it. Null for everything else.
 */
export function parseInviteLink(text: string): InviteLink | null {
  const trimmed = text.trim().replace(/^<(.*)>$/, "$1");
  const wrapped = EDITOR_LINK.exec(trimmed);
  if (wrapped) {
    const link = wrapped[1]!.split("&").find((part) => part.startsWith("link="));
    try {
      return link === undefined ? null : parseWebLink(decodeURIComponent(link.slice(5)));
    } catch {
      return null;
    }
  }
  return parseWebLink(trimmed);
}

function parseWebLink(text: string): InviteLink | null {
  const match = text.length > 2_000 ? null : WEB_LINK.exec(text);
  if (!match) return null;
  const [, scheme, host, path, room, invite] = match as unknown as [string, string, string, string, string, string];
  if (!isName(room) || !INVITE.test(invite) || !isHost(host)) return null;
  return { server: `${scheme.toLowerCase()}://${host.toLowerCase()}${path.replace(/\/+$/, "")}`, room, invite };
}

/** A host name or address with an optional port. */
function isHost(text: string): boolean {
  const match = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/i.exec(text);
  return match !== null && (match[1] === undefined || (Number(match[1]) > 0 && Number(match[1]) < 65_536));
}

export function formatInviteLink({ server, room, invite }: InviteLink): string {
  return `${server.replace(/\/+$/, "")}/join/${room}#${invite}`;
}

/** The websocket address of a server's http address. */
export function websocketAddress(server: string): string {
  return server.replace(/^http/i, "ws").replace(/\/+$/, "");
}

const name = z.string().check(z.refine((value: string) => isName(value)));
const token = z.string().check(z.minLength(1), z.maxLength(4_000));
const membership = z.object({
  room: name,
  title: z.string().check(z.maxLength(2_000)),
  participant: name,
  role: z.enum(ROLES),
  token,
  expiresIn: z.optional(z.number().check(z.positive())),
});
const inviteCreated = z.object({
  invite: z.string().check(z.regex(INVITE)),
  link: z.string().check(z.maxLength(4_000)),
  expires: z.number(),
});
const renamed = z.object({ name: z.string().check(z.maxLength(400)) });
const failure = z.object({ reason: z.string(), message: z.string() });

/** Who one is in a room. `token` is a secret. */
export interface Membership {
  room: RoomId;
  title: string;
  participant: ParticipantId;
  role: Role;
  token: string;
  /** Seconds that the token is good for, if the server says so. */
  expiresIn?: number | undefined;
}

/** `adminKey`: only where the server asks for one. */
export function createRoom(
  api: Api,
  server: string,
  request: CreateRoom,
  adminKey?: string,
): Promise<ApiResult<Membership>> {
  const made = call(api, server, "/rooms", request, adminKey, membership);
  return request.room === undefined ? made : passInto(request.room, made);
}

/** `ownerToken`: of the room's owner. */
export async function createInvite(
  api: Api,
  server: string,
  room: RoomId,
  request: CreateInvite,
  ownerToken: string,
): Promise<ApiResult<InviteLink & { expires: number }>> {
  const result = await call(api, server, `/rooms/${room}/invites`, request, ownerToken, inviteCreated);
  if (!result.ok) return result;
  // the address by which others reach the server is the server's to say, if it says one
  const own = parseInviteLink(result.value.link);
  const { invite, expires } = result.value;
  return { ok: true, value: { server: own?.server ?? server, room, invite, expires } };
}

/** `heldToken`: a token held before, even an expired one, to come back as the same participant. */
export function joinRoom(
  api: Api,
  link: InviteLink,
  person: { name: string; heldToken?: string },
): Promise<ApiResult<Membership>> {
  const request: JoinRoom = {
    invite: link.invite,
    name: person.name,
    ...(person.heldToken === undefined ? {} : { participant: person.heldToken }),
  };
  return passInto(link.room, call(api, link.server, `/rooms/${link.room}/join`, request, undefined, membership));
}

/** `token`: of a member, valid; of an owner also an expired one. Gives who they are today, with a new token. */
export function renewToken(api: Api, server: string, room: RoomId, token: string): Promise<ApiResult<Membership>> {
  return passInto(room, call(api, server, `/rooms/${room}/token`, {}, token, membership));
}

/** `token`: of the participant who goes by another name from now on. Gives the name as the server wrote it down. */
export function renameSelf(
  api: Api,
  server: string,
  room: RoomId,
  name: string,
  token: string,
): Promise<ApiResult<Rename>> {
  return call(api, server, `/rooms/${room}/name`, { name }, token, renamed);
}

/** A server that is asked about one room has no word in any other, of which this computer may be a member elsewhere. */
async function passInto(room: RoomId, asked: Promise<ApiResult<Membership>>): Promise<ApiResult<Membership>> {
  const answer = await asked;
  return answer.ok && answer.value.room !== room ? NOT_UNDERSTOOD : answer;
}

async function call<T>(
  api: Api,
  server: string,
  path: string,
  request: CreateRoom | CreateInvite | JoinRoom | Rename | Record<string, never>,
  bearer: string | undefined,
  schema: z.ZodMiniType<T>,
): Promise<ApiResult<T>> {
  let status: number;
  let text: string;
  try {
    const response = await api.fetch(server.replace(/\/+$/, "") + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(request),
      redirect: "error",
    });
    status = response.status;
    text = await response.text();
  } catch {
    // the error itself may carry the address and the headers
    return { ok: false, reason: "unreachable", message: "The server could not be reached." };
  }
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (status >= 400) return refusal(answer);
  const parsed = schema.safeParse(answer);
  return parsed.success ? { ok: true, value: parsed.data } : NOT_UNDERSTOOD;
}

const NOT_UNDERSTOOD: Extract<ApiResult<never>, { ok: false }> = {
  ok: false,
  reason: "unexpected",
  message: "The server's answer was not understood. Is it a Marginalia server?",
};

/** Our own sentences for the reasons we know: a server's words are not shown raw. */
const SENTENCES: Record<HttpFailure["reason"], string> = {
  "bad-request": "The server did not accept the request.",
  unauthorized: "The server asks for a valid key or token.",
  forbidden: "You may not do this in this session.",
  "unknown-room": "The session does not exist on this server.",
  "room-taken": "The server has a session of this article already, and nothing here shows that it is yours.",
  "invite-invalid": "The invite link is not valid. Ask for a new one.",
  "invite-expired": "The invite link has expired. Ask for a new one.",
  "invite-used-up": "The invite link has been used as often as it may be. Ask for a new one.",
  removed: "You are no longer part of this session.",
  "too-large": "The request is larger than the server accepts.",
  "too-many": "The server received too many requests. Try again in a minute.",
  unavailable: "The server cannot do this just now. Try again later.",
  "not-found": "The server does not know this address. Is it a Marginalia server?",
  failed: "The server had a fault.",
};

function refusal(answer: unknown): { ok: false; reason: ApiFailure; message: string } {
  const parsed = failure.safeParse(answer);
  const reason = parsed.success ? parsed.data.reason : "";
  if (!Object.hasOwn(SENTENCES, reason)) {
    return {
      ok: false,
      reason: "unexpected",
      message: "The server refused without saying why. Is it a Marginalia server?",
    };
  }
  const known = reason as HttpFailure["reason"];
  return { ok: false, reason: known, message: SENTENCES[known] };
}

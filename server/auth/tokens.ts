/** Tokens: who someone is in a room, signed with a key that never leaves the server. */
import { randomBytes } from "node:crypto";
import { link, open, readFile, unlink } from "node:fs/promises";
import { errors, jwtVerify, SignJWT } from "jose";
import { type Role, isRole } from "../../src/core/model/roles.ts";
import { isName } from "../../src/core/model/ids.ts";

/** A participant of a room, or the holder of a token for plain documents outside all rooms. */
export type Claims =
  | { kind: "participant"; room: string; participant: string; role: Role; version: number; expired: boolean }
  | { kind: "documents"; prefix: string; write: boolean };

export type TokenFault = "unauthorized" | "expired";

export interface Tokens {
  issue(claims: { room: string; participant: string; role: Role; version: number }, expires: number): Promise<string>;
  issueForDocuments(claims: { prefix: string; write: boolean }, expires: number): Promise<string>;
  /** Checks signature, form and expiry. With `allowExpired` an expired participant token is told as such instead of refused. */
  verify(
    token: string,
    allowExpired?: boolean,
  ): Promise<{ ok: true; claims: Claims } | { ok: false; reason: TokenFault }>;
}

const ISSUER = "marginalia";
const ALGORITHM = "HS256";
/** Longest token that is looked at, in characters. */
const MAX_TOKEN = 2_000;

export function createTokens(key: Uint8Array): Tokens {
  const sign = (payload: Record<string, unknown>, expires: number) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setIssuedAt()
      .setExpirationTime(Math.floor(expires / 1000))
      .sign(key);

  return {
    issue: ({ room, participant, role, version }, expires) =>
      sign({ room, sub: participant, role, ver: version }, expires),

    issueForDocuments: ({ prefix, write }, expires) => sign({ docs: prefix, write }, expires),

    async verify(token, allowExpired = false) {
      if (token.length > MAX_TOKEN) return { ok: false, reason: "unauthorized" };
      let expired = false;
      let payload: Record<string, unknown>;
      try {
        payload = (await jwtVerify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER })).payload;
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        // jose checks the signature before the claims: an expired token is one that was ours.
        if (!(error instanceof errors.JWTExpired)) return { ok: false, reason: "unauthorized" };
        if (!allowExpired) return { ok: false, reason: "expired" };
        expired = true;
        payload = error.payload;
      }
      const { room, sub, role, ver, docs, write } = payload;
      if (typeof docs === "string" && docs !== "") {
        if (expired) return { ok: false, reason: "expired" };
        return { ok: true, claims: { kind: "documents", prefix: docs, write: write === true } };
      }
      if (typeof room !== "string" || !isName(room) || typeof sub !== "string" || !isName(sub) || !isRole(role)) {
        return { ok: false, reason: "unauthorized" };
      }
      if (typeof ver !== "number") return { ok: false, reason: "unauthorized" };
      return { ok: true, claims: { kind: "participant", room, participant: sub, role, version: ver, expired } };
    },
  };
}

/** The secret in `path`, 32 bytes of hex; made on first use, readable by its owner only. */
export async function readOrMakeSecret(path: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (text !== null) {
      if (!/^[0-9a-f]{64}$/.test(text.trim())) throw new Error(`${path} does not hold a key.`);
      return text.trim();
    }
    try {
      await makeSecret(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 3) throw error;
    }
  }
}

/** Half a key would keep the server from starting ever after: it appears whole or not at all, and never over another. */
async function makeSecret(path: string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString("hex")}.new`;
  const file = await open(beside, "wx", 0o600);
  try {
    try {
      await file.writeFile(`${randomBytes(32).toString("hex")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(beside, path);
  } finally {
    await unlink(beside).catch(() => {});
  }
}

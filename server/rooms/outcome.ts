import type { HttpFailure } from "../../src/protocol/wire.ts";

/** Why a request about a room is refused. */
export type Fault = HttpFailure["reason"];
export type Outcome<T> = { ok: true; value: T } | { ok: false; reason: Fault };

export const done = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const failed = (reason: Fault): { ok: false; reason: Fault } => ({ ok: false, reason });

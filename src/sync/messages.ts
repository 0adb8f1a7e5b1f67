/** Messages of the wire, written and read. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import {
  MESSAGE_AUTH,
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SAVED,
  MESSAGE_SYNC,
  SAVED_COUNT,
  SAVED_SUBSCRIBE,
  SYNC_STEP_1,
  SYNC_STEP_2,
  SYNC_UPDATE,
} from "../protocol/wire.ts";

export type ServerMessage =
  /** `content`: a state vector in a step 1, else an update. */
  | { kind: "step1" | "step2" | "update" | "awareness"; content: Uint8Array }
  | { kind: "query-awareness" }
  | { kind: "denied"; reason: string }
  | { kind: "saved"; count: number }
  /** Some number of the future, or of another server's. */
  | { kind: "unknown" };

/** Reads a message; throws on one that breaks off or contradicts itself. */
export function readMessage(bytes: Uint8Array): ServerMessage {
  const decoder = decoding.createDecoder(bytes);
  switch (decoding.readVarUint(decoder)) {
    case MESSAGE_SYNC: {
      const step = decoding.readVarUint(decoder);
      const kind =
        step === SYNC_STEP_1 ? "step1" : step === SYNC_STEP_2 ? "step2" : step === SYNC_UPDATE ? "update" : null;
      if (!kind) return { kind: "unknown" };
      return { kind, content: decoding.readVarUint8Array(decoder) };
    }
    case MESSAGE_AWARENESS:
      return { kind: "awareness", content: decoding.readVarUint8Array(decoder) };
    case MESSAGE_QUERY_AWARENESS:
      return { kind: "query-awareness" };
    case MESSAGE_AUTH:
      if (decoding.readVarUint(decoder) !== 0) return { kind: "unknown" };
      return { kind: "denied", reason: decoding.readVarString(decoder) };
    case MESSAGE_SAVED:
      if (decoding.readVarUint(decoder) !== SAVED_COUNT) return { kind: "unknown" };
      return { kind: "saved", count: decoding.readVarUint(decoder) };
    default:
      return { kind: "unknown" };
  }
}

function framed(numbers: readonly number[], content?: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const number of numbers) encoding.writeVarUint(encoder, number);
  if (content) encoding.writeVarUint8Array(encoder, content);
  return encoding.toUint8Array(encoder);
}

export function stepOne(stateVector: Uint8Array): Uint8Array {
  return framed([MESSAGE_SYNC, SYNC_STEP_1], stateVector);
}

export function stepTwo(update: Uint8Array): Uint8Array {
  return framed([MESSAGE_SYNC, SYNC_STEP_2], update);
}

export function updateMessage(update: Uint8Array): Uint8Array {
  return framed([MESSAGE_SYNC, SYNC_UPDATE], update);
}

export function awarenessMessage(update: Uint8Array): Uint8Array {
  return framed([MESSAGE_AWARENESS], update);
}

export function subscribeToSaved(): Uint8Array {
  return framed([MESSAGE_SAVED, SAVED_SUBSCRIBE]);
}

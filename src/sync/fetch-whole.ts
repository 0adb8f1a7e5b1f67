/** Asks a server for a whole document, beside the connection that keeps a replica in step. */
import type { Clock } from "./clock.ts";
import * as messages from "./messages.ts";
import type { OpenSocket } from "./socket.ts";

/** The state vector of an empty document. */
const NO_STATE = Uint8Array.of(0);
/** Silence after which the answer is given up, in milliseconds: one message may hold a whole document on a slow link. */
const SILENCE = 120_000;

export interface Fetching {
  /** The document as updates that build on each other in this order; null when the connection ended before all of it was here. */
  readonly whole: Promise<Uint8Array[] | null>;
  cancel(): void;
}

export function fetchWhole(url: string, openSocket: OpenSocket, clock: Clock): Fetching {
  const updates: Uint8Array[] = [];
  const socket = openSocket(url);
  let stopWaiting = () => {};
  let done = false;
  let resolve!: (updates: Uint8Array[] | null) => void;
  let reject!: (error: unknown) => void;
  const whole = new Promise<Uint8Array[] | null>((...both) => ([resolve, reject] = both));
  const finish = (result: () => void) => {
    if (done) return;
    done = true;
    stopWaiting();
    result();
    socket.close(1000);
  };
  const giveUp = () => finish(() => resolve(null));
  const wait = () => {
    stopWaiting();
    stopWaiting = clock.setTimer(giveUp, SILENCE);
  };
  const safely = (task: () => void) => {
    if (done) return;
    try {
      task();
    } catch (error) {
      finish(() => reject(error));
    }
  };
  socket.onOpen(() => safely(() => socket.send(messages.stepOne(NO_STATE))));
  socket.onMessage((bytes) =>
    safely(() => {
      wait();
      const message = messages.readMessage(bytes);
      if (message.kind !== "update" && message.kind !== "step2") return;
      updates.push(message.content);
      if (message.kind === "step2") finish(() => resolve(updates));
    }),
  );
  socket.onClose(giveUp);
  wait();
  return { whole, cancel: giveUp };
}

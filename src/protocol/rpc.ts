/** Requests of the reading view: numbered, answered or refused, timed out, abortable. */
import * as z from "zod/mini";
import type { Port } from "./port.ts";
import {
  type Failure,
  requestSchemas,
  type RequestName,
  type RequestParams,
  type ToHost,
  toHostSchema,
  type ToView,
} from "./reader.ts";

export type Answer<T = unknown> = { ok: true; result: T } | { ok: false; failure: Failure };

/** Results by request; a request that is not named here answers nothing. */
export interface RequestResults {
  annotate: { ref: string };
  reply: { ref: string };
  /** `write`: what `undo` takes back. */
  remove: { write: number | undefined };
  reattach: { write: number | undefined };
}
export type ResultOf<N extends RequestName> = N extends keyof RequestResults ? RequestResults[N] : undefined;

export interface Clock {
  setTimer(task: () => void, milliseconds: number): () => void;
}

/** How long the view waits for an answer before it says so (people give up on a button at about ten seconds). */
export const REQUEST_TIMEOUT = 10_000;

export interface Requester {
  request<N extends RequestName>(name: N, params: RequestParams<N>, abort?: AbortSignal): Promise<Answer<ResultOf<N>>>;
  /** Give it every `answer` and `failure` that arrives. */
  settle(message: Extract<ToView, { kind: "answer" | "failure" }>): void;
  /** Fails whatever is open, for instance because the host went away. */
  close(): void;
}

/** The asking side. Never rejects: whatever goes wrong is an answer with `ok: false`. */
export function createRequester(port: Port, clock: Clock): Requester {
  let next = 1;
  const open = new Map<number, (answer: Answer<never>) => void>();
  const fail = (id: number, failure: Failure) => open.get(id)?.({ ok: false, failure });
  return {
    request(name, params, abort) {
      return new Promise((resolve) => {
        const id = next++;
        const stopTimer = clock.setTimer(
          () => fail(id, { reason: "timeout", message: "The editor did not answer in time. Please try again." }),
          REQUEST_TIMEOUT,
        );
        const onAbort = () => {
          port.post({ kind: "abort", id } satisfies ToHost);
          fail(id, { reason: "aborted", message: "Cancelled." });
        };
        open.set(id, (answer) => {
          open.delete(id);
          stopTimer();
          abort?.removeEventListener("abort", onAbort);
          resolve(answer);
        });
        abort?.addEventListener("abort", onAbort);
        port.post({ kind: "request", id, name, params } satisfies ToHost);
      });
    },
    settle(message) {
      if (message.kind === "failure") fail(message.id, message.failure);
      else open.get(message.id)?.({ ok: true, result: message.result as never });
    },
    close() {
      for (const id of open.keys()) fail(id, { reason: "aborted", message: "The view was closed." });
    },
  };
}

export type Handlers = {
  [N in RequestName]: (
    params: RequestParams<N>,
    abort: AbortSignal,
  ) => Promise<Answer<ResultOf<N>>> | Answer<ResultOf<N>>;
};

/** What the host does with the messages that are not requests. */
export interface HostEvents {
  ready(): void;
  presence(message: Extract<ToHost, { kind: "presence" }>): void;
  error(message: string, stack: string): void;
  timing(name: string, at: number): void;
  keep(words: unknown): void;
}

/**
 * The answering side: checks every message, runs the handler, answers. A handler that throws is a bug: it is reported through
 * `events.error` and answered as `failed`. Returns the function that stops serving.
 */
export function serveRequests(port: Port, handlers: Handlers, events: HostEvents): () => void {
  const running = new Map<number, AbortController>();
  const post = (message: ToView) => port.post(message);
  const fail = (id: number, failure: Failure) => post({ kind: "failure", id, failure });

  const serve = async (id: number, name: string, params: unknown) => {
    if (!Object.hasOwn(requestSchemas, name)) {
      return fail(id, { reason: "invalid", message: "The reading view asked for something unknown." });
    }
    const checked = z.safeParse(requestSchemas[name as RequestName], params);
    if (!checked.success) return fail(id, { reason: "invalid", message: "The reading view sent something malformed." });
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const handler = handlers[name as RequestName] as (params: unknown, abort: AbortSignal) => Promise<Answer>;
      const answer = await handler(checked.data, abort.signal);
      if (answer.ok) post({ kind: "answer", id, ok: true, result: answer.result });
      else fail(id, answer.failure);
    } catch (error) {
      events.error(`Request ${name} failed: ${String(error)}`, error instanceof Error ? (error.stack ?? "") : "");
      fail(id, { reason: "failed", message: "Something went wrong inside Marginalia. The log has the details." });
    } finally {
      running.delete(id);
    }
  };

  const stop = port.listen((message) => {
    const checked = toHostSchema.safeParse(message);
    if (!checked.success) return events.error("The reading view sent a message that fits no schema.", "");
    const data = checked.data;
    if (data.kind === "ready") events.ready();
    else if (data.kind === "presence") events.presence(data);
    else if (data.kind === "error") events.error(data.message, data.stack);
    else if (data.kind === "timing") events.timing(data.name, data.at);
    else if (data.kind === "keep") events.keep(data.words);
    else if (data.kind === "abort") running.get(data.id)?.abort();
    else void serve(data.id, data.name, data.params);
  });
  return () => {
    stop();
    for (const abort of running.values()) abort.abort();
  };
}

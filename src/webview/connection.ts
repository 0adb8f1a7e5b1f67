/** The view's end of the port: news in, requests and reports out, both checked. */
import * as z from "zod/mini";
import type { Port } from "../protocol/port.ts";
import { type News, type ToHost, toViewSchema } from "../protocol/reader.ts";
import { createRequester, type Requester } from "../protocol/rpc.ts";

// the view's policy forbids the code that zod would otherwise compile
z.config({ jitless: true });

export interface Connection {
  request: Requester["request"];
  post(message: Exclude<ToHost, { kind: "request" | "abort" }>): void;
  /** Reports an error to the host's log; the view goes on. */
  report(error: unknown): void;
  /** A moment on the way to the first paint. */
  mark(name: string): void;
}

export function connect(port: Port, onNews: (news: News) => void): Connection {
  const requester = createRequester(port, {
    setTimer(task, milliseconds) {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  const connection: Connection = {
    request: (name, params, abort) => requester.request(name, params, abort),
    post: (message) => port.post(message),
    report(error) {
      const message = error instanceof Error ? error.message : String(error);
      const stack = error instanceof Error ? (error.stack ?? "") : "";
      port.post({ kind: "error", message: message.slice(0, 4000), stack: stack.slice(0, 8000) } satisfies ToHost);
    },
    mark: (name) =>
      port.post({ kind: "timing", name, at: performance.timeOrigin + performance.now() } satisfies ToHost),
  };
  port.listen((message) => {
    const checked = z.safeParse(toViewSchema, message);
    if (!checked.success) {
      // VS Code sends words of its own over the same channel; only ours that are broken are worth a report
      if (typeof message === "object" && message !== null && "kind" in message) {
        connection.report(new Error(`The host sent a message that fits no schema: ${z.prettifyError(checked.error)}`));
      }
      return;
    }
    const data = checked.data;
    try {
      if (data.kind === "news") onNews(data.news);
      else requester.settle(data);
    } catch (error) {
      connection.report(error);
    }
  });
  return connection;
}

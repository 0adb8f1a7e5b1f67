import { expect, it } from "vitest";
import { createPortPair, type Port } from "../../src/protocol/port.ts";
import { toViewSchema } from "../../src/protocol/reader.ts";
import { createRequester, type Handlers, serveRequests } from "../../src/protocol/rpc.ts";

/** The same as VS Code does to what goes to and from a webview: a property without a value is not sent. */
const throughJson = (port: Port): Port => ({
  post: (message) => port.post(JSON.parse(JSON.stringify(message))),
  listen: (receive) => port.listen(receive),
});

it("a request that answers nothing is answered, though nothing is left of that on the way", async () => {
  const [one, other] = createPortPair((task) => queueMicrotask(task));
  const host = throughJson(one);
  const view = throughJson(other);
  const handlers = { edit: () => ({ ok: true, result: undefined }) } as unknown as Handlers;
  serveRequests(host, handlers, {
    ready: () => {},
    presence: () => {},
    timing: () => {},
    keep: () => {},
    error: (message) => expect.fail(message),
  });
  const requester = createRequester(view, { setTimer: () => () => {} });
  view.listen((message) => {
    const data = toViewSchema.parse(message);
    if (data.kind !== "news") requester.settle(data);
  });
  expect(await requester.request("edit", { ref: "ada:1", body: "Better." })).toEqual({ ok: true, result: undefined });
});

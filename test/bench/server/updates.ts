/** What clients write: annotations of about 540 bytes, each its own update. */
import * as Y from "yjs";

/** Client ids are this plus the client's number: five bytes in an update, at a place that is known. */
export const CLIENT_BASE = 0x1000_0000;

function entry(client: number, n: number): object {
  return {
    v: 1,
    kind: "annotation",
    motivation: "commenting",
    created: 1_760_000_000_000 + n,
    body: `Comment ${n} of reader ${client}: ${"the argument turns on what is meant by evidence here. ".repeat(3)}`,
    target: {
      start: "AQIDBAUGBwgJCgsMDQ4PEA==",
      end: "AQIDBAUGBwgJCgsMDQ4PEQ==",
      quote: { exact: "what the group made of the article", prefix: "and in the end ", suffix: " is exported in " },
      position: { start: n * 7, end: n * 7 + 34 },
    },
  };
}

/** `count` updates of client number `client`. */
export function annotations(client: number, count: number): Uint8Array[] {
  const doc = new Y.Doc();
  doc.clientID = CLIENT_BASE + client;
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const map = doc.getMap(`p:reader-${client}`);
  for (let n = 0; n < count; n++) map.set(`${client}-${n}`, entry(client, n));
  return updates;
}

/** A document of `count` annotations by twenty readers, as one update. */
export function bigDocument(count: number): Uint8Array {
  const doc = new Y.Doc();
  for (let client = 0; client < 20; client++) {
    for (const update of annotations(client, count / 20)) Y.applyUpdate(doc, update);
  }
  return Y.encodeStateAsUpdate(doc);
}

/** One entry written anew `count` times, `bytes` each. */
export function* rewrites(count: number, bytes: number): Generator<Uint8Array> {
  const doc = new Y.Doc();
  doc.clientID = CLIENT_BASE + 99;
  let update: Uint8Array = new Uint8Array();
  doc.on("update", (latest: Uint8Array) => {
    update = latest;
  });
  for (let n = 0; n < count; n++) {
    doc.getMap("p:reader-99").set("one", `${n} ${"x".repeat(bytes)}`);
    yield update;
  }
}

/** A text as it is typed: mostly on at the end of what was typed last, now and then elsewhere, every seventh key deletes. */
export function* keyPresses(): Generator<Uint8Array, never> {
  const doc = new Y.Doc();
  doc.clientID = CLIENT_BASE + 98;
  let update: Uint8Array = new Uint8Array();
  doc.on("update", (latest: Uint8Array) => {
    update = latest;
  });
  const text = doc.getText("text");
  let at = 0;
  for (let n = 1; ; n++) {
    if (n % 50 === 0) at = (n * 7919) % (text.length + 1);
    if (n % 7 === 0 && at > 0) text.delete(--at, 1);
    else text.insert(at++, "x");
    yield update;
  }
}

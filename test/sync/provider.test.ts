import * as encoding from "lib0/encoding";
import { afterEach, describe, expect, test } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { entriesOf, participantRoot } from "../../src/core/model/documents.ts";
import { createProvider, type Provider, type ProviderOptions } from "../../src/sync/provider.ts";
import { createFakeClock, seededBytes, settle } from "../support/fake-clock.ts";
import { createFakeNetwork, type FakeNetwork } from "../support/fake-network.ts";
import { createRelay, type Relay } from "../support/relay.ts";

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface Side {
  doc: Y.Doc;
  provider: Provider;
  network: FakeNetwork;
  clock: ReturnType<typeof createFakeClock>;
  errors: unknown[];
  set(key: string, value: unknown): void;
}

function side(relay: Pick<Relay, "serve">, participant: string, extra: Partial<ProviderOptions> = {}): Side {
  const doc = extra.doc ?? new Y.Doc();
  const network = createFakeNetwork(relay.serve);
  const clock = createFakeClock();
  const errors: unknown[] = [];
  const provider = createProvider({
    doc,
    url: () => `ws://server/room/margin?token=${participant}`,
    openSocket: network.openSocket,
    clock,
    random: seededBytes(1),
    mine: (root) => root === participantRoot(participant),
    onError: (error) => errors.push(error),
    ...extra,
  });
  opened.push(() => provider.destroy());
  return { doc, provider, network, clock, errors, set: (key, value) => entriesOf(doc, participant).set(key, value) };
}

async function connected(one: Side) {
  one.provider.connect();
  await settle();
  one.network.run();
  await settle();
  expect(one.provider.state.kind).toBe("synced");
}

const valuesOf = (doc: Y.Doc, participant: string) => entriesOf(doc, participant).toJSON();

describe("provider", () => {
  test("SY-1 what was written before connecting arrives, and counts as waiting until the server has it on disk", async () => {
    const relay = createRelay({ syncAtOnce: false });
    const ada = side(relay, "ada");
    ada.set("a", 1);
    ada.set("b", 2);
    expect(ada.provider.waiting).toBe(2);
    await connected(ada);
    expect(valuesOf(relay.doc("room/margin"), "ada")).toEqual({ a: 1, b: 2 });
    expect(ada.provider.waiting).toBe(2);
    relay.sync();
    ada.network.run();
    expect(ada.provider.waiting).toBe(0);
    ada.set("c", 3);
    ada.network.run();
    expect(ada.provider.waiting).toBe(1);
    relay.sync();
    ada.network.run();
    expect(ada.provider.waiting).toBe(0);
  });

  test("SY-2 a plain y-websocket server that never says what is saved: sent while in sync counts", async () => {
    const relay = createRelay({ tellsSaved: false });
    const ada = side(relay, "ada");
    ada.set("a", 1);
    await connected(ada);
    expect(ada.provider.waiting).toBe(0);
    ada.set("b", 2);
    expect(ada.provider.waiting).toBe(0);
    ada.network.setReachable(false);
    ada.set("c", 3);
    expect(ada.provider.waiting).toBe(1);
  });

  test("SY-3 nothing goes out before the server has told what it has, so that no update comes before what it builds on", async () => {
    const relay = createRelay();
    const ada = side(relay, "ada");
    ada.set("a", 1);
    ada.provider.connect();
    await settle();
    const link = ada.network.links[0]!;
    link.accept();
    ada.set("b", 2);
    link.deliverToServer();
    expect(valuesOf(relay.doc("room/margin"), "ada")).toEqual({});
    ada.network.run();
    expect(valuesOf(relay.doc("room/margin"), "ada")).toEqual({ a: 1, b: 2 });
    expect(relay.dangling).toEqual([]);
    // the answer and nothing else: written once
    expect(link.sent.filter((message) => message[0] === 0 && message[1] !== 0)).toHaveLength(1);
  });

  test("SY-4 what was on its way when the connection broke is offered again, and counted until it is saved", async () => {
    const relay = createRelay();
    const ada = side(relay, "ada");
    await connected(ada);
    ada.set("a", 1);
    ada.network.links[0]!.cut();
    expect(ada.provider.state.kind).toBe("offline");
    expect(ada.provider.waiting).toBe(1);
    await ada.clock.advance(10_000);
    ada.network.run();
    expect(valuesOf(relay.doc("room/margin"), "ada")).toEqual({ a: 1 });
    expect(ada.provider.waiting).toBe(0);
  });

  test("SY-5 a final close is told with a sentence and not tried again until asked", async () => {
    const network = createFakeNetwork((end) => end.close(4401, "<script>"));
    const ada = side({ serve: () => {} }, "ada", { openSocket: network.openSocket });
    ada.provider.connect();
    await settle();
    network.run();
    expect(ada.provider.state).toMatchObject({ kind: "refused", code: 4401 });
    expect(JSON.stringify(ada.provider.state)).not.toContain("script");
    await ada.clock.advance(3_600_000);
    expect(network.links).toHaveLength(1);
    ada.provider.retry();
    await settle();
    expect(network.links).toHaveLength(2);
  });

  test("SY-6 failures are spaced out, more and more, never in step with others, and end at ten seconds", async () => {
    const ada = side(createRelay(), "ada");
    ada.network.setReachable(false);
    ada.provider.connect();
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      await settle();
      ada.network.run();
      const before = ada.clock.now();
      const count = ada.network.links.length;
      while (ada.network.links.length === count) await ada.clock.advance(10);
      waits.push(ada.clock.now() - before);
    }
    expect(waits[0]).toBeLessThanOrEqual(210);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_010);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(5_000);
    expect(new Set(waits.slice(-5)).size).toBeGreaterThan(1);
    ada.network.setReachable(true);
    ada.network.run();
    await settle();
    expect(ada.provider.state.kind).toBe("synced");
  });

  test("SY-7 a connection that fell silent is asked, and given up after thirty seconds; one that answers stays", async () => {
    const relay = createRelay();
    const ada = side(relay, "ada");
    await connected(ada);
    for (let i = 0; i < 20; i++) {
      await ada.clock.advance(7_000);
      ada.network.run();
    }
    expect(ada.network.links).toHaveLength(1);
    ada.network.links[0]!.silence();
    await ada.clock.advance(46_000);
    expect(ada.network.links.length).toBeGreaterThan(1);
  });

  test("SY-7 a first sync may be silent for longer: a large document on a slow link", async () => {
    const ada = side(createRelay(), "ada");
    ada.provider.connect();
    await settle();
    ada.network.links[0]!.accept();
    await ada.clock.advance(100_000);
    expect(ada.network.links).toHaveLength(1);
    ada.network.run();
    expect(ada.provider.state.kind).toBe("synced");
  });

  test("SY-7 waking from sleep finds the dead connection at once", async () => {
    const ada = side(createRelay(), "ada");
    await connected(ada);
    ada.network.links[0]!.silence();
    await ada.clock.sleep(8 * 3_600_000);
    await ada.clock.advance(250);
    ada.network.run();
    await settle();
    expect(ada.provider.state.kind).toBe("synced");
  });

  test("SY-7 a clock that is set back neither hides a dead connection nor keeps a gap from being asked for", async () => {
    const relay = createRelay();
    const ada = side(relay, "ada");
    await connected(ada);
    ada.clock.setBack(3_600_000);
    ada.network.links[0]!.silence();
    await ada.clock.advance(46_000);
    expect(ada.network.links.length).toBeGreaterThan(1);

    ada.network.run();
    await settle();
    expect(ada.provider.state.kind).toBe("synced");
    const link = ada.network.live()[0]!;
    const ben = new Y.Doc();
    const updates: Uint8Array[] = [];
    ben.on("update", (update: Uint8Array) => updates.push(update));
    for (const key of ["a", "b", "c"]) entriesOf(ben, "ben").set(key, 1);
    const hear = (update: Uint8Array) => {
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, 0);
      encoding.writeVarUint(encoder, 2);
      encoding.writeVarUint8Array(encoder, update);
      link.toClient.push(encoding.toUint8Array(encoder));
      link.deliverToClient();
    };
    ada.clock.setBack(3_600_000);
    await ada.clock.advance(21_000);
    const asked = link.sent.length;
    // the first of the three has not come
    hear(updates[1]!);
    hear(updates[2]!);
    expect(link.sent.slice(asked).filter((message) => message[0] === 0 && message[1] === 0)).toHaveLength(1);
  });

  test("SY-8 nonsense from the server is reported and survived", async () => {
    const ada = side(createRelay(), "ada");
    await connected(ada);
    const link = ada.network.links[0]!;
    const bad = [
      [],
      [0],
      [0, 2, 200],
      [0, 2, 3, 9, 9, 9],
      [1, 2, 1],
      [121, 1],
      [2, 0, 50],
      [255, 255, 255],
      [0, 9],
      [77, 1, 2],
      [1, 3, 1, 1, 1],
    ];
    for (const bytes of bad) {
      link.toClient.push(Uint8Array.from(bytes));
      link.deliverToClient();
    }
    expect(ada.errors.length).toBeGreaterThan(3);
    expect(ada.provider.state.kind).toBe("synced");
    ada.set("a", 1);
    ada.network.run();
    expect(ada.provider.waiting).toBe(0);
  });

  test("SY-8 a listener that throws does not break the connection", async () => {
    const relay = createRelay();
    const [ada, ben] = [side(relay, "ada"), side(relay, "ben")];
    await connected(ada);
    await connected(ben);
    ben.doc.on("update", () => {
      throw new Error("listener");
    });
    ada.set("a", 1);
    ada.network.run();
    ben.network.run();
    expect(valuesOf(ben.doc, "ada")).toEqual({ a: 1 });
    expect(ben.provider.state.kind).toBe("synced");
    expect(ben.errors).toHaveLength(1);
  });

  test("SY-9 what comes from the server is not sent back", async () => {
    const relay = createRelay();
    const [ada, ben] = [side(relay, "ada"), side(relay, "ben")];
    await connected(ada);
    await connected(ben);
    const before = ben.network.links[0]!.sent.length;
    ada.set("a", 1);
    ada.network.run();
    ben.network.run();
    expect(valuesOf(ben.doc, "ada")).toEqual({ a: 1 });
    expect(ben.network.links[0]!.sent).toHaveLength(before);
    expect(ben.provider.waiting).toBe(0);
  });

  test("SY-10 without the right to write nothing is sent; with it, all that was held back", async () => {
    const relay = createRelay();
    let writable = false;
    const ada = side(relay, "ada", { writable: () => writable });
    await connected(ada);
    ada.set("a", 1);
    ada.network.run();
    expect(valuesOf(relay.doc("room/margin"), "ada")).toEqual({});
    writable = true;
    ada.set("b", 2);
    await settle();
    ada.network.run();
    expect(valuesOf(relay.doc("room/margin"), "ada")).toEqual({ a: 1, b: 2 });
    expect(relay.dangling).toEqual([]);
  });

  test("SY-11 a url that cannot be had counts as a failed attempt; a late one is not used after disconnecting", async () => {
    const give: ((url: string) => void)[] = [];
    const ada = side(createRelay(), "ada", { url: () => new Promise((resolve) => give.push(resolve)) });
    ada.provider.connect();
    await settle();
    expect(ada.provider.state.kind).toBe("connecting");
    ada.provider.disconnect();
    give[0]!("ws://server/room/margin?token=ada");
    await settle();
    expect(ada.network.links).toHaveLength(0);
    expect(ada.provider.state.kind).toBe("offline");

    const ben = side(createRelay(), "ben", {
      url: () => Promise.reject(new Error("no token")),
    });
    ben.provider.connect();
    await settle();
    expect(ben.provider.state.kind).toBe("offline");
    expect(ben.clock.timers).toBe(1);
    ben.provider.disconnect();
    expect(ben.clock.timers).toBe(0);
  });

  test("SY-12 presence goes round, only one's own is sent, and the others' is gone when the connection is", async () => {
    const relay = createRelay();
    const people = ["ada", "ben"].map((participant) => {
      const doc = new Y.Doc();
      const awareness = new Awareness(doc);
      opened.push(() => awareness.destroy());
      return { awareness, one: side(relay, participant, { doc, awareness }) };
    });
    const [ada, ben] = people as [(typeof people)[0], (typeof people)[0]];
    ada.awareness.setLocalState({ section: "one" });
    await connected(ada.one);
    await connected(ben.one);
    ada.awareness.setLocalState({ section: "two" });
    ada.one.network.run();
    ben.one.network.run();
    expect(ben.awareness.getStates().get(ada.awareness.clientID)).toEqual({ section: "two" });
    const before = ben.one.network.links[0]!.sent.length;
    ada.awareness.setLocalState({ section: "three" });
    ada.one.network.run();
    ben.one.network.run();
    expect(ben.one.network.links[0]!.sent).toHaveLength(before);
    ben.one.provider.disconnect();
    expect([...ben.awareness.getStates().keys()]).toEqual([ben.awareness.clientID]);
  });

  test("SY-13 a gap in what the server sends is asked for", async () => {
    const relay = createRelay();
    const [ada, ben] = [side(relay, "ada"), side(relay, "ben")];
    await connected(ada);
    await connected(ben);
    ada.set("a", 1);
    ada.network.run();
    ben.network.links[0]!.toClient.shift();
    await ben.clock.advance(6_000);
    ada.set("b", 2);
    ada.network.run();
    ben.network.run();
    expect(valuesOf(ben.doc, "ada")).toEqual({ a: 1, b: 2 });
  });

  test("SY-97 whoever the server has no room for goes on reading, and writes when there is room", async () => {
    const relay = createRelay();
    const [ada, ben] = [side(relay, "ada"), side(relay, "ben")];
    await connected(ada);
    await connected(ben);
    ada.set("a", "x".repeat(1_000));
    ada.network.run();
    await settle();
    relay.share = 10_000;
    ada.set("b", "x".repeat(20_000));
    ada.network.run();
    await settle();
    ada.network.run();
    expect(ada.provider.state.kind).toBe("synced");
    expect(ada.provider.full).toBe("You have written as much in this session as the server allows one person.");
    expect(ada.provider.waiting).toBe(1);

    ben.set("c", "for everybody");
    ben.network.run();
    ada.network.run();
    expect(valuesOf(ada.doc, "ben")).toEqual({ c: "for everybody" });
    ada.set("d", "later");
    // silence is asked about, and nothing is called saved that was not
    await ada.clock.advance(20_000);
    ada.network.run();
    expect(ada.provider.waiting).toBe(2);
    expect(Object.keys(valuesOf(relay.doc("room/margin"), "ada"))).toEqual(["a"]);

    // tried again, in vain
    await ada.clock.advance(20_000);
    ada.network.run();
    await settle();
    ada.network.run();
    expect(ada.provider).toMatchObject({ state: { kind: "synced" }, waiting: 2 });
    expect(relay.refusals).toHaveLength(2);

    relay.share = Infinity;
    await ada.clock.advance(60_000);
    ada.network.run();
    expect(ada.provider).toMatchObject({ state: { kind: "synced" }, waiting: 0, full: null });
    expect(Object.keys(valuesOf(relay.doc("room/margin"), "ada"))).toEqual(["a", "b", "d"]);
    ada.set("e", 1);
    ada.network.run();
    expect(ada.provider.waiting).toBe(0);
    expect(relay.refusals).toHaveLength(2);
  });

  test("SY-97 who makes room is let in soon, and by retry at once", async () => {
    const relay = createRelay();
    const ada = side(relay, "ada");
    await connected(ada);
    ada.set("a", "x".repeat(4_000));
    ada.network.run();
    relay.share = 10_000;
    const inVain = async () => {
      ada.network.run();
      await settle();
      ada.network.run();
      expect(ada.provider.full).not.toBeNull();
    };
    ada.set("b", "x".repeat(4_000));
    await inVain();
    for (let i = 0; i < 8; i++) {
      await ada.clock.advance(600_000);
      await inVain();
    }
    // what is taken back makes room for what is new, although all of it comes at once
    ada.set("a", "");
    await ada.clock.advance(31_000);
    ada.network.run();
    await settle();
    expect(ada.provider).toMatchObject({ waiting: 0, full: null });
    ada.set("c", "x".repeat(9_000));
    await inVain();
    relay.share = Infinity;
    ada.provider.retry();
    await settle();
    ada.network.run();
    expect(ada.provider).toMatchObject({ waiting: 0, full: null });
  });

  test("SY-97 a server that is full for readers, too, has refused them", async () => {
    const ada = side({ serve: (end) => end.close(4414) }, "ada");
    ada.provider.connect();
    await settle();
    ada.network.run();
    expect(ada.provider.state).toMatchObject({ kind: "refused", code: 4414 });
  });

  test("SY-14 a permission denied of y-websocket's own kind is a refusal", async () => {
    const ada = side(createRelay(), "ada");
    await connected(ada);
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 2);
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarString(encoder, "no");
    ada.network.links[0]!.toClient.push(encoding.toUint8Array(encoder));
    ada.network.run();
    expect(ada.provider.state.kind).toBe("refused");
  });
});

/** Several people's rooms over one relay, each with a clock, a network and a disk of their own. */
import type { Role } from "../../src/core/model/roles.ts";
import { createOfflineStore, type OfflineStore } from "../../src/sync/offline-store.ts";
import { openRoom, type Room } from "../../src/sync/room.ts";
import { createFakeClock, type FakeClock, seededBytes, settle } from "./fake-clock.ts";
import { createFakeNetwork, type FakeNetwork } from "./fake-network.ts";
import { createMemoryFolder, type MemoryFolder, type MemoryWindow } from "./memory-files.ts";
import type { Relay } from "./relay.ts";

export interface Window {
  readonly participant: string;
  readonly room: Room;
  readonly store: OfflineStore;
  readonly files: MemoryWindow;
  readonly folder: MemoryFolder;
  readonly clock: FakeClock;
  readonly network: FakeNetwork;
  readonly errors: unknown[];
  connect(): void;
  /** The last tab is closed, and one opened again: another room, `room` from then on, on what this window's store has. */
  reopen(): Promise<void>;
  close(): Promise<void>;
  /** The process ends without a word. */
  kill(): void;
}

let seed = 1;

export async function openWindow(
  relay: Relay,
  participant: string,
  role: Role = "reader",
  folder: MemoryFolder = createMemoryFolder(),
  clock: FakeClock = createFakeClock(),
  name: string = participant,
  fault: MemoryWindow["fault"] = null,
): Promise<Window> {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const files = folder.window();
  files.fault = fault;
  const random = seededBytes(seed++);
  const store = createOfflineStore({ files, clock, random, onError });
  const network = createFakeNetwork(relay.serve);
  const open = () =>
    openRoom({
      room: "room",
      me: { participant, role, name },
      store,
      openSocket: network.openSocket,
      clock,
      random,
      pause: () => Promise.resolve(),
      onError,
    });
  let room = open();
  const ready = async () => {
    await room.loaded;
    await room.threads.settled();
  };
  await ready();
  return {
    participant,
    get room() {
      return room;
    },
    store,
    files,
    folder,
    clock,
    network,
    errors,
    connect: () => room.connect({ url: "ws://server", token: participant }),
    async reopen() {
      await room.close();
      room = open();
      await ready();
    },
    async close() {
      await room.close();
      await store.close();
    },
    kill() {
      files.die();
      for (const link of network.live()) link.silence();
      room.disconnect();
      for (const link of network.live()) link.cut();
    },
  };
}

/** Lets everything that is on its way arrive. */
export async function quiet(windows: readonly Window[], rounds = 4): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    for (const window of windows) {
      window.network.run();
      await settle();
      await window.room.threads.settled();
    }
  }
}

export const TARGET = { quote: { exact: "passage", prefix: "", suffix: "" }, position: { start: 0, end: 7 } };

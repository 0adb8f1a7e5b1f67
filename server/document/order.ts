/** The order in which structs can be integrated: each behind everything that it refers to. */
import { REF, type Struct } from "./scan.ts";

/** Structs of one client in clock order; `next` is the first that was not integrated yet. */
export interface Lane {
  client: number;
  structs: readonly Struct[];
  next: number;
}

/**
 * Walks all lanes as far as their references allow, calling `visit` for each struct in an order in which every reader can
 * integrate it. `reached` says what is there beforehand (client -> next clock) and is moved on. A lane that could not be
 * walked to its end has `next` short of its length: it waits for something that nobody brought, or waits in a circle.
 */
export function integrate(
  lanes: readonly Lane[],
  reached: Map<number, number>,
  visit?: (lane: Lane, struct: Struct) => void,
): void {
  const waiting = new Map<number, Lane[]>();
  const ready = lanes.toReversed();

  /** The client that the struct waits for, or -1. A struct of one's own future waits for ever. */
  const missing = (client: number, struct: Struct): number => {
    if (struct.originClient >= 0 && struct.originClient !== client) {
      if ((reached.get(struct.originClient) ?? 0) <= struct.originClock) return struct.originClient;
    }
    if (struct.rightClient >= 0 && struct.rightClient !== client) {
      if ((reached.get(struct.rightClient) ?? 0) <= struct.rightClock) return struct.rightClient;
    }
    if (struct.parentClient >= 0 && struct.parentClient !== client) {
      if ((reached.get(struct.parentClient) ?? 0) <= struct.parentClock) return struct.parentClient;
    }
    return -1;
  };

  for (let lane = ready.pop(); lane; lane = ready.pop()) {
    const start = lane.next;
    while (lane.next < lane.structs.length) {
      const struct = lane.structs[lane.next]!;
      if (struct.ref === REF.skip || struct.clock > (reached.get(lane.client) ?? 0)) break;
      const awaited = missing(lane.client, struct);
      if (awaited >= 0) {
        const others = waiting.get(awaited);
        if (others) others.push(lane);
        else waiting.set(awaited, [lane]);
        break;
      }
      visit?.(lane, struct);
      reached.set(lane.client, Math.max(reached.get(lane.client) ?? 0, struct.clock + struct.length));
      lane.next++;
    }
    if (lane.next > start) {
      const woken = waiting.get(lane.client);
      if (woken) {
        waiting.delete(lane.client);
        // one by one: as arguments of a call so many would not fit on the stack
        for (const other of woken) ready.push(other);
      }
    }
  }
}

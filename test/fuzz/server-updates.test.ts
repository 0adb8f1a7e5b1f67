/**
 * Mutated and made-up updates against the decoder and the authorship check. MARGINALIA_FUZZ_SECONDS=3600 runs for an hour;
 * a failure prints its seed, MARGINALIA_SEED repeats it.
 */
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { encodeSince, NOTHING } from "../../server/document/encode.ts";
import { scanUpdate } from "../../server/document/scan.ts";
import { applyUpdate, emptyState } from "../../server/document/state.ts";
import { tidyState } from "../../server/document/tidying.ts";
import { createPresence } from "../../server/live/presence.ts";
import { ruleFor } from "../../server/rooms/rules.ts";
import { readLog } from "../../server/store/log-format.ts";

const SECONDS = Number(process.env.MARGINALIA_FUZZ_SECONDS ?? 2);
const FIRST_SEED = Number(process.env.MARGINALIA_SEED ?? Date.now() % 1e9);
const LIMITS = { partial: false, maxBytes: 1e9 };
const document = { room: "room", kind: "margin" } as const;

function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

/** Runs cases for the configured time; what fails is reported with its seed. */
function fuzz(run: (pick: (below: number) => number) => void): void {
  const end = performance.now() + (SECONDS * 1000) / 4;
  let seed = FIRST_SEED;
  do {
    try {
      run(generator(seed));
    } catch (error) {
      console.error(`failed with MARGINALIA_SEED=${seed}`);
      throw error;
    }
    seed++;
  } while (performance.now() < end);
  console.log(`fuzz: seeds ${FIRST_SEED} to ${seed - 1}`);
}

function mutate(bytes: Uint8Array, pick: (below: number) => number): Uint8Array {
  const result = [...bytes];
  for (let n = 1 + pick(4); n > 0; n--) {
    const at = pick(result.length + 1);
    switch (pick(5)) {
      case 0:
        result[at] = pick(256);
        break;
      case 1:
        result.splice(at, 1 + pick(4));
        break;
      case 2:
        result.splice(at, 0, ...Array.from({ length: 1 + pick(4) }, () => pick(256)));
        break;
      case 3:
        result.splice(at, 0, ...result.slice(pick(result.length + 1)).slice(0, 1 + pick(12)));
        break;
      default:
        if (result[at] !== undefined) result[at] ^= 1 << pick(8);
    }
  }
  return Uint8Array.from(result);
}

/** Updates of a client that writes all kinds of things under its root. */
function writing(pick: (below: number) => number, client: number, root: string, base: Y.Doc): Uint8Array[] {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(base));
  doc.clientID = client;
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const map = doc.getMap(root);
  for (let n = 1 + pick(6); n > 0; n--) {
    switch (pick(6)) {
      case 0:
        map.delete(`e${pick(4)}`);
        break;
      case 1:
        map.set(`e${pick(4)}`, new Y.Text("nested 😀"));
        break;
      case 2: {
        const text = map.get(`e${pick(4)}`);
        if (text instanceof Y.Text && text.length > 2) text.insert(pick(3), "more");
        break;
      }
      case 3:
        map.set(`e${pick(4)}`, new Uint8Array([1, 2, 3]));
        break;
      default:
        map.set(`e${pick(4)}`, { v: 1, body: "x".repeat(pick(30)), at: [pick(1000), null, true, 1.5] });
    }
  }
  return updates;
}

describe("SV fuzz", () => {
  it("SV-80 what the server accepts, every Yjs client can integrate; what it refuses leaves no trace", () => {
    let accepted = 0;
    fuzz((pick) => {
      const state = emptyState();
      const replica = new Y.Doc();
      const rule = ruleFor(document, "eve");
      for (const update of writing(pick, 1 + pick(300), "p:eve", new Y.Doc())) {
        for (let n = 0; n < 6; n++) {
          const hostile = mutate(update, pick);
          const before = encodeSince(state, NOTHING);
          const verdict = applyUpdate(state, hostile, rule, { partial: pick(2) === 0, maxBytes: 1e9 });
          if (verdict.kind !== "accepted") {
            expect(encodeSince(state, NOTHING)).toEqual(before);
            continue;
          }
          accepted++;
          Y.applyUpdate(replica, verdict.stored.update);
          expect(replica.store.pendingStructs).toBeNull();
          expect(replica.store.pendingDs).toBeNull();
        }
        const verdict = applyUpdate(state, update, rule, LIMITS);
        if (verdict.kind === "accepted") Y.applyUpdate(replica, verdict.stored.update);
      }
      // Whoever joins now gets the same document as who was there all along, before and after tidying.
      for (const tidy of [false, true]) {
        if (tidy) tidyState(state);
        const late = new Y.Doc();
        Y.applyUpdate(late, encodeSince(state, NOTHING));
        expect(late.store.pendingStructs).toBeNull();
        expect(Y.encodeStateVector(late).length).toBe(Y.encodeStateVector(replica).length);
        expect(late.getMap("p:eve").toJSON()).toEqual(replica.getMap("p:eve").toJSON());
      }
    });
    expect(accepted).toBeGreaterThan(0);
  });

  it("SV-81 nothing that an attacker sends changes, hides or deletes what another wrote", () => {
    const outcomes = new Map<string, number>();
    fuzz((pick) => {
      const state = emptyState();
      const shared = new Y.Doc();
      const ben = 1 + pick(200);
      for (const update of writing(pick, ben, "p:ben", shared)) {
        applyUpdate(state, update, ruleFor(document, "ben"), LIMITS);
        Y.applyUpdate(shared, update);
      }
      // A client id belongs to who uses it first.
      if (!state.runs.has(ben)) return;
      const truth = JSON.stringify(shared.getMap("p:ben").toJSON());
      // The attacker knows everything, may use any client id, and aims at Ben's root, mutated or as it is.
      for (let n = 0; n < 12; n++) {
        const client = pick(3) === 0 ? ben : 1 + pick(200);
        const root = pick(3) === 0 ? "p:eve" : "p:ben";
        for (const update of writing(pick, client, root, shared)) {
          const hostile = pick(2) === 0 ? update : mutate(update, pick);
          const verdict = applyUpdate(state, hostile, ruleFor(document, "eve"), {
            partial: pick(2) === 0,
            maxBytes: 1e9,
          });
          const outcome = verdict.kind === "refused" ? verdict.reason : verdict.kind;
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          if (verdict.kind === "accepted") Y.applyUpdate(shared, verdict.stored.update);
        }
      }
      expect(JSON.stringify(shared.getMap("p:ben").toJSON())).toBe(truth);
      // Ben's next entry arrives: nobody took his place.
      const next = writing(pick, ben, "p:ben", shared);
      for (const update of next) {
        expect(["accepted", "known"]).toContain(applyUpdate(state, update, ruleFor(document, "ben"), LIMITS).kind);
      }
      for (const [client, run] of state.runs)
        expect([client === ben, run.owner]).toEqual([run.owner === "p:ben", run.owner]);
    });
    for (const expected of ["foreign-root", "foreign-client", "foreign-reference", "foreign-deletion", "accepted"]) {
      expect(outcomes.get(expected) ?? 0, expected).toBeGreaterThan(0);
    }
  });

  it("SV-82 random bytes never get past the decoders nor throw in them", () => {
    fuzz((pick) => {
      const bytes = Uint8Array.from({ length: pick(80) }, () => pick(pick(2) === 0 ? 256 : 12));
      const scanned = scanUpdate(bytes);
      if (scanned) Y.decodeUpdate(bytes);
      const presence = createPresence<{ person: null }>();
      presence.apply({ person: null }, bytes);
      readLog(Buffer.from(bytes), "doc");
    });
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_TIME, REACTIONS, RELATIONS, type Entry } from "../../../src/core/model/entries.ts";
import type { EntryRef } from "../../../src/core/model/ids.ts";
import type { Role } from "../../../src/core/model/roles.ts";
import { createThreadIndex, type Thread } from "../../../src/core/model/threads.ts";
import { annotation, link, reaction, reply, status, type Change } from "./samples.ts";

const ROLES: Record<string, Role> = { ada: "reader", ben: "reviewer", olga: "owner", omar: "owner", zoe: "author" };
const roleOf = (participant: string) => ROLES[participant];

/** What an index fed with `changes` amounts to. */
function threadsOf(changes: Iterable<Change>): Map<EntryRef, Thread> {
  const index = createThreadIndex(roleOf);
  for (const [ref, entry] of changes) index.set(ref, entry);
  index.changed();
  return new Map(index.all().map((thread) => [thread.ref, thread]));
}

const one = (changes: Change[]) => threadsOf(changes).get("ada/1");

describe("TH-1 a thread is an annotation with the replies, remarks and links about it", () => {
  it("collects replies to replies under the annotation", () => {
    const thread = one([
      ["ada/1", annotation()],
      ["ben/1", reply("ada/1", { created: 2 })],
      ["ada/2", reply("ben/1", { created: 3 })],
    ]);
    expect(thread?.replies.map((each) => each.ref)).toEqual(["ben/1", "ada/2"]);
  });

  it("puts no reply before what it answers, whatever the clocks said", () => {
    const thread = one([
      ["ada/1", annotation({ created: 9 })],
      ["ben/1", reply("ada/1", { created: 8 })],
      ["ada/2", reply("ben/1", { created: 0 })],
      ["ada/3", reply("ada/2", { created: 8 })],
      ["zoe/1", reply("ada/1", { created: 11 })],
    ]);
    expect(thread?.replies.map((each) => each.ref)).toEqual(["ben/1", "ada/2", "ada/3", "zoe/1"]);
  });

  it("shows a link at both of its ends", () => {
    const threads = threadsOf([
      ["ada/1", annotation()],
      ["ben/1", annotation()],
      ["ben/2", link("ben/1", "ada/1")],
    ]);
    expect(threads.get("ada/1")?.links.map((each) => each.ref)).toEqual(["ben/2"]);
    expect(threads.get("ben/1")?.links.map((each) => each.ref)).toEqual(["ben/2"]);
  });

  it("takes the author from the root, whatever the entry says", () => {
    const forged = { ...annotation(), author: "olga" } as Entry;
    expect(one([["ada/1", forged]])?.author).toBe("ada");
  });

  it("counts each person once per reaction, in a stable order", () => {
    const thread = one([
      ["ada/1", annotation()],
      ["zoe/1", reaction("ada/1")],
      ["ben/1", reaction("ada/1")],
      ["ben/2", reaction("ada/1")],
      ["ben/3", reaction("ada/1", { emoji: "💡", deleted: true })],
    ]);
    expect(thread?.reactions).toEqual([{ emoji: "👍", by: ["ben", "zoe"] }]);
  });

  it("is touched by whatever was written in it last, a link included", () => {
    const thread = one([
      ["ada/1", annotation({ created: 1, modified: 4 })],
      ["ben/1", reply("ada/1", { created: 2 })],
      ["ben/2", link("ada/1", "ben/1", { created: 9 })],
      ["ben/3", reaction("ben/1", { created: 3 })],
    ]);
    expect(thread?.touched).toBe(9);
  });
});

describe("TH-2 any order of arrival ends in the same threads", () => {
  // few names, so that kinds change, circles close and remarks meet unknown, wrong and removed targets
  const refs: EntryRef[] = ["ada", "ben", "olga"].flatMap((who) => ["1", "2", "3"].map((id) => `${who}/${id}`));
  const ref = fc.constantFrom(...refs, "zoe/never");
  const time = fc.integer({ min: 1, max: 4 });
  const entry: fc.Arbitrary<Entry> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ created: time, deleted: fc.boolean() }).map((over) => annotation(over)) },
    {
      weight: 6,
      arbitrary: fc.tuple(ref, time, fc.boolean()).map(([to, created, deleted]) => reply(to, { created, deleted })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(ref, ref, fc.constantFrom(...RELATIONS), time)
        .map(([from, to, relation, created]) => link(from, to, { relation, created })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          ref,
          fc.constantFrom("open", "resolved", "hidden", "shown"),
          time,
          fc.option(time, { nil: undefined }),
          fc.array(fc.record({ ref, written: time }), { maxLength: 3 }),
        )
        .map(([about, value, created, modified, overrules]) => status(about, value, { created, modified, overrules })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(ref, fc.constantFrom(...REACTIONS), time)
        .map(([about, emoji, created]) => reaction(about, { emoji, created })),
    },
  );
  const history = fc.array(
    fc.tuple(
      fc.constantFrom(...refs),
      fc.option(entry, { nil: null, freq: 4 }),
      // ask for the changes after this one?
      fc.boolean(),
    ),
    { maxLength: 60 },
  );

  it("incremental equals full, over removals, changes of kind and of target, and circles", () => {
    fc.assert(
      fc.property(history, (steps) => {
        const index = createThreadIndex(roleOf);
        const shown = new Map<EntryRef, Thread>();
        const standing = new Map<EntryRef, Entry>();
        const take = () => {
          const { threads, removed } = index.changed();
          for (const gone of removed) expect(shown.delete(gone)).toBe(true);
          for (const thread of threads) shown.set(thread.ref, thread);
        };
        for (const [ref, value, ask] of steps) {
          index.set(ref, value);
          if (value) standing.set(ref, value);
          else standing.delete(ref);
          if (ask) take();
        }
        take();
        const fresh = threadsOf([...standing].sort(([a], [b]) => (a < b ? -1 : 1)));
        expect(sorted(shown)).toEqual(sorted(fresh));
        expect(sorted(new Map(index.all().map((thread) => [thread.ref, thread])))).toEqual(sorted(fresh));
        for (const thread of fresh.values()) {
          expect(index.get(thread.ref)).toEqual(thread);
          for (const each of thread.replies) expect(index.threadOf(each.ref)).toBe(thread.ref);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("permutations and duplicates of one set of entries", () => {
    const set = fc.uniqueArray(fc.tuple(fc.constantFrom(...refs), entry), { selector: ([at]) => at, maxLength: 9 });
    const shuffled = set.chain((entries) =>
      fc.tuple(
        fc.constant(entries),
        fc.shuffledSubarray([...entries, ...entries], { minLength: entries.length * 2, maxLength: entries.length * 2 }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([entries, arrival]) => {
        expect(sorted(threadsOf(arrival))).toEqual(sorted(threadsOf(entries)));
      }),
      { numRuns: 2000 },
    );
  });

  it("a reply waits on a parent that is pointed elsewhere before its first target came", () => {
    const thread = one([
      ["ada/1", annotation()],
      ["ben/1", reply("zoe/unknown")],
      ["ada/2", reply("ben/1")],
      ["ben/1", reply("ada/1")],
    ]);
    expect(thread?.replies.map((each) => each.ref).sort()).toEqual(["ada/2", "ben/1"]);
  });

  it("a circle of replies belongs nowhere until one of them points elsewhere", () => {
    const circle: Change[] = [
      ["ada/1", annotation()],
      ["ben/1", reply("ben/3")],
      ["ben/2", reply("ben/1")],
      ["ben/3", reply("ben/2")],
      ["ada/9", reply("ben/2")],
    ];
    expect(one(circle)?.replies).toEqual([]);
    expect(one([...circle, ["ben/3", reply("ada/1")]])?.replies).toHaveLength(4);
    expect(one([...circle, ["ben/3", reply("ada/1")], ["ben/3", reply("ada/9")]])?.replies).toEqual([]);
  });

  it("names a thread as removed once, and only if it was ever given", () => {
    const index = createThreadIndex(roleOf);
    index.set("ada/1", annotation());
    index.set("ada/1", null);
    expect(index.changed()).toEqual({ threads: [], removed: [] });
    index.set("ada/1", annotation());
    index.changed();
    index.set("ada/1", null);
    expect(index.changed()).toEqual({ threads: [], removed: ["ada/1"] });
    expect(index.changed()).toEqual({ threads: [], removed: [] });
  });

  it("keeps out a reference that is none", () => {
    expect(
      threadsOf([
        ["Ada/1", annotation()],
        ["ada/1/2", annotation()],
        ["__proto__/1", annotation()],
      ]).size,
    ).toBe(0);
  });
});

describe("TH-3 resolving and reopening: the last word wins, the same on every replica", () => {
  it("is anybody's to say, the later one counts, an edit counts from its edit", () => {
    const resolved: Change = ["ben/1", status("ada/1", "resolved", { created: 10 })];
    const reopened: Change = ["zoe/1", status("ada/1", "open", { created: 11 })];
    expect(one([["ada/1", annotation()], resolved])).toMatchObject({ status: "resolved", statusBy: "ben" });
    expect(one([["ada/1", annotation()], reopened, resolved])).toMatchObject({ status: "open", statusBy: "zoe" });
    const later: Change = ["ben/1", status("ada/1", "resolved", { created: 10, modified: 12 })];
    expect(one([["ada/1", annotation()], reopened, later])).toMatchObject({ status: "resolved", statusBy: "ben" });
  });

  it("breaks a tie by reference", () => {
    const a: Change = ["ben/1", status("ada/1", "resolved", { created: 10 })];
    const b: Change = ["zoe/1", status("ada/1", "open", { created: 10 })];
    for (const order of [
      [a, b],
      [b, a],
    ])
      expect(one([["ada/1", annotation()], ...order])).toMatchObject({ status: "open", statusBy: "zoe" });
  });

  it("says nothing of a thread through its replies", () => {
    const thread = one([
      ["ada/1", annotation()],
      ["ben/1", reply("ada/1")],
      ["ben/2", status("ben/1", "resolved")],
    ]);
    expect(thread?.status).toBe("open");
    expect(thread?.statusBy).toBeUndefined();
  });
});

describe("TH-7 a word that names another's comes after it, however late that is dated", () => {
  const late = status("ada/1", "resolved", { created: 1, modified: MAX_TIME });
  const over = { overrules: [{ ref: "zoe/1", written: MAX_TIME }] };

  it("counts before what it names, and so does everything that comes later", () => {
    const opened: Change[] = [
      ["ada/1", annotation()],
      ["zoe/1", late],
      ["ben/1", status("ada/1", "open", { created: 5, ...over })],
    ];
    expect(one(opened)).toMatchObject({ status: "open", statusBy: "ben" });
    expect(one([...opened, ["olga/1", status("ada/1", "resolved", { created: 6 })]])).toMatchObject({
      status: "resolved",
      statusBy: "olga",
    });
  });

  it("does not reach what is written after it in the same place", () => {
    const again = status("ada/1", "resolved", { created: 1, modified: MAX_TIME - 1 });
    expect(
      one([
        ["ada/1", annotation()],
        ["zoe/1", again],
        ["ben/1", status("ada/1", "open", over)],
      ])?.status,
    ).toBe("resolved");
  });

  it("counts one word of each person, so that nobody hides behind many", () => {
    const many = Array.from({ length: 2000 }, (_, i): Change => [
      `zoe/${i + 2}`,
      { ...late, modified: MAX_TIME - 1 - i },
    ]);
    const changes: Change[] = [["ada/1", annotation()], ["zoe/1", late], ...many];
    expect(one([...changes, ["ben/1", status("ada/1", "open", { created: 5, ...over })]])?.status).toBe("open");
  });

  it("decides by time among words that name each other", () => {
    const round: Change[] = [
      ["zoe/1", { ...late, overrules: [{ ref: "ben/1", written: 5 }] }],
      ["ben/1", status("ada/1", "open", { created: 5, ...over })],
    ];
    expect(one([["ada/1", annotation()], ...round])?.status).toBe("resolved");
  });

  it("serves a moderator's hiding, too, and nobody else's", () => {
    const hidden = status("ada/1", "hidden", { created: 1, modified: MAX_TIME });
    const shown = (overrules: { ref: string; written: number }[]) =>
      status("ada/1", "shown", { created: 5, overrules });
    const by = [{ ref: "omar/1", written: MAX_TIME }];
    expect(
      one([
        ["ada/1", annotation()],
        ["omar/1", hidden],
        ["olga/1", shown(by)],
      ])?.hidden,
    ).toBe(false);
    expect(
      one([
        ["ada/1", annotation()],
        ["omar/1", hidden],
        ["ben/1", shown(by)],
      ])?.hidden,
    ).toBe(true);
  });
});

describe("TH-4 hiding counts only from those who moderate", () => {
  it.each([
    ["olga", true],
    ["zoe", false],
    ["ben", false],
    ["ada", false],
    ["stranger", false],
  ])("by %s: %s", (who, hidden) => {
    const thread = one([
      ["ada/1", annotation()],
      ["ben/1", reply("ada/1")],
      [`${who}/8`, status("ada/1", "hidden")],
      [`${who}/9`, status("ben/1", "hidden")],
    ]);
    expect(thread?.hidden).toBe(hidden);
    expect(thread?.replies[0]?.hidden).toBe(hidden);
  });

  it("is taken back by the later word of a moderator, by time of writing and then by reference", () => {
    const base: Change[] = [
      ["ada/1", annotation()],
      ["olga/1", status("ada/1", "hidden", { created: 5 })],
    ];
    expect(one([...base, ["omar/1", status("ada/1", "shown", { created: 6 })]])?.hidden).toBe(false);
    expect(one([...base, ["ada/7", status("ada/1", "shown", { created: 6 })]])?.hidden).toBe(true);
    expect(one([...base, ["omar/1", status("ada/1", "shown", { created: 5 })]])?.hidden).toBe(false);
    expect(one([...base, ["omar/1", status("ada/1", "shown", { created: 1, modified: 5 })]])?.hidden).toBe(false);
    expect(one([...base, ["omar/1", status("ada/1", "shown", { created: 4 })]])?.hidden).toBe(true);
  });

  it("follows the role: invalidate after it changed", () => {
    let role: Role = "reader";
    const index = createThreadIndex(() => role);
    index.set("ada/1", annotation());
    index.set("ben/1", status("ada/1", "hidden"));
    expect(index.changed().threads[0]?.hidden).toBe(false);
    role = "owner";
    index.invalidate();
    expect(index.changed().threads[0]?.hidden).toBe(true);
  });
});

describe("TH-5 what was deleted stays while somebody's answer hangs on it", () => {
  it("a deleted annotation with a reply stays, without one it goes", () => {
    const gone: Change = ["ada/1", annotation({ deleted: true })];
    expect(one([gone])).toBeUndefined();
    expect(one([gone, ["ben/1", reply("ada/1")]])?.annotation.deleted).toBe(true);
    expect(one([gone, ["ben/1", reply("ada/1", { deleted: true })]])).toBeUndefined();
    expect(one([gone, ["ben/1", reaction("ada/1")], ["ben/2", link("ada/1", "ada/1")]])).toBeUndefined();
  });

  it("a deleted reply stays while a reply below it stands, at any depth", () => {
    const thread = one([
      ["ada/1", annotation()],
      ["ben/1", reply("ada/1", { deleted: true, created: 1 })],
      ["ben/2", reply("ben/1", { deleted: true, created: 2 })],
      ["ben/3", reply("ben/2", { created: 3 })],
      ["ben/4", reply("ben/3", { deleted: true, created: 4 })],
    ]);
    expect(thread?.replies.map((each) => each.ref)).toEqual(["ben/1", "ben/2", "ben/3"]);
  });

  it("every reply shown has a parent shown", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 20 }), (shape) => {
        const changes: Change[] = [["ada/1", annotation({ deleted: true })]];
        for (const [i, [to, deleted]] of shape.entries())
          changes.push([`ben/${i}`, reply(changes[to % changes.length]![0], { deleted, created: 1 })]);
        const replies = one(changes)?.replies ?? [];
        const shown = new Set(["ada/1", ...replies.map((each) => each.ref)]);
        for (const each of replies) expect(shown.has(each.entry.parent)).toBe(true);
        const alive = shape.flatMap(([, deleted], i) => (deleted ? [] : [`ben/${i}`]));
        for (const ref of alive) expect(shown.has(ref)).toBe(true);
      }),
    );
  });
});

describe("TH-6 a change costs its thread, not the room", () => {
  it("gives only what changed", () => {
    const index = createThreadIndex(roleOf);
    for (let i = 0; i < 10_000; i++) index.set(`ada/${i}`, annotation({ created: i }));
    expect(index.changed().threads).toHaveLength(10_000);
    index.set("ben/1", reply("ada/77"));
    expect(index.changed()).toMatchObject({ threads: [{ ref: "ada/77" }], removed: [] });
  });

  it("stands a flood: 130,000 replies that wait for one annotation, and a chain 10,000 deep in any order", () => {
    const index = createThreadIndex(roleOf);
    for (let i = 0; i < 130_000; i++) index.set(`ben/${i}`, reply("ada/1"));
    index.set("ada/1", annotation());
    expect(index.changed().threads[0]?.replies).toHaveLength(130_000);

    const depth = 10_000;
    for (const order of [
      (i: number) => i,
      (i: number) => depth - 1 - i,
      (i: number) => (i * 2 + (i * 2 >= depth ? 1 : 0)) % depth,
    ]) {
      const chain = createThreadIndex(roleOf);
      chain.set("ada/1", annotation());
      for (let i = 0; i < depth; i++) {
        const at = order(i);
        chain.set(`ben/${at}`, reply(at === 0 ? "ada/1" : `ben/${at - 1}`));
      }
      expect(chain.changed().threads[0]?.replies).toHaveLength(depth);
    }
  });
});

function sorted(threads: ReadonlyMap<EntryRef, Thread>): Thread[] {
  return [...threads.values()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

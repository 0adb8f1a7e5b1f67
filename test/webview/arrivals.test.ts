import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { News, PlacementMessage, ThreadMessage } from "../../src/protocol/reader.ts";
import { createArrivals } from "../../src/webview/arrivals.ts";
import { derived, reduce } from "../../src/webview/reduce.ts";
import { START, type State } from "../../src/webview/state.ts";

const thread = (ref: string, start: number, more: Partial<ThreadMessage> = {}): ThreadMessage => ({
  ref,
  author: "ada",
  motivation: "commenting",
  body: ref,
  quote: "",
  created: 1,
  touched: 1,
  deleted: false,
  hidden: false,
  status: "open",
  placement: { state: "placed", start, end: start + 5 },
  replies: [],
  reactions: [],
  mine: true,
  unread: false,
  ...more,
});

const snapshot = (threads: ThreadMessage[], more?: boolean): News => ({
  type: "snapshot",
  snapshot: {
    article: { epoch: 1, title: "", dir: "ltr", meta: {}, blocks: [], sections: [], sentences: [] },
    threads,
    ...(more ? { more } : {}),
    people: [],
    capabilities: { annotate: true, moderate: false, editArticle: false },
    status: { state: "alone", detail: "", waiting: 0 },
    settings: { measure: 70, fontSize: 17, announceBoundaries: false },
  },
});
const portion = (threads: ThreadMessage[], last: boolean): News => ({ type: "moreThreads", threads, last });

/** What a view shows after the news, taken one after the other. */
const after = (news: readonly News[]): State => {
  const arrivals = createArrivals();
  return news.reduce((state, each): State => {
    const now = arrivals.take(each);
    return now ? { ...state, ...reduce(state, now) } : state;
  }, START);
};
const refs = (state: State): string[] => state.placed.list.map((each) => each.ref);

describe("a snapshot in several messages", () => {
  it("RV-32: shows the first threads at once and all of them after the last message, not in between", () => {
    const first = snapshot([thread("b", 20)], true);
    expect(refs(after([first]))).toEqual(["b"]);
    expect(refs(after([first, portion([thread("a", 10)], false)]))).toEqual(["b"]);
    const all = [first, portion([thread("a", 10)], false), portion([thread("c", 30)], true)];
    expect(refs(after(all))).toEqual(["a", "b", "c"]);
  });

  it("RV-32: what is told of a thread meanwhile counts, not what came before it", () => {
    const news: News[] = [
      snapshot([thread("b", 20)], true),
      portion([thread("a", 10), thread("x", 15)], false),
      { type: "threads", epoch: 1, threads: [thread("a", 10, { body: "new" })], removed: ["x"] },
      portion([thread("c", 30)], true),
    ];
    const state = after(news);
    expect(refs(state)).toEqual(["a", "b", "c"]);
    expect(state.threads.get("a")!.body).toBe("new");
  });

  it("RV-32: a new text moves what has arrived and what is arriving alike", () => {
    const moved = (start: number): PlacementMessage => ({ state: "placed", start, end: start + 5 });
    const article: News = {
      type: "article",
      epoch: 2,
      title: "",
      dir: "ltr",
      meta: {},
      blocks: [],
      sections: [],
      sentences: [],
      placements: [
        ["a", moved(110)],
        ["b", moved(120)],
      ],
    };
    const state = after([
      snapshot([thread("b", 20)], true),
      portion([thread("a", 10)], false),
      article,
      portion([], true),
    ]);
    expect(state.placed.list.map((each) => each.start)).toEqual([110, 120]);
  });

  it("RV-32: another snapshot starts anew, and portions of the old one are nobody's", () => {
    const state = after([
      snapshot([thread("b", 20)], true),
      portion([thread("old", 10)], false),
      snapshot([thread("c", 30)]),
      portion([thread("older", 10)], true),
    ]);
    expect(refs(state)).toEqual(["c"]);
  });
});

describe("a few changed threads among many", () => {
  const anything = fc
    .array(fc.record({ ref: fc.nat(30), start: fc.nat(50), lost: fc.boolean(), resolved: fc.boolean() }), {
      maxLength: 12,
    })
    .map((rows) =>
      rows.map((row) =>
        thread(`t/${row.ref}`, row.start, {
          created: row.ref,
          status: row.resolved ? "resolved" : "open",
          ...(row.lost ? { placement: { state: "orphaned" } } : {}),
        }),
      ),
    );

  it("RV-33: stand where they would, were all of them sorted anew", () => {
    fc.assert(
      fc.property(anything, fc.array(fc.tuple(anything, fc.array(fc.nat(30)))), (start, changes) => {
        let state = after([snapshot(start)]);
        for (const [threads, gone] of changes) {
          const news: News = { type: "threads", epoch: 1, threads, removed: gone.map((n) => `t/${n}`) };
          state = { ...state, ...reduce(state, news) };
          // another filter that says the same: everything is derived anew
          const anew = derived(state, { filter: { ...state.filter } });
          expect(state.placed).toEqual(anew.placed);
          expect(state.orphans).toEqual(anew.orphans);
        }
      }),
    );
  });
});

import { describe, expect, test } from "vitest";
import { indexMarks, marksWithin, nearSpans, rulerLines } from "../../src/extension/native/decoration-ranges.ts";
import { nearest } from "../../src/extension/native/nearest.ts";
import { carryBetween, passageAt } from "../../src/extension/native/passage.ts";
import { createSlices } from "../../src/extension/native/slices.ts";
import { threadView } from "../../src/extension/native/comment-view.ts";
import { thread } from "./threads.ts";

describe("ED passages chosen in the text editor", () => {
  const text = "# Title\n\n> A quoted line.\n\n- item one\n\n   \nplain words  \n";
  const at = (words: string) => text.indexOf(words);
  const chosen = (start: number, end = start) => {
    const span = passageAt(text, start, end);
    return span && text.slice(span.start, span.end);
  };

  test("ED-4 a caret stands for the words of its line, without Markdown's signs", () => {
    expect(chosen(0)).toBe("Title");
    expect(chosen(at("> A"))).toBe("A quoted line.");
    expect(chosen(at("one"))).toBe("item one");
    expect(chosen(at("plain"))).toBe("plain words");
    expect(passageAt("text [^1] more\n[^1]: The note.", 16, 16)).toEqual({ start: 21, end: 30 });
  });

  test("ED-4 a choice loses the white space around it; lines without words are no passage", () => {
    expect(chosen(at("A quoted") - 1, at("line.") + 7)).toBe("A quoted line.");
    expect(chosen(at("line.") + 7, at("A quoted") - 1)).toBe("A quoted line.");
    expect(chosen(at("   \n"))).toBeNull();
    expect(chosen(8)).toBeNull();
    expect(chosen(text.length, text.length + 50)).toBeNull();
  });

  test("ED-4 a range is carried over what was typed since, and refused where it was typed", () => {
    const published = "one two three two four";
    const edited = "one NEW two three two four";
    const carried = (words: string) => {
      const start = edited.lastIndexOf(words);
      const span = carryBetween(edited, published, { start, end: start + words.length });
      return span && [span.start, published.slice(span.start, span.end)];
    };
    expect(carried("one")).toEqual([0, "one"]);
    expect(carried("two")).toEqual([14, "two"]);
    expect(carried("NEW")).toBeNull();
    expect(carryBetween("same", "same", { start: 1, end: 3 })).toEqual({ start: 1, end: 3 });
    expect(carryBetween("aXb two", "ab", { start: 4, end: 7 })).toBeNull();
  });
});

describe("ED marks", () => {
  const placed = (start: number, end: number, more = {}) =>
    thread({ placement: { state: "placed", start, end }, ...more });

  test("ED-11 marks of a range are all that share a character with it", () => {
    const index = indexMarks([
      placed(0, 1000),
      placed(10, 20),
      placed(30, 40),
      placed(40, 50),
      thread({ placement: { state: "orphaned" } }),
    ]);
    const found = (start: number, end: number) =>
      marksWithin(index, { start, end }, 100).map((mark) => [mark.start, mark.end]);
    expect(found(30, 40)).toEqual([
      [0, 1000],
      [30, 40],
    ]);
    expect(found(19, 31)).toEqual([
      [0, 1000],
      [10, 20],
      [30, 40],
    ]);
    expect(found(1000, 1001)).toEqual([]);
    expect(marksWithin(index, { start: 0, end: 100 }, 2)).toHaveLength(2);
  });

  test("ED-11 spans near what is seen are merged where they meet", () => {
    expect(
      nearSpans(
        [
          { start: 100, end: 200 },
          { start: 250, end: 300 },
          { start: 900, end: 950 },
        ],
        50,
      ),
    ).toEqual([
      { start: 50, end: 350 },
      { start: 850, end: 1000 },
    ]);
    expect(nearSpans([{ start: 10, end: 20 }], 50)).toEqual([{ start: 0, end: 70 }]);
  });

  test("ED-11 beside the scroll bar stand at most as many marks as there is room for", () => {
    const index = indexMarks(
      Array.from({ length: 10_000 }, (_, i) => placed(i * 10, i * 10 + 5, { class: i % 2 ? "claim" : "evidence" })),
    );
    const lines = rulerLines(index, (offset) => offset / 10, 10_000, 400);
    expect([...lines.keys()].toSorted()).toEqual(["claim", "evidence"]);
    for (const list of lines.values()) expect(list.length).toBe(400);
    const few = rulerLines(
      indexMarks([placed(50, 60), placed(70, 75, { status: "resolved" })]),
      (offset) => offset / 10,
      20,
      400,
    );
    expect([...few]).toEqual([["comment", [5]]]);
  });

  test("ED-10 the nearest threads are those in view, then outwards on both sides", () => {
    const starts = [0, 10, 20, 30, 40, 50, 60];
    expect(nearest(starts, { start: 25, end: 45 }, 4)).toEqual([3, 4, 5, 2]);
    expect(new Set(nearest(starts, { start: 25, end: 45 }, 100))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(nearest(starts, { start: 900, end: 950 }, 2)).toEqual([6, 5]);
    expect(nearest([], { start: 0, end: 1 }, 5)).toEqual([]);
  });
});

describe("ED slices", () => {
  const trial = () => {
    let now = 0;
    let next: (() => void) | undefined;
    const errors: unknown[] = [];
    const slices = createSlices({
      budget: 5,
      now: () => now,
      defer(callback) {
        next = callback;
        return () => (next = undefined);
      },
      onError: (error) => errors.push(error),
    });
    const turn = () => {
      const callback = next;
      next = undefined;
      callback?.();
      return callback !== undefined;
    };
    return { slices, turn, errors, spend: (ms: number) => () => void (now += ms) };
  };

  test("ED-10 a turn ends when its milliseconds are spent", async () => {
    const { slices, turn, spend } = trial();
    for (let i = 0; i < 10; i++) slices.add(`${i}`, spend(2));
    expect(slices.waiting).toBe(10);
    turn();
    expect(slices.waiting).toBe(7);
    const idle = slices.idle();
    let turns = 1;
    while (turn()) turns++;
    expect(turns).toBe(4);
    await idle;
  });

  test("ED-10 a later job takes the place of the one before, a failing one stops nobody", () => {
    const { slices, turn, errors } = trial();
    const done: string[] = [];
    slices.add("a", () => done.push("old"));
    slices.add("b", () => {
      throw new Error("broken");
    });
    slices.add("c", () => done.push("c"));
    slices.add("a", () => done.push("new"));
    slices.drop("nothing");
    turn();
    expect(done).toEqual(["new", "c"]);
    expect(errors).toHaveLength(1);
    slices.add("d", () => done.push("d"));
    slices.dispose();
    expect(turn()).toBe(false);
  });
});

describe("ED what a comment shows", () => {
  const options = {
    nameOf: (id: string) => id.toUpperCase(),
    capabilities: { annotate: true, moderate: false, editArticle: false },
    me: "ada",
  };
  const view = (more: Parameters<typeof thread>[0]) => threadView(thread(more), options).comments[0]!;

  test("ED-1 an annotation without words says what was done", () => {
    expect(view({ motivation: "highlighting", body: "" }).instead).toBe("Highlighted this passage.");
    expect(view({ motivation: "classifying", class: "claim", body: " " }).instead).toBe(
      "Marked this passage as a claim.",
    );
    expect(view({ class: "evidence", body: "" }).instead).toBe("Marked this passage as evidence.");
    expect(view({ deleted: true, body: "", mine: true })).toMatchObject({
      instead: "Deleted by its author.",
      contextValue: "",
    });
    expect(view({ hidden: true, body: "" }).instead).toBe("Hidden by the facilitator.");
    expect(view({ body: "words" })).toMatchObject({ body: "words", instead: "" });
  });

  test("ED-1 a resolved thread says by whom", () => {
    expect(view({ status: "resolved", statusBy: "ben" }).label).toBe("resolved by BEN");
  });
});

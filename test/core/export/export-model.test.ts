import { describe, expect, it } from "vitest";
import { createCodePointCounter } from "../../../src/core/export/code-points.ts";
import { annotation, link, reply, status } from "../model/samples.ts";
import { modelOf, noteOn, smallRoom, T0, TEXT } from "./sample-room.ts";

describe("EX-1 document order, orphans last, numbered from 1", () => {
  it("orders by passage, whatever the order of the threads", () => {
    const model = modelOf(TEXT, smallRoom());
    expect(model.annotations.map((each) => [each.number, each.quote])).toEqual([
      [1, "😀 smile"],
      [2, "Margins are where readers answer."],
      [3, "she wrote **two** notes"],
      [4, "می‌خوانید"],
      [5, "Nothing follows."],
    ]);
    expect(modelOf(TEXT, smallRoom().toReversed())).toEqual(model);
  });

  it("names the innermost section", () => {
    const model = modelOf(TEXT, smallRoom());
    const titles = model.annotations.map(({ section }) =>
      section === undefined ? null : model.article.sections[section]?.title,
    );
    expect(titles).toEqual([null, "Reading", "Evidence", "Evidence", "Ends"]);
  });

  it("counts a placement that does not fit the text as orphaned, and never splits a pair", () => {
    const at = TEXT.indexOf("😀");
    const changes = smallRoom();
    const model = modelOf(TEXT, changes, {
      placements: new Map([
        ["ada/1", { state: "placed", start: 0, end: TEXT.length + 1 }],
        ["ada/2", { state: "placed", start: 5, end: 5 }],
        ["ben/1", { state: "placed", start: Number.NaN, end: 3 }],
        ["ben/2", { state: "changed", start: at + 1, end: at + 3 }],
      ]),
    });
    expect(model.annotations.map((each) => [each.ref, each.placement.state])).toEqual([
      ["ben/2", "changed"],
      ["ada/1", "orphaned"],
      ["ben/1", "orphaned"],
      ["ada/2", "orphaned"],
      ["ada/3", "orphaned"],
    ]);
    expect(model.annotations[0]).toMatchObject({
      quote: "😀 ",
      placement: { start: at, end: at + 3 },
      original: { exact: "😀 smile" },
    });
    expect(model.annotations[1]?.quote).toBe("Margins are where readers answer.");
  });
});

describe("EX-2 what must not leave does not", () => {
  it("leaves out hidden threads and hidden replies, and with them what names them", () => {
    const changes = [
      ...smallRoom(),
      ["olga/1", status("ben/1", "hidden")] as const,
      ["olga/2", status("ben/3", "hidden")] as const,
    ];
    const model = modelOf(TEXT, changes);
    expect(model.annotations.map((each) => each.ref)).not.toContain("ben/1");
    const first = model.annotations.find((each) => each.ref === "ada/1");
    expect(first?.replies.map((each) => [each.ref, each.parent])).toEqual([["ada/4", "ada/1"]]);
    expect(model.annotations.flatMap((each) => each.links)).toEqual([]);
    expect(JSON.stringify(model.annotations)).not.toContain("Yes,");
    const all = modelOf(TEXT, changes, { options: { includeHidden: true } });
    expect(all.annotations).toHaveLength(5);
    expect(all.annotations.flatMap((each) => each.links)).toHaveLength(1);
  });

  it("gives of a deleted entry only that it was there", () => {
    const model = modelOf(TEXT, [
      ["ada/1", noteOn(TEXT, "Margins", { body: "secret", class: "claim", deleted: true })],
      ["ben/1", reply("ada/1", { body: "secret too", deleted: true })],
      ["ben/2", reply("ben/1", { body: "kept" })],
    ]);
    expect(JSON.stringify(model)).not.toContain("secret");
    expect(model.annotations[0]?.class).toBeUndefined();
    expect(model.participants.map((each) => each.id)).toEqual(["ben"]);
  });

  it("says of no deleted entry that it was there when all that was answered to it is hidden", () => {
    const changes = [
      ["ada/1", noteOn(TEXT, "Margins")],
      ["ada/2", reply("ada/1", { deleted: true })],
      ["ben/1", reply("ada/2", { body: "hidden" })],
      ["ada/3", reply("ada/1", { deleted: true })],
      ["ben/2", reply("ada/3", { body: "hidden" })],
      ["ada/4", reply("ben/2", { body: "kept" })],
      ["ada/5", noteOn(TEXT, "readers", { deleted: true })],
      ["ben/3", reply("ada/5", { body: "hidden" })],
      ["olga/1", status("ben/1", "hidden")],
      ["olga/2", status("ben/2", "hidden")],
      ["olga/3", status("ben/3", "hidden")],
    ] as const;
    const shape = (model: ReturnType<typeof modelOf>) =>
      model.annotations.map((each) => [each.ref, ...each.replies.map((below) => `${below.ref} to ${below.parent}`)]);
    expect(shape(modelOf(TEXT, changes))).toEqual([["ada/1", "ada/3 to ada/1", "ada/4 to ada/3"]]);
    expect(shape(modelOf(TEXT, changes, { options: { includeHidden: true } })).flat()).toHaveLength(8);
  });

  it("leaves out what is resolved, or what a filter refuses, when asked", () => {
    expect(modelOf(TEXT, smallRoom(), { options: { includeResolved: false } }).annotations).toHaveLength(4);
    const claims = modelOf(TEXT, smallRoom(), { options: { filter: (each) => each.class === "claim" } });
    expect(claims.annotations.map((each) => [each.ref, each.number])).toEqual([["ada/1", 1]]);
  });

  it("leaves out links to oneself and to what is not exported", () => {
    const model = modelOf(TEXT, [
      ["ada/1", noteOn(TEXT, "Margins")],
      ["ada/2", link("ada/1", "ada/1")],
      ["ada/3", link("ada/1", "zoe/1")],
    ]);
    expect(model.annotations[0]?.links).toEqual([]);
  });
});

describe("EX-3 every name comes from the resolver", () => {
  it("in authors, reactions, statuses, links and mentions", () => {
    const model = modelOf(TEXT, smallRoom(), { nameOf: (who) => (who === "ada" ? "Reviewer 1" : "Reviewer 2") });
    const text = JSON.stringify(model);
    expect(text).not.toMatch(/Ada|Ben|Whoever/);
    expect(model.annotations[1]?.replies[0]?.body).toBe("Yes, @Reviewer 1.");
    expect(model.annotations[1]?.reactions).toEqual([{ emoji: "👍", by: [{ id: "ben", name: "Reviewer 2" }] }]);
  });

  it("tells apart people of the same name", () => {
    const model = modelOf(TEXT, smallRoom(), { nameOf: () => "Kim" });
    expect(model.participants).toEqual([
      { id: "ada", name: "Kim" },
      { id: "ben", name: "Kim (2)" },
    ]);
    expect(model.annotations[0]?.author.name).toBe("Kim (2)");
  });

  it("gives nobody a number that is somebody's name already", () => {
    const names: Record<string, string> = { a1: "Ada", b2: "Ada", c3: "Ada (2)", d4: "ADA\u202e", e5: "Ada (2)" };
    const model = modelOf(
      TEXT,
      Object.keys(names).map((who) => [`${who}/1`, noteOn(TEXT, "Margins")] as const),
      { nameOf: (who) => names[who]! },
    );
    expect(Object.fromEntries(model.participants.map(({ id, name }) => [id, name]))).toEqual({
      a1: "Ada",
      b2: "Ada (3)",
      c3: "Ada (2)",
      d4: "ADA\u202e (4)",
      e5: "Ada (2) (2)",
    });
  });

  it("mentions everybody by the name that they have in this export, also who wrote nothing in it", () => {
    const model = modelOf(
      TEXT,
      [
        ["a1/1", noteOn(TEXT, "Margins", { body: "I agree with @[Ada](c3), not with @[Ada](d4)." })],
        ["c3/1", noteOn(TEXT, "Nothing", { body: "Thanks, @[Somebody](a1)." })],
      ],
      { nameOf: () => "Ada" },
    );
    expect(model.annotations.map(({ body }) => body)).toEqual([
      "I agree with @Ada (2), not with @Ada (3).",
      "Thanks, @Ada.",
    ]);
    expect(model.participants.map(({ id }) => id)).toEqual(["a1", "c3"]);
  });
});

describe("EX-4 offsets in code points", () => {
  it("counts as Array.from does", () => {
    const text = "a😀b\ud800c\udc00\ud83d\ude00é漢𠮷\n";
    const count = createCodePointCounter(text);
    for (let at = 0; at <= text.length; at++) {
      const inside = at > 0 && /[\ud800-\udbff]/.test(text[at - 1]!) && /[\udc00-\udfff]/.test(text[at] ?? "");
      if (!inside) expect(count(at)).toBe(Array.from(text.slice(0, at)).length);
    }
  });

  it("an empty room is an empty export", () => {
    expect(modelOf(TEXT, []).annotations).toEqual([]);
    expect(modelOf(TEXT, [["ada/1", annotation({ created: T0 })]]).annotations).toHaveLength(1);
  });
});

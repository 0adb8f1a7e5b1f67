import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCarry } from "../../src/webview/model/carry.ts";
import { findAgain } from "../../src/webview/model/passages.ts";
import { type ShownBlock, wordsOf } from "../../src/webview/model/shown-text.ts";
import { carryPassage, type NewText } from "../../src/webview/places.ts";

/** Paragraphs as plain text, an empty line between them in the source. */
function blocksOf(source: string): ShownBlock[] {
  const seen = new Map<string, number>();
  let at = 0;
  return source.split("\n\n").map((text) => {
    const start = at;
    at += text.length + 2;
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    const length = text.length;
    return {
      key: `${text}-${count}`,
      kind: "paragraph",
      start,
      end: start + length,
      runs: [[0, start, length, length]],
      text: () => text,
    };
  });
}

const spanOf = (source: string, words: string, nth = 0) => {
  let start = source.indexOf(words);
  for (; nth > 0; nth--) start = source.indexOf(words, start + 1);
  return { start, end: start + words.length };
};

const OLD = [
  "A reader who hurries finds what she expected.",
  "The margin holds second thoughts. It is wide enough for a sentence.",
  "A reader who waits may find what was written.",
  "The end of it all.",
].join("\n\n");

/** The words of `passage` in the old text, where they are said to stand in the new one. */
function carried(now: string, words: string, nth = 0): string | null {
  const at = createCarry(blocksOf(OLD), blocksOf(now))(spanOf(OLD, words, nth));
  return at && `${at.changed ? "changed: " : ""}${now.slice(at.start, at.end)} @${at.start}`;
}

describe("a passage in the next text", () => {
  it("RV-36: stays on its words when something is put in above it", () => {
    const now = `Something new, by an author, about what a reader finds.\n\n${OLD}`;
    for (const words of ["second thoughts", "hurries", "The end"]) {
      expect(carried(now, words)).toBe(`${words} @${now.indexOf(words)}`);
    }
    expect(carried(now, "A reader who", 1)).toBe(`A reader who @${spanOf(now, "A reader who", 1).start}`);
  });

  it("RV-36: stays on its words in a paragraph that is being edited, also where they stand twice", () => {
    const now = OLD.replace("The margin holds", "Each margin, wherever you find it, holds").replace(
      "waits",
      "is patient",
    );
    expect(carried(now, "second thoughts")).toBe(`second thoughts @${now.indexOf("second thoughts")}`);
    expect(carried(now, "what", 1)).toBe(`what @${spanOf(now, "what", 1).start}`);
    expect(carried(now, "A reader", 1)).toBe(`A reader @${spanOf(now, "A reader", 1).start}`);
  });

  it("RV-36: reaches over a border of paragraphs, one of them edited", () => {
    const words = "a sentence.\n\nA reader who waits";
    const now = OLD.replace("second thoughts", "third thoughts");
    expect(carried(now, words)).toBe(`${words} @${now.indexOf(words)}`);
  });

  it("RV-36: is told to be changed when something came into it, and to be gone when its words are", () => {
    expect(carried(OLD.replace("second thoughts", "nothing much, really nothing"), "second thoughts")).toBeNull();
    expect(carried(OLD.replace("second thoughts", "second and better thoughts"), "holds second thoughts")).toMatch(
      /^changed: holds second and better thoughts/,
    );
    const between = OLD.replace("\n\nThe end", "\n\nNot yet.\n\nThe end");
    expect(carried(between, "what was written.\n\nThe end")).toMatch(/^changed: what was written/);
    expect(carried(OLD.replace(/\n\nA reader who waits.*?\n\n/, "\n\n"), "who waits may find")).toBeNull();
    expect(carried("", "second thoughts")).toBeNull();
  });

  it("RV-36: whatever is put in or taken out elsewhere, the passage is the same characters", () => {
    const words = "amber birch cedar delta ember fjord grove haven inlet jetty knoll lagoon mesa north oasis".split(
      " ",
    );
    const paragraph = fc.array(fc.constantFrom(...words), { minLength: 3, maxLength: 14 }).map((all) => all.join(" "));
    const marked = "the one passage that is meant";
    fc.assert(
      fc.property(
        fc.array(paragraph, { minLength: 1, maxLength: 5 }),
        fc.array(paragraph, { minLength: 1, maxLength: 5 }),
        fc.array(paragraph, { maxLength: 3 }),
        fc.nat(4),
        (above, below, added, taken) => {
          const old = [...above, `${above[0]} ${marked} ${below[0]}`, ...below].join("\n\n");
          const now = [...added, ...above.slice(taken), `${above[0]} ${marked} ${below[0]}`, ...below].join("\n\n");
          const at = createCarry(blocksOf(old), blocksOf(now))(spanOf(old, marked));
          expect(at && { ...at, words: now.slice(at.start, at.end) }).toEqual({
            ...spanOf(now, marked),
            changed: false,
            words: marked,
          });
        },
      ),
    );
  });
});

describe("a passage in a text of which the one before is not known", () => {
  const passage = (words: string, nth = 0) => {
    const span = spanOf(OLD, words, nth);
    return { ...wordsOf(blocksOf(OLD), span), ...span };
  };

  it("RV-20: is found by its surroundings, wherever those went", () => {
    const now = `${"A reader who hurries or waits, and more of what was written.\n\n".repeat(3)}${OLD}`;
    for (const [words, nth] of [
      ["A reader who", 1],
      ["what", 1],
      ["margin", 0],
    ] as const) {
      const at = findAgain(blocksOf(now), passage(words, nth));
      const before = OLD.slice(0, spanOf(OLD, words, nth).start);
      expect(at?.start).toBe(now.length - OLD.length + before.length);
    }
  });

  it("RV-20: is gone when only a word or two of it are to be found elsewhere", () => {
    expect(
      findAgain(blocksOf("Something else, in which a margin is.\n\nIt has an end."), passage("margin")),
    ).toBeNull();
    expect(findAgain(blocksOf("whale"), { ...passage("margin"), quote: " " })).toBeNull();
  });

  it("RV-20: of places that are alike in everything the nearest is taken", () => {
    const now = "the sea\n\na ship\n\nthe sea\n\nand the end";
    const alone = { quote: "the sea", prefix: "", suffix: "" };
    expect(findAgain(blocksOf(now), { ...alone, ...spanOf(now, "the sea", 1) })).toEqual(spanOf(now, "the sea", 1));
    expect(findAgain(blocksOf(now), { ...alone, quote: "ship\nthe", start: 0, end: 1 })).toEqual(
      spanOf(now, "ship\n\nthe"),
    );
  });
});

describe("the passage of a note that is not sent", () => {
  const textOf = (source: string, epoch: number, before: string | null): NewText => {
    const blocks = blocksOf(source);
    return { epoch, blocks, carry: before === null ? null : createCarry(blocksOf(before), blocks) };
  };
  const chosen = {
    ...spanOf(OLD, "second thoughts"),
    ...wordsOf(blocksOf(OLD), spanOf(OLD, "second thoughts")),
    epoch: 1,
    motivation: "commenting" as const,
  };

  it("RV-37: that is lost keeps its offsets and their epoch; when its words are back, it is on them", () => {
    const gone = OLD.replace("second thoughts", "nothing much, really nothing");
    const lost = carryPassage(chosen, textOf(gone, 2, OLD));
    expect(lost).toEqual({ ...chosen, fate: "lost" });
    const still = carryPassage(lost, textOf(`New.\n\n${gone}`, 3, gone));
    expect(still).toEqual(lost);
    const again = carryPassage(still, textOf(`New.\n\n${OLD}`, 4, `New.\n\n${gone}`));
    expect(again).toMatchObject({ start: chosen.start + 6, epoch: 4, quote: "second thoughts" });
    expect(again.fate).toBeUndefined();
  });

  it("RV-37: that changed stands on its new words, and stays so marked", () => {
    const wide = { ...chosen, ...spanOf(OLD, "holds second thoughts") };
    const now = OLD.replace("second thoughts", "second and better thoughts");
    const changed = carryPassage(wide, textOf(now, 2, OLD));
    expect(changed).toMatchObject({ quote: "holds second and better thoughts", epoch: 2, fate: "changed" });
    expect(carryPassage(changed, textOf(`New.\n\n${now}`, 3, now))).toMatchObject({ epoch: 3, fate: "changed" });
  });
});

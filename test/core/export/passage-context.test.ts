import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sentenceAround } from "../../../src/core/export/passage-context.ts";

const around = (source: string, words: string) => {
  const start = source.indexOf(words);
  return sentenceAround(source, start, start + words.length);
};

describe("EX-7 what stands around a short passage", () => {
  it("is its sentence, on one line, and never of another paragraph", () => {
    const text = "One stands here. She wrote two\nnotes (in ink). More follows.\n\nAnother paragraph.";
    expect(around(text, "two")).toBe("She wrote two notes (in ink).");
    expect(around(text, "Another")).toBe("Another paragraph.");
    expect(around(text, "One")).toBe("One stands here.");
  });

  it("is cut at words where the sentence is long", () => {
    const long = `${"word ".repeat(60)}here ${"more ".repeat(60)}`;
    const found = around(long, "here")!;
    expect(found).toMatch(/^… word .* here more .* more …$/);
    expect(found.length).toBeLessThan(200);
  });

  it("is found where no space follows a sentence, and cut between characters where words have none between them", () => {
    expect(around("读者先看。她写了两个注释。后来还有。", "两个")).toBe("她写了两个注释。");
    const long = `${"字".repeat(100)}注释${"字".repeat(100)}`;
    expect(around(long, "注释")).toBe(`… ${"字".repeat(90)}注释${"字".repeat(90)} …`);
    expect(around(`${"😀".repeat(60)}x注释`, "注释")).not.toMatch(/\p{Surrogate}/u);
  });

  it("is nothing for a passage that speaks for itself, or stands alone", () => {
    expect(around("Fate.", "Fate.")).toBeNull();
    expect(sentenceAround("x".repeat(80), 0, 70)).toBeNull();
  });

  it("has the passage in it, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.nat(300), fc.nat(50), (text, at, length) => {
        const start = Math.min(at, text.length);
        const end = Math.min(start + length, text.length);
        const found = sentenceAround(text, start, end);
        const flat = text.slice(start, end).replace(/\s+/g, " ").trim();
        if (found !== null) expect(found).toContain(flat);
      }),
    );
  });
});

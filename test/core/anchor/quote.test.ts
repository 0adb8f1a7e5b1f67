import { describe, expect, test } from "vitest";
import { createAnchor } from "../../../src/core/anchor/anchor.ts";
import { carryRanges } from "../../../src/core/anchor/carry.ts";
import { placeForeignQuote } from "../../../src/core/anchor/foreign-quote.ts";
import { createAnchorIndex, resolveAnchor } from "../../../src/core/anchor/resolve.ts";

/** Marks `words` in `before`, finds them in `after` by the quote alone; the state and the text found. */
function found(before: string, words: string, after: string, from = 0): [string, string | null] {
  const start = before.indexOf(words, from);
  expect(start).toBeGreaterThanOrEqual(0);
  const placement = resolveAnchor(after, createAnchor(before, start, start + words.length));
  return [placement.state, placement.state === "orphaned" ? null : after.slice(placement.start, placement.end)];
}

/** The same with the old text at hand. */
function carried(before: string, words: string, after: string): [string, string | null] {
  const start = before.indexOf(words);
  const [placement] = carryRanges(before, after, [{ start, end: start + words.length }]);
  if (!placement || placement.state === "orphaned") return ["orphaned", null];
  return [placement.state, after.slice(placement.start, placement.end)];
}

const BEFORE = `# On glosses

Scholars of the twelfth century wrote between the lines. Their glosses outlived the books that they explained.
The margin was the place where a reader answered; it was never empty for long.

## Method

We collected four hundred manuscripts from nine libraries, and counted the glosses on each page. Two readers counted
independently, and a third one settled what they disagreed about.

## Results

Pages with many glosses were read more often. The margin was the place where a reader answered, here as well.
`;

describe("AN-10 without relative positions the quote decides, with its surroundings", () => {
  test("AN-10 white space does not matter", () => {
    const after = BEFORE.replaceAll("\n", " ").replaceAll(" ", "\n  ");
    const [state, text] = found(BEFORE, "counted the glosses on each page. Two readers counted", after);
    expect(state).toBe("placed");
    expect(text?.replace(/\s+/g, " ")).toBe("counted the glosses on each page. Two readers counted");
  });

  test("AN-10 a passage whose words changed in part is changed", () => {
    const after = BEFORE.replace("four hundred manuscripts from nine", "five hundred codices and manuscripts from ten");
    for (const find of [found, carried]) {
      const [state, text] = find(BEFORE, "We collected four hundred manuscripts from nine libraries", after);
      expect(state).toBe("changed");
      expect(text).toBe("We collected five hundred codices and manuscripts from ten libraries");
    }
  });

  test("AN-10 a typo mended and a capital are no new passage", () => {
    const before = BEFORE.replace("independently", "indepedently");
    const after = BEFORE.replace("Two readers", "two readers");
    for (const find of [found, carried]) {
      expect(find(before, "Two readers counted\nindepedently", after)).toEqual([
        "changed",
        "two readers counted\nindependently",
      ]);
    }
  });

  test("AN-6 a sentence that is gone is orphaned, though its words are common in the text", () => {
    const gone = "We collected four hundred manuscripts from nine libraries, and counted the glosses on each page. ";
    for (const find of [found, carried]) {
      expect(find(BEFORE, gone, BEFORE.replace(gone, ""))).toEqual(["orphaned", null]);
    }
  });

  test("AN-6 a phrase of which only a likeness is left is orphaned", () => {
    const before = 'Commit with the message "Wrote down my plans to start a base on Venus" and push it.';
    const after = 'Commit with the message "Write plans to start a base on Venus" and push it.';
    for (const find of [found, carried]) expect(find(before, "Wrote down my", after)).toEqual(["orphaned", null]);
  });

  test("AN-11 of equal quotes the one with the old surroundings is taken", () => {
    const words = "The margin was the place where a reader answered";
    const second = BEFORE.lastIndexOf(words);
    const after = `A foreword of some length stands here now, and so all offsets are others.\n\n${BEFORE}`;
    const shift = after.length - BEFORE.length;
    for (const start of [BEFORE.indexOf(words), second]) {
      const placement = resolveAnchor(after, createAnchor(BEFORE, start, start + words.length));
      expect(placement).toEqual({ state: "placed", start: start + shift, end: start + shift + words.length });
    }
  });

  test("AN-11 of equal quotes with equal surroundings the nearest to the old place is taken", () => {
    const line = "- [ ] Has the sample been described?\n";
    const before = line.repeat(40);
    for (const row of [0, 7, 20, 39]) {
      const start = row * line.length + 6;
      const anchor = createAnchor(before, start, start + 27);
      expect(resolveAnchor(before, anchor)).toEqual({ state: "placed", start, end: start + 27 });
    }
  });

  test("AN-8 a paragraph that moved is found, with the old text and without", () => {
    const paragraph = BEFORE.slice(BEFORE.indexOf("We collected"), BEFORE.indexOf("## Results"));
    const after = `${paragraph}${BEFORE.replace(paragraph, "")}`;
    for (const find of [found, carried]) {
      expect(find(BEFORE, "Two readers counted\nindependently, and a third one settled", after)).toEqual([
        "placed",
        "Two readers counted\nindependently, and a third one settled",
      ]);
    }
  });

  test("AN-10 a sentence put into the middle of a passage belongs to it", () => {
    const before = `${BEFORE}\nThe first witness is lost. The second witness was copied from it in the year 1190 by a monk.\n`;
    const after = before.replace("is lost. The", "is lost. Nobody saw it since. The");
    const words = "The first witness is lost. The second witness was copied from it";
    for (const find of [found, carried]) {
      expect(find(before, words, after)).toEqual([
        "changed",
        "The first witness is lost. Nobody saw it since. The second witness was copied from it",
      ]);
    }
  });

  test("AN-3 a passage that begins and ends inside words keeps these borders", () => {
    const after = BEFORE.replace("# On glosses", "# On glosses and margins, an essay in three parts");
    for (const find of [found, carried]) {
      expect(find(BEFORE, "holars of the twelfth century wro", after)).toEqual([
        "placed",
        "holars of the twelfth century wro",
      ]);
    }
  });
});

describe("AN-13 any script", () => {
  const cases: Array<[string, string, string, string, string]> = [
    [
      "Chinese",
      "深度学习在图像识别中取得了显著的成果。我们提出了一种新的方法来分析数据,并在三个数据集上验证了它。结果表明该方法优于以往的工作。",
      "我们提出了一种新的方法来分析数据",
      "引言。近年来,深度学习在图像识别中取得了显著的成果。我们提出了一种全新的方法来分析这些数据,并在三个数据集上验证了它。结果表明该方法优于以往的工作。",
      "我们提出了一种全新的方法来分析这些数据",
    ],
    [
      "Japanese",
      "余白は読者が答える場所であった。十二世紀の学者たちは行間に注釈を書き込んだ。その注釈は本よりも長く生き残った。",
      "十二世紀の学者たちは行間に注釈を書き込んだ",
      "序。余白は読者が答える場所であった。十二世紀の多くの学者たちは行間に短い注釈を書き込んだ。その注釈は本よりも長く生き残った。",
      "十二世紀の多くの学者たちは行間に短い注釈を書き込んだ",
    ],
    [
      "Thai",
      "ขอบกระดาษเป็นที่ที่ผู้อ่านตอบกลับ นักวิชาการในศตวรรษที่สิบสองเขียนคำอธิบายระหว่างบรรทัด คำอธิบายเหล่านั้นอยู่ได้นานกว่าหนังสือ",
      "นักวิชาการในศตวรรษที่สิบสองเขียนคำอธิบายระหว่างบรรทัด",
      "คำนำ ขอบกระดาษเป็นที่ที่ผู้อ่านตอบกลับ นักวิชาการในศตวรรษที่สิบสามเขียนคำอธิบายระหว่างบรรทัด คำอธิบายเหล่านั้นอยู่ได้นานกว่าหนังสือ",
      "นักวิชาการในศตวรรษที่สิบสามเขียนคำอธิบายระหว่างบรรทัด",
    ],
    [
      "Arabic, vowelled anew",
      "كان الهامش مكانا يجيب فيه القارئ. وكتب علماء القرن الثاني عشر بين السطور. وعاشت شروحهم أطول من الكتب.",
      "وكتب علماء القرن الثاني عشر بين السطور",
      "مقدمة. كان الهامش مكانا يجيب فيه القارئ. وَكَتَبَ عُلَماءُ القرن الثاني عشر بين السطور. وعاشت شروحهم أطول من الكتب.",
      "وَكَتَبَ عُلَماءُ القرن الثاني عشر بين السطور",
    ],
    [
      "Persian, with joiners",
      "حاشیه جایی بود که خواننده پاسخ می‌داد. دانشمندان سده‌ی دوازدهم میان سطرها می‌نوشتند. نوشته‌هایشان از کتاب‌ها بیشتر ماند.",
      "دانشمندان سده‌ی دوازدهم میان سطرها می‌نوشتند",
      "درآمد. حاشیه جایی بود که خواننده پاسخ می‌داد. دانشمندان سده‌ی دوازدهم همیشه میان سطرها می‌نوشتند. نوشته‌هایشان از کتاب‌ها بیشتر ماند.",
      "دانشمندان سده‌ی دوازدهم همیشه میان سطرها می‌نوشتند",
    ],
    [
      "combining marks",
      "Le café est fermé. Les élèves étaient là, très étonnés de la décision prise. Personne ne répondit.".normalize(
        "NFD",
      ),
      "Les élèves étaient là, très étonnés".normalize("NFD"),
      "Le café est fermé depuis hier. Les élèves étaient là, très étonnés de la décision prise. Personne ne répondit.".normalize(
        "NFC",
      ),
      "Les élèves étaient là, très étonnés".normalize("NFC"),
    ],
  ];
  test.each(cases)("AN-13 %s", (_, before, words, after, expected) => {
    for (const find of [found, carried]) {
      const [state, text] = find(before, words, after);
      expect(text).toBe(expected);
      expect(state).toBe("changed");
    }
  });

  test("AN-13 a deleted sentence without spaces is orphaned", () => {
    const before =
      "深度学习在图像识别中取得了显著的成果。我们提出了一种新的方法来分析数据。结果表明该方法优于以往的工作。";
    const gone = "我们提出了一种新的方法来分析数据。";
    for (const find of [found, carried])
      expect(find(before, gone, before.replace(gone, ""))).toEqual(["orphaned", null]);
  });
});

describe("AN-14 quotes of other tools", () => {
  const index = createAnchorIndex(
    "We had everything before us, we had nothing before us, we were all going home. We had been before.",
  );
  const at = (exact: string, rest: { prefix?: string; suffix?: string; hint?: number } = {}) => {
    const range = placeForeignQuote(index, { exact, ...rest });
    return range ? [range.start, index.text.slice(range.start, range.end)] : null;
  };

  test("AN-14 surroundings tell equal quotes apart, even if they are not quite right", () => {
    expect(at("before us", { prefix: "nothing" })).toEqual([44, "before us"]);
    expect(at("before us", { prefix: "every-thing" })).toEqual([18, "before us"]);
    expect(at("before us", { suffix: ", we were" })).toEqual([44, "before us"]);
  });

  test("AN-14 then the offset, then the order", () => {
    expect(at("before us", { hint: 50 })).toEqual([44, "before us"]);
    expect(at("before us")).toEqual([18, "before us"]);
  });

  test("AN-14 misspelt words are found, other words are not", () => {
    expect(at("befor us")).toEqual([18, "before us"]);
    expect(at("behind them")).toBeNull();
    expect(at("  ")).toBeNull();
  });
});

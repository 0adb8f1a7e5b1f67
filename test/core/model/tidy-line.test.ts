import { expect, test } from "vitest";
import { tidyLine } from "../../../src/core/model/tidy-line.ts";

const tidy = (text: string) => tidyLine(text, 60);

test("AC-12 names keep the joiners that their letters and emoji need", () => {
  for (const name of [
    "زهرا محمدی\u200Cنژاد",
    "श्री\u200Dनाथ क्\u200Dष",
    "👩\u200D🔬 Dr. Okonkwo",
    "👩🏽\u200D❤️\u200D👩🏽",
    "🇩🇪 Jürgen",
    "陈思思 🌸",
  ]) {
    expect(tidy(name)).toBe(name);
  }
});

test("AC-12 names are one line in which nothing is hidden and nothing turns what follows", () => {
  expect(tidy("  Ada\n\u0000Lovelace\u202E ")).toBe("Ada Lovelace");
  // what cannot be seen would make two of one name
  expect(tidy("An\u200Dna")).toBe("An na");
  expect(tidy("王\u200C小明")).toBe("王 小明");
  expect(tidy("علی\u200C \u200Cرضایی\u200C")).toBe("علی رضایی");
  expect(tidy("\u200B\u200D\uFEFF")).toBe("");
});

test("AC-12 a name that is too long ends after a whole character", () => {
  expect(tidyLine("ab🌸", 3)).toBe("ab");
  expect(tidyLine("م\u200Cن", 2)).toBe("م");
  expect(tidyLine("Ada Lovelace", 4)).toBe("Ada");
});

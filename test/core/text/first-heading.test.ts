import { expect, it } from "vitest";
import { firstHeading } from "../../../src/core/text/first-heading.ts";

it("AC-10 an article is called by its first heading until it is parsed", () => {
  expect(firstHeading("Words\n\n## On *Reading*  \n\n# Later")).toBe("On *Reading*");
  expect(firstHeading("# Notes ##")).toBe("Notes");
  expect(firstHeading("# Learning C#\n")).toBe("Learning C#");
  expect(firstHeading("## #reading together")).toBe("#reading together");
  expect(firstHeading("## ##\n####### no\n#no\n#  ")).toBeUndefined();
  expect(firstHeading("")).toBeUndefined();
});

it("AC-10 what it is called is short, cuts no character, and is found however long a line is", () => {
  expect(firstHeading(`# ${"a".repeat(299)}😀`)).toBe("a".repeat(299));
  expect(firstHeading(`# ${"😀".repeat(200)}`)).toBe("😀".repeat(150));
  // the square of it takes minutes
  firstHeading(`# a${" ".repeat(300_000)}b`);
  firstHeading(`#${" \t".repeat(300_000)}`);
  firstHeading(`# a${" #".repeat(300_000)} b`);
});

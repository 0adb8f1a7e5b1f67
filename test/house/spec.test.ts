import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const textsIn = (folder: string, ending: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(path.join(root, folder, file), "utf8"));

/** "SV-61" to "SV-67" for a rule that stands for several. */
function range(from: string, to: string): string[] {
  const [area, first] = from.split("-") as [string, string];
  const last = Number(to.split("-")[1]);
  return Array.from({ length: last - Number(first) + 1 }, (_, i) => `${area}-${Number(first) + i}`);
}

/** The rules, each as often as it is laid down: in bold, alone or from one to another. */
const rules = textsIn("docs/spec", ".md").flatMap((text) =>
  [...text.matchAll(/\*\*([A-Z]{1,2}-\d+)(?:(?:\*\*)? to (?:\*\*)?([A-Z]{1,2}-\d+))?\*\*/g)].flatMap((match) =>
    match[2] === undefined ? [match[1]!] : range(match[1]!, match[2]),
  ),
);
const areas = [...new Set(rules.map((rule) => rule.split("-")[0]!))];

/** The rules that tests cite; comments hold nothing. */
const cited = new Set(
  textsIn("test", ".ts").flatMap((text) => {
    const code = text.replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
    return [...code.matchAll(new RegExp(String.raw`\b(?:${areas.join("|")})-\d+\b`, "g"))].map((match) => match[0]);
  }),
);

describe("HS the house: rules and tests", () => {
  test("HS-12 every rule stands once, and a test cites it", () => {
    expect(rules.length).toBeGreaterThan(300);
    expect(rules.filter((rule, i) => rules.indexOf(rule) !== i)).toEqual([]);
    expect(rules.filter((rule) => !cited.has(rule))).toEqual([]);
  });

  test("HS-12 no test cites a rule that there is none of", () => {
    expect([...cited].filter((rule) => !rules.includes(rule))).toEqual([]);
  });

  test("HS-12 each area of rules is in the table of what is promised", () => {
    const promised = readFileSync(path.join(root, "docs/SPEC.md"), "utf8");
    for (const area of areas) expect(promised).toMatch(new RegExp(String.raw`\| \[[A-Z, ]*\b${area}\b[A-Z, ]*\]`));
  });
});

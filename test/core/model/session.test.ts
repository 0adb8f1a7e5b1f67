import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import {
  entriesOf,
  marginAuthors,
  participantOfRoot,
  participantRoot,
  readArticleMeta,
  writeArticleMeta,
} from "../../../src/core/model/documents.ts";
import { displayName, readPolicy, readRoster, writePolicy, writeRosterEntry } from "../../../src/core/model/session.ts";

const policyOf = (values: Record<string, unknown>) => {
  const doc = new Y.Doc();
  for (const [key, value] of Object.entries(values)) doc.getMap("session").set(key, value);
  return readPolicy(doc);
};

describe("AC-7 a policy that is missing or malformed reads as the strictest", () => {
  it("an empty session is a reading", () => {
    expect(policyOf({})).toEqual({ kind: "reading", blindness: "open", phase: "discussion" });
  });
  it("a kind that is not known is a blind review that is being drafted", () => {
    const strictest = { kind: "review", blindness: "double-blind", phase: "drafting" };
    for (const kind of ["seminar", 1, null, { review: true }]) expect(policyOf({ kind })).toEqual(strictest);
    expect(policyOf({ kind: "review" })).toEqual(strictest);
    expect(policyOf({ kind: "review", blindness: "none", phase: "open" })).toEqual(strictest);
  });
  it("a reading is in discussion until it is closed; a phase that is not known closes it", () => {
    expect(policyOf({ kind: "reading", phase: "drafting" }).phase).toBe("discussion");
    expect(policyOf({ kind: "reading", phase: "closed" }).phase).toBe("closed");
    expect(policyOf({ kind: "reading", phase: "archived" }).phase).toBe("closed");
  });
  it("reads back what it wrote, and writes only what changed", () => {
    const doc = new Y.Doc();
    const policy = { kind: "review", blindness: "single-blind", phase: "closed" } as const;
    writePolicy(doc, policy);
    expect(readPolicy(doc)).toEqual(policy);
    let updates = 0;
    doc.on("update", () => updates++);
    writePolicy(doc, policy);
    expect(updates).toBe(0);
  });
});

describe("AC-8 the roster gives the name to show, and never fails on a bad row", () => {
  it("leaves malformed rows out", () => {
    const doc = new Y.Doc();
    writeRosterEntry(doc, "ada", { name: "Ada", role: "owner", joined: 1 });
    for (const [id, row] of Object.entries({
      Bad: { name: "x", role: "owner", joined: 1 },
      ben: { name: "", role: "reader", joined: 1 },
      cy: { name: "Cy", role: "admin", joined: 1 },
      di: "Di",
    }))
      doc.getMap("roster").set(id, row);
    const roster = readRoster(doc);
    expect([...roster.keys()]).toEqual(["ada"]);
    expect(displayName(roster, "ada")).toBe("Ada");
    expect(displayName(roster, "stranger")).toBe("Reader stra");
  });
});

describe("AC-12 a name from the roster is one line without what hides or turns, whoever wrote the roster", () => {
  it("tidies what a server let pass", () => {
    const doc = new Y.Doc();
    const row = (name: string) => ({ name, role: "reader" as const, joined: 1 });
    writeRosterEntry(doc, "eve", row("Ada\u202Eda\u2028Love\u0000lace\u200b"));
    writeRosterEntry(doc, "mallory", row("\u200b\u2066"));
    writeRosterEntry(doc, "ben", row("Ben \ud83d\ude00 (2)"));
    const roster = readRoster(doc);
    expect(displayName(roster, "eve")).toBe("Ada da Love lace");
    expect(displayName(roster, "mallory")).toBe("Reader mall");
    expect(roster.get("mallory")?.role).toBe("reader");
    expect(displayName(roster, "ben")).toBe("Ben 😀 (2)");
  });
});

describe("AC-9 a root belongs to one participant", () => {
  it("and to nobody when it is not exactly theirs", () => {
    expect(participantOfRoot(participantRoot("ada"))).toBe("ada");
    for (const root of ["ada", "p:", "p:Ada", "p:ada/1", "P:ada", "p: ada", "p:p:ada", "", "text"])
      expect(participantOfRoot(root)).toBeNull();
  });
  it("lists a margin's authors in a stable order", () => {
    const doc = new Y.Doc();
    for (const who of ["cy", "ada", "ben"]) entriesOf(doc, who).set("1", 1);
    doc.getMap("other");
    expect(marginAuthors(doc)).toEqual(["ada", "ben", "cy"]);
  });
});

describe("AC-10 an article's title and file name are safe to show and to write", () => {
  const metaOf = (title: unknown, fileName: unknown) => {
    const doc = new Y.Doc();
    doc.getMap("meta").set("title", title);
    doc.getMap("meta").set("fileName", fileName);
    return readArticleMeta(doc);
  };
  it.each([
    ["../../.ssh/id", "-..-.ssh-id"],
    ["..", "article.md"],
    [".", "article.md"],
    [".bashrc", "bashrc"],
    ["a\u202Egpj.md", "agpj.md"],
    ["name. . ", "name"],
    ["CON.md", "CON-.md"],
    ["nul", "nul-"],
    ["C:\\x\\y.md", "C--x-y.md"],
    ["می‌خواهم.md", "می‌خواهم.md"],
    [7, "article.md"],
    ["\n", "article.md"],
  ])("file name %j becomes %j", (given, safe) => expect(metaOf("T", given).fileName).toBe(safe));
  it("a long name is not cut inside a pair", () => {
    expect(metaOf("😀".repeat(200) + "x", "a" + "😀".repeat(200)).fileName).not.toMatch(
      /[\ud800-\udbff](?![\udc00-\udfff])/,
    );
  });
  it("a long name ends as a file name may, within what file systems take, and keeps its extension", () => {
    expect(metaOf("T", `${"a".repeat(195)}. b.md`).fileName).toBe(`${"a".repeat(195)}.md`);
    const name = metaOf("T", `${"文".repeat(150)}.markdown`).fileName;
    expect(name).toMatch(/^文+\.markdown$/u);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  });
  it("a title is one line", () => {
    expect(metaOf(" On\n\nmargins\u0000 \u202E ", "a.md").title).toBe("On margins");
    expect(metaOf("\u202E\n", "a.md").title).toBe("Untitled article");
  });
  it("reads back what it wrote", () => {
    const doc = new Y.Doc();
    const meta = { title: "On margins", fileName: "on-margins.md", format: "text" } as const;
    writeArticleMeta(doc, meta);
    expect(readArticleMeta(doc)).toEqual(meta);
  });
});

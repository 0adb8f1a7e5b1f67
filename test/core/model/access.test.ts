import { describe, expect, it } from "vitest";
import { access, type Access } from "../../../src/core/model/access.ts";
import { formatDocumentName, parseDocumentName, type DocumentName } from "../../../src/core/model/documents.ts";
import { mayAnnotate, mayEditArticle, mayModerate, ROLES, type Role } from "../../../src/core/model/roles.ts";
import { BLINDNESS, PHASES } from "../../../src/core/model/session.ts";

const ME = "ada";
const documents = {
  article: { room: "room", kind: "article" },
  session: { room: "room", kind: "session" },
  margin: { room: "room", kind: "margin" },
  own: { room: "room", kind: "private", participant: ME },
  others: { room: "room", kind: "private", participant: "ben" },
} satisfies Record<string, DocumentName>;
const KINDS = ["reading", "review"] as const;

/** Written out by hand: article, session, margin, own private, another's private. w write, r read, - none. */
const TABLE: Record<(typeof KINDS)[number], Record<(typeof PHASES)[number], Record<Role, string>>> = {
  reading: {
    drafting: { owner: "wwww-", author: "wrww-", reviewer: "rrww-", reader: "rrww-", observer: "rrrr-" },
    discussion: { owner: "wwww-", author: "wrww-", reviewer: "rrww-", reader: "rrww-", observer: "rrrr-" },
    closed: { owner: "rwrr-", author: "rrrr-", reviewer: "rrrr-", reader: "rrrr-", observer: "rrrr-" },
  },
  review: {
    drafting: { owner: "wwww-", author: "wr-w-", reviewer: "rr-w-", reader: "rr-w-", observer: "rr-r-" },
    discussion: { owner: "wwww-", author: "wrww-", reviewer: "rrww-", reader: "rrww-", observer: "rrrr-" },
    closed: { owner: "rwrr-", author: "rrrr-", reviewer: "rrrr-", reader: "rrrr-", observer: "rrrr-" },
  },
};
const LETTER: Record<Access, string> = { write: "w", read: "r", none: "-" };

describe("AC-1 the access table", () => {
  for (const kind of KINDS)
    for (const phase of PHASES)
      for (const role of ROLES)
        it(`${kind}, ${phase}, ${role}`, () => {
          for (const blindness of BLINDNESS) {
            const policy = { kind, phase, blindness };
            const row = Object.values(documents).map((each) => LETTER[access(role, ME, each, policy)]);
            expect(row.join("")).toBe(TABLE[kind][phase][role]);
          }
        });
});

describe("AC-2 nobody but its participant opens a private margin, in any session", () => {
  it.each(ROLES)("%s", (role) => {
    for (const kind of KINDS)
      for (const phase of PHASES)
        for (const participant of ["ben", "ada-", "", "ad", "adaa"])
          expect(
            access(role, ME, { room: "room", kind: "private", participant }, { kind, phase, blindness: "open" }),
          ).toBe("none");
  });
});

describe("AC-3 a role that is none may do nothing", () => {
  it.each(["admin", "", "Owner", "constructor", "__proto__"])("%j", (name) => {
    const role = name as Role;
    for (const document of Object.values(documents))
      expect(access(role, ME, document, { kind: "reading", phase: "discussion", blindness: "open" })).toBe("none");
    expect([mayAnnotate(role), mayEditArticle(role), mayModerate(role)]).toEqual([false, false, false]);
  });
});

describe("AC-4 a document's name is exactly one of the room's, or it is refused", () => {
  it("reads back what it wrote", () => {
    for (const name of Object.values(documents)) expect(parseDocumentName(formatDocumentName(name))).toEqual(name);
  });
  it.each([
    "", "/", "room", "room/", "/article", "room/article/", "room//article", "room/Article", "room/margin.", "room/margin.Ben",
    "room/margin.ben/", "room/margin.ben/article", "room/../article", "../article", "room/article\n", "room\n/article", "room/article?x",
    "room%2Farticle", "-room/article", "room-/article", `${"r".repeat(65)}/article`, "room/margin.__proto__", "room/article\u0000", "rööm/article",
  ])("refuses %j", (name) => expect(parseDocumentName(name)).toBeNull()); // prettier-ignore
});

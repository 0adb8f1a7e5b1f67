import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Person, SectionMessage, StatusMessage } from "../../src/protocol/reader.ts";
import { COMMANDS } from "../../src/extension/commands.ts";
import { exportName, writeFailure } from "../../src/extension/export/export-words.ts";
import { statusActions, statusWords } from "../../src/extension/session/status-words.ts";
import {
  groupThreads,
  type Grouping,
  LONGEST_LIST,
  partsOf,
  sectionAt,
  whatToRefresh,
} from "../../src/extension/views/annotation-groups.ts";
import { annotationRow } from "../../src/extension/views/annotation-rows.ts";
import { peopleRows } from "../../src/extension/views/people-rows.ts";
import { firstLine, oneLine } from "../../src/extension/views/thread-words.ts";
import { reply, thread } from "./threads.ts";

const section = (id: string, start: number, end: number, level = 2): SectionMessage => ({
  id,
  title: `Title ${id}`,
  level,
  start,
  end,
  headingBlock: 0,
});
const sections = [section("a", 10, 100, 1), section("b", 30, 60), section("c", 60, 100)];
const nameOf = (id: string) => ({ ada: "Ada", ben: "Ben", cleo: "Cleo" })[id] ?? id;
const context = { sections, nameOf, me: "cleo" };
const placed = (start: number) => ({ placement: { state: "placed" as const, start, end: start + 5 } });
const labels = (threads: ReturnType<typeof thread>[], by: Grouping) =>
  groupThreads(threads, by, context).map(({ label, refs }) => [label, refs.length]);

describe("ED the Annotations view", () => {
  test("ED-12 groups by section in the order of the text, the innermost section counting", () => {
    const threads = [placed(0), placed(12), placed(35), placed(36), placed(70)].map((each) => thread(each));
    expect(labels(threads, "section")).toEqual([
      ["Before the first heading", 1],
      ["Title a", 1],
      ["Title b", 2],
      ["Title c", 1],
    ]);
    expect(sectionAt(sections, 9)).toBeUndefined();
    expect(sectionAt(sections, 60)?.id).toBe("c");
  });

  test("ED-12 groups by class, author (one's own first) and status", () => {
    const threads = [
      thread({ author: "cleo", class: "source" }),
      thread({ author: "ben", motivation: "questioning", status: "resolved" }),
      thread({ author: "ada", class: "claim" }),
    ];
    expect(labels(threads, "class")).toEqual([
      ["Claims", 1],
      ["Sources", 1],
      ["Questions", 1],
    ]);
    expect(labels(threads, "author")).toEqual([
      ["Cleo (you)", 1],
      ["Ada", 1],
      ["Ben", 1],
    ]);
    expect(labels(threads, "status")).toEqual([
      ["Open", 2],
      ["Resolved", 1],
    ]);
  });

  test.each(["section", "class", "author", "status"] as const)(
    "ED-13 by %s: what lost its passage stands last, on its own",
    (by) => {
      const threads = [thread(placed(12)), thread({ placement: { state: "orphaned" } })];
      expect(labels(threads, by).at(-1)).toEqual(["Lost their passage", 1]);
      expect(groupThreads(threads, by, context)).toHaveLength(2);
    },
  );

  test("ED-14 a changed thread is drawn anew alone, a move draws its groups, a new group everything", () => {
    const one = thread(placed(12));
    const two = thread(placed(35));
    const three = thread(placed(36));
    const group = (threads: ReturnType<typeof thread>[]) => groupThreads(threads, "section", context);
    const before = group([one, two, three]);
    expect(whatToRefresh(before, group([one, two, three]), [two.ref])).toEqual({
      kind: "some",
      groups: [],
      refs: [two.ref],
    });
    expect(whatToRefresh(before, group([one, { ...two, ...placed(13) }, three]), [two.ref])).toEqual({
      kind: "some",
      groups: ["section a", "section b"],
      refs: [],
    });
    expect(whatToRefresh(before, group([one]), [])).toEqual({ kind: "all" });
    expect(whatToRefresh(before, group([one, two, three, thread(placed(70))]), [])).toEqual({ kind: "all" });
    expect(whatToRefresh(before, before, ["ben/gone"])).toEqual({ kind: "some", groups: [], refs: [] });
  });

  test("ED-14 long groups come in parts that hold every thread once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), (size) => {
        const refs = Array.from({ length: size }, (_, i) => `ben/${i}`);
        const parts = partsOf({ id: "g", refs });
        if (size <= LONGEST_LIST) expect(parts).toEqual([]);
        else {
          expect(parts.flatMap((part) => part.refs)).toEqual(refs);
          expect(new Set(parts.map((part) => part.id)).size).toBe(parts.length);
          for (const part of parts) expect(part.refs.length).toBeLessThanOrEqual(LONGEST_LIST);
        }
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  test("ED-15 a row says what it is, whose, and how it stands", () => {
    const row = annotationRow(
      thread({
        class: "claim",
        body: "## Is *this*\nso?",
        replies: [reply(), reply({ deleted: true })],
        status: "resolved",
        unread: true,
      }),
      nameOf,
      () => "1 May",
    );
    expect(row).toMatchObject({
      kind: "claim",
      label: "Is this",
      description: "Ben · 1 reply · resolved · new",
      spoken: "Claim by Ben on “the passage”, Is this, resolved, 1 reply, new",
    });
    expect(annotationRow(thread({ motivation: "highlighting", body: "" }), nameOf, () => "").label).toBe(
      "“the passage”",
    );
  });

  test("ED-15 what a tooltip says of a note keeps its lines, and nothing in it turns the direction of what follows", () => {
    const row = (body: string) => annotationRow(thread({ body }), nameOf, () => "1 May").tooltip;
    expect(row("One\n\u202Etwo\u0007 three")).toBe("Comment by Ben, 1 May\n\n“the passage”\n\nOne\ntwo  three");
    const long = row(`${"x".repeat(999)}😀`);
    expect(long.endsWith("x…")).toBe(true);
    expect(long).not.toMatch(/\p{Surrogate}/u);
    expect(row("See vscode://marginalia.marginalia/annotation?room=r&ref=ben%2F1.")).toContain("See annotation.");
  });

  test("ED-15 a peer's text is one line, without signs that turn its direction, never cut inside a character", () => {
    expect(oneLine("a\u202Eb\u2066c\n\u0007 d", 50)).toBe("abc d");
    expect(oneLine("می‌خواهم", 50)).toBe("می‌خواهم");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), fc.integer({ min: 1, max: 30 }), (text, length) => {
        const line = oneLine(text, length);
        expect(line.length).toBeLessThanOrEqual(length + 1);
        expect(/\p{Surrogate}/u.test(line) && !/\p{Surrogate}/u.test(text)).toBe(false);
        expect(line).not.toMatch(/[\n\r\u202A-\u202E\u2066-\u2069]/);
      }),
      { seed: 3, numRuns: 500 },
    );
    expect(firstLine("Ask @[Ada Byron](a-1), now.", 80, () => "Reviewer 1")).toBe("Ask @Reviewer 1, now.");
    expect(firstLine("```\n\n- **see** [this](http://x)", 80, String)).toBe("see this");
  });
});

describe("ED the People view", () => {
  const person = (id: string, more: Partial<Person> = {}): Person => ({
    id,
    name: nameOf(id),
    role: "reader",
    colour: 0,
    me: false,
    online: true,
    ...more,
  });

  test("ED-16 oneself first, then who is here and where, then who is away", () => {
    const rows = peopleRows(
      [
        person("ben", { online: false, section: "b" }),
        person("cleo", { section: "b" }),
        person("ada", { me: true, role: "owner", online: false }),
      ],
      sections,
    );
    expect(rows.map(({ label, description, online }) => [label, description, online])).toEqual([
      ["Ada (you)", "Owner", true],
      ["Cleo", "Reader · reading “Title b”", true],
      ["Ben", "Reader · away", false],
    ]);
    expect(rows[1]!.spoken).toBe("Cleo, Reader, reading “Title b”");
  });
});

describe("ED the status bar", () => {
  const status = (state: StatusMessage["state"], waiting = 0, detail = ""): StatusMessage => ({
    state,
    waiting,
    detail,
  });

  test("ED-17 says in a word how things stand, and in a sentence what that means", () => {
    expect(statusWords(status("alone")).text).toBe("$(book) Alone");
    expect(statusWords(status("offline", 3)).text).toBe("$(cloud-offline) Offline (3 changes waiting)");
    expect(statusWords(status("offline", 1)).text).toBe("$(cloud-offline) Offline (1 change waiting)");
    expect(statusWords(status("connecting")).text).toBe("$(sync~spin) Connecting");
    expect(statusWords(status("syncing")).text).toBe("$(sync~spin) Syncing");
    expect(statusWords(status("saved")).text).toBe("$(check) Saved");
    expect(statusWords(status("refused", 0, "Your invitation has expired.")).text).toBe(
      "$(error) Refused: Your invitation has expired.",
    );
    expect(statusWords(status("full", 2)).text).toBe("$(warning) No room (2 changes waiting)");
    for (const state of ["alone", "offline", "connecting", "syncing", "saved", "full", "refused"] as const) {
      expect(statusWords(status(state)).tooltip).toMatch(/\.$/);
      expect(statusWords(status(state)).spoken).toMatch(/^Marginalia: \w/);
    }
  });

  test("ED-17 a reason brings no symbols and no line ends of its own, and is short in the bar", () => {
    const { text, tooltip } = statusWords(status("refused", 0, `$(bug) a\nb ${"long ".repeat(40)}`));
    expect(text.match(/\$\(/g)).toHaveLength(1);
    expect(text).not.toContain("\n");
    expect(text.length).toBeLessThan(90);
    expect(tooltip).toContain("long long");
  });

  test("ED-18 offers what makes sense in each situation", () => {
    const offered = (...args: Parameters<typeof statusActions>) =>
      statusActions(...args).map(({ command }) => command.replace(/^.*\./, ""));
    const common = ["openRecent", "setName", "show"];
    expect(offered({ state: undefined, role: undefined, named: true })).toEqual([
      "openRecent",
      "join",
      "setName",
      "show",
    ]);
    expect(offered({ state: "alone", role: "owner", named: true })).toEqual(["host", "join", ...common]);
    for (const role of ["author", "reader"] as const)
      expect(offered({ state: "alone", role, named: true })).toEqual(["join", ...common]);
    const inSession = ["setName", "leave", "openRecent", "show"];
    expect(offered({ state: "saved", role: "owner", named: true })).toEqual(["copyInvite", ...inSession]);
    // as in the reading view's menu and in the People view: whoever was invited may hand their own link on
    expect(offered({ state: "saved", role: "reader", named: true })).toEqual(["copyInvite", ...inSession]);
    expect(offered({ state: "offline", role: "owner", named: true })).toEqual(["retry", "copyInvite", ...inSession]);
    expect(offered({ state: "full", role: "owner", named: true })).toEqual(["retry", "copyInvite", ...inSession]);
    expect(offered({ state: "refused", role: "owner", named: false })).toEqual(["retry", "host", ...inSession]);
    expect(offered({ state: "refused", role: "reader", named: true })).toEqual(["retry", ...inSession]);
    const ids = new Set<string>(COMMANDS.map(({ id }) => id));
    for (const state of ["alone", "saved", "offline"] as const) {
      for (const { command } of statusActions({ state, role: "owner", named: true }))
        expect(command === "retry" || ids.has(command)).toBe(true);
    }
  });
});

describe("ED exports", () => {
  test("ED-19 a file is named after the article, safely", () => {
    expect(exportName("essay.md", "md")).toBe("essay.annotations.md");
    expect(exportName("a.b.markdown", "jsonld")).toBe("a.b.annotations.jsonld");
    expect(exportName("../../etc/passwd", "md")).toBe("-..-etc-passwd.annotations.md");
    expect(exportName("", "md")).toBe("article.annotations.md");
    expect(exportName('con<>:"|?*.md', "md")).not.toMatch(/[<>:"|?*]/);
  });

  test("ED-20 a failure is a sentence that says what to do", () => {
    const error = (code: string, message = "") => Object.assign(new Error(message), { code });
    expect(writeFailure(error("Unknown", "ENOSPC: no space left on device"))).toContain("disk is full");
    expect(writeFailure(error("NoPermissions"))).toContain("read-only");
    expect(writeFailure(error("FileNotFound"))).toContain("folder");
    expect(writeFailure(error("FileIsADirectory"))).toContain("name");
    expect(writeFailure("?")).toMatch(/^The export was not written\./);
  });
});

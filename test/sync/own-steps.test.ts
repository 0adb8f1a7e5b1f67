import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { bindText } from "../../src/sync/text-binding.ts";
import { applyEdits, type TextEdit } from "../../src/sync/text-layers.ts";
import { createFakeClock, seededNumbers, settle } from "../support/fake-clock.ts";

/** An editor that does at once what it is asked, on a text that others write in, too. */
async function setUp(start: string, writable = () => true) {
  const text = new Y.Doc().getText("text");
  text.insert(0, start);
  let shown = start;
  const binding = bindText({
    text,
    editorText: start,
    async apply(edits) {
      shown = applyEdits(shown, edits);
      binding.editorChanged({ text: shown });
      return true;
    },
    writable,
    clock: createFakeClock(),
  });
  await settle();
  return {
    text,
    binding,
    shown: () => shown,
    edit(edit: TextEdit) {
      shown = applyEdits(shown, [edit]);
      binding.editorChanged({ changes: [edit], text: shown });
    },
    /** What is shown before and after each step, and where each leads. */
    async undoAll() {
      const seen = [shown];
      const places: number[] = [];
      for (let place = binding.undo(); place !== null; place = binding.undo()) {
        places.push(place);
        await settle();
        seen.push(shown);
      }
      return { seen, places };
    },
    /** Goes back to the file. */
    revert(saved: string) {
      const changes = [{ offset: 0, length: shown.length, text: saved }];
      shown = saved;
      binding.editorChanged({ text: saved, changes, reverted: true });
    },
    /** Key by key. */
    type(offset: number, words: string) {
      words.split("").forEach((key, i) => this.edit({ offset: offset + i, length: 0, text: key }));
    },
    others(change: (text: Y.Text) => void) {
      text.doc!.transact(() => change(text), "somebody else");
    },
  };
}

/** A text less the characters that others wrote; and these alone, sorted. */
const without = (others: readonly string[], text: string): string =>
  text
    .split("")
    .filter((each) => !others.includes(each))
    .join("");
const only = (others: readonly string[], text: string): string[] =>
  text
    .split("")
    .filter((each) => others.includes(each))
    .toSorted();

describe("SY-95 undo of what was typed", () => {
  test("takes back words one by one, wherever others write meanwhile, and says where", async () => {
    const at = await setUp("Start. End.");
    at.type(7, "one two ");
    at.others((text) => text.insert(0, "Before. "));
    await settle();
    at.type(23, "three");
    at.others((text) => text.insert(text.length, " After."));
    await settle();
    const { seen, places } = await at.undoAll();
    expect(seen).toEqual([
      "Before. Start. one two threeEnd. After.",
      "Before. Start. one twoEnd. After.",
      "Before. Start. oneEnd. After.",
      "Before. Start. End. After.",
    ]);
    expect(places).toEqual([22, 18, 15]);
    for (let i = 0; i < 3; i++) at.binding.redo();
    await settle();
    expect(at.binding.redo()).toBeNull();
    expect(at.shown()).toBe("Before. Start. one two threeEnd. After.");
  });

  test("deleted, pasted and replaced text is a step each", async () => {
    const at = await setUp("A long sentence.");
    at.edit({ offset: 15, length: 1, text: "" });
    at.edit({ offset: 14, length: 1, text: "" });
    at.edit({ offset: 2, length: 0, text: "pasted words " });
    at.edit({ offset: 0, length: 1, text: "The" });
    expect((await at.undoAll()).seen).toEqual([
      "The pasted words long sentenc",
      "A pasted words long sentenc",
      "A long sentenc",
      "A long sentence.",
    ]);
  });

  test("what was there before, came from the file or was reverted is no step", async () => {
    const at = await setUp("Saved.");
    expect(at.binding.undo()).toBeNull();
    at.type(6, " More.");
    at.revert("Saved.");
    await settle();
    expect(at.text.toString()).toBe("Saved.");
    expect(at.binding.undo()).toBeNull();
    expect(at.binding.redo()).toBeNull();
  });

  test("a revert takes back what was undone and done again", async () => {
    const at = await setUp("Saved.");
    at.type(6, " One two");
    at.binding.undo();
    at.binding.redo();
    at.binding.undo();
    await settle();
    at.binding.redo();
    await settle();
    expect(at.shown()).toBe("Saved. One two");
    at.revert("Saved.");
    await settle();
    expect(at.text.toString()).toBe("Saved.");
    expect(at.binding.inStep()).toBe(true);
  });

  test("who may not change the article any more undoes nothing", async () => {
    let may = true;
    const at = await setUp("Start.", () => may);
    at.type(6, " Mine.");
    may = false;
    expect(at.binding.undo()).toBeNull();
    expect(at.text.toString()).toBe("Start. Mine.");
  });

  test("all undone leaves what others wrote, all of it; all redone brings back one's own (seeded)", async () => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = seededNumbers(seed);
      const below = (n: number) => Math.floor(random() * n);
      const start = "The quick brown fox.";
      const at = await setUp(start);
      const others: string[] = [];
      for (let i = 0; i < 30; i++) {
        const { length } = at.shown();
        const what = random();
        if (what < 0.4) at.edit({ offset: below(length + 1), length: 0, text: String.fromCharCode(0x4e00 + i) });
        else if (what < 0.6 && length > 0) {
          const offset = below(length);
          at.edit({ offset, length: 1 + below(Math.min(5, length - offset)), text: "" });
        } else if (what < 0.7) at.binding.undo();
        else if (what < 0.75) at.binding.redo();
        else {
          const sign = String.fromCharCode(0x3b1 + i);
          others.push(sign);
          at.others((text) => text.insert(below(text.length + 1), sign));
        }
        if (random() < 0.5) await settle();
      }
      await settle();
      while (at.binding.redo() !== null);
      await settle();
      const whole = at.shown().split("").toSorted().join("");
      while (at.binding.undo() !== null);
      await settle();
      expect(at.shown(), `seed ${seed}`).toBe(at.text.toString());
      expect(without(others, at.shown()), `seed ${seed}`).toBe(start);
      expect(only(others, at.shown()), `seed ${seed}`).toEqual(others.toSorted());
      while (at.binding.redo() !== null);
      await settle();
      expect(at.shown().split("").toSorted().join(""), `seed ${seed}`).toBe(whole);
      at.binding.dispose();
    }
  });

  test("a revert goes back to what was saved, whatever was undone and done again since, and others' words stay (seeded)", async () => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = seededNumbers(seed);
      const below = (n: number) => Math.floor(random() * n);
      const at = await setUp("The quick brown fox.");
      const others: string[] = [];
      const once = async (from: number, to: number, i: number) => {
        const { length } = at.shown();
        const what = from + random() * (to - from);
        if (what < 0.3) at.edit({ offset: below(length + 1), length: 0, text: String.fromCharCode(0x4e00 + i) });
        else if (what < 0.5 && length > 0) {
          const offset = below(length);
          at.edit({ offset, length: 1 + below(Math.min(5, length - offset)), text: "" });
        } else if (what < 0.7) {
          const sign = String.fromCharCode(0x3b1 + i);
          others.push(sign);
          at.others((text) => text.insert(below(text.length + 1), sign));
        } else if (what < 0.9) at.binding.undo();
        else at.binding.redo();
        if (random() < 0.5) await settle();
      };
      for (let i = 0; i < 15; i++) await once(0, 1, i);
      await settle();
      const saved = at.shown();
      at.binding.editorSaved();
      const before = [...others];
      // what is typed over an undone step makes an end of it: nothing is typed after the first undo
      for (let i = 15; i < 20; i++) await once(0, 0.7, i);
      for (let i = 20; i < 30; i++) await once(0.5, 1, i);
      await settle();
      at.revert(saved);
      await settle();
      expect(at.shown(), `seed ${seed}`).toBe(at.text.toString());
      expect(without(others, at.shown()), `seed ${seed}`).toBe(without(others, saved));
      const kept = others.filter((each) => !before.includes(each) || saved.includes(each));
      expect(only(others, at.shown()), `seed ${seed}`).toEqual(kept.toSorted());
      at.binding.dispose();
    }
  });
});

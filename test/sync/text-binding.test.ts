import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Y from "yjs";
import { articleSource } from "../../src/core/model/article-source.ts";
import { bindText } from "../../src/sync/text-binding.ts";
import { applyEdits, createLayer, type TextEdit } from "../../src/sync/text-layers.ts";
import { createFakeClock, seededNumbers, settle } from "../support/fake-clock.ts";

/** An editor as a test has it: requests wait until the test answers them. */
function createEditor(initial: string) {
  let version = 0;
  const asked: { edits: readonly TextEdit[]; version: number; answer: (done: boolean) => void }[] = [];
  const editor = {
    text: initial,
    asked,
    file: initial,
    changed: (_changes: TextEdit[] | undefined, _text: string, _reverted?: boolean) => {},
    saved: () => {},
    apply: (edits: readonly TextEdit[]) => new Promise<boolean>((answer) => asked.push({ edits, version, answer })),
    type(changes: TextEdit[], told: "changes" | "text" = "changes") {
      for (const { offset, length, text } of changes) {
        editor.text = editor.text.slice(0, offset) + text + editor.text.slice(offset + length);
      }
      version++;
      editor.changed(told === "changes" ? changes : undefined, editor.text);
    },
    /** Carries out the first request, unless the text has changed since; `stale`: even then. */
    carryOut(stale = false) {
      const request = asked.shift();
      if (!request) return;
      if (request.version !== version && !stale) return request.answer(false);
      editor.text = applyEdits(editor.text, request.edits);
      version++;
      // as editors tell it: last first
      editor.changed(request.edits.toReversed(), editor.text);
      request.answer(true);
    },
    refuse: () => asked.shift()?.answer(false),
    save() {
      editor.file = editor.text;
      editor.saved();
    },
    /** Goes back to the file, as "Don't Save" does. */
    revert() {
      const changes = [{ offset: 0, length: editor.text.length, text: editor.file }];
      editor.text = editor.file;
      version++;
      editor.changed(changes, editor.text, true);
    },
  };
  return editor;
}

function bind(
  text: Y.Text,
  editor: ReturnType<typeof createEditor>,
  extra: { base?: string; saved?: string; writable?: () => boolean } = {},
) {
  const clock = createFakeClock();
  const binding = bindText({
    text,
    editorText: editor.text,
    apply: (edits) => editor.apply(edits),
    writable: () => true,
    clock,
    ...extra,
  });
  editor.changed = (changes, now, reverted = false) =>
    binding.editorChanged({ ...(changes ? { changes } : {}), text: now, reverted });
  editor.saved = () => binding.editorSaved();
  return { binding, clock };
}

function sharedText(content: string): Y.Text {
  const text = new Y.Doc().getText("text");
  text.insert(0, content);
  return text;
}

/** What an array holds, in the middle of a text: no method of Yjs's own does that. */
function insertValue(text: Y.Text, at: number): void {
  const ahead = new Y.Doc();
  Y.applyUpdate(ahead, Y.encodeStateAsUpdate(text.doc!));
  ahead.getArray("text").insert(at, [42]);
  Y.applyUpdate(text.doc!, Y.encodeStateAsUpdate(ahead));
}

async function atRest(editor: ReturnType<typeof createEditor>, clock: ReturnType<typeof createFakeClock>) {
  for (let i = 0; i < 20; i++) {
    while (editor.asked.length) {
      editor.carryOut();
      await settle();
    }
    await clock.advance(3_000);
  }
}

describe("layers", () => {
  const edit = (length: number) =>
    fc.record({ at: fc.nat(length), take: fc.nat(4), text: fc.string({ maxLength: 3 }) });

  test("SY-40 a change below is carried through to above, wherever it is, and the layer stays true", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 20 }),
        fc.array(fc.tuple(fc.boolean(), edit(25)), { maxLength: 12 }),
        (start, steps) => {
          const layer = createLayer(start.length);
          const upper = sharedText(start);
          let lower = start;
          let fromBelow = false;
          upper.observe((event) => {
            if (!fromBelow) layer.changeAbove(event.delta);
          });
          for (const [below, { at, take, text }] of steps) {
            if (below) {
              const offset = Math.min(at, lower.length);
              const length = Math.min(take, lower.length - offset);
              lower = lower.slice(0, offset) + text + lower.slice(offset + length);
              fromBelow = true;
              for (const change of layer.changeBelow({ offset, length, text })) {
                upper.delete(change.offset, change.length);
                upper.insert(change.offset, change.text);
              }
              fromBelow = false;
            } else {
              const offset = Math.min(at, upper.length);
              upper.delete(offset, Math.min(take, upper.length - offset));
              if (text) upper.insert(offset, text);
            }
            expect(applyEdits(lower, layer.edits())).toBe(upper.toString());
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("text binding", () => {
  test("SY-41 keys typed while a change is on its way find their place, and the change is made anew", async () => {
    const text = sharedText("one three");
    const editor = createEditor("one three");
    const { binding, clock } = bind(text, editor);
    text.insert(4, "two ");
    editor.type([{ offset: 9, length: 0, text: "!" }]);
    expect(text.toString()).toBe("one two three!");
    editor.carryOut();
    await atRest(editor, clock);
    expect(editor.text).toBe("one two three!");
    expect(binding.inStep()).toBe(true);
  });

  test("SY-41 an editor that carries out a request on a newer text is put right, without doubling anything", async () => {
    const text = sharedText("one three");
    const editor = createEditor("one three");
    const { clock } = bind(text, editor);
    text.insert(4, "two ");
    editor.type([{ offset: 0, length: 0, text: "zero " }]);
    editor.carryOut(true);
    await atRest(editor, clock);
    expect(text.toString()).toBe("zero one two three");
    expect(editor.text).toBe("zero one two three");
  });

  test("SY-42 random typing, remote edits, delays and refusals end with both texts the same and no key lost (seeded)", async () => {
    for (let seed = 1; seed <= 400; seed++) {
      const number = seededNumbers(seed);
      const pick = (below: number) => Math.floor(number() * below);
      const start = "The quick brown fox jumps over the lazy dog.";
      const text = sharedText(start);
      const editor = createEditor(start);
      const { binding, clock } = bind(text, editor);
      let keys = 0;
      let remote = 0;
      for (let i = 0; i < 60; i++) {
        const what = pick(10);
        if (what < 3) {
          // letters of a private alphabet, so that each can be found again
          const key = String.fromCharCode(0x4e00 + keys++);
          const offset = pick(editor.text.length + 1);
          editor.type([{ offset, length: 0, text: key }], pick(4) ? "changes" : "text");
        } else if (what < 6) {
          const word = String.fromCharCode(0xac00 + remote++);
          text.doc!.transact(() => {
            text.insert(pick(text.length + 1), word);
            const at = pick(text.length);
            // others never delete what this editor typed, so that every key must survive
            if (text.toString().charCodeAt(at) < 0x4e00) text.delete(at, 1);
          }, "peer");
        } else if (what < 8) editor.carryOut(pick(6) === 0);
        else if (what === 8) editor.refuse();
        else await clock.advance(pick(200));
        await settle(4);
      }
      await atRest(editor, clock);
      expect(editor.text, `seed ${seed}`).toBe(text.toString());
      expect(binding.inStep(), `seed ${seed}`).toBe(true);
      for (let key = 0; key < keys; key++) {
        expect(editor.text.split(String.fromCharCode(0x4e00 + key)).length, `seed ${seed} key ${key}`).toBe(2);
      }
      for (let word = 0; word < remote; word++) {
        expect(editor.text.split(String.fromCharCode(0xac00 + word)).length, `seed ${seed} word ${word}`).toBe(2);
      }
      binding.dispose();
    }
  });

  test("SY-43 what was changed outside and what others changed meanwhile are both kept", async () => {
    const base = "Alpha stands here. Beta stands there. Gamma ends it.";
    const text = sharedText(base);
    const beta = Y.createRelativePositionFromTypeIndex(text, base.indexOf("Beta"));
    text.insert(0, "Title. ");
    const editor = createEditor("Alpha stood here. Beta stands there. Gamma ended it all.");
    const { clock } = bind(text, editor, { base });
    await atRest(editor, clock);
    expect(text.toString()).toBe("Title. Alpha stood here. Beta stands there. Gamma ended it all.");
    expect(editor.text).toBe(text.toString());
    const now = Y.createAbsolutePositionFromRelativePosition(beta, text.doc!);
    expect(now?.index).toBe(text.toString().indexOf("Beta"));
  });

  test("SY-45 an editor keeps its text until the room's article is there, and what was typed meanwhile is kept", async () => {
    const text = new Y.Doc().getText("text");
    const editor = createEditor("The file as it was saved.");
    const { binding, clock } = bind(text, editor, { base: "The file as it was." });
    await atRest(editor, clock);
    editor.type([{ offset: 0, length: 0, text: "Look: " }]);
    expect(editor.text).toBe("Look: The file as it was saved.");
    expect(text.toString()).toBe("");
    expect(binding.inStep()).toBe(false);
    text.insert(0, "The file as it was. And more.");
    await atRest(editor, clock);
    expect(text.toString()).toBe("Look: The file as it was saved. And more.");
    expect(editor.text).toBe(text.toString());
  });

  test("SY-42 what both wrote since they last agreed, since each had it from the other, is there once", async () => {
    const base = "Alpha stands here. Beta stands there. Gamma ends it.";
    const text = sharedText("Alpha stands here. Beta stands there, said Ben twice. Gamma ends it.");
    const editor = createEditor("Alpha stood here. Beta stands there, said Ben. Gamma ends it.");
    const { clock } = bind(text, editor, { base });
    await atRest(editor, clock);
    expect(text.toString()).toBe("Alpha stood here. Beta stands there, said Ben twice. Gamma ends it.");
    expect(editor.text).toBe(text.toString());
  });

  test("SY-45 a base from before the article arrived does not double it", async () => {
    const text = new Y.Doc().getText("text");
    const editor = createEditor("The file.");
    const { clock } = bind(text, editor, { base: "" });
    text.insert(0, "The file.");
    await atRest(editor, clock);
    expect([editor.text, text.toString()]).toEqual(["The file.", "The file."]);
  });

  test("SY-43 a replaced file is taken in word by word", () => {
    const text = sharedText("Alpha stands here. Beta stands there.");
    const there = Y.createRelativePositionFromTypeIndex(text, text.toString().indexOf("there"));
    const editor = createEditor(text.toString());
    bind(text, editor);
    const next = "Alpha stood right here. Beta stands over there.";
    editor.type([{ offset: 0, length: editor.text.length, text: next }]);
    expect(text.toString()).toBe(next);
    expect(Y.createAbsolutePositionFromRelativePosition(there, text.doc!)?.index).toBe(next.indexOf("there"));
  });

  test("SY-47 going back to the saved text takes back what was typed here since, and nothing of the others", async () => {
    const text = sharedText("Alpha stands. Beta stands.");
    const editor = createEditor("Alpha stands. Beta stands.");
    const { binding, clock } = bind(text, editor);
    const beta = Y.createRelativePositionFromTypeIndex(text, text.toString().indexOf("Beta"));
    editor.type([{ offset: 0, length: 0, text: "Saved. " }]);
    editor.save();
    editor.type([{ offset: 7, length: 0, text: "Typed. " }]);
    editor.type([{ offset: editor.text.indexOf("Beta"), length: 5, text: "" }]);
    text.doc!.transact(() => text.insert(text.length, " Ben was here."), "peer");
    await atRest(editor, clock);
    expect(editor.text).toBe("Saved. Typed. Alpha stands. stands. Ben was here.");
    editor.revert();
    await atRest(editor, clock);
    expect(text.toString()).toBe("Saved. Alpha stands. Beta stands. Ben was here.");
    expect(editor.text).toBe(text.toString());
    expect(binding.inStep()).toBe(true);
    // what came back is what was there, not another text that reads the same
    expect(Y.createAbsolutePositionFromRelativePosition(beta, text.doc!)?.index).toBe(text.toString().indexOf("Beta"));
  });

  test("SY-47 what another program wrote into the file that the editor goes back to counts", async () => {
    const text = sharedText("One. Two.");
    const editor = createEditor("One. Two.");
    const { clock } = bind(text, editor);
    editor.type([{ offset: 0, length: 0, text: "Typed. " }]);
    text.doc!.transact(() => text.insert(text.length, " Ben."), "peer");
    await atRest(editor, clock);
    editor.file = "One. Two, pulled.";
    editor.revert();
    await atRest(editor, clock);
    expect(text.toString()).toBe("One. Two, pulled. Ben.");
    expect(editor.text).toBe(text.toString());
  });

  test("SY-47 an editor that began with words which nobody saved goes back to the text before them", async () => {
    const text = sharedText("One. Two. Ben.");
    const editor = createEditor("Typed. One. Two.");
    editor.file = "One. Two.";
    const { clock } = bind(text, editor, { base: "One. Two.", saved: "One. Two." });
    await atRest(editor, clock);
    expect(text.toString()).toBe("Typed. One. Two. Ben.");
    editor.revert();
    await atRest(editor, clock);
    expect(text.toString()).toBe("One. Two. Ben.");
    expect(editor.text).toBe(text.toString());
  });

  test("SY-47 whatever happens meanwhile, going back takes exactly the unsaved keys (seeded)", async () => {
    for (let seed = 1; seed <= 400; seed++) {
      const number = seededNumbers(seed);
      const pick = (below: number) => Math.floor(number() * below);
      const start = "The quick brown fox jumps over the lazy dog.";
      const text = sharedText(start);
      const editor = createEditor(start);
      const { binding, clock } = bind(text, editor);
      const gone = new Set<string>();
      const there = new Set<string>();
      let unsaved: string[] = [];
      let keys = 0;
      for (let i = 0; i < 60; i++) {
        const what = pick(12);
        if (what < 4) {
          const key = String.fromCharCode(0x4e00 + keys++);
          editor.type([{ offset: pick(editor.text.length + 1), length: 0, text: key }], pick(4) ? "changes" : "text");
          unsaved.push(key);
        } else if (what < 7) {
          const word = String.fromCharCode(0xac00 + keys++);
          text.doc!.transact(() => text.insert(pick(text.length + 1), word), "peer");
          there.add(word);
        } else if (what < 9) editor.carryOut(pick(6) === 0);
        else if (what === 9) await clock.advance(pick(200));
        else if (what === 10) {
          editor.save();
          for (const key of unsaved) there.add(key);
          unsaved = [];
        } else {
          editor.revert();
          for (const key of unsaved) gone.add(key);
          unsaved = [];
        }
        await settle(4);
      }
      for (const key of unsaved) there.add(key);
      await atRest(editor, clock);
      expect(editor.text, `seed ${seed}`).toBe(text.toString());
      expect(binding.inStep(), `seed ${seed}`).toBe(true);
      const letters = [...Array.from(start), ...there];
      expect(Array.from(editor.text).toSorted(), `seed ${seed}`).toEqual(letters.toSorted());
      for (const key of gone) expect(editor.text, `seed ${seed}`).not.toContain(key);
      binding.dispose();
    }
  });

  test("SY-48 line ends of Windows that another program writes do not come again and again", async () => {
    const text = sharedText("one\nthree\n");
    const editor = createEditor("one\nthree\n");
    const { binding, clock } = bind(text, editor);
    // as an editor takes text in: with line ends of its own
    const { apply } = editor;
    editor.apply = (edits) => apply(edits.map((edit) => ({ ...edit, text: edit.text.replaceAll(/\r\n?/g, "\n") })));
    text.insert(4, "two\r\n");
    await atRest(editor, clock);
    expect(text.toString()).toBe("one\ntwo\r\nthree\n");
    expect(editor.text).toBe("one\ntwo \nthree\n");
    editor.type([{ offset: 9, length: 0, text: "and " }]);
    expect(text.toString()).toBe("one\ntwo\r\nand three\n");
    expect(binding.inStep()).toBe(true);
  });

  test.each([
    ["an object", (text: Y.Text, at: number) => text.insertEmbed(at, { image: "x" })],
    ["a value that Yjs tells nobody of", (text: Y.Text, at: number) => insertValue(text, at)],
  ])("SY-48 %s that another program puts into the text has one place, for keys, too", async (_what, put) => {
    for (const before of [true, false]) {
      const text = sharedText("one three");
      if (before) put(text, 4);
      const editor = createEditor("one three");
      const { binding, clock } = bind(text, editor);
      if (!before) put(text, 4);
      await atRest(editor, clock);
      expect(editor.text).toBe("one \ufffcthree");
      expect(binding.inStep()).toBe(true);
      editor.type([{ offset: 5, length: 0, text: "two " }]);
      expect(articleSource(text)).toBe("one \ufffctwo three");
      binding.dispose();
    }
  });

  test("SY-44 without the right to change the article nothing reaches the shared text, and the editor is left alone", async () => {
    const text = sharedText("one");
    const editor = createEditor("one");
    const { binding, clock } = bind(text, editor, { writable: () => false });
    text.insert(3, " two");
    await atRest(editor, clock);
    expect(editor.text).toBe("one two");
    editor.type([{ offset: 0, length: 3, text: "1" }]);
    text.insert(0, "zero ");
    await atRest(editor, clock);
    expect(binding.detached()).toBe(true);
    expect(text.toString()).toBe("zero one two");
    expect(editor.text).toBe("1 two");
  });
});

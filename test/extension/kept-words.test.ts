import { expect, test } from "vitest";
import { createKeptWords } from "../../src/extension/reader/kept-words.ts";

function memento() {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: <T>(key: string, unset?: T) => (values.get(key) as T | undefined) ?? unset,
    async update(key: string, value: unknown) {
      if (value === undefined) values.delete(key);
      else values.set(key, value);
    },
  };
}

test("RV-54 unsent words go to the next view when their own is closed, and to none while it is open", () => {
  const state = memento();
  const words = createKeptWords(state);
  const [one, two, three] = [{}, {}, {}];
  expect(words.take("room", one)).toBeUndefined();
  words.keep("room", one, { drafts: 1 });
  expect(words.take("room", two)).toBeUndefined();
  // the other view has none, and throws away none
  words.keep("room", two, null);
  words.release(two);
  words.release(one);
  expect(words.take("room", three)).toEqual({ drafts: 1 });
  expect(words.take("room", two)).toBeUndefined();
  words.keep("room", three, null);
  words.release(three);
  expect(words.take("room", two)).toBeUndefined();
  expect(words.left("room")).toEqual([]);
  expect(state.keys()).toEqual([]);
});

test("RV-54 words of a view that is closed while another is open are left to that one, whatever it writes", () => {
  const state = memento();
  const words = createKeptWords(state);
  const [one, two, three] = [{}, {}, {}];
  for (const view of [one, two]) expect(words.take("room", view)).toBeUndefined();
  words.keep("room", one, { drafts: 1 });
  words.keep("room", two, { drafts: 2 });
  words.release(one);
  expect(words.left("other")).toEqual([]);
  expect(words.left("room")).toEqual([{ drafts: 1 }]);
  expect(words.left("room")).toEqual([]);
  words.keep("room", two, { drafts: [1, 2] });
  expect(words.take("room", three)).toBeUndefined();
  // the one that had them all
  words.release(two);
  words.keep("room", three, { drafts: 3 });
  expect(words.left("room")).toEqual([{ drafts: [1, 2] }]);
  words.release(three);
  expect(words.take("room", {})).toEqual({ drafts: 3 });
});

test("RV-54 what was taken and not touched is left, too, and outlives the window", () => {
  const state = memento();
  createKeptWords(state).keep("room", {}, { drafts: 1 });
  const words = createKeptWords(state);
  const [one, two] = [{}, {}];
  expect(words.take("room", one)).toEqual({ drafts: 1 });
  expect(words.take("room", two)).toBeUndefined();
  words.release(one);
  const later = createKeptWords(state);
  expect(later.take("room", {})).toBeUndefined();
  expect(later.left("room")).toEqual([{ drafts: 1 }]);
  expect(state.keys()).toEqual([]);
});

test("RV-54 they outlive the window, each article's for itself", () => {
  const state = memento();
  createKeptWords(state).keep("room", {}, { drafts: 1 });
  const words = createKeptWords(state);
  expect(words.take("other", {})).toBeUndefined();
  expect(words.take("room", {})).toEqual({ drafts: 1 });
});

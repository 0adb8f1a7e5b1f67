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
  words.release(one);
  words.keep("room", two, null);
  expect(words.take("room", three)).toEqual({ drafts: 1 });
  expect(words.take("room", two)).toBeUndefined();
  words.keep("room", three, null);
  words.release(three);
  expect(words.take("room", two)).toBeUndefined();
  expect(state.keys()).toEqual([]);
});

test("RV-54 they outlive the window, each article's for itself", () => {
  const state = memento();
  createKeptWords(state).keep("room", {}, { drafts: 1 });
  const words = createKeptWords(state);
  expect(words.take("other", {})).toBeUndefined();
  expect(words.take("room", {})).toEqual({ drafts: 1 });
});

import type { PassageDraft } from "../../src/webview/drafts.ts";
import type { UnsentEdit, UnsentNote, UnsentReply } from "../../src/webview/unsent.ts";

export const passage: PassageDraft = {
  start: 1,
  end: 4,
  epoch: 2,
  quote: "abc",
  prefix: "",
  suffix: "d",
  motivation: "commenting",
};

const written = { intent: "i", text: "words", created: 10_000, state: "sending", reason: "", unsure: false } as const;

export const note = (more: Partial<UnsentNote> = {}): UnsentNote => ({ ...written, what: "note", passage, ...more });
export const reply = (more: Partial<UnsentReply> = {}): UnsentReply => ({
  ...written,
  what: "reply",
  thread: "ben/1",
  ...more,
});
export const edit = (more: Partial<UnsentEdit> = {}): UnsentEdit => ({
  ...written,
  what: "edit",
  of: "ada/1",
  ...more,
});

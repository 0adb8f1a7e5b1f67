/** Keys and the editor's commands, as deeds. */
import type { News } from "../protocol/reader.ts";

export type Deed =
  | Extract<News, { type: "perform" }>["action"]
  | "extendSentenceBack"
  | "enterCard"
  | "escape"
  | "search"
  | "keys"
  | "reply"
  | "edit";

interface KeyPress {
  key: string;
  /** The key's place on the keyboard. */
  code?: string;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

const PLAIN: Record<string, Deed> = {
  j: "nextSentence",
  k: "previousSentence",
  h: "highlight",
  c: "comment",
  q: "question",
  "1": "claim",
  "2": "evidence",
  "3": "source",
  n: "nextAnnotation",
  p: "previousAnnotation",
  u: "showUnread",
  r: "reply",
  e: "edit",
  o: "toggleOutline",
  "/": "search",
  "?": "keys",
  Enter: "enterCard",
  Escape: "escape",
};

/** What a key means outside of fields and buttons; undefined when nothing. */
export function deedOf(press: KeyPress): Deed | undefined {
  if (press.ctrlKey || press.metaKey) return undefined;
  const key = letterOf(press);
  if (press.altKey) {
    if (key === "ArrowDown") return press.shiftKey ? "extendSentence" : "nextSentence";
    if (key === "ArrowUp") return press.shiftKey ? "extendSentenceBack" : "previousSentence";
    return undefined;
  }
  if (press.shiftKey && key === "j") return "extendSentence";
  if (press.shiftKey && key === "k") return "extendSentenceBack";
  if (press.shiftKey && /^[a-z]$/.test(key)) return undefined;
  return PLAIN[key];
}

/** On a keyboard for another script a key counts by its place, as it does for the editor. */
function letterOf({ key, code = "" }: KeyPress): string {
  if (key.length !== 1) return key;
  const place = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1];
  return (key > "\u007f" && place !== undefined ? place : key).toLowerCase();
}

/** Where keys belong to the element itself. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("textarea, input, select, [contenteditable], [role=menu], m-composer") !== null
  );
}

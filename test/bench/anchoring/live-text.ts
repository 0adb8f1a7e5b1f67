/** Candidate: the way of the product. The article is a Y.Text, the outside edit comes in as word-level changes. */
import * as Y from "yjs";
import { createAnchor as make, type Anchor } from "../../../src/core/anchor/anchor.ts";
import { createAnchorIndex, resolveAll as resolve } from "../../../src/core/anchor/resolve.ts";
import { applyToYText, textChanges } from "../../../src/core/anchor/text-changes.ts";
import { answers, type Answer } from "./answer.ts";

interface SavedDocument {
  update: string;
}

const loaded = new WeakMap<SavedDocument, Y.Text>();

function load(doc: SavedDocument): Y.Text {
  const live = new Y.Doc();
  Y.applyUpdate(live, Buffer.from(doc.update, "base64"));
  return live.getText("text");
}

export function createDoc(text: string): SavedDocument {
  const live = new Y.Doc();
  live.getText("text").insert(0, text);
  return { update: Buffer.from(Y.encodeStateAsUpdate(live)).toString("base64") };
}

export function createAnchor(text: string, start: number, end: number, doc: SavedDocument): Anchor {
  const ytext = loaded.get(doc) ?? load(doc);
  loaded.set(doc, ytext);
  return make(text, start, end, ytext);
}

export function resolveAll(text: string, anchors: readonly Anchor[], doc: SavedDocument): Answer[] {
  const ytext = load(doc);
  applyToYText(ytext, textChanges(ytext.toString(), text));
  return answers(resolve(createAnchorIndex(text, ytext), anchors));
}

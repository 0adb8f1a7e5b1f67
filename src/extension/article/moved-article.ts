/**
 * A file that was moved and changed outside VS Code is not recognised by its text any more. Of the articles whose file is gone the
 * likeliest is offered; nothing is taken for another text without being asked.
 */
import path from "node:path";
import * as vscode from "vscode";
import type { RoomId } from "../../core/model/ids.ts";

/** An article whose file is not where it was. */
export interface LostArticle {
  room: RoomId;
  uri: vscode.Uri;
}

/** Words in a row that two texts must share: fewer stand in any two texts, more break with each small edit. */
const GRAM = 4;
/** The least part of the shorter text's word sequences that the other one has for the two to be taken for one article. */
const ALIKE = 0.4;
/** Words read of each text. */
const READ = 20_000;

/** How much of the shorter text stands in the other, 0 to 1, by sequences of words. */
export function likeness(one: string, other: string): number {
  const [a, b] = [grams(one), grams(other)];
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  if (small.size === 0) return 0;
  let shared = 0;
  for (const gram of small) if (large.has(gram)) shared++;
  return shared / small.size;
}

function grams(text: string): Set<string> {
  const words = (text.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, READ);
  const found = new Set<string>();
  for (let i = 0; i + GRAM <= words.length; i++) found.add(words.slice(i, i + GRAM).join(" "));
  return found;
}

/** The lost article that `text` is likeliest to be, or undefined when none is like it. `textOf`: its text as last seen. */
export async function likeliest(
  text: string,
  lost: readonly LostArticle[],
  textOf: (room: RoomId) => Promise<string | undefined>,
): Promise<LostArticle | undefined> {
  let best: { article: LostArticle; like: number } | undefined;
  for (const article of lost) {
    const like = likeness(text, (await textOf(article.room)) ?? "");
    if (like >= ALIKE && like > (best?.like ?? 0)) best = { article, like };
  }
  return best?.article;
}

/** Asks whether the file is the article that is gone; true for yes. */
export async function isSameArticle(file: vscode.Uri, lost: vscode.Uri): Promise<boolean> {
  const yes = "Same Article";
  const name = (uri: vscode.Uri) => path.posix.basename(uri.path);
  const answer = await vscode.window.showInformationMessage(
    `Is “${name(file)}” the article that was “${name(lost)}”?`,
    {
      modal: true,
      detail: `${vscode.workspace.asRelativePath(lost)} is gone, and much of its text stands in this file. If it is the same article, its annotations come along.`,
    },
    yes,
    "Another Article",
  );
  return answer === yes;
}

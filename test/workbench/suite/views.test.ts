import assert from "node:assert/strict";
import * as vscode from "vscode";
import { createDecorations } from "../../../src/extension/native/decorations.ts";
import { createExportCommand, type ExportQuestions } from "../../../src/extension/export/export-command.ts";
import { createStatusBar } from "../../../src/extension/session/status-bar.ts";
import { type AnnotationNode, createAnnotationsTree } from "../../../src/extension/views/annotations-tree.ts";
import { createContextKeys } from "../../../src/extension/views/context-keys.ts";
import { createPeopleTree } from "../../../src/extension/views/people-tree.ts";
import {
  createTrialArticle,
  createTrialArticles,
  createTrialCurrent,
  longText,
  once,
  type TrialArticle,
} from "./trial-article.ts";

const TEXT = `# On margins

Readers write in margins.

## Answers

Others answer them, later.
`;

/** A memento in memory. */
function memento(values: Record<string, unknown> = {}): vscode.Memento {
  return {
    keys: () => Object.keys(values),
    get: <T>(key: string, fallback?: T) => (values[key] as T | undefined) ?? fallback,
    update: async (key: string, value: unknown) => void (values[key] = value),
  };
}

suite("ED views", () => {
  const disposables: vscode.Disposable[] = [];
  const open = async (text = TEXT): Promise<TrialArticle> => {
    const trial = await createTrialArticle(text);
    disposables.push(trial);
    return trial;
  };
  teardown(async () => {
    for (const each of disposables.splice(0).toReversed()) each.dispose();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  const children = async (tree: vscode.TreeDataProvider<AnnotationNode>, node?: AnnotationNode) =>
    (await tree.getChildren(node)) ?? [];
  const item = async (tree: vscode.TreeDataProvider<AnnotationNode>, node: AnnotationNode) =>
    await tree.getTreeItem(node);

  test("ED-12 the tree shows the current article by section, and regroups on request, for good", async () => {
    const trial = await open();
    const first = trial.annotate("ben", "Readers write", { class: "claim", body: "Do *they*?" });
    trial.annotate("ada", "Others answer", { body: "" });
    const state = memento();
    const current = createTrialCurrent(trial.article);
    const tree = createAnnotationsTree(current, {
      state,
      pick: async (items) => items.find((each) => each.label === "Author"),
    });
    disposables.push(tree);
    const groups = await children(tree);
    assert.deepEqual(await Promise.all(groups.map(async (node) => (await item(tree, node)).label)), [
      "On margins",
      "Answers",
    ]);
    const [row] = await children(tree, groups[0]);
    const shown = await item(tree, row!);
    assert.equal(shown.label, "Do they?");
    assert.equal(shown.description, "Ben · new");
    assert.equal(shown.command?.command, "marginalia.annotation.reveal");
    assert.deepEqual(shown.command?.arguments, [trial.uri, first]);
    assert.equal((shown.iconPath as vscode.ThemeIcon).color?.id, "marginalia.claim");
    assert.equal(typeof shown.tooltip, "string");
    assert.equal(shown.accessibilityInformation?.label, "Claim by Ben on “Readers write”, Do they?, new");
    assert.equal(tree.getParent?.(row!), groups[0]);
    assert.equal(tree.nodeOf(first), row);

    await tree.chooseGrouping();
    assert.equal(tree.grouping, "author");
    const authors = await children(tree);
    assert.deepEqual(await Promise.all(authors.map(async (node) => (await item(tree, node)).label)), [
      "Ada (you)",
      "Ben",
    ]);
    const again = createAnnotationsTree(current, { state });
    disposables.push(again);
    assert.equal(again.grouping, "author");
    current.set(undefined);
    assert.deepEqual(await children(tree), []);
  });

  test("ED-14 a change draws only its own row anew", async () => {
    const trial = await open();
    const first = trial.annotate("ben", "Readers write", { body: "one" });
    trial.annotate("ben", "margins.", { body: "two" });
    const tree = createAnnotationsTree(createTrialCurrent(trial.article), { state: memento() });
    disposables.push(tree);
    const [group] = await children(tree);
    const [row] = await children(tree, group);
    const changed = once(tree.onDidChangeTreeData!);
    trial.reply("ada", first, "an answer");
    assert.deepEqual(await changed, [row]);
    assert.equal((await item(tree, row!)).description, "Ben · 1 reply · new");
  });

  test("ED-13 what lost its passage is listed with its quote", async () => {
    const trial = await open();
    trial.annotate("ben", "Others answer them, later.", { motivation: "highlighting" });
    const published = once(trial.article.onDidPublish);
    trial.replaceText("# On margins\n\nNothing of that is left here.\n");
    await published;
    const tree = createAnnotationsTree(createTrialCurrent(trial.article), { state: memento() });
    disposables.push(tree);
    const groups = await children(tree);
    assert.deepEqual(await Promise.all(groups.map(async (node) => (await item(tree, node)).label)), [
      "Lost their passage",
    ]);
    const [row] = await children(tree, groups[0]);
    assert.equal((await item(tree, row!)).label, "“Others answer them, later.”");
  });

  test("ED-16 people are listed in a session, and nobody while reading alone", async () => {
    const trial = await open();
    const tree = createPeopleTree(createTrialCurrent(trial.article));
    disposables.push(tree);
    assert.deepEqual(await tree.getChildren(), []);
    const changed = once(tree.onDidChangeTreeData!);
    trial.room.connect({ url: "ws://127.0.0.1:1", token: "" });
    await changed;
    const rows = (await tree.getChildren()) ?? [];
    assert.deepEqual(
      rows.map(({ label }) => label),
      ["Ada (you)", "[x](command:evil) $(bug)", "Ben"],
    );
    assert.equal((await tree.getTreeItem(rows[2]!)).description, "Reader · away");
  });

  test("ED-21 context keys follow the current article", async () => {
    const trial = await open();
    const current = createTrialCurrent();
    const keys: Record<string, boolean> = {};
    const following = createContextKeys(current, (key, value) => void (keys[key.replace("marginalia.", "")] = value));
    disposables.push(following);
    const none = { hasArticle: false, hasAnnotations: false, inSession: false, isGuest: false, sharesText: false };
    assert.deepEqual(keys, none);
    current.set(trial.article);
    assert.deepEqual(keys, { ...none, hasArticle: true });
    const changed = once(trial.article.onDidChangeThreads);
    trial.annotate("ben", "margins", {});
    await changed;
    assert.equal(keys["hasAnnotations"], true);
    trial.room.connect({ url: "ws://127.0.0.1:1", token: "" });
    assert.equal(keys["inSession"], true);
    current.set(undefined);
    assert.deepEqual(keys, none);
    const joined = await createTrialArticle(TEXT, "reader");
    disposables.push(joined);
    current.set(joined.article);
    assert.equal(keys["isGuest"], true);
  });

  test("ED-17 the status bar says how the current article stands", async () => {
    const trial = await open();
    const current = createTrialCurrent(trial.article);
    const bar = createStatusBar(current, { named: () => true, retry() {} });
    disposables.push(bar);
    assert.equal(bar.item.text, "$(book) Alone");
    assert.equal(bar.item.command, "marginalia.session.showStatus");
    assert.equal(bar.item.accessibilityInformation?.label, "Marginalia: reading alone");
    trial.room.connect({ url: "ws://127.0.0.1:1", token: "" });
    assert.match(bar.item.text, /Offline|Connecting/);
  });

  test("ED-11 passages near what is seen are marked by kind, whatever the number of annotations", async () => {
    const trial = await open(longText(3000));
    const source = trial.room.text.toJSON();
    trial.room.documents.margin.transact(() => {
      for (let i = 0; i < 3000; i++) {
        const at = source.indexOf(`matter ${i * 7} bears`);
        trial.annotateAt("ben", at, at + 6, { class: i % 2 ? "claim" : "evidence" });
      }
    });
    await trial.room.threads.settled();
    const articles = createTrialArticles();
    const decorations = createDecorations(articles);
    disposables.push(decorations);
    const editor = await vscode.window.showTextDocument(trial.uri);
    articles.open(trial.article);
    decorations.flush();
    const shown = decorations.shownIn(editor);
    const claims = shown.get("claim") ?? [];
    assert.ok(claims.length > 10 && claims.length < 200, String(claims.length));
    for (const range of claims.slice(0, 5)) assert.equal(editor.document.getText(range), "matter");
    articles.close(trial.article);
    decorations.flush();
    assert.equal(decorations.shownIn(editor).size, 0);
  });
});

suite("ED export command", () => {
  const disposables: vscode.Disposable[] = [];
  teardown(() => {
    for (const each of disposables.splice(0)) each.dispose();
  });
  const asking = (answers: Partial<ExportQuestions> = {}) => {
    const said: string[] = [];
    const ask: ExportQuestions = {
      format: async (formats) => formats[0],
      includeResolved: async () => true,
      target: async (suggestion) => suggestion,
      done: async (file, annotations) => void said.push(`${annotations} in ${file.path.split("/").at(-1)}`),
      failed: async (why) => void said.push(why),
      ...answers,
    };
    return { ask, said };
  };
  const open = async () => {
    const trial = await createTrialArticle(TEXT);
    disposables.push(trial);
    const first = trial.annotate("ben", "Readers write", { class: "claim", body: "Do *they*?" });
    trial.annotate("ada", "Others answer", { body: "Yes." });
    trial.room.write.setStatus({ about: first, status: "resolved" });
    return trial;
  };

  test("ED-19 writes the report beside the article", async () => {
    const trial = await open();
    const { ask, said } = asking();
    const file = await createExportCommand(createTrialCurrent(trial.article), ask).run();
    assert.deepEqual(said, ["2 in trial.annotations.md"]);
    const report = new TextDecoder().decode(await vscode.workspace.fs.readFile(file!));
    assert.match(report, /Readers write/);
    assert.match(report, /Ben/);
  });

  test("ED-19 writes W3C Web Annotations, without the resolved ones if so asked", async () => {
    const trial = await open();
    const { ask, said } = asking({ format: async (formats) => formats[1], includeResolved: async () => false });
    const file = await createExportCommand(createTrialCurrent(trial.article), ask).run();
    assert.deepEqual(said, ["1 in trial.annotations.jsonld"]);
    const collection = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(file!))) as {
      "@context": unknown;
    };
    assert.ok(collection["@context"]);
  });

  test("ED-20 a place that cannot be written is a sentence, and thinking better of it is silence", async () => {
    const trial = await open();
    const current = createTrialCurrent(trial.article);
    const taken = asking({ target: async (suggestion) => vscode.Uri.joinPath(suggestion, "..") });
    assert.equal(await createExportCommand(current, taken.ask).run(), undefined);
    assert.deepEqual(taken.said, ["The export was not written: there is a folder of that name. Choose another name."]);
    for (const answers of [
      { format: async () => undefined },
      { includeResolved: async () => undefined },
      { target: async () => undefined },
    ]) {
      const { ask, said } = asking(answers);
      assert.equal(await createExportCommand(current, ask).run(), undefined);
      assert.deepEqual(said, []);
    }
    const none = asking();
    await createExportCommand(createTrialCurrent(), none.ask).run();
    assert.deepEqual(none.said, ["Open the article that you want to export in the reading view first."]);
  });
});

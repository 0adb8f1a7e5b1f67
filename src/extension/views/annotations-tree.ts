/**
 * The Annotations view. It holds groups and references only; what a row says is asked of the article when the row is drawn.
 */
import * as vscode from "vscode";
import type { OpenArticle } from "../article/open-article.ts";
import { annotationRow, KIND_ICONS } from "./annotation-rows.ts";
import {
  type Group,
  GROUPING_TITLES,
  type Grouping,
  GROUPINGS,
  groupThreads,
  ORPHANS,
  partsOf,
  whatToRefresh,
} from "./annotation-groups.ts";
import type { CurrentArticle } from "./current-article.ts";
import { followCurrent } from "./follow-current.ts";
import { count, kindColour } from "./thread-words.ts";

export type AnnotationNode =
  | { kind: "group"; id: string }
  | { kind: "part"; id: string; label: string; group: string; refs: readonly string[] }
  | { kind: "thread"; ref: string; parent: string };

export interface AnnotationsTree extends vscode.TreeDataProvider<AnnotationNode>, vscode.Disposable {
  /** Runs `marginalia.annotations.group`: asks for a grouping, and keeps it. */
  chooseGrouping(): Promise<void>;
  /** The row of a thread, for revealing it; undefined when there is none. */
  nodeOf(ref: string): AnnotationNode | undefined;
  readonly grouping: Grouping;
}

const GROUPING_KEY = "marginalia.annotations.grouping";
/** Milliseconds that changes gather before the tree is drawn anew. */
const GATHER = 100;
/** Fewer annotations than this are shown unfolded at first. */
const UNFOLDED = 80;
/** More changed rows than this are cheaper to draw as one. */
const MANY = 60;

export interface AnnotationsTreeOptions {
  /** Keeps the grouping, for instance the workspace's state. */
  state: vscode.Memento;
  /** Brings up a quick pick; a test answers instead. */
  pick?: (items: (vscode.QuickPickItem & { grouping: Grouping })[]) => Thenable<{ grouping: Grouping } | undefined>;
}

export function createAnnotationsTree(
  current: CurrentArticle,
  { state, pick = quickPick }: AnnotationsTreeOptions,
): AnnotationsTree {
  const emitter = new vscode.EventEmitter<AnnotationNode | AnnotationNode[] | undefined>();
  let grouping = readGrouping(state);
  let article: OpenArticle | undefined;
  let groups: Group[] = [];
  let unfold = true;
  /** one object for each row, since the editor knows a row by its object */
  let nodes = new Map<string, AnnotationNode>();
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const node = (key: string, make: () => AnnotationNode): AnnotationNode => {
    let found = nodes.get(key);
    if (!found) nodes.set(key, (found = make()));
    return found;
  };
  const regroup = () => {
    groups = article
      ? groupThreads(article.threads(), grouping, {
          sections: article.published()?.parsed.sections ?? [],
          nameOf: article.nameOf,
          me: article.room.me().participant,
        })
      : [];
  };
  const drawAll = () => {
    clearTimeout(timer);
    timer = undefined;
    changed.clear();
    nodes = new Map();
    regroup();
    emitter.fire(undefined);
  };
  const drawChanged = () => {
    timer = undefined;
    const before = groups;
    regroup();
    const refresh = whatToRefresh(before, groups, changed);
    changed.clear();
    if (refresh.kind === "all" || refresh.refs.length > MANY) {
      emitter.fire(undefined);
      return;
    }
    const rows = refresh.groups.map((id) => node(id, () => ({ kind: "group", id })));
    for (const ref of refresh.refs) {
      const row = nodes.get(ref);
      if (row) rows.push(row);
    }
    if (rows.length > 0) emitter.fire(rows);
  };
  const later = () => {
    timer ??= setTimeout(drawChanged, GATHER);
  };

  const following = followCurrent(current, (next) => {
    article = next;
    unfold = (article?.threads().length ?? 0) <= UNFOLDED;
    drawAll();
    if (!article) return [];
    let names = namesOf(article);
    return [
      article.onDidPublish(later),
      article.onDidChangeThreads(({ threads }) => {
        for (const thread of threads) changed.add(thread.ref);
        later();
      }),
      article.onDidChangePeople(() => {
        const now = article ? namesOf(article) : "";
        if (now === names) return;
        names = now;
        drawAll();
      }),
    ];
  });

  const threadRows = (refs: readonly string[], parent: string) =>
    refs.map((ref) => {
      const row = node(ref, () => ({ kind: "thread", ref, parent }));
      // a thread that went to another group keeps its row and its selection
      if (row.kind === "thread") row.parent = parent;
      return row;
    });
  const groupRows = (group: Group): AnnotationNode[] => {
    const parts = partsOf(group);
    if (parts.length === 0) return threadRows(group.refs, group.id);
    return parts.map((part) => {
      const row = node(part.id, () => ({ kind: "part", group: group.id, ...part }));
      if (row.kind === "part") Object.assign(row, part);
      return row;
    });
  };
  const find = (id: string) => groups.find((group) => group.id === id);

  const self: AnnotationsTree = {
    onDidChangeTreeData: emitter.event,
    get grouping() {
      return grouping;
    },
    getChildren(element) {
      if (!element) return groups.map(({ id }) => node(id, () => ({ kind: "group", id })));
      if (element.kind === "part") return threadRows(element.refs, element.id);
      const group = element.kind === "group" ? find(element.id) : undefined;
      return group ? groupRows(group) : [];
    },
    getParent: (element) => parentOf(element, nodes),
    getTreeItem(element) {
      if (element.kind === "thread") return threadItem(element.ref, article);
      if (element.kind === "part") return folder(element.id, element.label, element.refs.length, false);
      const group = find(element.id);
      return folder(element.id, group?.label ?? "", group?.refs.length ?? 0, unfold);
    },
    nodeOf(ref) {
      const group = groups.find((each) => each.refs.includes(ref));
      if (!group) return undefined;
      node(group.id, () => ({ kind: "group", id: group.id }));
      for (const row of groupRows(group)) {
        if (row.kind === "part" && row.refs.includes(ref)) threadRows(row.refs, row.id);
      }
      return nodes.get(ref);
    },
    async chooseGrouping() {
      const choice = await pick(
        GROUPINGS.map((each) => ({
          label: GROUPING_TITLES[each],
          description: each === grouping ? "now" : "",
          grouping: each,
        })),
      );
      if (!choice || choice.grouping === grouping) return;
      grouping = choice.grouping;
      await state.update(GROUPING_KEY, grouping);
      drawAll();
    },
    dispose() {
      clearTimeout(timer);
      following.dispose();
      emitter.dispose();
    },
  };
  return self;
}

function parentOf(element: AnnotationNode, nodes: ReadonlyMap<string, AnnotationNode>): AnnotationNode | undefined {
  if (element.kind === "group") return undefined;
  return nodes.get(element.kind === "part" ? element.group : element.parent);
}

function readGrouping(state: vscode.Memento): Grouping {
  const kept = state.get<unknown>(GROUPING_KEY);
  return GROUPINGS.find((each) => each === kept) ?? "section";
}

function namesOf(article: OpenArticle): string {
  return article
    .people()
    .map(({ id, name }) => `${id} ${name}`)
    .join("\n");
}

function folder(id: string, label: string, size: number, unfold: boolean): vscode.TreeItem {
  const state = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(label, unfold ? state.Expanded : state.Collapsed);
  item.id = id;
  // the mark keeps the number behind a label that is read from the right, and apart from it
  item.description = `\u200e${size}`;
  item.contextValue = "group";
  item.accessibilityInformation = { label: `${label}, ${count(size, "annotation")}` };
  if (id === ORPHANS) {
    item.iconPath = new vscode.ThemeIcon("warning");
    item.tooltip =
      "The text that these were about is not in the article any more. Choose a new passage for them in the reading view.";
  } else item.tooltip = label;
  return item;
}

function threadItem(ref: string, article: OpenArticle | undefined): vscode.TreeItem {
  const thread = article?.thread(ref);
  const item = new vscode.TreeItem("", vscode.TreeItemCollapsibleState.None);
  item.id = `thread ${ref}`;
  if (!article || !thread) return item;
  const row = annotationRow(thread, article.nameOf, (time) =>
    new Date(time).toLocaleString(vscode.env.language, { dateStyle: "medium", timeStyle: "short" }),
  );
  item.label = row.label;
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.contextValue = row.contextValue;
  item.accessibilityInformation = { label: row.spoken };
  item.iconPath = new vscode.ThemeIcon(KIND_ICONS[row.kind], new vscode.ThemeColor(kindColour(row.kind)));
  item.command = {
    command: "marginalia.annotation.reveal",
    title: "Reveal Annotation",
    arguments: [article.uri, ref],
  };
  return item;
}

function quickPick(
  items: (vscode.QuickPickItem & { grouping: Grouping })[],
): Thenable<{ grouping: Grouping } | undefined> {
  return vscode.window.showQuickPick(items, { title: "Marginalia: Group Annotations By", placeHolder: "Group by" });
}

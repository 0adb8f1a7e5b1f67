/**
 * Passages of the plain text editor in the colours of their kinds. Near what is seen every annotation is marked; beside the
 * scroll bar all of them, but no more than it has room for. The work of an update does not grow with the number of
 * annotations that are out of sight.
 */
import * as vscode from "vscode";
import { type Kind, KINDS } from "../../core/model/kinds.ts";
import type { OpenArticle } from "../article/open-article.ts";
import { createLineIndex, type LineIndex } from "../article/line-index.ts";
import { kindColour } from "../views/thread-words.ts";
import { type Articles, IN_TEXT_EDITOR, wantedInTextEditor } from "./articles.ts";
import { indexMarks, type Mark, type MarkIndex, marksWithin, nearSpans, rulerLines } from "./decoration-ranges.ts";

/** Characters marked beyond what is seen on each side: about two screens, so that scrolling finds them there. */
const MARGIN = 6000;
/** More marks than this in one place cannot be told apart. */
const MOST_MARKS = 1500;
/** Marks beside the scroll bar for each kind: it is some hundreds of pixels high. */
const RULER_BUCKETS = 400;
/** Milliseconds that changes gather before the editor is touched. */
const GATHER = 40;

/** A line under the passage that differs by more than its colour. */
const LINES: Record<Kind, string> = {
  claim: "underline solid 2px",
  evidence: "underline double 1px",
  source: "underline dotted 2px",
  question: "underline wavy 1px",
  comment: "underline solid 1px",
  highlight: "none",
};

const RULER_LANES: Record<Kind, vscode.OverviewRulerLane> = {
  claim: vscode.OverviewRulerLane.Center,
  evidence: vscode.OverviewRulerLane.Center,
  source: vscode.OverviewRulerLane.Center,
  question: vscode.OverviewRulerLane.Right,
  comment: vscode.OverviewRulerLane.Right,
  highlight: vscode.OverviewRulerLane.Left,
};

export interface Decorations extends vscode.Disposable {
  /** What an editor was last given, by kind: for tests and for looking into a report of a missing mark. */
  shownIn(editor: vscode.TextEditor): ReadonlyMap<Kind, readonly vscode.Range[]>;
  /** Brings every visible editor up to date at once. */
  flush(): void;
}

interface Types {
  open: Record<Kind, vscode.TextEditorDecorationType>;
  resolved: vscode.TextEditorDecorationType;
  ruler: Record<Kind, vscode.TextEditorDecorationType>;
}

interface Followed {
  index: MarkIndex;
  lines: LineIndex;
  lineCount: number;
  disposables: vscode.Disposable[];
}

export function createDecorations(articles: Articles): Decorations {
  let types: Types | undefined;
  const followed = new Map<OpenArticle, Followed>();
  const given = new WeakMap<vscode.TextEditor, Map<Kind, readonly vscode.Range[]>>();
  /** editors whose marks beside the scroll bar are those of this index */
  const rulers = new WeakMap<vscode.TextEditor, MarkIndex>();
  const stale = new Set<OpenArticle>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const later = () => {
    timer ??= setTimeout(flush, GATHER);
  };
  const follow = (article: OpenArticle): Followed => {
    let at = followed.get(article);
    if (at) return at;
    const changed = () => {
      stale.add(article);
      later();
    };
    const disposables = [article.onDidPublish(changed), article.onDidChangeThreads(changed)];
    at = { index: { marks: [], maxEnd: [] }, lines: createLineIndex(""), lineCount: 1, disposables };
    followed.set(article, at);
    stale.add(article);
    return at;
  };

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const wanted = wantedInTextEditor();
    for (const editor of vscode.window.visibleTextEditors) {
      const article = wanted ? articles.forDocument(editor.document.uri) : undefined;
      if (!article) {
        clear(editor);
        continue;
      }
      const at = follow(article);
      if (stale.delete(article)) {
        const source = article.published()?.source ?? "";
        at.lines = createLineIndex(source);
        at.lineCount = at.lines.positionAt(source.length).line + 1;
        at.index = indexMarks(article.threads());
      }
      draw(editor, at);
    }
  }

  const draw = (editor: vscode.TextEditor, { index, lines, lineCount }: Followed) => {
    types ??= makeTypes();
    const toRange = ({ start, end }: { start: number; end: number }) => {
      const from = lines.positionAt(start);
      const to = lines.positionAt(end);
      return new vscode.Range(from.line, from.character, to.line, to.character);
    };
    const visible = editor.visibleRanges.map((range) => ({
      start: lines.offsetAt(range.start),
      end: lines.offsetAt(range.end),
    }));
    const marks = new Set<Mark>();
    for (const span of nearSpans(visible, MARGIN))
      for (const mark of marksWithin(index, span, MOST_MARKS)) marks.add(mark);
    const shown = new Map<Kind, readonly vscode.Range[]>();
    for (const kind of KINDS) {
      const ranges = [...marks].filter((mark) => mark.kind === kind && !mark.resolved).map(toRange);
      shown.set(kind, ranges);
      editor.setDecorations(types.open[kind], ranges);
    }
    editor.setDecorations(types.resolved, [...marks].filter((mark) => mark.resolved).map(toRange));
    given.set(editor, shown);
    if (rulers.get(editor) === index) return;
    rulers.set(editor, index);
    const byKind = rulerLines(index, (offset) => lines.positionAt(offset).line, lineCount, RULER_BUCKETS);
    for (const kind of KINDS) {
      editor.setDecorations(
        types.ruler[kind],
        (byKind.get(kind) ?? []).map((line) => new vscode.Range(line, 0, line, 0)),
      );
    }
  };
  const clear = (editor: vscode.TextEditor) => {
    if (!given.delete(editor) || !types) return;
    rulers.delete(editor);
    for (const type of [...Object.values(types.open), types.resolved, ...Object.values(types.ruler)]) {
      editor.setDecorations(type, []);
    }
  };

  const disposables: vscode.Disposable[] = [
    articles.onDidOpen(later),
    articles.onDidClose((article) => {
      for (const each of followed.get(article)?.disposables ?? []) each.dispose();
      followed.delete(article);
      stale.delete(article);
      later();
    }),
    vscode.window.onDidChangeVisibleTextEditors(later),
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
      if (articles.forDocument(textEditor.document.uri)) later();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(IN_TEXT_EDITOR)) later();
    }),
  ];
  later();

  return {
    flush,
    shownIn: (editor) => given.get(editor) ?? new Map(),
    dispose() {
      clearTimeout(timer);
      for (const each of disposables) each.dispose();
      for (const at of followed.values()) for (const each of at.disposables) each.dispose();
      followed.clear();
      if (!types) return;
      for (const type of [...Object.values(types.open), types.resolved, ...Object.values(types.ruler)]) type.dispose();
    },
  };
}

function makeTypes(): Types {
  const each = (make: (kind: Kind) => vscode.DecorationRenderOptions) =>
    Object.fromEntries(KINDS.map((kind) => [kind, vscode.window.createTextEditorDecorationType(make(kind))])) as Record<
      Kind,
      vscode.TextEditorDecorationType
    >;
  return {
    open: each((kind) => ({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      backgroundColor: tint(kind, kind === "highlight" ? 30 : 12),
      textDecoration: LINES[kind] === "none" ? undefined : `${LINES[kind]} ${colour(kind)}`,
    })),
    resolved: vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      textDecoration: "underline dotted 1px var(--vscode-disabledForeground)",
    }),
    ruler: each((kind) => ({
      overviewRulerColor: new vscode.ThemeColor(kindColour(kind)),
      overviewRulerLane: RULER_LANES[kind],
    })),
  };
}

/** The contributed colour as a style sheet names it: a decoration's line has no place for a `ThemeColor`. */
function colour(kind: Kind): string {
  return `var(--vscode-${kindColour(kind).replace(".", "-")})`;
}

/** The colour at `percent`: a `ThemeColor` has no opacity, and text must stay readable on it. */
function tint(kind: Kind, percent: number): string {
  return `color-mix(in srgb, ${colour(kind)} ${percent}%, transparent)`;
}

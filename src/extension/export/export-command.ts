/** Marginalia: Export Annotations... From a choice of formats to a file, and what to say when it cannot be written. */
import { homedir } from "node:os";
import * as vscode from "vscode";
import { buildExportModel, type ExportModel } from "../../core/export/export-model.ts";
import { articleIri } from "../../core/export/stable-uuid.ts";
import type { OpenArticle } from "../article/open-article.ts";
import type { CurrentArticle } from "../views/current-article.ts";
import { count } from "../views/thread-words.ts";
import { EXPORT_FORMATS, type ExportFormat } from "./formats.ts";
import { exportName, writeFailure } from "./export-words.ts";

/** What the command asks a person; a test answers instead. Undefined: they thought better of it. */
export interface ExportQuestions {
  format(formats: readonly ExportFormat[]): Thenable<ExportFormat | undefined>;
  includeResolved(resolved: number, all: number): Thenable<boolean | undefined>;
  target(suggestion: vscode.Uri, format: ExportFormat): Thenable<vscode.Uri | undefined>;
  done(file: vscode.Uri, annotations: number): Promise<void>;
  failed(why: string): Promise<void>;
}

export interface ExportCommand {
  /** Runs `marginalia.annotations.export` on the current article; resolves to the file that was written. */
  run(...args: unknown[]): Promise<vscode.Uri | undefined>;
}

export function createExportCommand(current: CurrentArticle, ask: ExportQuestions = dialogs): ExportCommand {
  return {
    async run() {
      const article = current.get();
      if (!article) {
        await ask.failed("Open the article that you want to export in the reading view first.");
        return undefined;
      }
      await article.ready;
      const format = await ask.format(EXPORT_FORMATS);
      if (!format) return undefined;
      const threads = article.threads();
      const resolved = threads.filter((thread) => thread.status === "resolved").length;
      const includeResolved = resolved === 0 ? true : await ask.includeResolved(resolved, threads.length);
      if (includeResolved === undefined) return undefined;
      const file = await ask.target(suggestedFile(article, format), format);
      if (!file) return undefined;
      const model = modelOf(article, includeResolved);
      const content = format.write(model);
      try {
        await vscode.workspace.fs.writeFile(
          file,
          typeof content === "string" ? new TextEncoder().encode(content) : content,
        );
      } catch (error) {
        await ask.failed(writeFailure(error));
        return undefined;
      }
      await ask.done(file, model.annotations.length);
      return file;
    },
  };
}

function modelOf(article: OpenArticle, includeResolved: boolean): ExportModel {
  const published = article.published();
  const source = published?.source ?? "";
  return buildExportModel({
    article: { source, sections: published?.parsed.sections ?? [], meta: published?.parsed.meta ?? {} },
    format: article.format,
    meta: { title: article.title(), fileName: article.fileName },
    iri: articleIri(article.room.id),
    generatedAt: Date.now(),
    threads: article.room.threads.all(),
    placements: new Map(article.threads().map((thread) => [thread.ref, thread.placement])),
    nameOf: article.nameOf,
    options: { includeResolved },
  });
}

/** Beside the article, or, for one that came with a session, in the first folder of the workspace or the home folder. */
function suggestedFile(article: OpenArticle, format: ExportFormat): vscode.Uri {
  const name = exportName(article.fileName, format.extensions[0]);
  if (article.uri.scheme !== "marginalia") return vscode.Uri.joinPath(article.uri, "..", name);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  return vscode.Uri.joinPath(folder, name);
}

const OPEN = "Open";

const dialogs: ExportQuestions = {
  async format(formats) {
    const items = formats.map((format) => ({ label: format.label, detail: format.detail, format }));
    const choice = await vscode.window.showQuickPick(items, {
      title: "Marginalia: Export Annotations",
      placeHolder: "Choose a format",
      matchOnDetail: true,
    });
    return choice?.format;
  },
  async includeResolved(resolved, all) {
    const open = all - resolved;
    const items = [
      {
        label: "All annotations",
        description: `${count(all, "annotation")}, ${resolved} of them resolved`,
        include: true,
      },
      { label: "Open annotations only", description: count(open, "annotation"), include: false },
    ];
    const choice = await vscode.window.showQuickPick(items, {
      title: "Marginalia: Export Annotations",
      placeHolder: "Which annotations?",
    });
    return choice?.include;
  },
  target: (suggestion, format) =>
    vscode.window.showSaveDialog({
      defaultUri: suggestion,
      title: "Export Annotations",
      saveLabel: "Export",
      filters: { [format.label]: [...format.extensions] },
    }),
  async done(file, annotations) {
    const choice = await vscode.window.showInformationMessage(`${count(annotations, "annotation")} exported.`, OPEN);
    if (choice === OPEN) await vscode.window.showTextDocument(file);
  },
  failed: async (why) => void (await vscode.window.showErrorMessage(why)),
};

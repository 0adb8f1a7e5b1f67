/** "Open in Reading View". Part of the extension's entry: VS Code prepares the editor while the rest of the extension loads. */
import * as vscode from "vscode";

export const VIEW_TYPE = "marginalia.reader";

export async function openReader(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand("vscode.openWith", uri, VIEW_TYPE);
}

/** Opens the file that a menu names, or the one in the active editor, or one that the reader chooses. */
export async function openReaderFor(uri: unknown): Promise<void> {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const shown = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : undefined;
  const target = uri instanceof vscode.Uri ? uri : shown;
  if (target) {
    // what has no file could not be found again
    const file = target.scheme === "untitled" ? await vscode.workspace.save(target) : target;
    if (file) await openReader(file);
    return;
  }
  const chosen = await vscode.window.showOpenDialog({
    title: "Marginalia: Open in Reading View",
    filters: { Articles: ["md", "markdown", "txt"] },
  });
  if (chosen?.[0]) await openReader(chosen[0]);
}

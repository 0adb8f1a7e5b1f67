/** The sample article: copied once, so that it can be annotated and edited like any other file. */
import * as vscode from "vscode";

const SAMPLE = "reading-in-the-margin.md";

export async function openSample(
  context: vscode.ExtensionContext,
  openReader: (uri: vscode.Uri) => Promise<void>,
): Promise<void> {
  const copy = vscode.Uri.joinPath(context.globalStorageUri, "sample", SAMPLE);
  const exists = await vscode.workspace.fs.stat(copy).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const original = vscode.Uri.joinPath(context.extensionUri, "media", "sample", SAMPLE);
    await vscode.workspace.fs.copy(original, copy);
  }
  await openReader(copy);
}

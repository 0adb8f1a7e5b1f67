import assert from "node:assert/strict";
import * as vscode from "vscode";

suite("extension", () => {
  test("is found under its id and activates", async () => {
    const extension = vscode.extensions.getExtension("marginalia.marginalia");
    assert.ok(extension, "marginalia.marginalia is not installed");
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  test("registers every command of its manifest", async () => {
    const extension = vscode.extensions.getExtension<unknown>("marginalia.marginalia");
    await extension?.activate();
    const manifest = extension?.packageJSON as { contributes: { commands: ReadonlyArray<{ command: string }> } };
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = manifest.contributes.commands.map(({ command }) => command).filter((id) => !registered.has(id));
    assert.deepEqual(missing, []);
  });
});

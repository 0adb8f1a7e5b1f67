import assert from "node:assert/strict";
import * as vscode from "vscode";
import { COMMANDS } from "../../../src/extension/commands.ts";

const ID = "marginalia.marginalia";

suite("HS the extension as VS Code sees it", () => {
  test("HS-1 every command of the table is registered", async () => {
    const extension = vscode.extensions.getExtension(ID);
    assert.ok(extension, "the extension is not there");
    await extension.activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const { id } of COMMANDS) assert.ok(registered.has(id), `${id} is not registered`);
  });

  test("HS-11 it exports the way to its parts, for tests", async () => {
    const extension = vscode.extensions.getExtension<{ app?: unknown }>(ID);
    await extension?.activate();
    assert.equal(typeof extension?.exports.app, "function");
  });

  test("HS-6 every setting has the value that the manifest names until somebody changes it", () => {
    const extension = vscode.extensions.getExtension(ID);
    assert.ok(extension, "the extension is not there");
    const { contributes } = extension.packageJSON as {
      contributes: { configuration: { properties: Record<string, { default: unknown }> } };
    };
    for (const [name, { default: expected }] of Object.entries(contributes.configuration.properties)) {
      assert.deepEqual(vscode.workspace.getConfiguration().inspect(name)?.defaultValue, expected, name);
    }
  });
});

import type * as vscode from "vscode";

/** VS Code's secret storage as the windows of one computer share it: each is told of every change. */
export function createFakeSecrets(): vscode.SecretStorage {
  const secrets = new Map<string, string>();
  const listeners = new Set<(change: { key: string }) => void>();
  const tell = async (key: string) => {
    await Promise.resolve();
    for (const listener of listeners) listener({ key });
  };
  return {
    get: async (key) => secrets.get(key),
    async store(key, value) {
      secrets.set(key, value);
      await tell(key);
    },
    async delete(key) {
      secrets.delete(key);
      await tell(key);
    },
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
}

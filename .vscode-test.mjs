// For contributors who can download desktop VS Code: the suite that `npm run test:workbench -- --suite` runs in the VS Code
// from npm runs there too. Bundle it once with that command, then:
//   npx --package=@vscode/test-cli --package=@vscode/test-electron vscode-test
export default {
  files: ".build/suite/*.test.cjs",
  workspaceFolder: "test/workbench/workspace",
  extensionDevelopmentPath: ".",
  mocha: { ui: "tdd", timeout: 60_000 },
};

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setUpWorkbench, type User, type Workbench } from "../../support/workbench.ts";

describe("two windows side by side", () => {
  let workbench: Workbench;
  let ada: User;
  let ben: User;

  beforeAll(async () => {
    workbench = await setUpWorkbench();
    const files = { "article.md": "# An article\n\nThe first claim.\n" };
    [ada, ben] = await Promise.all([workbench.user("Ada", { files }), workbench.user("Ben", { files })]);
  });
  afterAll(() => workbench.close());

  it("each has the extension, installed from the VSIX", async () => {
    for (const user of [ada, ben]) {
      const version = await user.evaluate(
        (vscode) => vscode.extensions.getExtension<unknown>("marginalia.marginalia")?.id ?? "none",
      );
      expect(version).toBe("marginalia.marginalia");
      expect(await user.window.commandTitles("Marginalia: ")).not.toHaveLength(0);
    }
  });

  it("each has a name of its own", async () => {
    const nameOf = (user: User): Promise<string | undefined> =>
      user.evaluate((vscode) => vscode.workspace.getConfiguration("marginalia").get<string>("user.name"));
    expect([await nameOf(ada), await nameOf(ben)]).toEqual(["Ada", "Ben"]);
  });

  it("each has storage of its own that outlives a crash", async () => {
    const remember = (user: User): Promise<void> =>
      user.evaluate(
        (vscode, name: string) => vscode.workspace.getConfiguration().update("editor.fontFamily", name, true),
        user.name,
      );
    await remember(ada);
    await ada.crash();
    expect(await ada.evaluate((vscode) => vscode.workspace.getConfiguration("editor").get<string>("fontFamily"))).toBe(
      "Ada",
    );
    expect(
      await ben.evaluate((vscode) => vscode.workspace.getConfiguration("editor").get<string>("fontFamily")),
    ).not.toBe("Ada");
  });

  it("shows no error of ours", () => {
    expect([...ada.window.errors, ...ben.window.errors]).toEqual([]);
  });
});

import { rm } from "node:fs/promises";
import path from "node:path";
import { type ServerProcess, startServer, tempFolder } from "../../support/cli-process.ts";
import { setUpWorkbench, type User, type UserOptions, type Workbench } from "../../support/workbench.ts";

/** A server, Ada who has a workspace and may make rooms there, and Ben with an empty window. */
export interface Together {
  readonly workbench: Workbench;
  readonly ada: User;
  readonly ben: User;
  server(): Pick<ServerProcess, "url" | "adminKey">;
  /** As a power cut would (SIGKILL). */
  killServer(): Promise<void>;
  /** The same server again, where it was, on what it kept. */
  restartServer(): Promise<void>;
  /** A server in the same place with the same administrator that never heard of anybody: the folder was lost, but for that key. */
  replaceServer(): Promise<void>;
  close(): Promise<void>;
}

export const setUpTogether = async (
  workspace: Pick<UserOptions, "files" | "copyFrom">,
  size: NonNullable<UserOptions["size"]>,
): Promise<Together> => {
  const [workbench, folder] = await Promise.all([setUpWorkbench(), tempFolder()]);
  let server = await startServer(folder.path);
  const settings = { "marginalia.server.url": server.url, "marginalia.server.adminKey": server.adminKey };
  const [ada, ben] = await Promise.all([
    workbench.user("Ada", { ...workspace, settings, size }),
    workbench.user("Ben", { size }),
  ]);
  const restartServer = async () => {
    server = await startServer(folder.path, ["--port", new URL(server.url).port]);
  };
  return {
    workbench,
    ada,
    ben,
    server: () => server,
    async killServer() {
      await server.kill("SIGKILL");
    },
    restartServer,
    async replaceServer() {
      await server.kill("SIGKILL");
      for (const each of ["rooms", "documents", "signing-key"])
        await rm(path.join(folder.path, each), { recursive: true });
      await restartServer();
    },
    async close() {
      await workbench.close();
      await server.kill("SIGKILL");
      await folder.remove();
    },
  };
};

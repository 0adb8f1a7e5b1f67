import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const projectRoot = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/**
 * Where VS Code, a browser and the data of `npm start` are kept between runs. `MARGINALIA_CACHE` moves it, for a
 * continuous-integration cache or a test of the first run.
 */
export const cacheDir = path.resolve(process.env["MARGINALIA_CACHE"] ?? path.join(projectRoot, ".vscode-test"));

/**
 * Loaded into the VS Code server before its own code.
 *
 * It ends the server's whole process group when standard input ends, that is when the program that started it is gone,
 * even by SIGKILL: no server outlives a test run or `npm start`.
 *
 * It answers `POST /mint-key`, the server's half of the key that the workbench encrypts its secrets with. The server
 * leaves that to the program around it, and without an answer what an extension puts into SecretStorage is gone after a
 * reload. The half is kept in `MARGINALIA_SECRET_KEY_FILE`.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, Server, type ServerResponse } from "node:http";

const file = process.env["MARGINALIA_SECRET_KEY_FILE"];
/** The workbench wants exactly 256 bits. */
const KEY_BYTES = 32;

const keyHalf = (path: string): Buffer => {
  try {
    const kept = readFileSync(path);
    if (kept.length === KEY_BYTES) return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const made = randomBytes(KEY_BYTES);
  writeFileSync(path, made, { mode: 0o600 });
  return made;
};

process.stdin
  .resume()
  .once("end", () => process.kill(process.platform === "win32" ? process.pid : -process.pid, "SIGKILL"));

if (file) {
  const emit = Server.prototype.emit as (this: Server, event: string, ...args: unknown[]) => boolean;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    if (event === "request") {
      const [request, response] = args as [IncomingMessage, ServerResponse];
      // A page of another origin must not read it; the browser says where a POST comes from.
      const origin = request.headers.origin;
      const own = origin === undefined || origin === `http://${request.headers.host}`;
      if (request.method === "POST" && own && request.url?.split("?")[0]?.endsWith("/mint-key")) {
        response.end(keyHalf(file));
        return true;
      }
    }
    return emit.call(this, event, ...args);
  } as typeof Server.prototype.emit;
}
